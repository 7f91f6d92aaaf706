// Gradients of a convolution on the WASM backend, as matrix products (im2col) and convolutions that
// XNNPACK does well. As shipped, the filter gradient is missing and the input gradient is a scalar loop.

import { backend_util, type KernelFunc, type NamedAttrMap, type TensorInfo } from '@tensorflow/tfjs-core';
import { paddedImage, writeImage } from './padded-image.ts';
import type { SimdKernels } from './simd-kernels.ts';
import {
  addressOf,
  convolve,
  floats,
  floatsAt,
  multiply,
  output,
  scratch,
  simd,
  type WasmBackend,
} from './wasm-heap.ts';

type ConvInfo = backend_util.Conv2DInfo;
type Shape4D = [number, number, number, number];

const BYTES = 4;

/** Shapes and paddings of a convolution without dilation. */
export function convInfo(
  attrs: NamedAttrMap | undefined,
  inputShape: unknown,
  filterShape: unknown,
): ConvInfo {
  const { strides, pad, dimRoundingMode, dataFormat } = attrs as {
    strides: [number, number];
    pad: 'same' | 'valid' | number;
    dimRoundingMode?: 'floor' | 'round' | 'ceil';
    dataFormat?: 'NHWC' | 'NCHW';
  };
  if (dataFormat === 'NCHW') throw new RangeError('Convolutions are computed with channels last only.');
  return backend_util.computeConv2DInfo(
    inputShape as Shape4D,
    filterShape as Shape4D,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
}

/** First and one past the last output place at which filter offset `k` meets the image, along one axis. */
function meeting(
  k: number,
  pad: number,
  stride: number,
  inLength: number,
  outLength: number,
): [number, number] {
  const first = Math.max(0, Math.ceil((pad - k) / stride));
  const past = Math.min(outLength, Math.floor((inLength - 1 + pad - k) / stride) + 1);
  return [Math.min(first, outLength), Math.max(past, Math.min(first, outLength))];
}

/**
 * Writes one image `[inHeight, inWidth, inChannels]` as the transposed im2col matrix
 * `[filterHeight · filterWidth · inChannels, outHeight · outWidth]`: row k holds what weight k sees at each
 * output place, zero outside the image.
 */
function imageToRows(image: Float32Array, info: ConvInfo, rows: Float32Array): void {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth, padInfo } = info;
  const stepX = info.strideWidth * inChannels;
  let to = 0;
  for (let ky = 0; ky < filterHeight; ky++) {
    const [firstY, pastY] = meeting(ky, padInfo.top, info.strideHeight, inHeight, outHeight);
    for (let kx = 0; kx < filterWidth; kx++) {
      const [firstX, pastX] = meeting(kx, padInfo.left, info.strideWidth, inWidth, outWidth);
      for (let channel = 0; channel < inChannels; channel++) {
        const end = to + outHeight * outWidth;
        if (firstX > 0 || pastX < outWidth || firstY > 0 || pastY < outHeight) rows.fill(0, to, end);
        for (let y = firstY; y < pastY; y++) {
          const inY = y * info.strideHeight + ky - padInfo.top;
          const inX = firstX * info.strideWidth + kx - padInfo.left;
          let from = (inY * inWidth + inX) * inChannels + channel;
          const rowEnd = to + y * outWidth + pastX;
          for (let at = to + y * outWidth + firstX; at < rowEnd; at++, from += stepX) {
            rows[at] = image[from] as number;
          }
        }
        to = end;
      }
    }
  }
}

/** Gradient by the filter: vector loops where output channels come in fours, else matrix products. */
export const conv2DBackpropFilter: KernelFunc = ({ inputs, backend: anyBackend, attrs }) => {
  const backend = anyBackend as WasmBackend;
  const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo };
  const filterShape = (attrs as { filterShape: number[] }).filterShape;
  const info = convInfo(attrs, x.shape, filterShape);
  const dw = output(backend, filterShape);
  const kernels = simd(backend);
  if (kernels && info.outChannels % 4 === 0) filterByVectors(backend, kernels, info, [x, dy, dw]);
  else filterByProducts(backend, info, [x, dy, dw]);
  return dw;
};

