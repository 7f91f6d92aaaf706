// The JavaScript heaps of a page and its workers, after everything that can be freed was: by the debugging protocol of
// the browser. Imports Playwright's types.

import type { CDPSession } from 'playwright';

export interface HeapUsage {
  usedSize: number;
  /** What the browser holds for scripts: nodes, streams. Older browsers do not tell. */
  embedderHeapUsedSize?: number;
  /** Contents of array buffers, the memory of WASM among them. */
  backingStorageSize?: number;
}

/** Of a page and of the workers that live now. */
export interface Heaps {
  page: HeapUsage;
  workers: HeapUsage[];
}

/** What is freed by one collection may hold what only a second one frees; between them finalisers have their turn. */
const COLLECTIONS = 3;
const BETWEEN_COLLECTIONS_MS = 50;

/** What is left after all garbage was collected. */
export async function collectedHeaps(session: CDPSession): Promise<Heaps> {
  const workers = await attachWorkers(session);
  try {
    for (let i = 0; i < COLLECTIONS; i++) {
      await workers.send('HeapProfiler.collectGarbage');
      await session.send('HeapProfiler.collectGarbage');
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_COLLECTIONS_MS));
    }
    const page = (await session.send('Runtime.getHeapUsage')) as HeapUsage;
    return { page, workers: (await workers.send('Runtime.getHeapUsage')) as HeapUsage[] };
  } finally {
    await workers.detach();
  }
}

/** Bytes of the page and of the workers that live now. */
export async function heapBytes(session: CDPSession): Promise<number> {
  const { page, workers } = await collectedHeaps(session);
  return [page, ...workers].reduce((sum, usage) => sum + scriptBytes(usage) + bufferBytes(usage), 0);
}

/** What scripts hold but for array buffers. */
export function scriptBytes({ usedSize, embedderHeapUsedSize = 0 }: HeapUsage): number {
  return usedSize + embedderHeapUsedSize;
}

export function bufferBytes({ backingStorageSize = 0 }: HeapUsage): number {
  return backingStorageSize;
}

interface Workers {
  /** The answers of all workers to one call. */
  send(method: string): Promise<unknown[]>;
  detach(): Promise<void>;
}

/** Calls to workers travel as texts through the page's own session: Playwright has no session for a worker. */
async function attachWorkers(session: CDPSession): Promise<Workers> {
  const attached: string[] = [];
  const waiting = new Map<number, (answer: unknown) => void>();
  let calls = 0;
  const onAttached = ({ sessionId }: { sessionId: string }): void => void attached.push(sessionId);
  const onMessage = ({ message }: { message: string }): void => {
    const { id, result } = JSON.parse(message) as { id?: number; result?: unknown };
    if (id !== undefined) waiting.get(id)?.(result);
  };
  session.on('Target.attachedToTarget', onAttached);
  session.on('Target.receivedMessageFromTarget', onMessage);
  const attach = (autoAttach: boolean): Promise<unknown> =>
    session.send('Target.setAutoAttach', { autoAttach, waitForDebuggerOnStart: false, flatten: false });
  await attach(true);
  const ask = async (sessionId: string, method: string): Promise<unknown> => {
    const id = ++calls;
    const answer = new Promise<unknown>((resolve) => waiting.set(id, resolve));
    await session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) });
    return answer;
  };
  return {
    send: (method) => Promise.all(attached.map((sessionId) => ask(sessionId, method))),
    async detach() {
      session.off('Target.attachedToTarget', onAttached);
      session.off('Target.receivedMessageFromTarget', onMessage);
      await attach(false);
    },
  };
}
