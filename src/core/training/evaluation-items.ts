// From labelled recordings and what was answered about them to what an evaluation is computed from: the one way of
// page and command line, whatever order the answers came in. May import: core types, core/training/{answers,labels}.

import { ofLabel } from '../by-label.ts';
import type { RecordingResult } from '../types.ts';
import type { EvaluationItem } from './answers.ts';
import type { LabelledRecording } from './labels.ts';

/** What of an answer is evaluated. */
export interface EvaluatedAnswer {
  status: RecordingResult['status'];
  /** Calibrated, in the order of the model's labels. */
  probabilities: readonly number[];
  /** The one it is judged at. */
  threshold: number;
}

/**
 * Answers with their labels, in order of the recordings.
 * @param answerOf by the recording's id; null or an error: it has no answer and is counted apart
 */
export function evaluationItems(
  recordings: readonly LabelledRecording[],
  answerOf: (id: string) => EvaluatedAnswer | null,
): { items: EvaluationItem[]; nFailed: number } {
  const items = recordings.flatMap(({ id, label, group, source, quality }): EvaluationItem[] => {
    const answer = answerOf(id);
    if (answer === null || answer.status === 'error') return [];
    const { threshold } = answer;
    const probabilities = [...answer.probabilities];
    const inconclusive = answer.status === 'inconclusive';
    return [{ id, label, group, source, quality, probabilities, threshold, inconclusive }];
  });
  return { items, nFailed: recordings.length - items.length };
}

/** An answer as the results' schema has it. */
export function evaluatedAnswer(
  result: Pick<RecordingResult, 'status' | 'probabilities' | 'threshold'>,
  labels: readonly string[],
): EvaluatedAnswer {
  const { status, threshold } = result;
  return {
    status,
    threshold,
    probabilities: labels.map((label) => ofLabel(result.probabilities, label) ?? 0),
  };
}
