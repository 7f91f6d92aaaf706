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
    await collect(workers, session);
    const page = (await session.send('Runtime.getHeapUsage')) as HeapUsage;
    return { page, workers: (await workers.send('Runtime.getHeapUsage')) as HeapUsage[] };
  } finally {
    await workers.detach();
  }
}

/**
 * The same of the service workers, which belong to no page.
 * @param session of the browser
 */
export async function collectedServiceWorkers(session: CDPSession): Promise<HeapUsage[]> {
  const workers = await attachWorkers(session, serviceWorkers);
  try {
    await collect(workers);
    return (await workers.send('Runtime.getHeapUsage')) as HeapUsage[];
  } finally {
    await workers.detach();
  }
}

async function collect(workers: Workers, page?: CDPSession): Promise<void> {
  for (let i = 0; i < COLLECTIONS; i++) {
    await workers.send('HeapProfiler.collectGarbage');
    await page?.send('HeapProfiler.collectGarbage');
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_COLLECTIONS_MS));
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

interface HeapSnapshot {
  snapshot: { meta: { node_fields: string[]; node_types: [string[], ...unknown[]] } };
  nodes: number[];
}

/**
 * Bytes of what the engine has compiled from scripts and learned of them: a part of `scriptBytes` that grows with use
 * for hours, up to what the program and the engine's patience allow. Takes a second or two.
 */
export async function codeBytes(session: CDPSession): Promise<{ page: number; workers: number }> {
  const workers = await attachWorkers(session);
  try {
    const chunks: string[] = [];
    const onChunk = ({ chunk }: { chunk: string }): void => void chunks.push(chunk);
    session.on('HeapProfiler.addHeapSnapshotChunk', onChunk);
    // Between enable and disable: the ids that it gives to all objects it would remember, megabytes of them.
    await session.send('HeapProfiler.enable');
    await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
    await session.send('HeapProfiler.disable');
    session.off('HeapProfiler.addHeapSnapshotChunk', onChunk);
    const snapshots = await workers.snapshots();
    return {
      page: codeIn(chunks.join('')),
      workers: snapshots.reduce((sum, snapshot) => sum + codeIn(snapshot), 0),
    };
  } finally {
    await workers.detach();
  }
}

function codeIn(json: string): number {
  const { snapshot, nodes } = JSON.parse(json) as HeapSnapshot;
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [type, size] = [fields.indexOf('type'), fields.indexOf('self_size')];
  const code = types[0].indexOf('code');
  let bytes = 0;
  for (let at = 0; at < nodes.length; at += fields.length)
    if (nodes[at + type] === code) bytes += nodes[at + size] ?? 0;
  return bytes;
}

interface Workers {
  /** The answers of all workers to one call. */
  send(method: string): Promise<unknown[]>;
  /** A heap snapshot of each, as JSON. */
  snapshots(): Promise<string[]>;
  detach(): Promise<void>;
}

interface FromTarget {
  sessionId: string;
  message: string;
}

/** Has a session attach to workers, under ids of their own. */
type Attach = (session: CDPSession) => Promise<{ sessionIds: string[]; detach: () => Promise<void> }>;

/** The workers of the page of the session. */
const ofPage: Attach = async (session) => {
  const sessionIds: string[] = [];
  const onAttached = ({ sessionId }: { sessionId: string }): void => void sessionIds.push(sessionId);
  const attach = (autoAttach: boolean): Promise<unknown> =>
    session.send('Target.setAutoAttach', { autoAttach, waitForDebuggerOnStart: false, flatten: false });
  session.on('Target.attachedToTarget', onAttached);
  await attach(true);
  return {
    sessionIds,
    detach: async () => {
      session.off('Target.attachedToTarget', onAttached);
      await attach(false);
    },
  };
};

/** The service workers of the browser of the session. */
const serviceWorkers: Attach = async (session) => {
  const { targetInfos } = await session.send('Target.getTargets', { filter: [{ type: 'service_worker' }] });
  const attached = await Promise.all(
    targetInfos.map(({ targetId }) => session.send('Target.attachToTarget', { targetId, flatten: false })),
  );
  const sessionIds = attached.map(({ sessionId }) => sessionId);
  return {
    sessionIds,
    detach: async () => {
      for (const sessionId of sessionIds) await session.send('Target.detachFromTarget', { sessionId });
    },
  };
};

/** Calls to workers travel as texts through another session: Playwright has none for a worker. */
async function attachWorkers(session: CDPSession, attach: Attach = ofPage): Promise<Workers> {
  const waiting = new Map<number, (answer: unknown) => void>();
  const chunks = new Map<string, string>();
  let calls = 0;
  const onMessage = ({ sessionId, message }: FromTarget): void => {
    const { id, result, params } = JSON.parse(message) as {
      id?: number;
      result?: unknown;
      params?: { chunk?: string };
    };
    if (params?.chunk !== undefined) chunks.set(sessionId, (chunks.get(sessionId) ?? '') + params.chunk);
    if (id !== undefined) waiting.get(id)?.(result);
  };
  session.on('Target.receivedMessageFromTarget', onMessage);
  const { sessionIds, detach } = await attach(session);
  const ask = async (sessionId: string, method: string): Promise<unknown> => {
    const id = ++calls;
    const answer = new Promise<unknown>((resolve) => waiting.set(id, resolve));
    await session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) });
    return answer;
  };
  const send = (method: string): Promise<unknown[]> =>
    Promise.all(sessionIds.map((sessionId) => ask(sessionId, method)));
  return {
    send,
    async snapshots() {
      chunks.clear();
      await send('HeapProfiler.enable');
      await send('HeapProfiler.takeHeapSnapshot');
      await send('HeapProfiler.disable');
      return [...chunks.values()];
    },
    async detach() {
      session.off('Target.receivedMessageFromTarget', onMessage);
      await detach();
    },
  };
}
