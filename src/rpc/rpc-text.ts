// Everything that is said of the workers. Texts only.

export const rpcText = {
  stalled: 'The analysis stopped answering and was restarted. Try the file again.',
  crashed: 'The analysis crashed and was restarted. Try the file again.',
  notLoaded: 'A part of the program that computes could not be loaded.',
  noModel: 'No model is loaded yet. Choose one first.',
  allUnderWay: 'All is under way.',
  noMaterial: 'There is nothing to judge.',
  notStarted: 'The training worker was not started.',
} as const;
