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
  perSource: 'Inside each source',
  perSourceNote:
    'AUROC of recordings compared with others from the same database. Small databases have wide bars.',
  perUnseenSource: 'When the source was never heard',
  perUnseenSourceNote: 'AUROC inside each database, judged by a model that was trained on the others only.',
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
