// One reader, all its inputs, in a process of its own: whatever the reader does to memory or time, the fuzzer outside
// goes on. Before each input its number is written to a file, which outlives any end of the process.

import { openSync, writeSync } from 'node:fs';
import { attempt, finding, stackOf, type Outcome } from './attempt.ts';
import { watchAllocations } from './budget.ts';
import { Inputs } from './inputs.ts';
import { minimise } from './minimise.ts';
import { readerOf, type ReaderGroup } from './readers.ts';
import type { Assignment, ReaderReport } from './report.ts';

/** Faults of different kinds that are told; after these a reader wants repair, not more inputs. */
const MAX_FINDINGS = 12;
const MINIMISE_MS = 3000;
/** Inputs after which the collector of garbage is asked, so that what stays is what is held. */
const WARM_UP = 0.5;
const COLLECTIONS = 3;
const BETWEEN_COLLECTIONS_MS = 20;

const assignment = JSON.parse(process.argv[2] ?? '') as Assignment;
const { READERS } = (await import(assignment.readers)) as { READERS: Record<string, ReaderGroup> };
const reader = await readerOf(READERS, assignment.reader);

const inputs = await Inputs.of(reader, assignment.seed);
const tally = watchAllocations();
const progress = openSync(assignment.progress, 'w');
/** A rejection that nobody awaited, of the input in hand. */
let stray: unknown = null;
process.on('unhandledRejection', (reason) => (stray = { reason }));

async function tryOne(bytes: Uint8Array<ArrayBuffer>): Promise<Outcome> {
  stray = null;
  const outcome = await attempt(reader, Uint8Array.from(bytes), tally);
  if (stray === null) return outcome;
  return finding('a rejection that nobody awaited', stackOf((stray as { reason: unknown }).reason));
}

const refused = new Map<string, number>();
const report: ReaderReport = {
  accepted: 0,
  refused: [],
  findings: [],
  longestMs: 0,
  longestIndex: 0,
  peakInputBytes: 0,
  peakRssBytes: 0,
  grownBytes: 0,
};

async function take(index: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  writeSync(progress, Buffer.from(Float64Array.of(index).buffer), 0, 8, 0);
  const began = performance.now();
  const outcome = await tryOne(bytes);
  const ms = performance.now() - began;
  if (ms > report.longestMs) Object.assign(report, { longestMs: ms, longestIndex: index });
  report.peakInputBytes = Math.max(report.peakInputBytes, tally.end());
  if (outcome.kind === 'accepted') report.accepted++;
  else if (outcome.kind === 'refused') refused.set(outcome.code, (refused.get(outcome.code) ?? 0) + 1);
  else await note(outcome.signature, outcome.detail, index, bytes);
}

async function note(
  signature: string,
  detail: string,
  index: number,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  if (report.findings.some((known) => known.signature === signature)) return;
  const until = performance.now() + MINIMISE_MS;
  const shows = async (candidate: Uint8Array<ArrayBuffer>): Promise<boolean> => {
    const again = await tryOne(candidate);
    return again.kind === 'finding' && again.signature === signature;
  };
  const shortest = await minimise(bytes, shows, () => performance.now() > until);
  report.findings.push({ signature, detail, index, input: Buffer.from(shortest).toString('base64') });
}

/** What is held, when nothing else is left in memory: one collection frees what only the next one, a turn later, counts. */
async function heldBytes(): Promise<number> {
  for (let i = 0; i < COLLECTIONS; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_COLLECTIONS_MS));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

if (assignment.only !== undefined) await take(0, Uint8Array.from(Buffer.from(assignment.only, 'base64')));
else {
  let heldBefore = 0;
  const warm = Math.floor(assignment.inputs * WARM_UP);
  for (let index = 0; index < assignment.inputs && report.findings.length < MAX_FINDINGS; index++) {
    if (index === warm) heldBefore = await heldBytes();
    await take(index, inputs.at(index));
  }
  report.grownBytes = (await heldBytes()) - heldBefore;
}
report.refused = [...refused].sort((a, b) => b[1] - a[1]);
report.peakRssBytes = process.resourceUsage().maxRSS * 1024;
process.send?.(report, () => process.exit(0));
