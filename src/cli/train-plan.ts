// What `npm run train` is about to do: which runs, over which recordings, from which model, and the text that says so
// before anything happens. Imports core/training and the files of this folder that plan and describe runs.

import { basename, resolve } from 'node:path';
import { AppError } from '../core/errors.ts';
import { labelOrder } from '../core/training/label-names.ts';
import type { LabelledRecording } from '../core/training/labels.ts';
import { DEFAULT_VALIDATION_FRACTION, planTraining } from '../core/training/plan.ts';
import { replayWindowsFor } from '../core/training/replay.ts';
import { UsageError } from './args.ts';
import { hashFiles, type LabelledFolder } from './labelled-folder.ts';
import type { ModelFolder } from './model-folder.ts';
import { DEFAULT_SEED, type TrainFlags } from './train-flags.ts';
import { crossValidationRuns, plannedRun, type TrainingRun } from './training-runs.ts';
import { describeData, describePlan, describeRuns } from './training-summary.ts';

export interface PlannedRuns {
  runs: TrainingRun[];
  /** Model folder whose weights and features the runs begin with; null: from scratch. */
  startsFrom: string | null;
  /** Mixed into the training; null: nothing. */
  replay: Uint8Array | null;
  summary: string;
}

type Parent = ModelFolder & { path: string };

/**
 * The labels of the model to be trained: those of the model of --from where it knows all that there are, else the
 * recordings' own.
 * @throws UsageError for fewer than two
 */
export function labelsFor(recordings: readonly LabelledRecording[], known: readonly string[]): string[] {
  const found = labelOrder(recordings);
  if (found.length < 2)
    throw new UsageError(
      `All recordings are labelled ${found[0] ?? ''}; training needs at least two classes`,
    );
  return found.every((label) => known.includes(label)) ? [...known] : found;
}

/** Folds, sources left out, and the model on everything. @throws UsageError */
export async function planCrossValidation(
  flags: TrainFlags,
  folder: LabelledFolder,
  labels: readonly string[],
  parent: Parent | null,
): Promise<PlannedRuns> {
  const { recordings } = folder.labels;
  // Only finished folds are taken up later, and a dry run takes up nothing: elsewhere nobody compares contents.
  const contents = flags['dry-run'] ? new Map<string, string>() : await hashFiles(folder);
  const plan = {
    recordings,
    seed: flags.seed ?? DEFAULT_SEED,
    epochs: flags.epochs,
    foldEpochs: flags['fold-epochs'],
    batchSize: flags['batch-size'],
    from: parent?.manifest ?? null,
    contents,
  };
  try {
    const runs = crossValidationRuns(plan, !flags['folds-only']);
    const summary = `${describeData(folder.labels, labels, true)}\n\n${describeRuns(runs, recordings, labels)}`;
    return { runs, startsFrom: parent?.path ?? null, replay: null, summary };
  } catch (error) {
    if (error instanceof AppError) throw new UsageError(error.message.replace(/\.$/, ''));
    throw error;
  }
}

/** One training as the page would plan it. @throws UsageError where it is impossible */
export function planSingle(
  flags: TrainFlags,
  folder: LabelledFolder,
  labels: readonly string[],
  parent: Parent | null,
): PlannedRuns {
  const { recordings } = folder.labels;
  const way = flags.way ?? (parent ? 'all' : 'scratch');
  const plan = planTraining(
    // How long they are, the plan does not ask; nobody has moved any by hand.
    recordings.map((recording) => ({ ...recording, fileName: recording.id, durationSec: 0, side: null })),
    {
      seed: flags.seed ?? DEFAULT_SEED,
      validationFraction: flags['validation-split'] ?? DEFAULT_VALIDATION_FRACTION,
    },
  );
  const stop = plan.notes.find(({ kind }) => kind === 'stop');
  if (stop) throw new UsageError(stop.text.replace(/\.$/, ''));
  const run = plannedRun(plan, way, {
    ...(flags.epochs !== undefined && { epochs: flags.epochs }),
    ...(flags['batch-size'] !== undefined && { batchSize: flags['batch-size'] }),
    ...(flags['learning-rate'] !== undefined && { learningRate: flags['learning-rate'] }),
    ...(flags.patience !== undefined && { earlyStoppingPatience: flags.patience }),
  });
  const start = way === 'scratch' ? null : parent;
  const { replay, note } = start ? replayOf(start, labels, flags) : { replay: null, note: null };
  const summary = [
    describeData(folder.labels, labels, false),
    '',
    describeRuns([run], recordings, labels),
    '',
    describePlan(plan, run, note),
  ].join('\n');
  return { runs: [run], startsFrom: start?.path ?? null, replay, summary };
}

/** What is replayed of the model that is trained further, and the sentence that says so. */
function replayOf(
  { manifest, replay, path }: Parent,
  labels: readonly string[],
  flags: TrainFlags,
): { replay: Uint8Array | null; note: string } {
  const name = basename(resolve(path));
  if (flags['no-replay']) return { replay: null, note: `Nothing of ${name} is replayed, as asked.` };
  if (replay === null)
    return { replay, note: `${name} has no replay set: what it forgets is neither prevented nor seen.` };
  try {
    const nWindows = replayWindowsFor(replay, { ...manifest, labels: [...labels] }).length;
    if (nWindows > 0)
      return {
        replay,
        note: `${nWindows} windows that ${name} was trained on are replayed among the others.`,
      };
    return {
      replay: null,
      note: `${name} shares no label with these recordings: nothing of it is replayed, and what it forgets is not seen.`,
    };
  } catch (error) {
    if (error instanceof AppError) throw new UsageError(error.message.replace(/\.$/, ''));
    throw error;
  }
}
