// Everything that is said of models that cannot be written in another format. Texts only.

export const interopText = {
  /** Who wrote a file, by its own account. */
  producer: 'HeartBeat AI',
  untranslatable: (what: string): string => `This model cannot be written as ONNX: it has ${what}.`,
  what: {
    severalEnds: 'other than one input and one output',
    unusualUse: (name: string): string => `a layer, ${name}, that is used in an unusual way`,
    otherOutput: 'an output that is not a dense layer',
    otherWeights: 'weights of another type than float32',
    noWeights: (name: string): string => `no weights ${name}`,
    otherKind: (className: string): string => `a layer of the kind ${className}`,
    unusual: (name: string, setting: string): string => `a layer, ${name}, with an unusual ${setting}`,
  },
  settings: {
    shape: 'shape',
    channelOrder: 'order of channels',
    dilation: 'dilation',
    place: 'place',
    limit: 'limit or slope',
    activation: 'activation',
    input: 'input',
    axis: 'axis',
  },
  incomplete: 'The weights of this model are incomplete.',
} as const;
