// The stages that are timed, in the order of the signal path. Imports nothing: the command line names them too.

export const STAGES = [
  'hash',
  'decode',
  'resample from 4 kHz',
  'resample from 44.1 kHz',
  'quality and heart rate',
  'log-mel',
  'features',
  'network',
] as const;

export type Stage = (typeof STAGES)[number];

/** Milliseconds per second of sound. */
export type StageCosts = Record<Stage, number>;
