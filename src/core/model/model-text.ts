// Everything that is said of models that cannot be used. Texts only.

export const modelText = {
  noTopology: 'The model has no topology: export it again as a TF.js layers model.',
  notLoaded: (why: string): string => `The model cannot be loaded: ${why}.`,
  notBuilt: 'its topology (model.json) is not one that can be built',
  moreWeights: 'its layers ask for more weights than it has',
  notComputed: 'The network (model.json) cannot be computed: its layers do not fit.',
  badStatistics: (why: string): string => `BandStatistics cannot be computed: ${why}.`,
  statistics: {
    unknown: 'its statistics are not known',
    epsilon: 'its epsilon is not above 0',
    groups: 'its groups do not divide the bands',
    lags: 'its lags are longer than a window',
  },
  otherShape: (
    inputs: readonly string[],
    outputs: readonly string[],
    manifest: string,
    wanted: number,
  ): string =>
    `The network takes ${inputs.join(' and ') || 'nothing'} and gives ${outputs.join(' and ') || 'nothing'}; its manifest says ${manifest} and ${wanted}.`,
  gpuNoNumbers: 'The graphics device returned numbers that are none.',
  noNumbers: 'The model answers with numbers that are none: choose another model.',

  folder: {
    lacks: (fileName: string): string => `There is no ${fileName} in it, so this is no model folder.`,
    tooDeep: (fileName: string): string => `${fileName} is nested too deeply to be used.`,
    noJson: (fileName: string): string => `${fileName} is damaged: it is no JSON.`,
    future: (schema: string): string =>
      `The model was written by a newer version of this program (${schema}). Reload the page to update, then import it again.`,
  },

  topology: {
    invalid: (why: string): string => `The network (model.json) cannot be used: ${why}.`,
    why: {
      noLayers: 'it is no TF.js layers model',
      otherSize: (announced: number, there: number): string =>
        `it announces ${announced} bytes of weights, and weights.bin has ${there}`,
      tooDeep: 'it is nested too deeply',
      tooManyLayers: 'it has too many layers',
      twice: (name: string): string => `the field "${name}" is there twice`,
      noNames: 'its layers are not told apart by their names',
      noInputs: (name: string): string => `what the layer "${name}" is given is not told`,
      waits: (name: string): string => `the layer "${name}" waits for another that is not there`,
      outputs: 'its layers give more numbers than fit in memory',
      tooLarge: (n: number, what: string): string => `a layer with ${n} ${what} is too large`,
      otherWeights: 'its weights are not plain numbers of 32 bits',
    },
  },
} as const;
