// What Comlink cannot carry by itself: the code of an AppError, the nature of an abort, an AbortSignal.
// Imported for its effect by both sides of the boundary; a worker lets go of what a call lent it.

import { releaseProxy, transferHandlers, type ProxyMethods, type TransferHandler } from 'comlink';
import { AppError, isAbort, toAppError, type ErrorCode } from '../core/errors.ts';

interface Thrown {
  value: unknown;
}

type SerializedThrow =
  { kind: 'abort' } | { kind: 'error'; code: ErrorCode; message: string; stack: string | undefined };

/** Comlink's own handler knows which values are throws; only how they travel is replaced. */
const builtIn = transferHandlers.get('throw') as TransferHandler<Thrown, unknown>;

const throwHandler: TransferHandler<Thrown, SerializedThrow> = {
  canHandle: (value): value is Thrown => builtIn.canHandle(value),
  serialize: ({ value }) => {
    if (isAbort(value)) return [{ kind: 'abort' }, []];
    const { code, message, stack } = toAppError(value);
    return [{ kind: 'error', code, message, stack }, []];
  },
  deserialize: (thrown) => {
    if (thrown.kind === 'abort') throw new DOMException('The work was cancelled.', 'AbortError');
    throw new AppError(thrown.code, thrown.message, { cause: thrown.stack });
  },
};

/** The port behind each signal that came from the other side. */
const signalPorts = new WeakMap<AbortSignal, MessagePort>();

const signalHandler: TransferHandler<AbortSignal, MessagePort | null> = {
  canHandle: (value): value is AbortSignal => value instanceof AbortSignal,
  serialize: (signal) => {
    if (signal.aborted) return [null, []];
    const { port1, port2 } = new MessageChannel();
    const tell = (): void => port1.postMessage('abort');
    signal.addEventListener('abort', tell, { once: true });
    port1.addEventListener('close', () => signal.removeEventListener('abort', tell));
    return [port2, [port2]];
  },
  deserialize: (port) => {
    const controller = new AbortController();
    if (!port) controller.abort();
    else {
      signalPorts.set(controller.signal, port);
      port.onmessage = () => {
        controller.abort();
        port.close();
      };
    }
    return controller.signal;
  },
};

/** The end of `work`, after which the ports of the callbacks and signals lent to it are closed. */
export async function thenRelease<T>(work: Promise<T>, ...lent: unknown[]): Promise<T> {
  try {
    return await work;
  } finally {
    for (const one of lent) {
      if (one instanceof AbortSignal) signalPorts.get(one)?.close();
      else if (typeof one === 'function') {
        const release = (one as Partial<ProxyMethods>)[releaseProxy];
        release?.();
      }
    }
  }
}

transferHandlers.set('throw', throwHandler);
transferHandlers.set('abort-signal', signalHandler);