/** Image by image, padded: the weights (kx, channel) of one filter row see floats that lie side by side. */
function filterByVectors(
  backend: WasmBackend,
  kernels: SimdKernels,
  info: ConvInfo,
  [x, dy, dw]: [TensorInfo, TensorInfo, TensorInfo],
): void {
  const { inChannels, outChannels, outHeight, outWidth, filterHeight, strideHeight, strideWidth } = info;
  const rowWeights = info.filterWidth * inChannels;
  const padded = paddedImage(backend, info);
  floats(backend, dw).fill(0);
  const blocks = weightBlocks(rowWeights, outChannels);
  const [dyAt, dwAt] = [addressOf(backend, dy), addressOf(backend, dw)];
  const imageStep = strideWidth * inChannels * BYTES;
  for (let image = 0; image < info.batchSize; image++) {
    writeImage(backend, info, x, image, padded);
    const slopeAt = dyAt + image * outHeight * outWidth * outChannels * BYTES;
    for (let ky = 0; ky < filterHeight; ky++) {
      for (const { row, column, rows, vectors } of blocks) {
        kernels.filterBlock(
          { rows, vectors },
          padded.address + ky * padded.rowBytes + row * BYTES,
          slopeAt + column * BYTES,
          dwAt + ((ky * rowWeights + row) * outChannels + column) * BYTES,
          outHeight,
          outWidth,
          imageStep,
          strideHeight * padded.rowBytes - outWidth * imageStep,
          outChannels * BYTES,
          outChannels * BYTES,
        );
      }
    }
  }
}

interface WeightBlock {
  row: number;
  column: number;
  rows: number;
  vectors: number;
}

/** Cuts `rows` × `columns` weights into blocks of 4 or 1 rows by 8 or 4 columns. */
function weightBlocks(rows: number, columns: number): WeightBlock[] {
  const blocks: WeightBlock[] = [];
  for (let row = 0; row < rows;) {
    const height = row + 4 <= rows ? 4 : 1;
    for (let column = 0; column < columns;) {
      const vectors = column + 8 <= columns ? 2 : 1;
      blocks.push({ row, column, rows: height, vectors });
      column += 4 * vectors;
    }
    row += height;
  }
  return blocks;
}

/** Per image, transposed im2col times dy, summed over the batch. */
function filterByProducts(
  backend: WasmBackend,
  info: ConvInfo,
  [x, dy, dw]: [TensorInfo, TensorInfo, TensorInfo],
): void {
  const weights = info.filterHeight * info.filterWidth * info.inChannels;
  const places = info.outHeight * info.outWidth;
  const filterSize = weights * info.outChannels;
  const imageSize = info.inHeight * info.inWidth * info.inChannels;
  const rowsAt = scratch(backend, 'im2col', weights * places);
  const partAt = scratch(backend, 'filter-part', filterSize);
  floats(backend, dw).fill(0);
  for (let image = 0; image < info.batchSize; image++) {
    imageToRows(
      floatsAt(backend, addressOf(backend, x) + image * imageSize * BYTES, imageSize),
      info,
      floatsAt(backend, rowsAt, weights * places),
    );
    const dyAt = addressOf(backend, dy) + image * places * info.outChannels * BYTES;
    multiply(backend, [rowsAt, dyAt, partAt], [weights, places, info.outChannels]);
    const sum = floats(backend, dw); // anew: the product may have grown the heap
    const part = floatsAt(backend, partAt, filterSize);
    for (let i = 0; i < filterSize; i++) sum[i] = (sum[i] as number) + (part[i] as number);
  }
}

/**
 * Gradient by the input. With stride 1 it is a convolution of dy by the filter turned by 180°, which
 * XNNPACK does; otherwise dy times the filter, scattered back (col2im).
 */
export const conv2DBackpropInput: KernelFunc = ({ inputs, backend: anyBackend, attrs }) => {
  const backend = anyBackend as WasmBackend;
  const { dy, filter } = inputs as { dy: TensorInfo; filter: TensorInfo };
  const inputShape = (attrs as { inputShape: number[] }).inputShape;
  const info = convInfo(attrs, inputShape, filter.shape);
  const dx = output(backend, inputShape);
  const padTop = info.filterHeight - 1 - info.padInfo.top;
  const padLeft = info.filterWidth - 1 - info.padInfo.left;
  if (info.strideHeight === 1 && info.strideWidth === 1 && padTop >= 0 && padLeft >= 0) {
    turnedConvolution(backend, info, [dy, filter, dx], [padTop, padLeft]);
  } else {
    scatteredProduct(backend, info, dy, filter, dx);
  }
  return dx;
};

