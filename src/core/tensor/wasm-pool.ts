// The gradient of max pooling: the kernel that the WASM backend ships gives wrong values.

import { backend_util, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import { floats, output, type WasmBackend } from './wasm-heap.ts';

/** dy goes to the first largest value of each pooling window, as on the cpu backend; one pass. */
export const maxPoolGrad: KernelFunc = ({ inputs, backend: anyBackend, attrs }) => {
  const backend = anyBackend as WasmBackend;
  const { dy, input } = inputs as { dy: TensorInfo; input: TensorInfo };
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
  const { inHeight, inWidth, inChannels: channels, outHeight, outWidth, padInfo } = info;
  const dx = output(backend, input.shape);
  const [xs, dys, dxs] = [floats(backend, input), floats(backend, dy), floats(backend, dx)];
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
        const corner = ((image * inHeight + fromY) * inWidth + fromX) * channels;
        for (let channel = 0; channel < channels; channel++) {
          let best = corner + channel;
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
  return dx;
};
