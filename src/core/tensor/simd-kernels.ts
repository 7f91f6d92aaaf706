// Vector loops on the memory of the WASM backend, for what XNNPACK does not offer: the filter gradient of
// a convolution, sums per channel, the gradients of batch norm and of max pooling. Channels are last and
// come in fours. Addresses and strides are in bytes, counts in pixels.
// Where the engine knows relaxed SIMD (Chromium since 114), products and sums are fused.

import { CHANNEL_VECTORS, loopSources, type MultiplyAdd } from './simd-loops.ts';
import { bandSumsSource } from './simd-statistics.ts';
import { assemble, fusedTimesPlus, plus, times, type FunctionSource } from './wasm-assembler.ts';

/** WebAssembly belongs to the language's hosts, and to all of them: Node, pages and workers alike. */
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (
    module: object,
    imports: object,
  ) => { exports: Record<string, (...values: number[]) => void> };
};

export interface SimdKernels {
  /**
   * weights[row][column] += Σ over output pixels of image[pixel][row] · slope[pixel][column], for `rows` × `vectors` · 4
   * weights. The image is padded; a pixel's rows lie side by side.
   */
  filterBlock(
    block: { rows: number; vectors: number },
    image: number,
    slope: number,
    weights: number,
    height: number,
    width: number,
    imageStep: number,
    imageRowSkip: number,
    slopeStep: number,
    weightStep: number,
  ): void;
  /** sums[channel] = Σ x */
  channelSums(vectors: number, x: number, pixels: number, step: number, sums: number): void;
  /** sums[channel] = Σ (x − mean)² */
  squareSums(vectors: number, x: number, pixels: number, step: number, mean: number, sums: number): void;
  /** slopeSums[channel] = Σ slope, productSums[channel] = Σ slope · (x − mean) */
  slopeSums(
    vectors: number,
    slope: number,
    x: number,
    pixels: number,
    step: number,
    mean: number,
    slopeSums: number,
    productSums: number,
  ): void;
  /** out = a · slope + b · x + c, with a, b and c per channel */
  combine(
    vectors: number,
    slope: number,
    x: number,
    out: number,
    pixels: number,
    step: number,
    a: number,
    b: number,
    c: number,
  ): void;
  /** out = a · x + c, with a and c per channel */
  affine(vectors: number, x: number, out: number, pixels: number, step: number, a: number, c: number): void;
  /**
   * Of four bands, with c = x − mean: Σ c², Σ c³, Σ |c − c of the frame before|, Σ e and Σ 1 / e, where
   * e = exp(SOFTNESS · c) with c clipped to ±CLIP; a vector each.
   */
  bandSums(x: number, mean: number, frames: number, step: number, sums: number): void;
  /** Gives each slope to the first of its window's places that holds the largest value, zero to the others. */
  poolPixels(
    places: number,
    x: number,
    largest: number,
    slope: number,
    out: number,
    pixels: number,
    vectors: number,
    /** From the end of one window's channels to the next window. */
    skip: number,
    ...offsets: number[]
  ): void;
}

/** Functions of an assembled module. */
type Loops = Record<string, (...values: number[]) => void>;

/**
 * Loops on this memory, with the products and sums that the engine has.
 * @returns the functions by name, or null where the engine has no SIMD
 */
export function compileLoops(
  memory: object,
  sources: (multiplyAdd: MultiplyAdd) => FunctionSource[],
): Loops | null {
  const bytes = [sources(fusedTimesPlus), sources((a, b, c) => plus(times(a, b), c))]
    .map(assemble)
    .find((candidate) => WebAssembly.validate(candidate));
  if (!bytes) return null;
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { host: { memory } }).exports;
}

/** The kernels on this memory, or null where the engine has no SIMD. */
export function simdKernels(memory: object): SimdKernels | null {
  const exports = compileLoops(memory, (multiplyAdd) => [
    ...loopSources(multiplyAdd),
    bandSumsSource(multiplyAdd),
  ]);
  if (!exports) return null;
  const call = (name: string, values: number[]): void => exports[name]?.(...values);
  return {
    filterBlock: ({ rows, vectors }, ...rest) => call(`filter${rows}x${vectors}`, rest),
    channelSums: (vectors, ...rest) => call(`sums${vectors}`, rest),
    squareSums: (vectors, ...rest) => call(`squares${vectors}`, rest),
    slopeSums: (vectors, ...rest) => call(`slopes${vectors}`, rest),
    combine: (vectors, ...rest) => call(`combine${vectors}`, rest),
    affine: (vectors, ...rest) => call(`affine${vectors}`, rest),
    bandSums: (...rest) => call('bandSums', rest),
    poolPixels: (places, ...rest) => call(`pool${places}`, rest),
  };
}

/** `[first channel, vectors]` of the blocks that make up `channels`, a multiple of four. */
export function channelBlocks(channels: number): [number, number][] {
  const blocks: [number, number][] = [];
  for (let first = 0; first < channels;) {
    const vectors = CHANNEL_VECTORS.find((count) => first + 4 * count <= channels) ?? 1;
    blocks.push([first, vectors]);
    first += 4 * vectors;
  }
  return blocks;
}
