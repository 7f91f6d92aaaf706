// The convolution itself on the WASM backend, by loops assembled for its shape. What they do not do (a bias or an
// activation fused in, dilation, channels that do not come in fours) stays with XNNPACK.

import type { backend_util, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { channelsPerCall, convolutionBlock, convolutionSource } from './simd-convolution.ts';
import { compileLoops } from './simd-kernels.ts';
import { paddedImage, paddedWidth, writeImage } from './padded-image.ts';
import { convInfo } from './wasm-conv.ts';
import { addressOf, memoryOf, output, type WasmBackend } from './wasm-heap.ts';

const BYTES = 4;

/** A loop over one image, and how many channels a call of it computes. */
interface Convolution {
  channels: number;
  convolve(image: number, weights: number, out: number): void;
}

const loops = new WeakMap<WasmBackend, Map<string, Convolution | null>>();

/** The loop for a shape, assembled once; null where there is none. */
function loopFor(backend: WasmBackend, info: backend_util.Conv2DInfo): Convolution | null {
  let known = loops.get(backend);
  if (!known) loops.set(backend, (known = new Map<string, Convolution | null>()));
  const { inChannels, outChannels, outHeight, outWidth, filterHeight, filterWidth } = info;
  const { strideHeight, strideWidth } = info;
  const ends = { inChannels, outChannels, outHeight, outWidth, filterHeight, filterWidth };
  const shape = { ...ends, strideHeight, strideWidth, paddedWidth: paddedWidth(info) };
  const key = Object.values(shape).join();
  let loop = known.get(key);
  if (loop === undefined) {
    const block = convolutionBlock(shape);
    const memory = memoryOf(backend);
    const compiled =
      block && memory
        ? compileLoops(memory, (multiplyAdd) => [convolutionSource(shape, block, multiplyAdd)])
        : null;
    loop =
      block && compiled
        ? {
            channels: channelsPerCall(block),
            convolve: (...addresses) => compiled['convolve']?.(...addresses),
          }
        : null;
    known.set(key, loop);
  }
  return loop;
}

/** The kernel of Conv2D and of FusedConv2D. */
export const convolution =
  (shipped: KernelFunc): KernelFunc =>
  (parameters) => {
    const backend = parameters.backend as WasmBackend;
    const { x, filter, bias } = parameters.inputs as { x: TensorInfo; filter: TensorInfo; bias?: TensorInfo };
    const { activation, dilations, dataFormat } = parameters.attrs as {
      activation?: string;
      dilations?: number | number[];
      dataFormat?: string;
    };
    const plain = !bias && (activation ?? 'linear') === 'linear' && dataFormat !== 'NCHW';
    const dilated = [dilations ?? 1].flat().some((rate) => rate !== 1);
    if (!plain || dilated || x.dtype !== 'float32') return shipped(parameters);
    const info = convInfo(parameters.attrs, x.shape, filter.shape);
    const loop = loopFor(backend, info);
    if (!loop) return shipped(parameters);
    const out = output(backend, info.outShape);
    const padded = paddedImage(backend, info);
    const [filterAt, outAt] = [addressOf(backend, filter), addressOf(backend, out)];
    const imageBytes = info.outHeight * info.outWidth * info.outChannels * BYTES;
    for (let image = 0; image < info.batchSize; image++) {
      writeImage(backend, info, x, image, padded);
      for (let channel = 0; channel < info.outChannels; channel += loop.channels) {
        const offset = channel * BYTES;
        loop.convolve(padded.address, filterAt + offset, outAt + image * imageBytes + offset);
      }
    }
    return out;
  };
