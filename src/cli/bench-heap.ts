// The JavaScript heap of a page and all its workers, after everything that can be freed was: by the debugging protocol
// of the browser. Imports Playwright's types.

import type { CDPSession } from 'playwright';

interface HeapUsage {
  usedSize: number;
  /** What the browser holds for scripts: nodes, streams. Older browsers do not tell. */
  embedderHeapUsedSize?: number;
  /** Contents of array buffers. */
  backingStorageSize?: number;
}

/** What is freed by one collection may hold what only a second one frees. */
const COLLECTIONS = 2;

/** Bytes of the page and of the workers that live now. */
export async function heapBytes(session: CDPSession): Promise<number> {
  const workers = await attachWorkers(session);
  try {
    for (let i = 0; i < COLLECTIONS; i++) {
      await session.send('HeapProfiler.collectGarbage');
      await workers.send('HeapProfiler.collectGarbage');
    }
    const own = await session.send('Runtime.getHeapUsage');
    const others = (await workers.send('Runtime.getHeapUsage')) as HeapUsage[];
    return [own as HeapUsage, ...others].reduce((sum, usage) => sum + bytesOf(usage), 0);
  } finally {
    await workers.detach();
  }
}

function bytesOf({ usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 }: HeapUsage): number {
  return usedSize + embedderHeapUsedSize + backingStorageSize;
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
