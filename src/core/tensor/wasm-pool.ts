// The gradient of max pooling: the kernel that the WASM backend ships gives wrong values.

import { backend_util, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import type { SimdKernels } from './simd-kernels.ts';
import { addressOf, floats, integersAt, output, simd, sizeOf, type WasmBackend } from './wasm-heap.ts';

type PoolInfo = backend_util.Conv2DInfo;

const BYTES = 4;

/** dy goes to the first largest value of each pooling window, as on the cpu backend. */
export const maxPoolGrad: KernelFunc = ({ inputs, backend: anyBackend, attrs }) => {
  const backend = anyBackend as WasmBackend;
  const { dy, input, output: pooled } = inputs as { dy: TensorInfo; input: TensorInfo; output?: TensorInfo };
  const { filterSize, strides, pad, dimRoundingMode } = attrs as {
    filterSize: [number, number];
    strides: [number, number];
    pad: 'same' | 'valid' | number;
    dimRoundingMode?: 'floor' | 'round' | 'ceil';
  };
  const info = backend_util.computePool2DInfo(
    input.shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const dx = output(backend, input.shape);
  const kernels = simd(backend);
  const places = info.effectiveFilterHeight * info.effectiveFilterWidth;
  if (pooled && tilesInside(info) && kernels && info.inChannels % 4 === 0 && (places === 2 || places === 4)) {
    gradientByVectors(
      kernels,
      info,
      [input, pooled, dy, dx].map((tensor) => addressOf(backend, tensor)),
    );
    if (!tilesCover(info)) clearEdges(info, floats(backend, dx));
  } else if (pooled && tilesInside(info)) {
    gradientOfTiles(info, {
      xs: floats(backend, input),
      largest: floats(backend, pooled),
      dys: integersAt(backend, addressOf(backend, dy), sizeOf(dy.shape)),
      dxs: integersAt(backend, addressOf(backend, dx), sizeOf(dx.shape)),
    });
  } else {
    gradientOfWindows(info, floats(backend, input), floats(backend, dy), floats(backend, dx));
  }
  return dx;
};

/** Windows that neither overlap nor reach over the edge: what networks use. */
function tilesInside(info: PoolInfo): boolean {
  return (
    info.strideHeight === info.effectiveFilterHeight &&
    info.strideWidth === info.effectiveFilterWidth &&
    info.outHeight * info.strideHeight <= info.inHeight &&
    info.outWidth * info.strideWidth <= info.inWidth
  );
}

/** Do the windows reach every value, none left over at the far edges? */
function tilesCover(info: PoolInfo): boolean {
  return (
    info.outHeight * info.effectiveFilterHeight === info.inHeight &&
    info.outWidth * info.effectiveFilterWidth === info.inWidth
  );
}

/** Row of windows by row of windows. */
function gradientByVectors(kernels: SimdKernels, info: PoolInfo, addresses: number[]): void {
  const [x, largest, dy, dx] = addresses as [number, number, number, number];
  const { inHeight, inWidth, outHeight, outWidth, inChannels: channels } = info;
  const [poolHeight, poolWidth] = [info.effectiveFilterHeight, info.effectiveFilterWidth];
  const offsets: number[] = [];
  for (let row = 0; row < poolHeight; row++) {
    for (let column = 0; column < poolWidth; column++)
      offsets.push((row * inWidth + column) * channels * BYTES);
  }
  const skip = (poolWidth - 1) * channels * BYTES;
  for (let image = 0; image < info.batchSize; image++) {
    for (let y = 0; y < outHeight; y++) {
      const from = (image * inHeight + y * poolHeight) * inWidth * channels * BYTES;
      const to = (image * outHeight + y) * outWidth * channels * BYTES;
      const pixels = outWidth;
      kernels.poolPixels(
        poolHeight * poolWidth,
        x + from,
        largest + to,
        dy + to,
        dx + from,
        pixels,
        channels / 4,
        skip,
        ...offsets,
      );
    }
  }
}

/** Zero slope for the rows and columns that no window reaches. */
function clearEdges(info: PoolInfo, dxs: Float32Array): void {
  const { inHeight, inWidth, inChannels: channels } = info;
  const usedHeight = info.outHeight * info.effectiveFilterHeight;
  const usedWidth = info.outWidth * info.effectiveFilterWidth;
  for (let row = 0; row < info.batchSize * inHeight; row++) {
    const from = row % inHeight < usedHeight ? usedWidth : 0;
    dxs.fill(0, (row * inWidth + from) * channels, (row + 1) * inWidth * channels);
  }
}

/**
 * One pass. Which value of a window is the largest is as random as the data, so a branch would be mispredicted
 * half the time: the bits of dy are masked instead, and taken away once they have been given.
 */
function gradientOfTiles(
  info: PoolInfo,
  { xs, largest, dys, dxs }: { xs: Float32Array; largest: Float32Array; dys: Int32Array; dxs: Int32Array },
): void {
  const { inHeight, inWidth, inChannels: channels, outHeight, outWidth } = info;
  const [poolHeight, poolWidth] = [info.effectiveFilterHeight, info.effectiveFilterWidth];
  if (!tilesCover(info)) dxs.fill(0);
  const left = new Int32Array(channels);
  let out = 0;
  for (let image = 0; image < info.batchSize; image++) {
    for (let y = 0; y < outHeight; y++) {
      for (let x = 0; x < outWidth; x++, out += channels) {
        for (let c = 0; c < channels; c++) left[c] = dys[out + c] as number;
        for (let dyRow = 0; dyRow < poolHeight; dyRow++) {
          const row = (image * inHeight + y * poolHeight + dyRow) * inWidth + x * poolWidth;
          for (let place = row; place < row + poolWidth; place++) {
            const at = place * channels;
            for (let c = 0; c < channels; c++) {
              const mask = -Number(xs[at + c] === largest[out + c]);
              const slope = left[c] as number;
              dxs[at + c] = slope & mask;
              left[c] = slope & ~mask;
            }
          }
        }
      }
    }
  }
}

/** Any windows: overlapping ones add up. */
function gradientOfWindows(info: PoolInfo, xs: Float32Array, dys: Float32Array, dxs: Float32Array): void {
  const { inHeight, inWidth, inChannels: channels, outHeight, outWidth, padInfo } = info;
  dxs.fill(0);
  let out = 0;
  for (let image = 0; image < info.batchSize; image++) {
    for (let y = 0; y < outHeight; y++) {
      const top = y * info.strideHeight - padInfo.top;
      const fromY = Math.max(top, 0);
      const toY = Math.min(top + info.effectiveFilterHeight, inHeight);
      for (let x = 0; x < outWidth; x++) {
        const left = x * info.strideWidth - padInfo.left;
        const fromX = Math.max(left, 0);
        const toX = Math.min(left + info.effectiveFilterWidth, inWidth);
        for (let channel = 0; channel < channels; channel++) {
          let best = ((image * inHeight + fromY) * inWidth + fromX) * channels + channel;
          let largest = xs[best] as number;
          for (let inY = fromY; inY < toY; inY++) {
            let at = ((image * inHeight + inY) * inWidth + fromX) * channels + channel;
            for (let inX = fromX; inX < toX; inX++, at += channels) {
              const value = xs[at] as number;
              if (value > largest) {
                largest = value;
                best = at;
              }
            }
          }
          dxs[best] = (dxs[best] as number) + (dys[out++] as number);
        }
      }
    }
  }
}
