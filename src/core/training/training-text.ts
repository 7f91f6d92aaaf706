// Everything that is said where training or evaluation cannot go on. Texts only.

export const trainingText = {
  unknownLabel: (id: string, label: string, known: readonly string[]): string =>
    `"${id}" is labelled ${label}, which the model does not know: its labels are ${known.join(', ')}.`,
  noSuchClass: (label: string, known: readonly string[]): string =>
    `The model has no class "${label}": it knows ${known.join(', ')}.`,
  nothingToCalibrate: 'Nothing to calibrate on: add recordings.',
  calibrateBoth: 'Calibration and threshold need recordings of both classes; add the missing one.',
  otherWeights: (name: string): string => `The weights do not fit the network: ${name} differs.`,
  diverged: 'The training loss is no longer a number. Try again with a lower learning rate.',
  nothingToEvaluate: 'There is nothing to evaluate: no recording has an answer and a label.',
  notAdded: (id: string): string => `The recording ${id} was not added to this training run.`,
  changed:
    'The training cannot go on: its recordings, settings or model are no longer what they were. Start it again.',
  twoClasses: 'Training needs recordings of at least two classes.',
  noEmbedding:
    "This model does not say which layer describes a window (its manifest's embeddingLayer), so no new last layer can be trained on it. Train it with the same labels, or choose another model.",
  unknownPrediction: (id: string): string =>
    `There is a prediction for "${id}", which is not among the recordings.`,
  noneTrained: 'No model was trained yet: train one, or give one.',
  onlyFurther: 'A model of this kind of input can only be trained further.',
  chooseModel: 'Choose the model whose training is to go on.',
  noWeights: 'The model gave no weights to save.',

  replay: {
    tooLarge: 'One window is larger than a replay set may be.',
    cutShort: 'The replay set is cut short.',
    damaged: 'The replay set is damaged.',
    otherFeatures:
      'The replay set was made for a model that hears with other features or windows: it cannot be used with this one.',
    none: 'The file is no replay set.',
    damagedOrCut: 'The replay set is damaged or cut short.',
    damagedOrNewer: 'The replay set is damaged, or was made by a newer version.',
  },
} as const;
