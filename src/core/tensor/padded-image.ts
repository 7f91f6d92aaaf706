// One image of a batch with the padding of a convolution around it, in scratch memory: image by image, what is
// read again and again stays in the cache. Imports the heap only.

import type { backend_util, TensorInfo } from '@tensorflow/tfjs-core';
import { addressOf, floatsAt, scratch, type WasmBackend } from './wasm-heap.ts';

const BYTES = 4;

/** A place for padded images `[height, width, channels]`, zeros as far as no image was written. */
export interface PaddedImage {
  address: number;
  width: number;
  rowBytes: number;
}

type ConvInfo = backend_util.Conv2DInfo;

/** Columns of the padded image: as far as the filter reaches. */
export function paddedWidth(info: ConvInfo): number {
  const reached = (info.outWidth - 1) * info.strideWidth + info.filterWidth;
  return Math.max(reached, info.inWidth + info.padInfo.left);
}

/** Zeros in the size of one padded image; the next call takes the place away. */
export function paddedImage(backend: WasmBackend, info: ConvInfo): PaddedImage {
  const reached = (info.outHeight - 1) * info.strideHeight + info.filterHeight;
  const height = Math.max(reached, info.inHeight + info.padInfo.top);
  const width = paddedWidth(info);
  const size = height * width * info.inChannels;
  const address = scratch(backend, 'padded', size);
  floatsAt(backend, address, size).fill(0);
  return { address, width, rowBytes: width * info.inChannels * BYTES };
}

/** Copies one image of the batch into the middle. */
export function writeImage(
  backend: WasmBackend,
  info: ConvInfo,
  batch: TensorInfo,
  image: number,
  padded: PaddedImage,
): void {
  const heap = backend.wasm.HEAPU8;
  const rowBytes = info.inWidth * info.inChannels * BYTES;
  let from = addressOf(backend, batch) + image * info.inHeight * rowBytes;
  let to = padded.address + info.padInfo.top * padded.rowBytes + info.padInfo.left * info.inChannels * BYTES;
  for (let y = 0; y < info.inHeight; y++, from += rowBytes, to += padded.rowBytes) {
    heap.copyWithin(to, from, from + rowBytes);
  }
}
