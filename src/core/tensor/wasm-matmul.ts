// Matrix products with a transposed operand on the WASM backend: as shipped they are scalar loops. Here the
// operand is turned over first, after which XNNPACK does the product.

import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import {
  addressOf,
  floats,
  floatsAt,
  multiply,
  output,
  scratch,
  sizeOf,
  type WasmBackend,
} from './wasm-heap.ts';

/** The address of the transpose of a matrix `[rows, columns]`, in scratch memory. */
function transposed(backend: WasmBackend, purpose: string, info: TensorInfo): number {
  const [rows, columns] = info.shape.slice(-2) as [number, number];
  const address = scratch(backend, purpose, rows * columns);
  const [from, to] = [floats(backend, info), floatsAt(backend, address, rows * columns)];
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) to[column * rows + row] = from[at++] as number;
  }
  return address;
}

/** Takes single products with a transposed operand; batches and plain products go to the shipped kernel. */
export const batchMatMul =
  (shipped: KernelFunc): KernelFunc =>
  (parameters) => {
    const backend = parameters.backend as WasmBackend;
    const { a, b } = parameters.inputs as { a: TensorInfo; b: TensorInfo };
    const { transposeA, transposeB } = parameters.attrs as { transposeA: boolean; transposeB: boolean };
    const single = [a, b].every(({ shape }) => shape.length <= 3 && sizeOf(shape.slice(0, -2)) === 1);
    const empty = sizeOf(a.shape) === 0 || sizeOf(b.shape) === 0;
    if (!single || empty || !(transposeA || transposeB) || a.dtype !== 'float32' || b.dtype !== 'float32') {
      return shipped(parameters);
    }
    const aSides = a.shape.slice(-2) as [number, number];
    const bSides = b.shape.slice(-2) as [number, number];
    const [rows, inner] = transposeA ? [aSides[1], aSides[0]] : aSides;
    const [bInner, columns] = transposeB ? [bSides[1], bSides[0]] : bSides;
    if (inner !== bInner) return shipped(parameters); // which says what does not fit
    const rank = Math.max(a.shape.length, b.shape.length);
    const out = output(backend, rank === 3 ? [1, rows, columns] : [rows, columns]);
    const aAt = transposeA ? transposed(backend, 'transposed-a', a) : addressOf(backend, a);
    const bAt = transposeB ? transposed(backend, 'transposed-b', b) : addressOf(backend, b);
    multiply(backend, [aAt, bAt, addressOf(backend, out)], [rows, inner, columns]);
    return out;
  };