function turnedConvolution(
  backend: WasmBackend,
  info: ConvInfo,
  [dy, filter, dx]: [TensorInfo, TensorInfo, TensorInfo],
  [padTop, padLeft]: [number, number],
): void {
  const { filterHeight, filterWidth, inChannels, outChannels } = info;
  const turned = output(backend, [filterHeight, filterWidth, outChannels, inChannels]);
  const [ws, ts] = [floats(backend, filter), floats(backend, turned)];
  const places = filterHeight * filterWidth;
  for (let place = 0; place < places; place++) {
    const to = (places - 1 - place) * outChannels * inChannels;
    for (let channel = 0; channel < inChannels; channel++) {
      const from = (place * inChannels + channel) * outChannels;
      for (let out = 0; out < outChannels; out++)
        ts[to + out * inChannels + channel] = ws[from + out] as number;
    }
  }
  convolve(backend, [dy, turned, dx], {
    image: [info.batchSize, info.outHeight, info.outWidth],
    filter: [filterHeight, filterWidth],
    pads: [
      padTop,
      info.inWidth + filterWidth - 1 - info.outWidth - padLeft,
      info.inHeight + filterHeight - 1 - info.outHeight - padTop,
      padLeft,
    ],
    channels: [outChannels, inChannels],
  });
  backend.disposeData(turned.dataId);
}

function scatteredProduct(
  backend: WasmBackend,
  info: ConvInfo,
  dy: TensorInfo,
  filter: TensorInfo,
  dx: TensorInfo,
): void {
  const { outChannels } = info;
  const weights = info.filterHeight * info.filterWidth * info.inChannels;
  const places = info.outHeight * info.outWidth;
  const imageSize = info.inHeight * info.inWidth * info.inChannels;
  const transposedAt = scratch(backend, 'filter-transposed', weights * outChannels);
  const columnsAt = scratch(backend, 'im2col', weights * places);
  const ws = floats(backend, filter);
  const transposed = floatsAt(backend, transposedAt, weights * outChannels);
  for (let weight = 0; weight < weights; weight++) {
    for (let out = 0; out < outChannels; out++) {
      transposed[out * weights + weight] = ws[weight * outChannels + out] as number;
    }
  }
  for (let image = 0; image < info.batchSize; image++) {
    const dyAt = addressOf(backend, dy) + image * places * outChannels * BYTES;
    multiply(backend, [dyAt, transposedAt, columnsAt], [places, outChannels, weights]);
    const dxImage = floatsAt(backend, addressOf(backend, dx) + image * imageSize * BYTES, imageSize);
    columnsToImage(floatsAt(backend, columnsAt, weights * places), info, dxImage);
  }
}

/** Adds up an im2col matrix `[outHeight · outWidth, filterHeight · filterWidth · inChannels]` where it came from. */
function columnsToImage(columns: Float32Array, info: ConvInfo, image: Float32Array): void {
  const { inHeight, inWidth, inChannels, filterHeight, filterWidth, padInfo } = info;
  image.fill(0);
  let from = 0;
  for (let y = 0; y < info.outHeight; y++) {
    for (let x = 0; x < info.outWidth; x++) {
      for (let ky = 0; ky < filterHeight; ky++) {
        const inY = y * info.strideHeight + ky - padInfo.top;
        for (let kx = 0; kx < filterWidth; kx++, from += inChannels) {
          const inX = x * info.strideWidth + kx - padInfo.left;
          if (inY < 0 || inY >= inHeight || inX < 0 || inX >= inWidth) continue;
          const to = (inY * inWidth + inX) * inChannels;
          for (let channel = 0; channel < inChannels; channel++) {
            image[to + channel] = (image[to + channel] as number) + (columns[from + channel] as number);
          }
        }
      }
    }
  }
}
