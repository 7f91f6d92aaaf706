// Everything that the instrument says.

import type { ColourMapName } from '../../state/settings.svelte.ts';

export const playerText = {
  title: 'The sound',
  hertz: 'Hz',
  slider: 'Position in the recording',
  position: (at: string, of: string): string => `${at} of ${of}`,
  play: 'Play',
  pause: 'Pause',
  cannotPlay: 'This browser cannot play it.',
  colours: 'Colours',
  colourMap: { magma: 'Magma', viridis: 'Viridis', grey: 'Grey' } satisfies Record<ColourMapName, string>,
  zoom: 'Zoom',
  zoomIn: 'Closer (+)',
  zoomOut: 'Farther (−)',
  zoomAll: 'Whole recording (0)',
  legend: 'From top to bottom:',
  terms: {
    waveform: { word: 'waveform', meaning: 'The sound pressure over time, scaled to its loudest moment.' },
    spectrogram: {
      word: 'log-mel spectrogram',
      meaning:
        'How much sound there is at each pitch over time; this is the picture that the network is given.',
    },
    relevance: {
      word: 'where the model looked',
      meaning: 'How much each moment counted for the answer (Grad-CAM). It tells where, not why.',
    },
  },
  windowTrack: (label: string): string => `probability of ${label}, window by window`,
  windowMeaning:
    'The recording is judged in overlapping windows; each bar is one of them, and the answer is their mean. The dashed line is the threshold.',
};
