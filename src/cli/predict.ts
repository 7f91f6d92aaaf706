// `npm run predict`: recordings in, answers out, by the very code that runs on the screen. Results are written as
// they come, so that memory holds those on their way and no more, however many recordings there are.

import { resolve } from 'node:path';
import type { RecordingResult } from '../core/types.ts';
import { AppSession } from './app-session.ts';
import { BACKEND_FLAG, EXIT, readCommandLine, runCommand, UsageError, type CommandLine } from './args.ts';
import { classifyAll } from './classify-all.ts';
import { collectRecordings, type Collection } from './collect.ts';
import { interruption } from './interruption.ts';
import { checkModelFolder } from './model-folder.ts';
import { checkWritable, OutputError } from './output.ts';
import { ResultsDocuments } from './results-documents.ts';
import { shardOf } from './shard.ts';

const PREDICT = {
  call: 'npm run predict -- PATH...',
  about:
    'Judges recordings, folders of any depth and zips. Results go to the files named, or as CSV to standard output.',
  flags: {
    csv: ['text', 'FILE', 'writes a table, one row a recording'],
    json: ['text', 'FILE', 'writes everything that is known of each recording'],
    model: ['text', 'DIR', 'the folder of the model (default: the bundled one)'],
    shard: [
      'shard',
      'K/N',
      'every N-th recording beginning with the K-th: one of N parts that make the whole',
    ],
    limit: ['count', 'N', 'only the first N recordings, of the shard where there is one'],
    backend: BACKEND_FLAG,
  },
} as const;

type Flags = CommandLine<typeof PREDICT.flags>['flags'];

/** What became of a run. */
interface Outcome {
  counts: Record<RecordingResult['status'], number>;
  /** What ended it early: the page or its browser died, or a result could not be written. */
  failure: Error | null;
}

async function main(argv: string[]): Promise<number> {
  const { paths, flags } = readCommandLine(argv, PREDICT.flags);
  await checkFlags(flags);
  const collection = await collect(paths, flags);
  const backend = flags.backend ?? 'auto';
  const log = (line: string): void => console.error(line);
  const session = await AppSession.open({ webgpu: backend === 'auto' || backend === 'webgpu', log });
  const interrupted = interruption();
  let outcome: Outcome;
  try {
    const model = flags.model === undefined ? null : session.offerModel(flags.model);
    const { report, manifest } = await session.call('start', { model, backend });
    log(`Model ${manifest.id} ${manifest.version} on ${report.name}.`);
    const documents = await ResultsDocuments.open(flags, manifest.labels, collection.skipped);
    outcome = await run(session, collection, documents, interrupted);
  } finally {
    await session.close();
  }
  return report(outcome, collection, interrupted.aborted, log);
}

/** @throws UsageError */
async function checkFlags({ csv, json, model }: Flags): Promise<void> {
  for (const file of [csv, json]) if (file !== undefined) await checkWritable(file);
  if (csv !== undefined && json !== undefined && resolve(csv) === resolve(json))
    throw new UsageError(`--csv and --json both name "${json}"`);
  if (model !== undefined) await checkModelFolder(model);
}

async function collect(paths: readonly string[], { shard, limit }: Flags): Promise<Collection> {
  const whole = await collectRecordings(paths);
  const part = shard === undefined ? whole : shardOf(whole, shard);
  return { ...part, recordings: part.recordings.slice(0, limit) };
}

/** Never rejects: what was answered before a failure is written. */
async function run(
  session: AppSession,
  { recordings }: Collection,
  documents: ResultsDocuments,
  interrupted: AbortSignal,
): Promise<Outcome> {
  const outcome: Outcome = { counts: { ok: 0, inconclusive: 0, error: 0 }, failure: null };
  const note = (error: unknown): void => {
    outcome.failure ??= error instanceof Error ? error : new Error(String(error));
  };
  try {
    for await (const results of classifyAll(session, recordings, interrupted)) {
      await documents.write(results);
      for (const { status } of results) outcome.counts[status]++;
    }
  } catch (error) {
    note(error);
  }
  await documents.finish().catch(note);
  return outcome;
}

/** Says how it went. @returns the exit code */
function report(
  { counts, failure }: Outcome,
  { recordings, skipped, unopened }: Collection,
  isInterrupted: boolean,
  log: (line: string) => void,
): number {
  const parts = [`${counts.ok} answered`, `${counts.inconclusive} inconclusive`, `${counts.error} failed`];
  if (skipped.length > 0) parts.push(`${skipped.length} other files skipped`);
  log(`${parts.join(', ')}.`);
  if (failure instanceof OutputError) log(failure.message);
  if (isInterrupted) return EXIT.interrupted;
  if (failure === null) return counts.error > 0 || unopened > 0 ? EXIT.incomplete : EXIT.done;
  if (!(failure instanceof OutputError)) {
    const [why] = failure.message.split('\n');
    const missing = recordings.length - counts.ok - counts.inconclusive - counts.error;
    log(`${missing} of ${recordings.length} recordings are missing: the app ended before them (${why}).`);
  }
  return EXIT.brokenOff;
}

await runCommand(PREDICT, main);
