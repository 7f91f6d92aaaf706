// Direct access to the memory of the WASM backend: views of tensors, new outputs, scratch space, and
// XNNPACK's matrix product on any stretch of the heap. Everything that depends on how
// tfjs-backend-wasm 4.22 is built inside stands in this file.
// A view dies when the heap grows: allocate every output first, then take views.

import type { DataType, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';
import { AppError } from '../errors.ts';
import { simdKernels, type SimdKernels } from './simd-kernels.ts';
import { tensorText } from './tensor-text.ts';

/** The part of emscripten's module that is used. */
interface WasmModule {
  asm?: { memory?: object };
  HEAPU8: Uint8Array;
  HEAP32: Int32Array;
  _malloc: (bytes: number) => number;
  _free(address: number): void;
  __FusedMatMul(
    ...args: [
      a: number,
      aShape: number,
      aRank: number,
      b: number,
      bShape: number,
      bRank: number,
      transposeA: number,
      transposeB: number,
      activation: number,
      bias: number,
      prelu: number,
      leakyReluAlpha: number,
      out: number,
    ]
  ): void;
  _Conv2D(...args: number[]): void;
  tfjs: { registerTensor(id: number, size: number, address: number): void; disposeData(id: number): void };
}

/** BackendWasm, as far as kernels use it. */
export interface WasmBackend extends KernelBackend {
  wasm: WasmModule;
  dataIdMap: { get(dataId: object): { id: number; memoryOffset: number } };
  makeOutput(shape: number[], dtype: DataType): TensorInfo;
}

const BYTES = 4;
/** Ids of tensors made here; the backend counts its own from 1 and never comes this far. */
const FIRST_OWN_ID = 0x4000_0000;
let ownIds = 0;

/** A new float32 tensor, not initialised. */
export function output(backend: WasmBackend, shape: readonly number[]): TensorInfo {
  return backend.makeOutput([...shape], 'float32');
}

/** Where a tensor's values begin, bytes. */
export function addressOf(backend: WasmBackend, info: TensorInfo): number {
  return backend.dataIdMap.get(info.dataId).memoryOffset;
}

/** The values of a float32 tensor in place: write to outputs only. */
export function floats(backend: WasmBackend, info: TensorInfo): Float32Array {
  return floatsAt(backend, addressOf(backend, info), sizeOf(info.shape));
}

export function floatsAt(backend: WasmBackend, address: number, size: number): Float32Array {
  return new Float32Array(backend.wasm.HEAPU8.buffer, address, size);
}

/** The bits of float32 values, for code that moves or masks them without arithmetic. */
export function integersAt(backend: WasmBackend, address: number, size: number): Int32Array {
  return new Int32Array(backend.wasm.HEAPU8.buffer, address, size);
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** The memory that the backend computes in, or null where this build of it does not show it. */
export function memoryOf(backend: WasmBackend): object | null {
  return backend.wasm.asm?.memory ?? null;
}

const guarded = new WeakSet<KernelBackend>();

/**
 * From now on the backend refuses a tensor for which there is no memory. As shipped it puts it at address 0, over
 * whatever is there, and goes on to a wrong answer. To be called when the backend has computed something: its
 * first call of `_malloc` replaces the function.
 */
export function guardMemory(backend: KernelBackend): void {
  if (guarded.has(backend)) return;
  guarded.add(backend);
  const { wasm } = backend as WasmBackend;
  const malloc = wasm._malloc;
  wasm._malloc = (bytes) => {
    const address = malloc(bytes);
    if (address === 0 && bytes > 0) throw usedUp();
    return address;
  };
}

function usedUp(): AppError {
  return new AppError('out-of-memory', tensorText.noMemory);
}

const simdOf = new WeakMap<WasmBackend, SimdKernels | null>();

/** This program's vector loops on the backend's memory; null where they cannot be had. */
export function simd(backend: WasmBackend): SimdKernels | null {
  let kernels = simdOf.get(backend);
  if (kernels === undefined) {
    const memory = memoryOf(backend);
    kernels = memory ? simdKernels(memory) : null;
    simdOf.set(backend, kernels);
  }
  return kernels;
}

interface Scratch {
  address: number;
  bytes: number;
}

const scratches = new WeakMap<WasmBackend, Map<string, Scratch>>();

/**
 * Memory for one purpose, kept and grown, never given back: the address of `size` floats.
 * Memory stays flat because one network asks for the same sizes step after step.
 * @throws AppError `out-of-memory`
 */
export function scratch(backend: WasmBackend, purpose: string, size: number): number {
  let ofBackend = scratches.get(backend);
  if (!ofBackend) scratches.set(backend, (ofBackend = new Map<string, Scratch>()));
  const known = ofBackend.get(purpose);
  if (known && known.bytes >= size * BYTES) return known.address;
  if (known) {
    // Forgotten first: whatever fails below, nobody may be given a freed address.
    ofBackend.delete(purpose);
    backend.wasm._free(known.address);
  }
  const address = backend.wasm._malloc(size * BYTES) >>> 0;
  if (address === 0) throw usedUp();
  ofBackend.set(purpose, { address, bytes: size * BYTES });
  return address;
}

/**
 * out[rows, columns] = a[rows, inner] · b[inner, columns], all row by row at addresses in the heap.
 * XNNPACK packs b first, so b should be the smaller one.
 */
export function multiply(
  backend: WasmBackend,
  [a, b, out]: readonly [a: number, b: number, out: number],
  [rows, inner, columns]: readonly [rows: number, inner: number, columns: number],
): void {
  const { wasm } = backend;
  const shapes = scratch(backend, 'shapes', 6);
  wasm.HEAP32.set([1, rows, inner, 1, inner, columns], shapes / BYTES);
  const id = FIRST_OWN_ID + (ownIds++ % FIRST_OWN_ID);
  const [aId, bId, outId] = [id, id + 1, id + 2];
  ownIds += 2;
  wasm.tfjs.registerTensor(aId, rows * inner, a);
  wasm.tfjs.registerTensor(bId, inner * columns, b);
  wasm.tfjs.registerTensor(outId, rows * columns, out);
  wasm.__FusedMatMul(aId, shapes, 3, bId, shapes + 3 * BYTES, 3, 0, 0, 0, 0, 0, 0, outId);
  for (const own of [aId, bId, outId]) wasm.tfjs.disposeData(own); // frees the packed copy of b, too
}

/** A convolution with stride 1 by XNNPACK: out = image ∗ filter, both channels last. */
export function convolve(
  backend: WasmBackend,
  [image, filter, out]: readonly [image: TensorInfo, filter: TensorInfo, out: TensorInfo],
  sizes: {
    image: readonly [batch: number, height: number, width: number];
    filter: readonly [height: number, width: number];
    pads: readonly [top: number, right: number, bottom: number, left: number];
    channels: readonly [input: number, output: number];
  },
): void {
  const [imageId, filterId, outId] = [image, filter, out].map(
    (info) => backend.dataIdMap.get(info.dataId).id,
  ) as [number, number, number];
  const [isSamePad, dilation, stride] = [0, 1, 1];
  backend.wasm._Conv2D(
    imageId,
    ...sizes.image,
    filterId,
    ...sizes.filter,
    ...sizes.pads,
    isSamePad,
    dilation,
    dilation,
    stride,
    stride,
    ...sizes.channels,
    outId,
  );
}
