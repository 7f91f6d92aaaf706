// The page's handle on evaluations and verdicts: each runs in a worker of its own, which ends with it. Drawing intervals takes
// seconds for thousands of recordings and cannot be interrupted: ending the worker is the only way to stop it.

import { proxy } from 'comlink';
import { cutMaterial } from '../core/training/verdict-material.ts';
import type { Verdict, VerdictMaterial } from '../core/training/verdict.ts';
import type { EvaluationAnswer, EvaluationApi, EvaluationItem } from './protocol.ts';
import { WorkerHost, type WorkerLike } from './worker-host.ts';

/** Copying so many to a worker takes the page a few milliseconds. */
const ITEMS_PER_MESSAGE = 2000;

export class EvaluationClient {
  readonly #spawn: () => WorkerLike;

  constructor(spawn: () => WorkerLike) {
    this.#spawn = spawn;
  }

  /**
   * @param labels of the model, in its order
   * @param onProgress fires with the fraction done, 0..1
   * @throws AppError `not-enough-examples`, `labels-invalid`, `worker-crashed`, `worker-stalled`; an AbortError when
   *   `signal` fires
   */
  async evaluate(
    items: readonly EvaluationItem[],
    labels: readonly string[],
    onProgress: (fraction: number) => void,
    signal: AbortSignal,
  ): Promise<EvaluationAnswer> {
    return await this.#inWorker(async (host) => {
      for (let from = 0; from < items.length; from += ITEMS_PER_MESSAGE)
        await host.call((api) => api.add(items.slice(from, from + ITEMS_PER_MESSAGE)), { signal });
      return await host.call((api, alive) => api.evaluate([...labels], proxy(telling(alive, onProgress))), {
        signal,
      });
    });
  }

  /**
   * Candidate against active model.
   * @param onProgress fires with the fraction done, 0..1
   * @throws AppError as `evaluate`; an AbortError when `signal` fires
   */
  async verdict(
    material: VerdictMaterial,
    onProgress: (fraction: number) => void,
    signal: AbortSignal,
  ): Promise<Verdict> {
    return await this.#inWorker(async (host) => {
      for (const part of cutMaterial(material, ITEMS_PER_MESSAGE / 2))
        await host.call((api) => api.addMaterial(part), { signal });
      return await host.call((api, alive) => api.verdict(proxy(telling(alive, onProgress))), { signal });
    });
  }

  async #inWorker<T>(work: (host: WorkerHost<EvaluationApi>) => Promise<T>): Promise<T> {
    const host = new WorkerHost<EvaluationApi>(this.#spawn, { respawns: false });
    try {
      return await work(host);
    } finally {
      host.terminate();
    }
  }
}

/** Progress is a sign of life. */
function telling(alive: () => void, onProgress: (fraction: number) => void): (fraction: number) => void {
  return (fraction) => {
    alive();
    onProgress(fraction);
  };
}
