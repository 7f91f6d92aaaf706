// cpu and WASM give the same predictions and the same weights after training, and training keeps memory flat.

import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { chooseBackend } from './backend.ts';
import { backendEquivalence } from './backend-equivalence.ts';

const wasmPath = createRequire(import.meta.url).resolve(
  '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
);
const probes = { gpu: null, createOffscreenCanvas: null, wasmPaths: { simd: wasmPath } };

/** Training on cpu, the oracle, takes seconds on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  await chooseBackend('cpu', probes);
  await chooseBackend('wasm', probes);
});

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (b[i] ?? NaN))), 0);
}

describe('backendEquivalence', () => {
  it('gives the same outputs and, after three steps of Adam, the same weights on cpu and WASM', async () => {
    await tf.setBackend('cpu');
    const cpu = await backendEquivalence();
    await tf.setBackend('wasm');
    const wasm = await backendEquivalence();
    expect(largestDifference(cpu.before, wasm.before)).toBeLessThan(1e-4);
    expect(largestDifference(cpu.after, wasm.after)).toBeLessThan(1e-3);
    expect(Object.keys(wasm.weights)).toEqual(Object.keys(cpu.weights));
    for (const [name, values] of Object.entries(cpu.weights)) {
      expect(largestDifference(values, wasm.weights[name] ?? new Float32Array())).toBeLessThan(1e-4);
    }
    expect(cpu.losses.length).toBe(3);
    expect(cpu.losses[2]).toBeLessThan(cpu.losses[0] ?? 0);
  });

  it('leaves the tensor count and the bytes as they were, run after run', async () => {
    await tf.setBackend('wasm');
    await backendEquivalence();
    const { numTensors, numBytes } = tf.memory();
    for (let run = 0; run < 67; run++) await backendEquivalence(); // 201 training steps
    expect(tf.memory()).toMatchObject({ numTensors, numBytes });
  });
});
