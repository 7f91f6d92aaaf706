// `npm run train`: labelled recordings in, a model folder out, trained by the app in headless Chromium.
// With --cross-validate the figures come from five grouped folds and from leaving each source out; every
// finished run is kept, and the same command goes on where it was stopped.

import { mkdir } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, resolve } from 'node:path';
import { AppError } from '../core/errors.ts';
import type { ModelManifest } from '../core/model/manifest.ts';
import { labelOrder, type LabelledRecording } from '../core/training/labels.ts';
import { draftManifest } from '../core/training/recipe.ts';
import { formatReportText } from '../core/training/report-text.ts';
import { EXIT, readCommandLine, runCommand, UsageError } from './args.ts';
import { carryOut, readOutcomes } from './cross-validate.ts';
import { interruption } from './interruption.ts';
import { hashFiles, openLabelledFolder, type LabelledFolder } from './labelled-folder.ts';
import { readModelFolder, writeModelFolder } from './model-folder.ts';
import { writeWhole } from './output.ts';
import {
  checkFlags,
  DEFAULT_OUT,
  DEFAULT_SEED,
  DEFAULT_VALIDATION_FRACTION,
  TRAIN,
  type TrainFlags,
} from './train-flags.ts';
import { addReplay } from './train-replay.ts';
import { reportRuns } from './training-report.ts';
import {
  crossValidationRuns,
  fileSafe,
  validationRun,
  type RunOutcome,
  type RunPlan,
  type TrainingRun,
} from './training-runs.ts';
import { describeData, describeRuns } from './training-summary.ts';

async function main(argv: string[]): Promise<number> {
  const { paths, flags } = readCommandLine(argv, TRAIN.flags);
  const [path, ...more] = paths;
  if (path === undefined || more.length > 0) throw new UsageError('Name one folder of labelled recordings');
  checkFlags(flags);
  const log = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const folder = await openLabelledFolder(path, flags.labels);
  const base = flags.from === undefined ? null : await readModelFolder(flags.from);
  const { recordings } = folder.labels;
  if (flags['replay-only'] && flags.from !== undefined && base !== null)
    return addReplay({
      folder,
      model: { folder: flags.from, manifest: base.manifest },
      backend: flags.backend ?? 'auto',
      seed: flags.seed ?? DEFAULT_SEED,
      attributions: attributionsOf(datasetName(path)),
      log,
    });
  const labels = base?.manifest.labels ?? labelOrder(recordings);
  // Only finished folds are taken up later, and a dry run takes up nothing: elsewhere nobody compares contents.
  const isResumable = flags['cross-validate'] === true && flags['dry-run'] !== true;
  const contents = isResumable ? await hashFiles(folder) : new Map<string, string>();
  const runs = planRuns(flags, recordings, labels, base?.manifest ?? null, contents);
  const summary = `${describeData(folder.labels, labels)}\n\n${describeRuns(runs, recordings, labels)}`;
  if (flags['dry-run']) {
    process.stdout.write(`${summary}\nDry run: nothing was trained and nothing was written.\n`);
    return EXIT.done;
  }
  log(summary);
  const out = resolve(flags.out ?? DEFAULT_OUT);
  await makeFolder(out);
  const manifest = startManifest(base?.manifest ?? null, out, path, recordings, labels);
  return trainAndReport({
    flags,
    folder,
    runs,
    labels,
    out,
    manifest,
    dataset: datasetName(path),
    argv,
    log,
  });
}

interface Job {
  flags: TrainFlags;
  folder: LabelledFolder;
  runs: TrainingRun[];
  labels: readonly string[];
  out: string;
  manifest: ModelManifest;
  dataset: string;
  argv: readonly string[];
  log: (line: string) => void;
}

