// `npm run train`: labelled recordings in, a model folder out, trained by the app in headless Chromium: from scratch or
// from another model, with which the new one is then compared. With --cross-validate the figures come from five
// grouped folds and from leaving each source out; every finished run is kept, and the same command goes on where it
// was stopped.

import { mkdir } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, resolve } from 'node:path';
import type { ModelManifest } from '../core/model/manifest.ts';
import { draftManifest, fineTunedManifest } from '../core/training/recipe.ts';
import { formatReportText } from '../core/training/report-tables.ts';
import { EXIT, readCommandLine, runCommand, UsageError } from './args.ts';
import { carryOut, readOutcomes, type RunningResult } from './cross-validate.ts';
import { interruption } from './interruption.ts';
import { openLabelledFolder, type LabelledFolder } from './labelled-folder.ts';
import { readModelFolder, writeModelFolder, type ModelFolder } from './model-folder.ts';
import { writeWhole } from './output.ts';
import { checkFlags, DEFAULT_OUT, DEFAULT_SEED, TRAIN, type TrainFlags } from './train-flags.ts';
import { labelsFor, planCrossValidation, planSingle, type PlannedRuns } from './train-plan.ts';
import { addReplay } from './train-replay.ts';
import { formatVerdict, passVerdict } from './train-verdict.ts';
import { reportRuns } from './training-report.ts';
import { fileSafe, type RunOutcome } from './training-runs.ts';

async function main(argv: string[]): Promise<number> {
  const { paths, flags } = readCommandLine(argv, TRAIN.flags);
  const [path, ...more] = paths;
  if (path === undefined || more.length > 0) throw new UsageError('Name one folder of labelled recordings');
  checkFlags(flags);
  const log = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const folder = await openLabelledFolder(path, flags.labels);
  const parent =
    flags.from === undefined ? null : { ...(await readModelFolder(flags.from)), path: flags.from };
  const dataset = datasetName(path);
  if (flags['replay-only'] && parent)
    return addReplay({
      folder,
      model: { folder: parent.path, manifest: parent.manifest },
      backend: flags.backend ?? 'auto',
      seed: flags.seed ?? DEFAULT_SEED,
      attributions: attributionsOf(dataset),
      log,
    });
  const labels = labelsFor(folder.labels.recordings, parent?.manifest.labels ?? []);
  const planned = flags['cross-validate']
    ? await planCrossValidation(flags, folder, labels, parent)
    : planSingle(flags, folder, labels, parent);
  if (flags['dry-run']) {
    process.stdout.write(`${planned.summary}\nDry run: nothing was trained and nothing was written.\n`);
    return EXIT.done;
  }
  log(planned.summary);
  const out = resolve(flags.out ?? DEFAULT_OUT);
  await makeFolder(out);
  return trainAndReport({ flags, folder, parent, planned, labels, out, dataset, argv, log });
}

interface Job {
  flags: TrainFlags;
  folder: LabelledFolder;
  /** The model of --from. */
  parent: (ModelFolder & { path: string }) | null;
  planned: PlannedRuns;
  labels: readonly string[];
  out: string;
  dataset: string;
  argv: readonly string[];
  log: (line: string) => void;
}

async function trainAndReport(job: Job): Promise<number> {
  const { flags, folder, out, log } = job;
  const { runs } = job.planned;
  const outcomesFolder = join(out, 'folds');
  const done = flags['cross-validate']
    ? await readOutcomes(outcomesFolder, runs)
    : new Map<string, RunOutcome>();
  if (done.size > 0)
    log(
      `${String(done.size)} of ${String(runs.length)} runs are already there: ${[...done.keys()].join(', ')}.`,
    );
  const interrupted = interruption();
  const manifest = startManifest(job);
  const result = await carryOut(runs, done, {
    material: {
      manifest,
      backend: flags.backend ?? 'auto',
      recordings: folder.labels.recordings,
      files: folder.files,
      from: job.planned.startsFrom,
      replay: job.planned.replay,
      makesReplay: inheritedReplay(job) === null,
    },
    folder: outcomesFolder,
    jobs: flags.jobs ?? null,
    signal: interrupted,
    log,
  });
  for (const [id, message] of result.unreadable) log(`${id}: ${message}`);
  for (const { name, message } of result.failures) log(`${name} failed: ${message}`);
  const isStopped = (): boolean => interrupted.aborted;
  if (isStopped()) {
    log(
      `Stopped. ${String(result.outcomes.size)} of ${String(runs.length)} runs are kept in ${outcomesFolder}; the same command goes on from there.`,
    );
    return EXIT.interrupted;
  }
  if (result.failures.length > 0) {
    log(
      `${String(result.failures.length)} runs failed; the same command tries them again and keeps the others.`,
    );
    return EXIT.brokenOff;
  }
  const hasModel = await report(job, manifest, result);
  if (hasModel && job.parent && !flags['cross-validate']) await compare(job, result, interrupted);
  if (isStopped()) return EXIT.interrupted;
  return result.unreadable.size > 0 || folder.unopened > 0 ? EXIT.incomplete : EXIT.done;
}

