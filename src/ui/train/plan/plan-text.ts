// What the plan says: who trains, who watches, who judges. Plain words; the notes are the plan's own.

import type { PlanNote } from '../../../core/training/plan.ts';
import { formatDuration, formatRoughly, formatThousands } from '../../common/format.ts';
import type { Part } from './plan-rows.ts';

const parts: Record<Part, { word: string; meaning: string }> = {
  train: { word: 'Train', meaning: 'The network learns from these.' },
  watch: {
    word: 'Watch',
    meaning: 'On the training side, too, but not learned from: they decide when to stop, and calibrate.',
  },
  validation: {
    word: 'Validate',
    meaning: 'Kept out of training. They judge the new model and decide nothing else.',
  },
};

const noteKinds: Record<PlanNote['kind'], string> = {
  stop: 'Not possible yet',
  warn: 'Worth knowing before you start',
  tell: 'Good to know',
};

export const planText = {
  title: 'What would happen',
  parts,
  noteKinds,
  summary: (n: number, nGroups: number, durationSec: number): string =>
    `${recordings(n)} of ${patients(nGroups)}, ${formatDuration(durationSec)} of sound.`,
  estimate: (seconds: number): string =>
    `Training would take about ${formatRoughly(seconds)} on this device.`,
  measuring: 'Measuring how long it would take…',
  counts: 'Recordings by class and side',
  countColumns: { label: 'Class' },
  patients,
  total: 'All',
  none: 'none',

  split: 'The split',
  fraction: 'Kept for validation',
  percent: (fraction: number): string => `${Math.round(fraction * 100)} %`,
  seed: 'Seed',
  seedMeaning: 'The same seed deals the same recordings out in the same way.',
  otherSeed: 'Another seed',
  moved: (n: number): string =>
    n === 1 ? 'You chose the side of one patient.' : `You chose the side of ${formatThousands(n)} patients.`,
  undoMoves: 'Let the seed decide about all',

  list: {
    label: 'Which recording goes where',
    search: 'Name, patient or source',
    anyPart: 'All sides',
    anyLabel: 'All classes',
    filters: 'Which recordings are listed',
    shown: (n: number, total: number): string =>
      n === total ? recordings(n) : `${formatThousands(n)} of ${recordings(total)}`,
    none: 'No recording is like that.',
    columns: {
      name: 'Recording',
      label: 'Class',
      group: 'Patient',
      source: 'Source',
      duration: 'Length',
      side: 'Side',
    },
    noPatient: 'not known',
    bySeed: (part: Part): string => `${parts[part].word} (seed)`,
    leaveToSeed: 'Let the seed decide',
    training: 'Train, by hand',
    validation: 'Validate, by hand',
    /** @param nOthers recordings of the same patient */
    sideOf: (fileName: string, nOthers: number): string =>
      nOthers === 0
        ? `Side of ${fileName}`
        : `Side of ${fileName} and ${nOthers === 1 ? 'the other recording' : `the ${formatThousands(nOthers)} other recordings`} of the patient`,
  },
} as const;

function recordings(n: number): string {
  return n === 1 ? 'one recording' : `${formatThousands(n)} recordings`;
}

function patients(n: number): string {
  return n === 1 ? 'one patient' : `${formatThousands(n)} patients`;
}
