// Everything that is said while a sound is recorded.

import type { VoiceProcessing } from '../../input/microphone.ts';

export const recordText = {
  record: 'Record',
  title: 'Recording',
  opening: 'Waiting for the microphone',
  allow: 'The browser asks you whether this page may use it.',
  stop: 'Stop and listen',
  cancel: 'Throw away',
  dismiss: 'Close',
  again: 'Record again',
  cutShort:
    'The microphone stopped by itself: it was taken away, or the system put this page to sleep. What was recorded until then is here.',
  save: 'Save WAV',
  hint: 'Hold the stethoscope or the microphone still against the chest. Ten seconds or more, in a quiet room.',
  rate: (rate: string): string =>
    `${rate}, uncompressed. The sound stays in this page until you save it. Opening another page ends the recording.`,
  loud: 'Too loud: the peaks are cut off. Lower the level or move the microphone.',
  faint: 'Hardly any sound arrives. Check which microphone is chosen and that it is not muted.',
  stillOn: (processing: readonly VoiceProcessing[]): string =>
    `This browser goes on changing the sound (${processing.map((name) => NAMES[name]).join(', ')}) although it was asked not to. Heart sounds may suffer; another microphone or browser may do better.`,
} as const;

const NAMES: Record<VoiceProcessing, string> = {
  echoCancellation: 'echo cancellation',
  noiseSuppression: 'noise suppression',
  autoGainControl: 'automatic level',
};
