// What a model that is trained here is called, and what its manifest says of where it comes from. Texts only.

import type { TrainingWay } from '../core/training/types.ts';

/** What each way is called in a model's name. */
const MADE_BY: Record<TrainingWay, string> = {
  head: 'new head from',
  'last-blocks': 'last blocks tuned on',
  all: 'fine-tuned on',
  scratch: 'trained on',
};

export const candidateText = {
  /** Of one that is trained from scratch. */
  stem: 'CNN',
  name: (stem: string, way: TrainingWay, n: number): string =>
    `${stem}, ${MADE_BY[way]} ${n} ${n === 1 ? 'recording' : 'recordings'}`,
  /** What `name` has put behind the stem. */
  nameEnd: new RegExp(`, (?:${Object.values(MADE_BY).join('|')}) \\d+ recordings?$`),
  dataset: 'collection on this device',
  parent: (name: string, version: string): string => `Began as ${name} (${version}).`,
} as const;
