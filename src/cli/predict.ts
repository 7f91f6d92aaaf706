// `npm run predict`: recordings in, answers out, by the very code that runs on the screen.
// The page reads and decodes the next recordings while its worker computes.

import { formatResultsCsv } from '../core/report/results-csv.ts';
import { formatResultsJson } from '../core/report/results-json.ts';
import type { RecordingResult } from '../core/types.ts';
import { AppSession } from './app-session.ts';
import { BACKEND_FLAG, EXIT, readCommandLine, runCommand } from './args.ts';
import { classifyAll, type Batch } from './classify-all.ts';
import { collectRecordings } from './collect.ts';
import { checkModelFolder } from './model-folder.ts';
import { checkWritable, writeWhole } from './output.ts';
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

async function main(argv: string[]): Promise<number> {
  const { paths, flags } = readCommandLine(argv, PREDICT.flags);
  for (const file of [flags.csv, flags.json]) if (file !== undefined) await checkWritable(file);
  if (flags.model !== undefined) await checkModelFolder(flags.model);
  const whole = await collectRecordings(paths);
  const collection = flags.shard === undefined ? whole : shardOf(whole, flags.shard);
  const recordings = collection.recordings.slice(0, flags.limit);
  const backend = flags.backend ?? 'auto';

  const log = (line: string): void => console.error(line);
  const session = await AppSession.open({ webgpu: backend === 'auto' || backend === 'webgpu', log });
  const interrupted = new AbortController();
  process.once('SIGINT', () => {
    interrupted.abort();
  });
  let batch: Batch;
  let labels: string[];
  try {
    const model = flags.model === undefined ? null : session.offerModel(flags.model);
    const { report, manifest } = await session.call('start', { model, backend });
    labels = manifest.labels;
    log(`Model ${manifest.id} ${manifest.version} on ${report.name}.`);
    batch = await classifyAll(session, recordings, interrupted.signal);
  } finally {
    await session.close();
  }

  const { results, failure } = batch;
  const csv = formatResultsCsv(results, labels);
  if (flags.csv !== undefined) await writeWhole(flags.csv, csv);
  if (flags.json !== undefined) await writeWhole(flags.json, formatResultsJson(results, collection.skipped));
  if (flags.csv === undefined && flags.json === undefined) process.stdout.write(csv);
  log(summary(results, collection.skipped.length));
  if (interrupted.signal.aborted) return EXIT.interrupted;
  if (failure !== null) {
    const [why] = failure.message.split('\n');
    const missing = recordings.length - results.length;
    log(`${missing} of ${recordings.length} recordings are missing: the app ended before them (${why}).`);
    return EXIT.incomplete;
  }
  const failed = collection.unopened > 0 || results.some((result) => result.status === 'error');
  return failed ? EXIT.incomplete : EXIT.done;
}

function summary(results: RecordingResult[], skipped: number): string {
  const count = (status: RecordingResult['status']): string =>
    String(results.filter((result) => result.status === status).length);
  const parts = [
    `${count('ok')} answered`,
    `${count('inconclusive')} inconclusive`,
    `${count('error')} failed`,
  ];
  if (skipped > 0) parts.push(`${String(skipped)} other files skipped`);
  return `${parts.join(', ')}.`;
}

await runCommand(PREDICT, main);
