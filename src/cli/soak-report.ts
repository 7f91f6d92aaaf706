// What a soak says: which gauge is held to what, the rounds as a table, the verdict on each gauge. Pure.

import type { Reading } from './soak-gauges.ts';
import { judge, type Limit, type Verdict } from './soak-verdict.ts';

export interface SoakRound {
  /** From 1. */
  round: number;
  /** Of the simulated day, at its end. */
  hour: number;
  /** What it is good for: code is compiled and stores are made in the first ones; at last the page is reloaded each time. */
  stage: 'warm-up' | 'without a reload' | 'reloaded';
  /** Actions of people in it. */
  actions: number;
  reading: Reading;
}

export interface GaugeVerdict extends Verdict {
  gauge: keyof Reading;
  what: string;
  limit: Limit | null;
}

export interface SoakDocument {
  schema: 'heartbeat-soak/1';
  appVersion: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  /** Of real time. */
  minutes: number;
  simulatedHours: number;
  userAgent: string;
  rounds: SoakRound[];
  /** How often each thing was done. */
  actions: Record<string, number>;
  /** What the page reported as errors. */
  incidents: string[];
  verdicts: GaugeVerdict[];
}

const MB = 1_000_000;

interface Gauge {
  what: string;
  /** Null: told, not judged. */
  limit: Limit | null;
  /** Bytes of the unit it is shown in; null for counts and words. */
  unit: { bytes: number; name: string } | null;
  /** Head of its column; null where it has none. */
  column: string | null;
}

const SAME: Limit = { kind: 'same' };
const inMb = { bytes: MB, name: 'MB' };
const growth = (most: number): Limit => ({ kind: 'growth', most });

/**
 * Heaps are held to a megabyte a day: less than one recording of a minute takes. The database is held to what its log
 * may take before it is compacted.
 */
const GAUGES: Readonly<Record<keyof Reading, Gauge>> = {
  pageHeap: { what: 'heap of the page, without code', limit: growth(MB), unit: inMb, column: 'page' },
  // Chromium never frees a few small objects of each table with a head, on whatever page, and of each stream that was
  // listened to; the test tool has it remember each request.
  pageObjects: { what: 'objects of the page', limit: growth(2 * MB), unit: inMb, column: 'objects' },
  pageBuffers: { what: 'array buffers of the page', limit: growth(MB), unit: inMb, column: 'buffers' },
  workerHeaps: {
    what: 'heaps of the workers, without code',
    limit: growth(MB),
    unit: inMb,
    column: 'workers',
  },
  serviceWorkerHeap: { what: 'heap of the service worker', limit: growth(MB), unit: inMb, column: null },
  // Grows for hours with what is used often, ever more slowly: bounded by the program.
  code: { what: 'compiled code', limit: growth(3 * MB), unit: inMb, column: 'code' },
  workerBuffers: { what: 'buffers and WASM of the workers', limit: growth(MB), unit: inMb, column: 'wasm' },
  tensors: { what: 'tensors of the listening worker', limit: SAME, unit: null, column: null },
  workers: { what: 'workers', limit: SAME, unit: null, column: null },
  nodes: { what: 'DOM nodes', limit: growth(50), unit: null, column: 'nodes' },
  detachedNodes: { what: 'detached DOM trees', limit: growth(5), unit: null, column: 'detached' },
  listeners: { what: 'event listeners', limit: growth(10), unit: null, column: 'listeners' },
  documents: { what: 'documents', limit: growth(1), unit: null, column: null },
  // One is left of every stream that was listened to, whatever a page does.
  audioNodes: { what: 'audio nodes', limit: null, unit: null, column: 'audio' },
  objectUrls: { what: 'addresses of blobs', limit: SAME, unit: null, column: 'urls' },
  records: { what: 'records in the database', limit: SAME, unit: null, column: null },
  databaseBytes: { what: 'database on disk', limit: growth(16 * MB), unit: inMb, column: 'database' },
  cacheEntries: { what: 'files kept for offline use', limit: SAME, unit: null, column: 'cached' },
  localStorage: { what: 'characters of settings', limit: SAME, unit: null, column: null },
  locks: { what: 'locks', limit: SAME, unit: null, column: 'locks' },
  // Scripts excepted. The browser keeps some 100 KB of every round for itself, after a reload, too.
  allocated: { what: 'allocated by the renderers', limit: growth(8 * MB), unit: inMb, column: 'allocated' },
  // With the code above, and what the allocators do not give back at once. Not with what the browser’s heap of nodes
  // has unused: one small object that it never frees keeps 128 KB.
  rendererMemory: {
    what: 'resident of the renderers’ own',
    limit: growth(24 * MB),
    unit: inMb,
    column: 'renderer',
  },
  browserMemory: { what: 'resident of the browser’s own', limit: null, unit: inMb, column: 'browser' },
};

