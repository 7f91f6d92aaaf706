// What `--dry-run` prints, and every training before it starts: who is there, how the split falls, what is too
// little. Text only; imports core/training.

import type { LabelReading, LabelledRecording } from '../core/training/labels.ts';
import type { PlanNote, TrainingPlan } from '../core/training/plan.ts';
import { align } from '../core/training/report-tables.ts';
import { N_FOLDS, type TrainingRun } from './training-runs.ts';

/** Fewer recordings of a class in a source than this give no figure worth its name there. */
const FEW_RECORDINGS = 20;
/** Fewer groups of a class than this, and a fold may go without it. */
const FEW_GROUPS = 2 * N_FOLDS;
const SHOWN = 5;

/** @param withWarnings about what is too little; a plan has notes of its own */
export function describeData(
  reading: LabelReading,
  labels: readonly string[],
  withWarnings: boolean,
): string {
  const { recordings, from, notes, unmatched, missing } = reading;
  const origin = { csv: 'a CSV', reference: 'REFERENCE.csv', folders: 'class folders' }[from];
  const nGroups = new Set(recordings.map((recording) => recording.group)).size;
  const lines = [
    `${recordings.length} labelled recordings of ${nGroups} groups, labels from ${origin}: ${labels.join(', ')}${labels.length === 2 ? ` (${labels[1] ?? ''} is the positive class)` : ''}.`,
    ...notes,
    ...unmatched.slice(0, SHOWN).map(({ path, reason }) => `  ${path}: ${reason}`),
    ...missing
      .slice(0, SHOWN)
      .map(({ labelFile, line, file }) => `  ${labelFile}, line ${line}: ${file} is not there`),
    '',
    'Recordings (groups) of each class in each source:',
    ...countTable(recordings, labels),
    ...(withWarnings ? tooLittle(recordings, labels) : []),
  ];
  return lines.join('\n');
}

/** How each run divides the recordings. */
export function describeRuns(
  runs: readonly TrainingRun[],
  recordings: readonly LabelledRecording[],
  labels: readonly string[],
): string {
  const byId = new Map(recordings.map((recording) => [recording.id, recording]));
  const count = (ids: readonly string[], label: string) =>
    String(ids.filter((id) => byId.get(id)?.label === label).length);
  const isWatched = runs.some(({ watchIds }) => watchIds.length > 0);
  const counts = (ids: readonly string[]) => [
    String(ids.length),
    ...labels.map((label) => count(ids, label)),
  ];
  const header = [
    'run',
    ...['train', ...labels],
    ...(isWatched ? ['watched', ...labels] : []),
    ...['judged', ...labels],
    'passes',
    'steps',
  ];
  const rows = runs.map(({ name, trainIds, watchIds, testIds, settings }) => [
    name,
    ...counts(trainIds),
    ...(isWatched ? counts(watchIds) : []),
    ...counts(testIds),
    String(settings.epochs),
    String(settings.epochs * settings.stepsPerEpoch),
  ]);
  const seed = runs[0]?.settings.seed ?? 0;
  const batch = runs[0]?.settings.batchSize ?? 0;
  return [
    `No group is ever on both sides. Seed ${seed}, batches of ${batch}.`,
    ...align([header, ...rows]),
    ...judgedBalance(runs, byId, labels),
  ].join('\n');
}

/** What a plan says of itself, as on the page; `replayNote` is what is replayed of the model that it begins with. */
export function describePlan(
  { notes, watchIds }: TrainingPlan,
  { way, settings }: TrainingRun,
  replayNote: string | null,
): string {
  const patience =
    settings.earlyStoppingPatience === null
      ? 'all passes are run'
      : `stops after ${settings.earlyStoppingPatience} passes without a better loss on ${watchIds.length} watched recordings`;
  const kinds: Record<PlanNote['kind'], string> = { stop: 'Impossible', warn: 'Warning', tell: 'Note' };
  return [
    `Way: ${way}, at most ${settings.epochs} passes, learning rate ${settings.learningRate}; ${patience}.`,
    ...(replayNote === null ? [] : [replayNote]),
    ...notes.map(({ kind, text }) => `${kinds[kind]}: ${text}`),
  ].join('\n');
}

function countTable(recordings: readonly LabelledRecording[], labels: readonly string[]): string[] {
  const sources = [...new Set(recordings.map((recording) => recording.source))].sort();
  const cell = (chosen: readonly LabelledRecording[]) =>
    `${chosen.length} (${new Set(chosen.map((recording) => recording.group)).size})`;
  const row = (name: string, chosen: readonly LabelledRecording[]) => [
    name,
    ...labels.map((label) => cell(chosen.filter((recording) => recording.label === label))),
    cell(chosen),
  ];
  return align([
    ['source', ...labels, 'all'],
    ...sources.map((source) =>
      row(
        source,
        recordings.filter((recording) => recording.source === source),
      ),
    ),
    ...(sources.length > 1 ? [row('all', recordings)] : []),
  ]);
}

/** The judged side's classes in each source, run by run: what a stratified split should keep level. */
function judgedBalance(
  runs: readonly TrainingRun[],
  byId: ReadonlyMap<string, LabelledRecording>,
  labels: readonly string[],
): string[] {
  const folds = runs.filter((run) => run.kind === 'fold' || run.kind === 'validation');
  const sources = [...new Set([...byId.values()].map((recording) => recording.source))].sort();
  const rows = sources.flatMap((source) =>
    labels.map((label) => [
      `${source} ${label}`,
      ...folds.map(({ testIds }) =>
        String(
          testIds.filter((id) => byId.get(id)?.source === source && byId.get(id)?.label === label).length,
        ),
      ),
    ]),
  );
  return [
    '',
    'Judged recordings of each source and class:',
    ...align([['', ...folds.map((run) => run.name)], ...rows]),
  ];
}

function tooLittle(recordings: readonly LabelledRecording[], labels: readonly string[]): string[] {
  const warnings: string[] = [];
  for (const label of labels) {
    const groups = new Set(recordings.filter((recording) => recording.label === label).map((r) => r.group))
      .size;
    if (groups < FEW_GROUPS)
      warnings.push(
        `Only ${groups} groups of ${label}: too few to train or judge on; ${FEW_GROUPS} at least, better hundreds.`,
      );
  }
  for (const source of [...new Set(recordings.map((recording) => recording.source))].sort())
    for (const label of labels) {
      const n = recordings.filter((r) => r.source === source && r.label === label).length;
      if (n < FEW_RECORDINGS)
        warnings.push(`Only ${n} ${label} in ${source}: figures inside this source will swing.`);
    }
  return warnings.length === 0 ? [] : ['', 'Too little:', ...warnings.map((warning) => `  ${warning}`)];
}
