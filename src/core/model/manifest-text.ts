// Everything that is said of a manifest that cannot be used. Texts only.

export const manifestText = {
  invalid: (why: string): string => `The model's manifest is not usable: ${why}.`,
  why: {
    noObject: 'it is not an object',
    field: (name: string): string => `"${name}" is missing or out of range`,
    winLength: '"features.winLength" is longer than nFft',
    fMax: '"features.fMaxHz" must lie between fMinHz and half the sample rate',
    window: '"window" is out of range',
    hopLength: '"features.hopLength" is too short for its nFft',
    tooManyFrames: '"window" has too many frames',
    windowTooShort: (leastHopSec: number): string =>
      `"window" is too short: duration and hop must be at least one frame of the spectrogram, the hop ${leastHopSec} s`,
    sharedWindows:
      'windows of one shared spectrogram ("features.scope": "recording") cannot be normalised apart',
    oddFft: '"features.nFft" must be even where each window has a spectrogram of its own',
    band: '"inconclusiveBand.low" is above its high',
    labels: 'one sigmoid output needs exactly two labels',
  },
} as const;
