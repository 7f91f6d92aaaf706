// A run's figures and curves as files, in the shapes that the command line writes. Loaded when somebody wants one.

import { recordingsText } from '../../../core/training/evaluation-document.ts';
import {
  formatHistoryCsv,
  formatRunMetrics,
  runMetrics,
  type RunStory,
} from '../../../core/training/run-documents.ts';
import type { RunDetails, RunEntry } from '../../../storage/run-record.ts';

export { formatHistoryCsv as historyCsv };

/**
 * metrics.json.
 * @param parentName of the model it began with; null: not known, or fresh weights
 * @param sha256 of a text, lower-case hex
 * @returns null for a run without a verdict: nothing has judged it
 */
export async function metricsJson(
  entry: RunEntry,
  details: RunDetails,
  parentName: string | null,
  sha256: (text: string) => Promise<string>,
): Promise<string | null> {
  const { verdict, plan, settings, withReplay, history, bestEpoch } = details;
  if (!verdict || !entry.backend) return null;
  const story: RunStory = {
    way: entry.way,
    settings,
    plan,
    parentName: entry.way === 'scratch' ? null : parentName,
    withReplay,
    epochsDone: entry.epochsDone,
    bestEpoch,
    backend: entry.backend,
    trainingSeconds: history.reduce((sum, { seconds }) => sum + seconds, 0),
  };
  const judged = new Set(plan.validationIds);
  const recordings = plan.recordings.filter(({ id }) => judged.has(id));
  return formatRunMetrics(runMetrics(story, verdict, await sha256(recordingsText(recordings))));
}
