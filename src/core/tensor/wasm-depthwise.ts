// Gradients of the depthwise convolution, which the WASM backend as shipped does not have.
// Direct loops: a depthwise convolution moves more memory than it multiplies.

import { backend_util, type KernelFunc, type NamedAttrMap, type TensorInfo } from '@tensorflow/tfjs-core';
import { floats, output, type WasmBackend } from './wasm-heap.ts';

type ConvInfo = backend_util.Conv2DInfo;
type Shape4D = [number, number, number, number];

function convInfo(attrs: NamedAttrMap | undefined, inputShape: unknown, filterShape: unknown): ConvInfo {
  const { strides, dilations, pad, dimRoundingMode } = attrs as {
    strides: [number, number];
    dilations: [number, number];
    pad: 'same' | 'valid' | number;
    dimRoundingMode?: 'floor' | 'round' | 'ceil';
  };
  const depthwise = true;
  return backend_util.computeConv2DInfo(
    inputShape as Shape4D,
    filterShape as Shape4D,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    depthwise,
  );
}

/**
 * Calls `visit(input, output, weight)` with the offsets of the first channel for each pair of an input
 * pixel and an output pixel that a filter weight joins.
 */
function eachPair(info: ConvInfo, visit: (input: number, output: number, weight: number) => void): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, padInfo } = info;
  for (let image = 0; image < batchSize; image++) {
    for (let y = 0; y < outHeight; y++) {
      for (let ky = 0; ky < info.filterHeight; ky++) {
        const inY = y * info.strideHeight + ky * info.dilationHeight - padInfo.top;
        if (inY < 0 || inY >= inHeight) continue;
        for (let x = 0; x < outWidth; x++) {
          for (let kx = 0; kx < info.filterWidth; kx++) {
            const inX = x * info.strideWidth + kx * info.dilationWidth - padInfo.left;
            if (inX < 0 || inX >= inWidth) continue;
            visit(
              ((image * inHeight + inY) * inWidth + inX) * inChannels,
              ((image * outHeight + y) * outWidth + x) * outChannels,
              (ky * info.filterWidth + kx) * outChannels,
            );
          }
        }
      }
    }
  }
}

export const depthwiseBackpropFilter: KernelFunc = ({ inputs, backend: anyBackend, attrs }) => {
  const backend = anyBackend as WasmBackend;
  const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo };
  const filterShape = (attrs as { filterShape: number[] }).filterShape;
  const info = convInfo(attrs, x.shape, filterShape);
  const multiplier = info.outChannels / info.inChannels;
  const dw = output(backend, filterShape);
  const [xs, dys, dws] = [floats(backend, x), floats(backend, dy), floats(backend, dw)];
  dws.fill(0);
  eachPair(info, (input, out, weight) => {
    for (let channel = 0; channel < info.outChannels; channel++) {
      const from = multiplier === 1 ? channel : Math.floor(channel / multiplier);
      dws[weight + channel] =
        (dws[weight + channel] as number) + (xs[input + from] as number) * (dys[out + channel] as number);
    }
  });
  return dw;
};

export const depthwiseBackpropInput: KernelFunc = ({ inputs, backend: anyBackend, attrs }) => {
  const backend = anyBackend as WasmBackend;
  const { dy, filter } = inputs as { dy: TensorInfo; filter: TensorInfo };
  const inputShape = (attrs as { inputShape: number[] }).inputShape;
  const info = convInfo(attrs, inputShape, filter.shape);
  const multiplier = info.outChannels / info.inChannels;
  const dx = output(backend, inputShape);
  const [dys, ws, dxs] = [floats(backend, dy), floats(backend, filter), floats(backend, dx)];
  dxs.fill(0);
  eachPair(info, (input, out, weight) => {
    for (let channel = 0; channel < info.outChannels; channel++) {
      const to = input + (multiplier === 1 ? channel : Math.floor(channel / multiplier));
      dxs[to] = (dxs[to] as number) + (ws[weight + channel] as number) * (dys[out + channel] as number);
    }
  });
  return dx;
};
