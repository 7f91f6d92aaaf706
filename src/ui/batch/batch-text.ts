// Everything that the batch says: the table, what surrounds it, and its downloads. Plain words.

import type { Column, RowStatus } from '../../state/batch-columns.ts';
import type { BatchRow } from '../../state/batch-row.ts';
import { formatThousands } from '../common/format.ts';

const recordings = (n: number): string => (n === 1 ? '1 recording' : `${formatThousands(n)} recordings`);

/** A time that is only guessed, in words that do not flicker. */
function roughly(sec: number): string {
  if (sec < 60) return `${formatThousands(Math.ceil(sec))} s`;
  if (sec < 3600) return `${formatThousands(Math.ceil(sec / 60))} min`;
  return `${formatThousands(Math.floor(sec / 3600))} h ${String(Math.ceil((sec % 3600) / 60))} min`;
}

/** A length of sound that nobody reads to the second. */
function wholeTime(sec: number): string {
  if (sec < 60) return `${sec.toFixed(0)} s`;
  const minutes = Math.round(sec / 60);
  if (minutes < 60) return `${String(minutes)} min`;
  return `${formatThousands(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
}

export const batchText = {
  title: 'Recordings',
  loading: 'Opening the table…',
  nothing: 'Nothing in it could be listened to.',
  cancel: 'Cancel',
  keepAgain: 'Keep the results again',

  progress: {
    done: (done: number, total: number): string => `${formatThousands(done)} of ${formatThousands(total)}`,
    recordings: 'recordings',
    recordingsPerSec: 'recordings a second',
    soundPerSec: 's of sound a second',
    left: 'left, about',
    leftValue: (sec: number | null): string => (sec === null ? '–' : roughly(sec)),
    sound: 'of sound',
    soundValue: wholeTime,
    rest: 'not heard',
    goOn: 'Hear the rest',
  },

  summary: {
    title: 'Answers',
    inconclusive: 'inconclusive',
    failed: 'failed',
    waiting: 'waiting',
    unheard: 'not heard',
    show: (part: string, n: number): string => `${part}: ${recordings(n)}. Show only these`,
    percent: (fraction: number): string => {
      const percent = fraction * 100;
      if (percent > 0 && percent < 1) return '< 1 %';
      if (percent > 99 && percent < 100) return '> 99 %';
      return `${percent.toFixed(0)} %`;
    },
  },

  threshold: {
    title: 'Threshold',
    value: (label: string): string => `From this probability of ${label} on, the answer is ${label}`,
    own: (value: string): string => `Back to the model’s own, ${value}`,
    isOwn: 'the model’s own',
    isMoved: (own: string): string => `the model’s own is ${own}`,
    picture: (bins: number): string =>
      `How many recordings lie at which probability, in ${String(bins)} steps from 0 to 1`,
    below: (label: string, n: number): string => `${label} ${formatThousands(n)}`,
    note: 'Classes, counts and downloads follow; nothing is computed anew.',
  },

  toolbar: {
    label: 'Which recordings are shown',
    search: 'Find by name',
    anyClass: 'All classes',
    anyStatus: 'Any status',
    anyQuality: 'Any quality',
    class: 'Class',
    status: 'Status',
    quality: 'Quality',
    wrongOnly: 'Wrong only',
    cell: (label: string, predicted: string): string => `labelled ${label}, heard as ${predicted}`,
    leaveCell: (cell: string): string => `Stop showing only those ${cell}`,
    shown: (n: number, of: number): string =>
      n === of ? recordings(of) : `${formatThousands(n)} of ${formatThousands(of)} shown`,
    showAll: 'Show all',
    selected: (n: number): string => `${formatThousands(n)} selected`,
    clear: 'Select none',
    retry: (n: number): string =>
      n === 1 ? 'Try the failed one again' : `Try the ${formatThousands(n)} failed again`,
  },
  statuses: {
    ok: 'answered',
    inconclusive: 'inconclusive',
    failed: 'failed',
    unheard: 'not heard',
  } satisfies Record<RowStatus, string>,
  phases: {
    queued: 'waiting',
    working: 'listening…',
    cancelled: 'not heard',
    done: 'answered',
  } satisfies Record<BatchRow['phase'], string>,
  qualities: { good: 'good', fair: 'fair', poor: 'poor' },

  table: {
    label: 'Recordings and their answers',
    columns: {
      status: 'Status',
      name: 'File',
      class: 'Class',
      probability: 'Probability',
      confidence: 'Confidence',
      quality: 'Quality',
      heartRate: 'Heart rate',
      duration: 'Length',
      label: 'Label',
    } satisfies Record<Column, string>,
    probabilityOf: (label: string): string => `P(${label})`,
    perMinute: 'a min',
    selectAll: 'Select all that are shown',
    select: (name: string): string => `Select ${name}`,
    verdict: { right: 'right', wrong: 'wrong' },
    leaning: { right: 'right side', wrong: 'wrong side' },
    none: 'No recording fits these filters.',
    printed: (n: number, of: number): string =>
      `The first ${formatThousands(n)} of ${formatThousands(of)} recordings are printed; a download has them all.`,
  },

  downloads: {
    label: 'Download',
    what: 'What to download',
    all: (n: number): string => `All ${formatThousands(n)}`,
    shown: (n: number): string => `The ${formatThousands(n)} shown`,
    selected: (n: number): string => `The ${formatThousands(n)} selected`,
    csv: 'CSV',
    json: 'JSON',
    writing: (n: number, of: number): string => `Writing ${formatThousands(n)} of ${formatThousands(of)}…`,
  },

  skipped: {
    title: (n: number): string =>
      n === 1 ? 'One file was left out' : `${formatThousands(n)} files were left out`,
    more: (n: number): string => `Show ${formatThousands(n)} more`,
  },

  unfinished: {
    label: 'A batch that stopped half way',
    looking: 'Looking for its files…',
    stopped: (title: string, done: number, of: number): string =>
      `“${title}” stopped at ${formatThousands(done)} of ${formatThousands(of)}.`,
    goOn: 'Go on',
    again: 'Choose the same files',
    againFolder: 'Choose the same folder',
    askAgain: 'To go on, hand over the same files once more; what is answered is not heard again.',
    forget: 'Leave it',
  },
} as const;
