// Everything that is said of the ways to compute: which one is used, and why the others are not. Texts only.

export const tensorText = {
  notNeeded: (chosen: string): string => `Not needed: ${chosen} works.`,
  none: (reasons: string): string => `No way to compute was found in this browser. ${reasons}`,
  noStart: (name: string): string => `TensorFlow.js could not start ${name}.`,
  failed: (name: string, why: string): string => `${name} could not be started: ${why}`,
  notLoaded: (address: string): string => `${address} could not be loaded.`,
  wasm: 'WebAssembly with SIMD, one thread.',
  cpu: 'Plain JavaScript: slow, but everywhere.',
  noMemory: 'The memory for computing is used up. Close other tabs, or train with smaller batches.',

  gpu: {
    lost: (why: string | undefined): string => `The graphics device was lost: ${why || 'no reason given'}.`,
    error: (message: string | undefined): string =>
      `The graphics device reported an error: ${message ?? 'no message'}.`,
    contextLost: 'The WebGL context was lost.',
    noWebGpu: 'This browser has no WebGPU in workers.',
    noAdapter: 'WebGPU found no graphics adapter.',
    unnamed: 'unnamed adapter',
    noCanvas: 'This browser has no canvas in workers.',
    noWebGl: 'This browser has no WebGL 2 in workers.',
    software: (api: string, name: string): string => `${api} is emulated in software here (${name}).`,
    hardware: (api: string, name: string): string => `${api} on ${name}.`,
  },

  selfTest: {
    stopped: (why: string): string => `The self-test stopped: ${why}`,
    wrongSize: 'The self-test gave a result of the wrong size.',
    noNumbers: 'The self-test gave values that are no numbers.',
    differed: (by: number): string =>
      `The self-test differed from the stored values by ${by.toPrecision(2)}.`,
  },
} as const;
