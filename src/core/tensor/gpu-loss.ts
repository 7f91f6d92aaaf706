// Notices a GPU that fails while in use. TensorFlow.js does not: after a lost device or a failed
// shader its tensors read as zeros. So the device itself is watched.

import type { KernelBackend } from '@tensorflow/tfjs-core';
import type { BackendName } from '../types.ts';
import { tensorText } from './tensor-text.ts';

export interface GpuLoss {
  name: BackendName;
  /** One sentence for the screen. */
  reason: string;
}

interface DeviceLike {
  lost: Promise<{ reason?: string; message?: string }>;
  addEventListener(
    type: 'uncapturederror',
    listener: (event: { error?: { message?: string } }) => void,
  ): void;
}

interface EventSource {
  addEventListener(type: 'webglcontextlost', listener: () => void): void;
}

const watched = new WeakMap<KernelBackend, (loss: GpuLoss) => void>();

/**
 * Calls `onLost` once when the backend's device or context fails; does nothing for wasm and cpu. Called
 * again for the same backend it only changes whom to tell.
 */
export function watchForLoss(
  name: BackendName,
  backend: KernelBackend,
  onLost: (loss: GpuLoss) => void,
): void {
  const known = watched.has(backend);
  watched.set(backend, onLost);
  if (known) return;
  let told = false;
  const tell = (reason: string): void => {
    if (told) return;
    told = true;
    watched.get(backend)?.({ name, reason });
  };
  if (name === 'webgpu') {
    const { device } = backend as unknown as { device: DeviceLike };
    void device.lost.then((info) => {
      // 'destroyed' is this program changing over to another backend.
      if (info.reason !== 'destroyed') tell(tensorText.gpu.lost(info.message));
    });
    device.addEventListener('uncapturederror', (event) => {
      tell(tensorText.gpu.error(event.error?.message));
    });
  }
  if (name === 'webgl') {
    const { canvas } = backend as unknown as { canvas?: EventSource };
    canvas?.addEventListener('webglcontextlost', () => {
      tell(tensorText.gpu.contextLost);
    });
  }
}

export interface Living {
  /** Whether the backend in use is known to be lost. */
  isLost: () => boolean;
  /** Moves to another backend; throws when there is none. */
  next: () => Promise<unknown>;
  /** Whether whoever asked for the work has called it off: an AbortError alone does not say so. */
  isCancelled?: () => boolean;
  /** Resolves when news of a loss that came before would be known. */
  news: () => Promise<void>;
}

/**
 * Runs `work` until it ends on a backend that was not lost meanwhile: what a lost GPU answers is zeros, or an
 * AbortError of its own for what was being read from it. What `work` throws while its backend lives, and when it is
 * cancelled, is thrown on.
 */
export async function onLivingBackend<T>(
  { isLost, next, isCancelled = () => false, news }: Living,
  work: () => Promise<T>,
): Promise<T> {
  for (;;) {
    if (isLost()) await next();
    try {
      const value = await work();
      if (!isLost()) return value;
    } catch (error) {
      if (isCancelled()) throw error;
      await news();
      if (!isLost()) throw error;
    }
  }
}

/**
 * The newest of a row of snapshots that surely came from a living GPU. A loss is told a little after it
 * happened, so a snapshot is believed only when the next one comes and the backend still lives.
 */
export class TrustedSnapshots<T> {
  #trusted: T | null = null;
  #newest: T | null = null;

  /** Null before the second snapshot. */
  get trusted(): T | null {
    return this.#trusted;
  }

  add(snapshot: T, isLost: boolean): void {
    if (isLost) return;
    this.#trusted = this.#newest;
    this.#newest = snapshot;
  }

  /** Where a run goes on, null: at its beginning; what came after it is forgotten. */
  rewind(): T | null {
    this.#newest = this.#trusted;
    return this.#trusted;
  }
}
/** Whether a WebGL backend's context is gone, which can be asked before the event tells; false for the others. */
export function contextIsLost(backend: KernelBackend): boolean {
  const { gpgpu } = backend as unknown as { gpgpu?: { gl?: { isContextLost(): boolean } } };
  return gpgpu?.gl?.isContextLost() ?? false;
}
