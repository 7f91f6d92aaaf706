// What the browser itself says of the memory of its renderers, the processes of the pages, after it has collected the
// garbage of them all, those without a page too. Imports Playwright's types.

import type { CDPSession } from 'playwright';

/** Bytes of all renderers together. */
export interface RendererMemory {
  /** By the browser's own objects, the page's nodes among them, and by what is neither an object nor a script. */
  allocated: number;
  /** In pages that the heap of those objects has and nobody uses: one small object keeps a page of 128 KB. */
  unused: number;
}

interface Allocator {
  attrs?: Partial<Record<'size' | 'allocated_objects_size', { value: string }>>;
}

interface TraceEvent {
  ph: string;
  pid: number;
  args: { dumps?: { allocators?: Record<string, Allocator> } };
}

/** @param session of the browser */
export async function collectedRenderers(session: CDPSession): Promise<RendererMemory> {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const renderers = new Set(processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id));
  const memory: RendererMemory = { allocated: 0, unused: 0 };
  for (const { ph, pid, args } of await dump(session)) {
    const allocators = args.dumps?.allocators;
    if (ph !== DUMPED || !renderers.has(pid) || !allocators) continue;
    const bytes = (name: string, of: 'size' | 'allocated_objects_size'): number =>
      Number.parseInt(allocators[name]?.attrs?.[of]?.value ?? '0', 16);
    const objects = bytes('blink_gc/main/heap', 'allocated_objects_size');
    memory.allocated +=
      objects +
      bytes('malloc/allocated_objects', 'size') +
      bytes('partition_alloc/allocated_objects', 'size');
    memory.unused += bytes('blink_gc/main/heap', 'size') - objects;
  }
  return memory;
}

const CATEGORY = 'disabled-by-default-memory-infra';
/** Phase of the events that hold what a process told. */
const DUMPED = 'v';

async function dump(session: CDPSession): Promise<TraceEvent[]> {
  const events: TraceEvent[] = [];
  const onEvents = ({ value }: { value: object[] }): void => void events.push(...(value as TraceEvent[]));
  session.on('Tracing.dataCollected', onEvents);
  try {
    await session.send('Tracing.start', {
      transferMode: 'ReportEvents',
      // No dumps but the one that is asked for.
      traceConfig: { includedCategories: [CATEGORY], excludedCategories: ['*'], memoryDumpConfig: {} },
    });
    await session.send('Tracing.requestMemoryDump', { deterministic: true, levelOfDetail: 'light' });
    const ended = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
    await session.send('Tracing.end');
    await ended;
  } finally {
    session.off('Tracing.dataCollected', onEvents);
  }
  return events;
}
