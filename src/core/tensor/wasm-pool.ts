// The gradient of max pooling: the kernel that the WASM backend ships gives wrong values.

import { backend_util, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import { addressOf, floats, integersAt, output, sizeOf, type WasmBackend } from './wasm-heap.ts';

type PoolInfo = backend_util.Conv2DInfo;

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
  if (pooled && tilesInside(info)) {
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
  if (outHeight * poolHeight < inHeight || outWidth * poolWidth < inWidth) dxs.fill(0);
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
