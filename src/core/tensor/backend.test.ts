// The order, the fallbacks and the reasons of choosing a backend; GPUs are stand-ins, WASM and cpu are real.

import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { backendInUse } from './backend-report.ts';
import { chooseBackend, type BackendProbes } from './backend.ts';

/** The cpu backend, the oracle, is slow on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

const wasmPath = createRequire(import.meta.url).resolve(
  '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
);
const bare: BackendProbes = { gpu: null, createOffscreenCanvas: null, wasmPaths: { simd: wasmPath } };
const softwareGpu = {
  requestAdapter: () => Promise.resolve({ info: { vendor: 'google', architecture: 'swiftshader' } }),
};
const softwareCanvas = {
  getContext: () => ({
    RENDERER: 1,
    getParameter: () => 'ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device), SwiftShader driver)',
    getExtension: () => null,
  }),
};

describe('chooseBackend', () => {
  it('falls through to WASM where there is no GPU, and says why', async () => {
    const report = await chooseBackend('auto', bare);
    expect(report.name).toBe('wasm');
    expect(tf.getBackend()).toBe('wasm');
    expect(report.trials.map((trial) => [trial.name, trial.outcome])).toEqual([
      ['webgpu', 'unavailable'],
      ['webgl', 'unavailable'],
      ['wasm', 'chosen'],
      ['cpu', 'not-tried'],
    ]);
    for (const trial of report.trials) expect(trial.detail).toMatch(/^[A-Z].*\.$/);
  });

  it('passes over software adapters', async () => {
    const report = await chooseBackend('auto', {
      ...bare,
      gpu: softwareGpu,
      createOffscreenCanvas: () => softwareCanvas,
    });
    expect(report.name).toBe('wasm');
    expect(report.trials.slice(0, 2).map((trial) => trial.outcome)).toEqual(['software', 'software']);
    expect(report.trials[0]?.detail).toContain('swiftshader');
  });

  it('takes a fallback adapter for software even without a telling name', async () => {
    const gpu = {
      requestAdapter: () => Promise.resolve({ info: { vendor: 'acme', isFallbackAdapter: true } }),
    };
    const report = await chooseBackend('auto', { ...bare, gpu });
    expect(report.trials[0]?.outcome).toBe('software');
  });

  it('uses the backend asked for first', async () => {
    const report = await chooseBackend('cpu', bare);
    expect(report.name).toBe('cpu');
    expect(tf.getBackend()).toBe('cpu');
    expect(report.trials[0]).toMatchObject({ name: 'cpu', outcome: 'chosen' });
  });

  it('tries a software GPU when asked for it, and falls back when it fails', async () => {
    const report = await chooseBackend('webgpu', { ...bare, gpu: softwareGpu });
    expect(report.trials[0]).toMatchObject({ name: 'webgpu', outcome: 'unavailable' });
    expect(report.name).toBe('wasm');
  });

  it('does not go back to a GPU that was lost', async () => {
    const lost = [{ name: 'webgpu' as const, reason: 'The graphics device was lost: test.' }];
    const report = await chooseBackend('webgpu', { ...bare, gpu: softwareGpu, lost });
    expect(report.trials[0]).toEqual({ name: 'webgpu', outcome: 'lost', detail: lost[0]?.reason });
  });

  it('passes over a backend that fails the self-test', async () => {
    await chooseBackend('wasm', bare);
    const kernel = tf.getKernel('Relu', 'wasm');
    tf.unregisterKernel('Relu', 'wasm');
    tf.registerKernel({ ...tf.getKernel('Identity', 'wasm'), kernelName: 'Relu' });
    try {
      const report = await chooseBackend('auto', bare);
      expect(report.trials[2]?.outcome).toBe('self-test-failed');
      expect(report.name).toBe('cpu');
    } finally {
      tf.unregisterKernel('Relu', 'wasm');
      tf.registerKernel(kernel);
    }
  });
});

describe('the reason that a result carries', () => {
  it('says what computes, and what was passed over before it', () => {
    const trials = [
      { name: 'webgpu', outcome: 'unavailable', detail: 'This browser has no WebGPU in workers.' },
      { name: 'wasm', outcome: 'chosen', detail: 'WebAssembly with SIMD, one thread.' },
      { name: 'cpu', outcome: 'not-tried', detail: 'Not needed: wasm works.' },
    ] as const;
    expect(backendInUse({ name: 'wasm', trials: [...trials] })).toEqual({
      name: 'wasm',
      reason:
        'WebAssembly with SIMD, one thread. Passed over: webgpu: This browser has no WebGPU in workers.',
    });
    expect(backendInUse({ name: 'wasm', trials: [trials[1]] }).reason).toBe(trials[1].detail);
  });
});
