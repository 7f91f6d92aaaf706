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
    await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
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

/** Calls to workers travel as texts through the page's own session: Playwright has no session for a worker. */
async function attachWorkers(session: CDPSession): Promise<Workers> {
  const attached: string[] = [];
  const waiting = new Map<number, (answer: unknown) => void>();
  const chunks = new Map<string, string>();
  let calls = 0;
  const onAttached = ({ sessionId }: { sessionId: string }): void => void attached.push(sessionId);
  const onMessage = ({ sessionId, message }: FromTarget): void => {
    const { id, result, params } = JSON.parse(message) as {
      id?: number;
      result?: unknown;
      params?: { chunk?: string };
    };
    if (params?.chunk !== undefined) chunks.set(sessionId, (chunks.get(sessionId) ?? '') + params.chunk);
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
  const send = (method: string): Promise<unknown[]> =>
    Promise.all(attached.map((sessionId) => ask(sessionId, method)));
  return {
    send,
    async snapshots() {
      chunks.clear();
      await send('HeapProfiler.takeHeapSnapshot');
      return [...chunks.values()];
    },
    async detach() {
      session.off('Target.attachedToTarget', onAttached);
      session.off('Target.receivedMessageFromTarget', onMessage);
      await attach(false);
    },
  };
}