const NAMES = Object.keys(GAUGES) as (keyof Reading)[];

/** Counts are judged over all rounds after the warm-up, what is measured over those in which the page lived on. */
export function judgeRounds(rounds: readonly SoakRound[]): GaugeVerdict[] {
  const judged = rounds.filter(({ stage }) => stage !== 'warm-up');
  const lived = judged.filter(({ stage }) => stage === 'without a reload');
  return NAMES.map((gauge) => {
    const { what } = GAUGES[gauge];
    // Null: this system does not tell.
    const limit = judged.some(({ reading }) => reading[gauge] === null) ? null : GAUGES[gauge].limit;
    const over = limit?.kind === 'same' ? judged : lived;
    const verdict = judge(
      over.map(({ hour }) => hour),
      over.map(({ reading }) => reading[gauge] ?? NaN),
      limit ?? growth(Infinity),
    );
    return { gauge, what, limit, ...verdict, fault: limit === null ? null : verdict.fault };
  });
}

/** A line for each round. */
export function roundTable(rounds: readonly SoakRound[]): string {
  const columns = NAMES.filter((name) => GAUGES[name].column !== null);
  const head = ['round', 'hour', 'actions', ...columns.map((name) => GAUGES[name].column ?? '')];
  const rows = rounds.map(({ round, hour, actions, stage, reading }) => [
    `${String(round)}${stage === 'without a reload' ? '' : stage === 'warm-up' ? 'w' : 'r'}`,
    hour.toFixed(1),
    String(actions),
    ...columns.map((name) => shown(name, reading[name])),
  ]);
  const note = 'w: warm-up, not judged. r: the page was reloaded before. Memory in MB.';
  return `${inColumns([head, ...rows])}\n${note}`;
}

/** A line for each gauge: from where to where, its slope, and what it is held to. */
export function verdictTable(verdicts: readonly GaugeVerdict[], rounds: readonly SoakRound[]): string {
  const [last] = rounds.slice(-1);
  const lines = verdicts.map(({ gauge, what, limit, slope, ends, fault }) => {
    const unit = GAUGES[gauge].unit?.name ?? '';
    const number = (value: number): string => (Number.isFinite(value) ? shown(gauge, value) : '–');
    return [
      what,
      ends
        ? `${number(ends.start)} → ${number(ends.end)} ${unit}`
        : shown(gauge, last?.reading[gauge] ?? null),
      slope ? `${number(slope.perDay)} (${number(slope.low)} to ${number(slope.high)}) ${unit} a day` : '',
      limit === null
        ? 'not judged'
        : limit.kind === 'same'
          ? 'the same'
          : `at most +${number(limit.most)} ${unit}`,
      fault ?? (limit === null ? '' : 'ok'),
    ].map((cell) => cell.trim());
  });
  return inColumns(
    [['gauge', 'from → to', 'slope (95 %)', 'held to', ''], ...lines],
    new Set([0, 1, 2, 3, 4]),
  );
}

function shown(gauge: keyof Reading, value: number | string | null): string {
  if (value === null) return '–';
  if (typeof value === 'string') return value === '' ? 'none' : value;
  const { unit } = GAUGES[gauge];
  if (unit) return (value / unit.bytes).toFixed(2);
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}

/** @param left columns of words; the others are numbers */
function inColumns(lines: readonly (readonly string[])[], left: ReadonlySet<number> = new Set()): string {
  const widths = (lines[0] ?? []).map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const cell = (text: string, at: number): string =>
    left.has(at) ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0);
  return lines.map((line) => line.map(cell).join('  ').trimEnd()).join('\n');
}
