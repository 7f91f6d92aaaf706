// Gradients of a convolution on the WASM backend, as matrix products (im2col) and convolutions that
// XNNPACK does well. As shipped, the filter gradient is missing and the input gradient is a scalar loop.

import { backend_util, type KernelFunc, type NamedAttrMap, type TensorInfo } from '@tensorflow/tfjs-core';
import { addressOf, floats, floatsAt, multiply, output, scratch, type WasmBackend } from './wasm-heap.ts';

type ConvInfo = backend_util.Conv2DInfo;
type Shape4D = [number, number, number, number];

const BYTES = 4;

function convInfo(attrs: NamedAttrMap | undefined, inputShape: unknown, filterShape: unknown): ConvInfo {
  const { strides, pad, dimRoundingMode, dataFormat } = attrs as {
    strides: [number, number];
    pad: 'same' | 'valid' | number;
    dimRoundingMode?: 'floor' | 'round' | 'ceil';
    dataFormat?: 'NHWC' | 'NCHW';
  };
  if (dataFormat === 'NCHW') throw new Error('Convolutions are computed with channels last only.');
  return backend_util.computeConv2DInfo(
    inputShape as Shape4D,
    filterShape as Shape4D,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
}

/**
 * Writes one image `[inHeight, inWidth, inChannels]` as the transposed im2col matrix
 * `[filterHeight · filterWidth · inChannels, outHeight · outWidth]`: row k holds what weight k sees at each
 * output place, zero outside the image.
 */
function imageToRows(image: Float32Array, info: ConvInfo, rows: Float32Array): void {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth } = info;
  const { strideHeight, strideWidth, padInfo } = info;
  let to = 0;
  for (let ky = 0; ky < filterHeight; ky++) {
    for (let kx = 0; kx < filterWidth; kx++) {
      for (let channel = 0; channel < inChannels; channel++) {
        for (let y = 0; y < outHeight; y++) {
          const inY = y * strideHeight + ky - padInfo.top;
          if (inY < 0 || inY >= inHeight) {
            rows.fill(0, to, to + outWidth);
            to += outWidth;
            continue;
          }
          let inX = kx - padInfo.left;
          let from = (inY * inWidth + inX) * inChannels + channel;
          for (let x = 0; x < outWidth; x++) {
            rows[to++] = inX >= 0 && inX < inWidth ? (image[from] as number) : 0;
            inX += strideWidth;
            from += strideWidth * inChannels;
          }
        }
      }
    }
  }
}

/** Gradient by the filter: per image, transposed im2col times dy, summed over the batch. */
export const conv2DBackpropFilter: KernelFunc = ({ inputs, backend: anyBackend, attrs }) => {
  const backend = anyBackend as WasmBackend;
  const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo };
  const filterShape = (attrs as { filterShape: number[] }).filterShape;
  const info = convInfo(attrs, x.shape, filterShape);
  const weights = info.filterHeight * info.filterWidth * info.inChannels;
  const places = info.outHeight * info.outWidth;
  const filterSize = weights * info.outChannels;
  const imageSize = info.inHeight * info.inWidth * info.inChannels;

  const dw = output(backend, filterShape);
  const rowsAt = scratch(backend, 'im2col', weights * places);
  const partAt = scratch(backend, 'filter-part', filterSize);
  const dyAt = addressOf(backend, dy);
  const xAt = addressOf(backend, x);
  floats(backend, dw).fill(0);
  for (let image = 0; image < info.batchSize; image++) {
    imageToRows(
      floatsAt(backend, xAt + image * imageSize * BYTES, imageSize),
      info,
      floatsAt(backend, rowsAt, weights * places),
    );
    const dyImageAt = dyAt + image * places * info.outChannels * BYTES;
    multiply(backend, [rowsAt, dyImageAt, partAt], [weights, places, info.outChannels]);
    const sum = floats(backend, dw); // anew: the product may have grown the heap
    const part = floatsAt(backend, partAt, filterSize);
    for (let i = 0; i < filterSize; i++) sum[i] = (sum[i] as number) + (part[i] as number);
  }
  return dw;
};
