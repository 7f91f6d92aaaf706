// Sum, Mean, Tile and Identity on the WASM backend: as shipped, reductions over leading axes transpose the
// whole tensor first, Tile computes an index for each element, and Identity copies.

import * as tf from '@tensorflow/tfjs-core';
import { addressOf, floats, output, sizeOf, type WasmBackend } from './wasm-heap.ts';

/** The tensor seen as `[before, reduced, after]`; null when the reduced axes do not lie side by side. */
function asThreeAxes(shape: number[], axes: number[]): [number, number, number] | null {
  const sorted = [...axes].sort((a, b) => a - b);
  const first = sorted[0] ?? 0;
  if (sorted.some((axis, i) => axis !== first + i)) return null;
  const past = first + sorted.length;
  return [sizeOf(shape.slice(0, first)), sizeOf(shape.slice(first, past)), sizeOf(shape.slice(past))];
}

/** Sums `[before, reduced, after]` over the middle, times `scale`; sums are kept in float64. */
function reduceMiddle(
  xs: Float32Array,
  [before, reduced, after]: [number, number, number],
  scale: number,
  sums: Float32Array,
): void {
  if (after === 1) {
    for (let i = 0, from = 0; i < before; i++) {
      let sum = 0;
      for (const end = from + reduced; from < end; from++) sum += xs[from] as number;
      sums[i] = sum * scale;
    }
    return;
  }
  const row = new Float64Array(after);
  for (let i = 0, from = 0; i < before; i++) {
    row.fill(0);
    for (let j = 0; j < reduced; j++) {
      for (let k = 0; k < after; k++) row[k] = (row[k] as number) + (xs[from++] as number);
    }
    for (let k = 0; k < after; k++) sums[i * after + k] = (row[k] as number) * scale;
  }
}

/** The kernel of Sum or Mean, which leaves what it does not do itself to the kernel that was there. */
function reduction(kernelName: 'Sum' | 'Mean', shipped: tf.KernelFunc): tf.KernelFunc {
  return (parameters) => {
    const backend = parameters.backend as WasmBackend;
    const x = parameters.inputs['x'] as tf.TensorInfo;
    const { axis, keepDims } = parameters.attrs as { axis: number | number[]; keepDims?: boolean };
    const axes = tf.util.parseAxisParam(axis, x.shape);
    const sizes = asThreeAxes(x.shape, axes);
    if (x.dtype !== 'float32' || sizes === null || sizeOf(x.shape) === 0) return shipped(parameters);
    const kept = x.shape.map((length, i) => (axes.includes(i) ? 1 : length));
    const out = output(backend, keepDims ? kept : x.shape.filter((_, i) => !axes.includes(i)));
    reduceMiddle(floats(backend, x), sizes, kernelName === 'Mean' ? 1 / sizes[1] : 1, floats(backend, out));
    return out;
  };
}

export const sum = (shipped: tf.KernelFunc): tf.KernelFunc => reduction('Sum', shipped);
export const mean = (shipped: tf.KernelFunc): tf.KernelFunc => reduction('Mean', shipped);

/** Copies blocks within the heap, axis by axis from the last to the first. */
export const tile =
  (shipped: tf.KernelFunc): tf.KernelFunc =>
  (parameters) => {
    const backend = parameters.backend as WasmBackend;
    const x = parameters.inputs['x'] as tf.TensorInfo;
    const { reps } = parameters.attrs as { reps: number[] };
    if (x.dtype !== 'float32' || sizeOf(x.shape) === 0) return shipped(parameters);
    const out = output(
      backend,
      x.shape.map((length, i) => length * (reps[i] ?? 1)),
    );
    // The innermost axes that are repeated are written once, outwards from the front of the output.
    const values = tileValues(floats(backend, x), x.shape, reps);
    backend.wasm.HEAPU8.set(
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
      addressOf(backend, out),
    );
    return out;
  };

function tileValues(values: Float32Array, shape: number[], reps: number[]): Float32Array {
  let current = values;
  let block = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    block *= shape[axis] ?? 1;
    const times = reps[axis] ?? 1;
    if (times > 1) {
      const next = new Float32Array(current.length * times);
      for (let from = 0, to = 0; from < current.length; from += block) {
        next.set(current.subarray(from, from + block), to);
        for (let done = 1; done < times;) {
          const more = Math.min(done, times - done);
          next.copyWithin(to + done * block, to, to + more * block);
          done += more;
        }
        to += block * times;
      }
      current = next;
      block *= times;
    }
  }
  return current;
}

/** The same data under one more name, as on the other backends. */
export const identity =
  (shipped: tf.KernelFunc): tf.KernelFunc =>
  (parameters) => {
    const x = parameters.inputs['x'] as tf.TensorInfo;
    if (x.dtype === 'string') return shipped(parameters);
    (parameters.backend as WasmBackend).incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  };
