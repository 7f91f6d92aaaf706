// What a worker's surroundings lend to the pure core: clocks, hashing, a breath, and the probes for a backend.

import type { Platform } from '../src/core/pipeline.ts';
import type { BackendProbes } from '../src/core/tensor/backend.ts';
import type { GpuLoss } from '../src/core/tensor/gpu-loss.ts';

export const platform: Omit<Platform, 'backend'> = {
  now: () => performance.now(),
  timestamp: () => new Date().toISOString(),
  sha256: async (bytes) => {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  },
};

/** @param wasmSimdUrl address of the SIMD binary that the build has hashed */
export function probes(
  wasmSimdUrl: string,
  lost: readonly GpuLoss[],
  onLost: (loss: GpuLoss) => void,
): BackendProbes {
  return {
    gpu: (navigator as { gpu?: unknown }).gpu ?? null,
    createOffscreenCanvas: typeof OffscreenCanvas === 'undefined' ? null : () => new OffscreenCanvas(1, 1),
    wasmPaths: { simd: wasmSimdUrl },
    lost,
    onLost,
    orStray,
  };
}

/** Rejects with what is rejected while `work` is under way and nobody hears it. */
async function orStray<T>(work: Promise<T>): Promise<T> {
  const listening = new AbortController();
  const stray = new Promise<never>((_, reject) => {
    const hear = (event: PromiseRejectionEvent): void => {
      event.preventDefault();
      reject(event.reason as Error);
    };
    addEventListener('unhandledrejection', hear, { signal: listening.signal });
  });
  try {
    return await Promise.race([work, stray]);
  } finally {
    listening.abort();
  }
}

const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();

/** Lets messages in, a cancellation above all; timers would be slowed down in a hidden tab. */
export function yieldControl(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
}
