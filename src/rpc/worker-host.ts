// One worker and every call to it: a worker that crashes or falls silent rejects all that waits for it,
// is terminated, and is spawned afresh by the next call.

import { releaseProxy, wrap, type ProxyMethods, type Remote } from 'comlink';
import './comlink-handlers.ts';
import { AppError, toAppError } from '../core/errors.ts';
import { rpcText } from './rpc-text.ts';

/** A call without a sign of life for so long is stalled, milliseconds. Long recordings on slow phones stay below. */
export const STALL_MS = 60_000;

/**
 * The watchdog looks so many times before it gives up. Time in which the page was frozen or the device slept, and
 * the worker with it, holds at most one look: it does not count as silence.
 */
const LOOKS = 12;

function stalled(): AppError {
  return new AppError('worker-stalled', rpcText.stalled);
}

/** What an event of the worker's end says: one without a message is that of a script that could not be loaded. */
function endOf(event: Event): AppError {
  const { message } = event as Partial<ErrorEvent>;
  const isMissing = message === undefined || toAppError(message).code === 'program-missing';
  return event.type === 'error' && isMissing
    ? new AppError('program-missing', rpcText.notLoaded)
    : new AppError('worker-crashed', rpcText.crashed, { cause: message });
}

/** The parts of Worker that the host uses, so that tests can hand in a port of a MessageChannel. */
export interface WorkerLike {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject): void;
  terminate(): void;
}

interface Pending {
  reject(reason: unknown): void;
  /** Restarts its watchdog. */
  rearm(): void;
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
  readonly #respawns: boolean;
  #end: { reason: unknown } | null = null;

  /** @param respawns false: a worker that has died stays dead, and every later call is rejected with its end */
  constructor(spawn: () => WorkerLike, { respawns = true }: { respawns?: boolean } = {}) {
    this.#spawn = spawn;
    this.#respawns = respawns;
  }

  /** Whether a worker lives: false at first and after a crash, when state held in it is gone. */
  get alive(): boolean {
    return this.#worker !== null;
  }

  /**
   * Runs one call. `alive()` inside `work` is a sign of life, as is the end of any call: a worker that answers
   * one call after another keeps the others waiting, so each sign restarts the watchdogs of all.
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
      let watchdog: ReturnType<typeof setInterval>;
      const abort = (): void => settle(() => reject(signal?.reason));
      const pending: Pending = {
        reject: (reason) => settle(() => reject(reason)),
        rearm: () => {
          let nLooks = 0;
          clearInterval(watchdog);
          watchdog = setInterval(() => {
            if (++nLooks >= LOOKS) this.#fail(stalled());
          }, stallMs / LOOKS);
        },
      };
      const settle = (then: () => void): void => {
        clearInterval(watchdog);
        signal?.removeEventListener('abort', abort);
        this.#pending.delete(pending);
        then();
      };
      const alive = (): void => {
        if (this.#pending.has(pending)) this.#rearm();
      };
      this.#pending.add(pending);
      signal?.addEventListener('abort', abort, { once: true });
      pending.rearm();
      const answered = (then: () => void): void => {
        alive();
        settle(then);
      };
      work(api, alive).then(
        (value) => answered(() => resolve(value)),
        (error: unknown) => answered(() => reject(error)),
      );
    });
  }

  /** Ends the worker and rejects what still waits. */
  terminate(reason: unknown = new DOMException('The worker was ended.', 'AbortError')): void {
    this.#fail(reason);
  }

  #rearm(): void {
    for (const pending of this.#pending) pending.rearm();
  }

  #ensure(): Remote<Api> {
    if (this.#api) return this.#api;
    if (this.#end && !this.#respawns) throw this.#end.reason;
    const worker = this.#spawn();
    const crashed = (event: Event): void => {
      if (this.#worker !== worker) return;
      event.preventDefault();
      this.#fail(endOf(event));
    };
    worker.addEventListener('error', crashed);
    worker.addEventListener('messageerror', crashed);
    this.#worker = worker;
    this.#api = wrap<Api>(worker);
    return this.#api;
  }

  #fail(reason: unknown): void {
    this.#worker?.terminate();
    // Else Comlink holds the dead worker with the calls it never answered, and those the page around whoever made them.
    (this.#api as ProxyMethods | null)?.[releaseProxy]();
    this.#end ??= { reason };
    this.#worker = null;
    this.#api = null;
    for (const pending of [...this.#pending]) pending.reject(reason);
  }
}
