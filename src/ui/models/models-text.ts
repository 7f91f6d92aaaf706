// Everything that the Models page says.

import { formatThousands } from '../common/format.ts';

export const modelsText = {
  title: 'Models',
  lead: 'What the model was trained on, how good it is, and where it fails.',
  loading: 'Opening the model’s card …',
  inUse: 'In use',
  placeholder:
    'This model has not been trained: its answers mean nothing. It stands in until a trained one is bundled.',
  noMetrics: 'This model comes without an evaluation, so nothing can be said about how good it is.',
  figures: 'How good it is',
  figuresFrom: (n: number, groups: number): string =>
    `Cross-validated on ${formatThousands(n)} recordings of ${formatThousands(groups)} groups: no recording was judged by a model that had heard its group. Bars are 95 % intervals.`,
  columns: { figure: 'Figure', value: 'Value', interval: '95 % interval', n: 'n', source: 'Source' },
  rows: {
    auroc: {
      word: 'AUROC, all together',
      meaning: 'How often an abnormal recording gets a higher score than a normal one; 0.5 is guessing.',
    },
    meanAccuracy: {
      word: 'MAcc',
      meaning:
        'Mean of sensitivity and specificity: the figure by which the PhysioNet challenge of 2016 was decided.',
    },
    sensitivity: {
      word: 'Sensitivity',
      meaning: 'Of the recordings labelled abnormal, the share that was called so.',
    },
    specificity: {
      word: 'Specificity',
      meaning: 'Of the recordings labelled normal, the share that was called so.',
    },
    meanSourceAuroc: {
      word: 'AUROC, mean of the sources',
      meaning:
        'AUROC inside each database, then their plain mean: recognising the database does not help here.',
    },
    unseenAuroc: {
      word: 'AUROC, source never heard',
      meaning:
        'Each database judged by a model trained on the others only: the closest to a new place of recording.',
    },
    unseenMeanAccuracy: {
      word: 'MAcc, source never heard',
      meaning: 'The same, at a threshold chosen without that database.',
    },
  },
  baselineOf: (auroc: string, meanAccuracy: string): string =>
    `Knowing only the name of the database, without listening, would give AUROC ${auroc} and MAcc ${meanAccuracy}.`,
  perSource: 'Inside each source',
  perSourceNote:
    'AUROC of recordings compared with others from the same database. Small databases have wide bars.',
  perUnseenSource: 'When the source was never heard',
  perUnseenSourceNote: 'AUROC inside each database, judged by a model that was trained on the others only.',
  calibration: 'Can its probabilities be taken at their word?',
  calibrationOf: (ece: string): string => `On average they are off by ${ece} (expected calibration error).`,
  calibrationColumns: { predicted: 'Predicted', observed: 'Labelled so', n: 'n' },
  calibrationTable: 'The numbers behind it',
  coverage: 'When it gives no answer',
  coverageOf: (answered: string, wrong: string, wrongInconclusive: string): string =>
    `It answers ${answered} of the recordings and is wrong in ${wrong} of these. Among those it calls inconclusive, its leaning would be wrong in ${wrongInconclusive}.`,
  facts: 'What it is',
  labels: 'Classes',
  threshold: 'Threshold',
  band: 'Inconclusive between',
  none: 'none',
  rate: 'Listens at',
  windows: 'Windows',
  windowsOf: (duration: number, hop: number): string => `${duration} s, every ${hop} s`,
  features: 'Picture',
  featuresOf: (bands: number, low: number, high: number): string => `${bands} mel bands, ${low}–${high} Hz`,
  trainedOn: 'Trained on',
  trainedOnOf: (dataset: string, n: number, groups: number): string =>
    n === 0 ? dataset : `${dataset}: ${formatThousands(n)} recordings of ${formatThousands(groups)} groups`,
  created: 'Made on',
  hash: 'Weights (SHA-256)',
  limits: 'Limits',
  limitList: [
    'For research and teaching. It diagnoses nothing and does not rule out disease.',
    'It knows the labels of its training data and nothing else: “abnormal” means labelled so there, not a particular disease.',
    'Recordings made with another device, at another place or of another group of people can be judged worse; the figures for sources never heard show by how much.',
    'It has not been tested on children or in pregnancy unless its card says so.',
  ],
} as const;