async function trainAndReport(job: Job): Promise<number> {
  const { flags, folder, runs, labels, out, manifest, log } = job;
  const outcomesFolder = join(out, 'folds');
  const done = flags['cross-validate']
    ? await readOutcomes(outcomesFolder, runs)
    : new Map<string, RunOutcome>();
  if (done.size > 0)
    log(
      `${String(done.size)} of ${String(runs.length)} runs are already there: ${[...done.keys()].join(', ')}.`,
    );
  const interrupted = interruption();
  const result = await carryOut(runs, done, {
    material: {
      manifest,
      backend: flags.backend ?? 'auto',
      recordings: folder.labels.recordings,
      files: folder.files,
      from: flags.from ?? null,
    },
    folder: outcomesFolder,
    jobs: flags.jobs ?? null,
    signal: interrupted,
    log,
  });
  for (const [id, message] of result.unreadable) log(`${id}: ${message}`);
  for (const { name, message } of result.failures) log(`${name} failed: ${message}`);
  if (interrupted.aborted) {
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
  const { metrics, judgement } = reportRuns({
    runs,
    outcomes: result.outcomes,
    recordings: folder.labels.recordings,
    labels,
    dataset: job.dataset,
    startedFrom: flags.from === undefined ? null : basename(resolve(flags.from)),
    command: describeCommand(job.argv),
  });
  process.stdout.write(`${metrics.method.description}\n\n${formatReportText(metrics)}\n`);
  const last = runs.at(-1);
  const model = last ? result.outcomes.get(last.name)?.model : null;
  if (model) {
    await writeModelFolder(out, {
      manifest: { ...manifest, ...judgement, trainedOn: heardOf(manifest, folder, result.unreadable) },
      modelJson: model.modelJson,
      weights: Buffer.from(model.weights, 'base64'),
      metrics,
      replay: null,
      attributions: attributionsOf(job.dataset),
    });
    log(`The model is in ${out}.`);
  } else await writeWhole(join(out, 'metrics.json'), `${JSON.stringify(metrics, null, 2)}\n`);
  return result.unreadable.size > 0 || folder.unopened > 0 ? EXIT.incomplete : EXIT.done;
}

function planRuns(
  flags: TrainFlags,
  recordings: readonly LabelledRecording[],
  labels: readonly string[],
  from: ModelManifest | null,
  contents: ReadonlyMap<string, string>,
): TrainingRun[] {
  const strange = recordings.find((recording) => !labels.includes(recording.label));
  if (strange)
    throw new UsageError(
      `"${strange.id}" is labelled ${strange.label}, which the model of --from does not know: its labels are ${labels.join(', ')}`,
    );
  if (labels.length < 2)
    throw new UsageError(
      `All recordings are labelled ${labels[0] ?? ''}; training needs at least two classes`,
    );
  const plan: RunPlan = {
    recordings,
    seed: flags.seed ?? DEFAULT_SEED,
    epochs: flags.epochs,
    foldEpochs: flags['fold-epochs'],
    batchSize: flags['batch-size'],
    validationFraction: flags['validation-split'] ?? DEFAULT_VALIDATION_FRACTION,
    from,
    contents,
  };
  try {
    return flags['cross-validate'] ? crossValidationRuns(plan, !flags['folds-only']) : [validationRun(plan)];
  } catch (error) {
    if (error instanceof AppError) throw new UsageError(error.message.replace(/\.$/, ''));
    throw error;
  }
}

function startManifest(
  base: ModelManifest | null,
  out: string,
  path: string,
  recordings: readonly LabelledRecording[],
  labels: readonly string[],
): ModelManifest {
  const dataset = datasetName(path);
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
  return base ? { ...base, ...identity, trainedOn } : draftManifest(identity, labels, trainedOn);
}

/** What the model was trained on, without the recordings that could not be read. */
function heardOf(
  { trainedOn }: ModelManifest,
  folder: LabelledFolder,
  unreadable: ReadonlyMap<string, string>,
): ModelManifest['trainedOn'] {
  const heard = folder.labels.recordings.filter(({ id }) => !unreadable.has(id));
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