/** Prints the figures and writes them, with the model where one was trained. @returns whether one was */
async function report(job: Job, manifest: ModelManifest, result: RunningResult): Promise<boolean> {
  const { folder, labels, out, dataset, log } = job;
  const { runs, startsFrom } = job.planned;
  const { metrics, judgement } = reportRuns({
    runs,
    outcomes: result.outcomes,
    recordings: folder.labels.recordings,
    labels,
    dataset,
    startedFrom: startsFrom === null ? null : basename(resolve(startsFrom)),
    command: describeCommand(job.argv),
  });
  process.stdout.write(`${metrics.method.description}\n\n${formatReportText(metrics)}\n`);
  const last = runs.at(-1);
  const model = last ? result.outcomes.get(last.name)?.model : null;
  if (!model) {
    await writeWhole(join(out, 'metrics.json'), `${JSON.stringify(metrics, null, 2)}\n`);
    return false;
  }
  await writeModelFolder(out, {
    manifest: { ...manifest, ...judgement, trainedOn: heardOf(manifest, job, result.unreadable) },
    modelJson: model.modelJson,
    weights: Buffer.from(model.weights, 'base64'),
    metrics,
    // An outcome of before there were replay sets has none.
    replay: inheritedReplay(job) ?? (model.replay ? Buffer.from(model.replay, 'base64') : null),
    attributions: attributionsOf(dataset),
  });
  log(`The model is in ${out}.`);
  return true;
}

/** The verdict on the model that was just written, against the one of --from. */
async function compare(job: Job, result: RunningResult, signal: AbortSignal): Promise<void> {
  const { flags, folder, parent, out, log } = job;
  if (!parent) return;
  const judged = new Set(job.planned.runs.at(-1)?.testIds.filter((id) => !result.unreadable.has(id)));
  try {
    const verdict = await passVerdict({
      candidate: out,
      parent: parent.path,
      recordings: folder.labels.recordings.filter(({ id }) => judged.has(id)),
      files: folder.files,
      replay: parent.replay,
      backend: flags.backend ?? 'auto',
      signal,
      log,
    });
    process.stdout.write(`\n${formatVerdict(verdict)}\n`);
    await writeWhole(join(out, 'verdict.json'), `${JSON.stringify(verdict, null, 2)}\n`);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** A model that is trained further goes on carrying what its parent was made from. */
function inheritedReplay({ planned, parent }: Job): Uint8Array | null {
  return planned.startsFrom === null ? null : (parent?.replay ?? null);
}

function startManifest({ parent, planned, out, dataset, folder, labels }: Job): ModelManifest {
  const { recordings } = folder.labels;
  const base = planned.startsFrom === null ? null : (parent?.manifest ?? null);
  const createdAt = new Date().toISOString();
  const sources = [...new Set(recordings.map((recording) => recording.source))].sort();
  const trainedOn = {
    dataset,
    nRecordings: recordings.length,
    nGroups: new Set(recordings.map((recording) => recording.group)).size,
    note: `Sources: ${sources.join(', ')}.${base ? ` Fine-tuned from ${base.id} ${base.version}, which was trained on ${base.trainedOn.dataset}.` : ''}`,
  };
  const identity = {
    id:
      fileSafe(basename(out))
        .replace(/^[^a-z0-9]+/, '')
        .slice(0, 80) || 'model',
    name: `CNN trained on ${dataset}`,
    version: createdAt.slice(0, 10).replaceAll('-', '.'),
    createdAt,
  };
  return base
    ? fineTunedManifest(base, identity, labels, trainedOn)
    : draftManifest(identity, labels, trainedOn);
}

/** What the model was trained on, without the recordings that could not be read. */
function heardOf(
  { trainedOn }: ModelManifest,
  { folder, planned }: Pick<Job, 'folder' | 'planned'>,
  unreadable: ReadonlyMap<string, string>,
): ModelManifest['trainedOn'] {
  const { trainIds = [], watchIds = [] } = planned.runs.at(-1) ?? {};
  const learned = new Set([...trainIds, ...watchIds]);
  const heard = folder.labels.recordings.filter(({ id }) => learned.has(id) && !unreadable.has(id));
  const nGroups = new Set(heard.map((recording) => recording.group)).size;
  return { ...trainedOn, nRecordings: heard.length, nGroups };
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch {
    throw new UsageError(`The folder "${path}" cannot be made`);
  }
}

function datasetName(path: string): string {
  return basename(resolve(path)).replace(/\.zip$/i, '');
}

/** What the licences of public data ask to be said, by the folder's name. */
function attributionsOf(dataset: string): string[] {
  if (/physionet|cinc|2016/i.test(dataset))
    return [
      'Recordings: PhysioNet/CinC Challenge 2016 training set, Open Data Commons Attribution License v1.0. Liu C et al., An open access database for the evaluation of heart sound algorithms, Physiol Meas 37 (2016) 2181; Goldberger A et al., PhysioBank, PhysioToolkit, and PhysioNet, Circulation 101 (2000) e215.',
    ];
  return [];
}

/** The command as it is kept beside the figures: paths of this machine only as far as they lie below here. */
function describeCommand(argv: readonly string[]): string {
  const words = argv.map((word) => {
    if (!isAbsolute(word)) return word;
    const below = relative(process.cwd(), word);
    return below.startsWith('..') ? basename(word) : below;
  });
  return `npm run train -- ${words.map(quote).join(' ')}`;
}

function quote(word: string): string {
  return /^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

await runCommand(TRAIN, main);
