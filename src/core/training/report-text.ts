// Everything that the tables of an evaluation say: titles, notes, columns and rows. Texts only; the figures in it come
// written already.

export const reportText = {
  all: 'all',
  mean: 'mean of sources',
  quality: (quality: string): string => `quality ${quality}`,
  title: (n: number, nGroups: number): string => `${n} recordings of ${nGroups} groups`,
  intervals: (resamples: number): string =>
    `95 % intervals: Wilson for rates, bootstrap by group inside each source (${resamples} resamples) for AUC and MAcc.`,
  signed: (value: string, low: string, high: string): string => `${value} (${low} to ${high})`,
  columns: {
    n: 'n',
    auroc: 'AUC',
    macroAuroc: 'AUC (macro)',
    meanAccuracy: 'MAcc',
    meanRecall: 'mean recall',
    sensitivity: 'sensitivity',
    specificity: 'specificity',
    accuracy: 'accuracy',
    precision: 'precision',
    recall: 'recall',
    f1: 'F1',
  },
  unseen: {
    title: 'Sources the model has never heard',
    note: 'Each source is judged by a model trained on the others; calibration and threshold come from the others too.',
  },
  classes: { title: 'Classes', note: 'Rows are the truth, columns the answer.' },
  baselines: {
    title: 'What can be had without listening',
    note: 'Always the commoner class, and the share of the class in the source; both counted in the other folds.',
    majority: 'majority class',
    source: 'source only',
  },
  calibration: {
    title: 'Calibration',
    note: (error: string, brier: string, logLoss: string): string =>
      `Expected calibration error ${error}, Brier score ${brier}, log loss ${logLoss}.`,
    columns: (label: string): string[] => ['probability', 'n', 'mean probability', `fraction ${label}`],
  },
  coverage: {
    title: 'Coverage against risk',
    note: (answered: string, wrong: string, wrongInconclusive: string, meanAccuracy: string): string =>
      `Answered ${answered}; wrong among them ${wrong}, among the inconclusive ${wrongInconclusive}. MAcc of the answered ${meanAccuracy}.`,
    columns: ['answered', 'wrong'],
  },
} as const;
