// The page's handle on evaluations: each runs in a worker of its own, which ends with it. Drawing intervals takes
// seconds for thousands of recordings and cannot be interrupted: ending the worker is the only way to stop it.

import { proxy } from 'comlink';
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
    const host = new WorkerHost<EvaluationApi>(this.#spawn, { respawns: false });
    try {
      for (let from = 0; from < items.length; from += ITEMS_PER_MESSAGE)
        await host.call((api) => api.add(items.slice(from, from + ITEMS_PER_MESSAGE)), { signal });
      return await host.call(
        (api, alive) =>
          api.evaluate(
            [...labels],
            proxy((fraction: number) => {
              alive();
              onProgress(fraction);
            }),
          ),
        { signal },
      );
    } finally {
      host.terminate();
    }
  }
}
