// Everything that an evaluation says, on a model's card and about a batch with labels. Plain words.

import type { LabelReading } from '../../core/training/labels.ts';
import { formatThousands } from '../common/format.ts';

/** Names of the two classes of a model, the positive one second. */
type TwoLabels = readonly string[];

const labelsFrom: Record<LabelReading['from'], string> = {
  csv: 'Labels from a table.',
  reference: 'Labels from REFERENCE.csv.',
  folders: 'Labels from the names of the folders.',
};

export const evaluationText = {
  title: 'Against the labels',
  labelsFrom,
  /** The fewest words for what is counted and what is not. */
  counted: (n: number, nLabelled: number): string =>
    n === nLabelled
      ? `All ${formatThousands(n)} labelled recordings are in these figures.`
      : `${formatThousands(n)} of ${formatThousands(nLabelled)} labelled recordings are in these figures; ${formatThousands(nLabelled - n)} ${nLabelled - n === 1 ? 'has' : 'have'} no answer.`,
  unlabelled: (n: number): string =>
    n === 1 ? 'One recording has no label.' : `${formatThousands(n)} recordings have no label.`,
  missing: (n: number): string =>
    n === 1
      ? 'One row of the table names a file that is not here.'
      : `${formatThousands(n)} rows of the table name files that are not here.`,
  noGroups:
    'The labels name no patient, so each recording counts as its own: where one person has several, the true intervals are wider.',
  remembered: (model: string): string =>
    `${model} was trained on these recordings. The figures say how well it remembers them, not how well it hears new ones.`,
  rememberedShort: 'trained on these recordings',
  rememberedMore: 'How well it hears new ones',
  waiting: 'The answers are compared with the labels when all are heard.',
  nothing: (nLabelled: number): string =>
    nLabelled === 1
      ? 'The one labelled recording has no answer, so there is nothing to compare.'
      : `None of the ${formatThousands(nLabelled)} labelled recordings has an answer, so there is nothing to compare.`,
  tryAgain: 'Try again',
  computing: (fraction: number): string => `Drawing intervals: ${Math.round(fraction * 100)} %`,
  seeAll: 'All figures',
  download: 'Evaluation (JSON)',
  downloadHint: 'Downloads every figure, in the format of the command line.',
  fileName: (title: string): string => `${title.replace(/\.[^./]+$/, '')}-evaluation.json`,

  figures: 'Figures',
  columns: {
    figure: 'Figure',
    value: 'Value',
    interval: '95 % interval',
    n: 'n',
    source: 'Source',
  },
  rows: {
    auroc: {
      word: 'AUROC, all together',
      meaning: ([negative, positive]: TwoLabels): string =>
        `How often a recording labelled ${positive} gets a higher score than one labelled ${negative}; 0.5 is guessing.`,
    },
    meanSourceAuroc: {
      word: 'AUROC, mean of the sources',
      meaning: (): string =>
        'AUROC inside each source, then their plain mean: recognising the source does not help here.',
    },
    meanAccuracy: {
      word: 'MAcc',
      meaning: (): string =>
        'Mean of sensitivity and specificity: the figure by which the PhysioNet challenge of 2016 was decided.',
    },
    sensitivity: {
      word: 'Sensitivity',
      meaning: ([, positive]: TwoLabels): string =>
        `Of the recordings labelled ${positive}, the share that was called so.`,
    },
    specificity: {
      word: 'Specificity',
      meaning: ([negative]: TwoLabels): string =>
        `Of the recordings labelled ${negative}, the share that was called so.`,
    },
    accuracy: {
      word: 'Accuracy',
      meaning: (): string =>
        'The share of all that was called as labelled. It follows whichever class is commoner: do not read it alone.',
    },
    unseenAuroc: {
      word: 'AUROC, source never heard',
      meaning: (): string =>
        'Each source judged by a model trained on the others only: the closest to a new place of recording.',
    },
    unseenMeanAccuracy: {
      word: 'MAcc, source never heard',
      meaning: (): string => 'The same, at a threshold chosen without that source.',
    },
  },
  /** With more than two classes. */
  manyRows: {
    auroc: {
      word: 'AUROC, mean of the classes',
      meaning: (): string => 'Each class against all others, then the plain mean; 0.5 is guessing.',
    },
    meanAccuracy: {
      word: 'Mean recall',
      meaning: (): string =>
        'Of the recordings of a class the share that was called so, averaged over the classes.',
    },
  },
  baselineOf: (auroc: string, meanAccuracy: string): string =>
    `Knowing only the name of the source, without listening, would give AUROC ${auroc} and MAcc ${meanAccuracy}.`,
  baselineOfOne: (auroc: string, meanAccuracy: string): string =>
    `Always naming the commoner class, without listening, would give AUROC ${auroc} and MAcc ${meanAccuracy}.`,

  confusion: 'Labelled and heard',
  confusionRows: 'labelled',
  confusionColumns: 'heard as',
  cell: (n: number, label: string, predicted: string): string =>
    `${formatThousands(n)} labelled ${label}, heard as ${predicted}: show them`,
  plainCell: (n: number, label: string, predicted: string): string =>
    `${formatThousands(n)} labelled ${label}, heard as ${predicted}`,
  wrong: (n: number): string =>
    n === 1 ? 'Show the one heard otherwise' : `Show the ${formatThousands(n)} heard otherwise`,
  noneWrong: 'None was heard otherwise.',
  inconclusive: (n: number): string =>
    n === 1
      ? 'One inconclusive recording counts on the side to which it leans.'
      : `${formatThousands(n)} inconclusive ones count on the side to which they lean.`,

  reading: 'How to read this',
  wide: 'A 95 % interval says how far chance alone may have moved a figure.',

  roc: 'At every threshold',
  rocOf: (label: string): string => `ROC curve of ${label}`,
  rocAxes: { x: '1 − specificity', y: 'Sensitivity' },
  rocPoint: (threshold: string): string => `at the threshold ${threshold}, with its intervals`,
  rocNone: 'There is no curve: it takes recordings of two classes.',
  area: (auroc: string): string => `area ${auroc}`,
  /** @param label of a curve among several */
  rocTable: (label: string | null): string =>
    label === null ? 'The numbers behind it' : `The numbers behind ${label}`,
  rocColumns: { threshold: 'Threshold', sensitivity: 'Sensitivity', specificity: 'Specificity' },

  perSource: (n: number): string => `Inside each source (${formatThousands(n)})`,
  perSourceNote: 'Recordings compared with others from the same source. Small sources have wide intervals.',
  sourceColumns: {
    source: 'Source',
    n: 'n',
    auroc: 'AUROC',
    meanAccuracy: 'MAcc',
    sensitivity: 'Sensitivity',
    specificity: 'Specificity',
    accuracy: 'Accuracy',
  },

  calibration: 'Can the probabilities be taken at their word?',
  calibrationOf: (ece: string): string => `On average they are off by ${ece} (expected calibration error).`,
  calibrationColumns: { predicted: 'Predicted', observed: 'Labelled so', n: 'n' },
  calibrationTable: 'The numbers behind it',
  coverage: 'When it gives no answer',
  coverageOf: (answered: string, wrong: string, wrongInconclusive: string): string =>
    `It answers ${answered} of the recordings and is wrong in ${wrong} of these. Among those it calls inconclusive, its leaning would be wrong in ${wrongInconclusive}.`,
  coverageOfAll: (wrong: string): string =>
    `It answers all of the recordings and is wrong in ${wrong} of these.`,
} as const;
