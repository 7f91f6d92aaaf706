// One worker and every call to it: a worker that crashes or falls silent rejects all that waits for it,
// is terminated, and is spawned afresh by the next call.

import { wrap, type Remote } from 'comlink';
import './comlink-handlers.ts';
import { AppError } from '../core/errors.ts';

/** A call without a sign of life for so long is stalled, milliseconds. Long recordings on slow phones stay below. */
export const STALL_MS = 60_000;

/** The parts of Worker that the host uses, so that tests can hand in a port of a MessageChannel. */
export interface WorkerLike {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject): void;
  terminate(): void;
}

interface Pending {
  reject(reason: unknown): void;
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
  stallMs?: number | undefined;
}

export class WorkerHost<Api> {
  readonly #spawn: () => WorkerLike;
  #worker: WorkerLike | null = null;
  #api: Remote<Api> | null = null;
  readonly #pending = new Set<Pending>();

  constructor(spawn: () => WorkerLike) {
    this.#spawn = spawn;
  }

  /** Whether a worker lives: false at first and after a crash, when state held in it is gone. */
  get alive(): boolean {
    return this.#worker !== null;
  }

  /**
   * Runs one call. `alive()` inside `work` is a sign of life that restarts the watchdog.
   * @throws AppError `worker-crashed` or `worker-stalled`; an AbortError when `signal` fires
   */
  async call<T>(
    work: (api: Remote<Api>, alive: () => void) => Promise<T>,
    options: CallOptions = {},
  ): Promise<T> {
    const { signal, stallMs = STALL_MS } = options;
    signal?.throwIfAborted();
    const api = this.#ensure();
    return await new Promise<T>((resolve, reject) => {
      let watchdog: ReturnType<typeof setTimeout>;
      const abort = (): void => settle(() => reject(signal?.reason));
      const pending: Pending = { reject: (reason) => settle(() => reject(reason)) };
      const settle = (then: () => void): void => {
        clearTimeout(watchdog);
        signal?.removeEventListener('abort', abort);
        this.#pending.delete(pending);
        then();
      };
      const alive = (): void => {
        clearTimeout(watchdog);
        if (!this.#pending.has(pending)) return;
        watchdog = setTimeout(
          () =>
            this.#fail(
              new AppError(
                'worker-stalled',
                'The analysis stopped answering and was restarted. Try the file again.',
              ),
            ),
          stallMs,
        );
      };
      this.#pending.add(pending);
      signal?.addEventListener('abort', abort, { once: true });
      alive();
      work(api, alive).then(
        (value) => settle(() => resolve(value)),
        (error: unknown) => settle(() => reject(error)),
      );
    });
  }

  /** Ends the worker and rejects what still waits. */
  terminate(reason: unknown = new DOMException('The worker was ended.', 'AbortError')): void {
    this.#fail(reason);
  }

  #ensure(): Remote<Api> {
    if (this.#api) return this.#api;
    const worker = this.#spawn();
    const crashed = (event: Event): void => {
      if (this.#worker !== worker) return;
      event.preventDefault();
      this.#fail(
        new AppError('worker-crashed', 'The analysis crashed and was restarted. Try the file again.', {
          cause: (event as Partial<ErrorEvent>).message,
        }),
      );
    };
    worker.addEventListener('error', crashed);
    worker.addEventListener('messageerror', crashed);
    this.#worker = worker;
    this.#api = wrap<Api>(worker);
    return this.#api;
  }

  #fail(reason: unknown): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#api = null;
    for (const pending of [...this.#pending]) pending.reject(reason);
  }
}
