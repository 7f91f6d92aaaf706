// From held-out predictions (each by a model that never trained on the recording) to judged answers:
// nested calibration and threshold for the figures, and one judgement from all of them for the model that ships.
// May import: core/model/{aggregate,manifest}, core/training/{answers,calibrate,labels}.

import { AppError } from '../errors.ts';
import { binaryLogit, calibratedProbabilities } from '../model/aggregate.ts';
import type { Calibration, ModelManifest } from '../model/manifest.ts';
import { fitJudgement, fitTemperature } from './calibrate.ts';
import type { EvaluationItem } from './answers.ts';
import type { LabelledRecording } from './labels.ts';
import { trainingText } from './training-text.ts';

/** Uncalibrated logits of one recording, `[1]` or `[nLabels]`, and the fold whose model gave them. */
export interface HeldOutPrediction {
  id: string;
  fold: string;
  logits: number[];
}

/** What a manifest needs to turn logits into an answer. */
export type Judgement = Pick<ModelManifest, 'calibration' | 'threshold' | 'inconclusiveBand'>;

export interface HeldOutAnswers {
  /** Each judged with what the other folds' predictions say, in the order of the predictions. */
  items: EvaluationItem[];
  /** Fold of each item. */
  folds: string[];
  /** Of each fold, by name: found without it. */
  judgements: Record<string, Judgement>;
}

/**
 * Judges every prediction without looking at its own fold's labels.
 * @param inconclusiveFraction of the recordings nearest the threshold to leave undecided, 0..1
 * @param evidenceFor predictions that calibration and threshold of a fold come from; without it, the other folds'
 * @throws AppError `internal` for a prediction about a recording that is not in `recordings`
 */
export function judgeHeldOut(
  predictions: readonly HeldOutPrediction[],
  recordings: readonly LabelledRecording[],
  labels: readonly string[],
  inconclusiveFraction: number,
  evidenceFor: (fold: string) => readonly HeldOutPrediction[] = (fold) =>
    predictions.filter((prediction) => prediction.fold !== fold),
): HeldOutAnswers {
  const known = new Map(recordings.map((recording) => [recording.id, recording]));
  const folds = predictions.map((prediction) => prediction.fold);
  const judgements: Record<string, Judgement> = {};
  for (const fold of new Set(folds)) {
    judgements[fold] = fitJudgementOf(evidenceFor(fold), known, labels, inconclusiveFraction);
  }
  const items = predictions.map((prediction) =>
    judgedItem(prediction, labelOf(prediction, known), labels, judgements[prediction.fold] ?? UNJUDGED),
  );
  return { items, folds, judgements };
}

/** Predictions judged as the model that made them says: nothing of these recordings went into that. */
export function judgeBy(
  judgement: Judgement,
  predictions: readonly Omit<HeldOutPrediction, 'fold'>[],
  recordings: readonly LabelledRecording[],
  labels: readonly string[],
): EvaluationItem[] {
  const known = new Map(recordings.map((recording) => [recording.id, recording]));
  return predictions.map((prediction) =>
    judgedItem(prediction, labelOf(prediction, known), labels, judgement),
  );
}

function judgedItem(
  { id, logits }: Omit<HeldOutPrediction, 'fold'>,
  { label, group, source, quality }: LabelledRecording,
  labels: readonly string[],
  { calibration, threshold, inconclusiveBand: band }: Judgement,
): EvaluationItem {
  const byLabel = calibratedProbabilities(logits, { labels: [...labels], calibration });
  const probabilities = labels.map((name) => byLabel[name] ?? 0);
  const p = probabilities[1] ?? 0;
  const inconclusive = labels.length === 2 && band !== null && p > band.low && p < band.high;
  return { id, label, group, source, quality, probabilities, threshold, inconclusive };
}

/**
 * Judges predictions about sources that their models never heard, as somebody with a new source would: with
 * calibration and threshold from the cross-validated predictions about the recordings of the other sources.
 */
export function judgeUnseen(
  unseen: readonly HeldOutPrediction[],
  crossValidated: readonly HeldOutPrediction[],
  recordings: readonly LabelledRecording[],
  labels: readonly string[],
  inconclusiveFraction: number,
): HeldOutAnswers {
  const sourceOf = new Map(recordings.map(({ id, source }) => [id, source]));
  return judgeHeldOut(unseen, recordings, labels, inconclusiveFraction, (fold) => {
    const held = new Set(unseen.flatMap((p) => (p.fold === fold ? [sourceOf.get(p.id)] : [])));
    return crossValidated.filter((prediction) => !held.has(sourceOf.get(prediction.id)));
  });
}

/** One judgement from all held-out predictions: for the model trained on everything. */
export function judgeAll(
  predictions: readonly HeldOutPrediction[],
  recordings: readonly LabelledRecording[],
  labels: readonly string[],
  inconclusiveFraction: number,
): Judgement {
  const known = new Map(recordings.map((recording) => [recording.id, recording]));
  return fitJudgementOf(predictions, known, labels, inconclusiveFraction);
}

/** With too little to learn from: logits as they are, cut at one half, nothing undecided. */
export const UNJUDGED: Judgement = { calibration: { kind: 'none' }, threshold: 0.5, inconclusiveBand: null };

function fitJudgementOf(
  predictions: readonly HeldOutPrediction[],
  known: ReadonlyMap<string, LabelledRecording>,
  labels: readonly string[],
  inconclusiveFraction: number,
): Judgement {
  const truth = predictions.map((prediction) => labels.indexOf(labelOf(prediction, known).label));
  const logits = predictions.map((prediction) => prediction.logits);
  return judgementFrom(logits, truth, labels.length, inconclusiveFraction);
}

/**
 * What recordings that a model did not train on say about its logits.
 * @param truth index of each one's label
 */
export function judgementFrom(
  logits: readonly number[][],
  truth: readonly number[],
  nLabels: number,
  inconclusiveFraction: number,
): Judgement {
  if (new Set(truth).size < 2) return UNJUDGED;
  if (nLabels > 2) {
    const calibration: Calibration = fitTemperature([...logits], truth);
    return { ...UNJUDGED, calibration };
  }
  const { calibration, threshold, band } = fitJudgement(
    logits.map(binaryLogit),
    truth.map((index) => index === 1),
    inconclusiveFraction,
  );
  return { calibration, threshold, inconclusiveBand: band };
}

function labelOf(
  prediction: Pick<HeldOutPrediction, 'id'>,
  known: ReadonlyMap<string, LabelledRecording>,
): LabelledRecording {
  const recording = known.get(prediction.id);
  if (recording === undefined) throw new AppError('internal', trainingText.unknownPrediction(prediction.id));
  return recording;
}
