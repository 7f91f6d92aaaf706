// What a bench says: figures with their units and what they are measured beside, as a table and as JSON. Imports nothing.

/** The same thing done by another program, in the same run and unit. */
export interface Peer {
  name: string;
  value: number;
}

export interface Figure {
  /** Stays the same from one version of the program to the next, such as `stage.log-mel`. */
  id: string;
  /** The same for people. */
  what: string;
  value: number;
  unit: string;
  /** Recordings, rounds or whatever it rests on, and what they are. */
  n: number;
  of: string;
  peer: Peer | null;
  /** `value` over the peer's; null without one. */
  ratio: number | null;
}

/** The machine that a figure belongs to. */
export interface Machine {
  cores: number;
  userAgent: string;
  /** In use when the browser could choose. */
  backend: string;
}

export interface BenchDocument {
  schema: 'heartbeat-bench/1';
  appVersion: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  /** Quick runs show that everything is there; their figures are rough. */
  isQuick: boolean;
  machine: Machine;
  figures: Figure[];
}

/** @param n what it rests on: how many, and of what */
export function figure(
  id: string,
  what: string,
  value: number,
  unit: string,
  [n, of]: readonly [number, string],
  peer: Peer | null = null,
): Figure {
  return { id, what, value, unit, n, of, peer, ratio: peer && value / peer.value };
}

const HEADER = ['what', 'figure', 'unit', 'n', 'peer', 'ratio'] as const;
/** Columns of numbers: their digits stand below each other. */
const RIGHT = new Set([1, 5]);

/** Lines of text in columns. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, value, unit, n, of, peer, ratio }) => [
    what,
    readable(value),
    unit,
    `${String(n)} ${of}`,
    peer ? `${readable(peer.value)} ${peer.name}` : '',
    ratio === null ? '' : readable(ratio),
  ]);
  const lines = [[...HEADER], ...rows];
  const widths = HEADER.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const pad = (cell: string, column: number): string =>
    RIGHT.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  const [header, ...body] = lines.map((line) => line.map(pad).join('  ').trimEnd());
  return [header, widths.map((width) => '-'.repeat(width)).join('  '), ...body].join('\n');
}

/** Digits that a reader needs: three that count, all of whole numbers. */
const SIGNIFICANT_DIGITS = 3;

function readable(value: number): string {
  if (Math.abs(value) >= 10 ** (SIGNIFICANT_DIGITS - 1)) return String(Math.round(value));
  return String(Number(value.toPrecision(SIGNIFICANT_DIGITS)));
}
