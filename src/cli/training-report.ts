// From the outcomes of training runs to the figures and the judgement of the model that ships.
// Imports core/training only; thresholds and calibration of a fold never come from the fold itself.

import type { EvaluationItem } from '../core/training/answers.ts';
import { evaluate } from '../core/training/evaluate.ts';
import { recordingsText } from '../core/training/evaluation-document.ts';
import {
  judgeAll,
  judgeBy,
  judgeHeldOut,
  judgeUnseen,
  type HeldOutPrediction,
  type Judgement,
} from '../core/training/held-out.ts';
import type { LabelledRecording } from '../core/training/labels.ts';
import type { ModelMetrics } from '../core/training/model-card.ts';
import { RECIPE } from '../core/training/recipe.ts';
import type { TrainingWay } from '../core/training/types.ts';
import { N_FOLDS, sha256, type RunOutcome, type TrainingRun } from './training-runs.ts';

export interface FinishedRuns {
  runs: readonly TrainingRun[];
  outcomes: ReadonlyMap<string, RunOutcome>;
  recordings: readonly LabelledRecording[];
  labels: readonly string[];
  dataset: string;
  /** Model whose weights the runs began with; null: from scratch. */
  startedFrom: string | null;
  command: string;
}

/** The report as metrics.json keeps it, and what the shipped manifest says: calibration, threshold, band. */
export function reportRuns(finished: FinishedRuns): { metrics: ModelMetrics; judgement: Judgement } {
  const { runs, outcomes, recordings, labels } = finished;
  const { inconclusiveFraction } = RECIPE;
  const single = outcomes.get(runs.find((run) => run.kind === 'validation')?.name ?? '');
  if (single) {
    const { judgement, predictions } = single;
    const report = evaluate(judgeBy(judgement, predictions, recordings, labels), { labels });
    return { metrics: { ...report, method: methodOf(finished, true) }, judgement };
  }
  const judged = predictionsOf(
    runs.filter((run) => run.kind === 'fold'),
    outcomes,
  );
  const unseen = predictionsOf(
    runs.filter((run) => run.kind === 'unseen-source'),
    outcomes,
  );
  const { items, folds } = judgeHeldOut(judged, recordings, labels, inconclusiveFraction);
  const unseenItems: EvaluationItem[] =
    unseen.length > 0 ? judgeUnseen(unseen, judged, recordings, labels, inconclusiveFraction).items : [];
  const report = evaluate(items, { labels, folds, unseen: unseenItems });
  return {
    metrics: { ...report, method: methodOf(finished, false) },
    judgement: judgeAll(judged, recordings, labels, inconclusiveFraction),
  };
}

/** SHA-256 of which recordings they are, with which labels. */
export function recordingsDigest(recordings: readonly LabelledRecording[]): string {
  return sha256(recordingsText(recordings));
}

function predictionsOf(
  runs: readonly TrainingRun[],
  outcomes: ReadonlyMap<string, RunOutcome>,
): HeldOutPrediction[] {
  return runs.flatMap(({ name }) =>
    (outcomes.get(name)?.predictions ?? []).map(({ id, logits }) => ({ id, fold: name, logits })),
  );
}

function describeSingle({ way, watchIds }: TrainingRun, startedFrom: string): string {
  const made: Record<TrainingWay, string> = {
    head: `A new last layer on what ${startedFrom} hears was trained.`,
    'last-blocks': `The last layers of ${startedFrom} were trained further.`,
    all: `All layers of ${startedFrom} were trained further.`,
    scratch: 'A network was trained from scratch.',
  };
  const calibrated =
    watchIds.length > 0
      ? 'Calibration and threshold come from other recordings, which were only watched while it trained.'
      : 'There were too few others to watch while it trained: nothing decided when to stop.';
  const flattered =
    way === 'scratch' ? '' : ` As far as ${startedFrom} was made from these recordings, the figures flatter.`;
  return `${made[way]} It is judged on recordings of groups that had no part in that. ${calibrated}${flattered}`;
}

function methodOf(finished: FinishedRuns, isSingle: boolean): ModelMetrics['method'] {
  const { runs, outcomes, recordings, dataset, command } = finished;
  const shipped = runs.at(-1);
  const fold = runs.find((run) => run.kind === 'fold');
  if (shipped === undefined) throw new RangeError('No runs');
  const foldSettings = fold && fold.settings.epochs !== shipped.settings.epochs ? fold.settings : null;
  const all = [...outcomes.values()];
  const model =
    shipped.kind === 'final'
      ? 'The model that ships is trained on all recordings.'
      : 'No final model was trained.';
  const passes = foldSettings
    ? ` The folds were trained for ${foldSettings.epochs} passes, the model that ships for ${shipped.settings.epochs}.`
    : '';
  const start =
    finished.startedFrom === null
      ? ''
      : ` All runs began with the weights of ${finished.startedFrom}: as far as that model has heard these recordings, the figures flatter.`;
  return {
    kind: isSingle ? 'validation-split' : 'cross-validation',
    description: isSingle
      ? describeSingle(shipped, finished.startedFrom ?? '')
      : `Grouped ${N_FOLDS}-fold cross-validation: every recording is judged by a model that never heard its group, at a calibration and threshold found on the other folds. ${model}${passes}${start}`,
    settings: shipped.settings,
    foldSettings,
    dataset,
    recordingsSha256: recordingsDigest(recordings),
    backend: all[0]?.backend ?? 'unknown',
    trainingSeconds: all.reduce((sum, outcome) => sum + outcome.seconds, 0),
    command,
  };
}
