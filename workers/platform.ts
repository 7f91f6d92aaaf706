// What a worker's surroundings lend to the pure core: clocks, hashing, a breath, and the probes for a backend.

import type { Platform } from '../src/core/pipeline.ts';
import type { BackendProbes } from '../src/core/tensor/backend.ts';
import type { GpuLoss } from '../src/core/tensor/gpu-loss.ts';
import type { BackendName } from '../src/core/types.ts';

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
    canLoad: (address) =>
      fetch(address).then(
        ({ ok }) => ok,
        () => false,
      ),
  };
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

/** How much later than what it breaks off the loss of a GPU is told at most, milliseconds. */
const NEWS_MS = 100;

/** Resolves when the loss of the backend's GPU would be known: at once for one that has none. */
export async function newsOfLoss(backend: BackendName | undefined): Promise<void> {
  if (backend?.startsWith('webg')) await new Promise((resolve) => setTimeout(resolve, NEWS_MS));
}
