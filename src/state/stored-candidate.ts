// A judged candidate as the registry keeps it: its record with card and figures, and its parts.

import { recordingsText } from '../core/training/evaluation-document.ts';
import type { Golden } from '../core/training/golden.ts';
import { HEARD_NOTHING, mergeHeard, type Heard } from '../core/training/heard.ts';
import { formatLocalModelCard } from '../core/training/local-model-card.ts';
import type { TrainingPlan } from '../core/training/plan.ts';
import { runMetrics, type RunStory } from '../core/training/run-documents.ts';
import { droppedFolder } from '../core/training/truth.ts';
import type { TrainingOutcome } from '../core/training/types.ts';
import type { Verdict } from '../core/training/verdict.ts';
import type { ModelAssets } from '../rpc/protocol.ts';
import type { ModelParts } from '../storage/model-record.ts';
import type { RunDetails, RunEntry } from '../storage/run-record.ts';
import type { NewModel } from './registered-model.ts';

export interface JudgedCandidate {
  outcome: TrainingOutcome;
  candidate: ModelAssets;
  golden: Golden;
  verdict: Verdict | null;
  entry: RunEntry;
  details: RunDetails;
  /** As a person calls the model it was trained from; null where that is gone. */
  parentName: string | null;
  /** By the model it was trained from. */
  parentHeard: Heard;
  /** Of the model it was trained from, which goes on with it: what that one knew can be asked of later ones, too. */
  replay: ArrayBuffer | null;
}

/** @param sha256 lower-case hex */
export async function storedCandidate(
  { outcome, candidate, golden, verdict, entry, details, parentName, parentHeard, replay }: JudgedCandidate,
  sha256: (bytes: ArrayBuffer) => Promise<string>,
): Promise<{ model: NewModel; parts: ModelParts }> {
  const { manifest, modelJson, weights } = candidate;
  const isScratch = entry.way === 'scratch';
  const story: RunStory = {
    way: entry.way,
    settings: details.settings,
    plan: details.plan,
    parentName: isScratch ? null : parentName,
    withReplay: details.withReplay,
    epochsDone: outcome.history.length,
    bestEpoch: outcome.bestEpoch,
    backend: outcome.backend,
    trainingSeconds: outcome.seconds,
  };
  const recordingsSha256 = await sha256(new TextEncoder().encode(judgedText(details.plan)).buffer);
  const model: NewModel = {
    origin: 'trained',
    name: manifest.name,
    manifest,
    metrics: verdict && runMetrics(story, verdict, recordingsSha256),
    card: formatLocalModelCard(manifest, story, verdict),
    golden,
    parentKey: isScratch ? null : entry.baseKey,
    runId: entry.id,
    heard: mergeHeard([isScratch ? HEARD_NOTHING : parentHeard, heardIn(details.plan)]),
    hasPassedComparison: verdict?.recommendation === 'promote',
  };
  return { model, parts: { modelJson, weights, replay: isScratch ? null : replay } };
}

function heardIn({ trainIds, watchIds, validationIds }: TrainingPlan): Heard {
  return { trained: trainIds, watched: watchIds, judged: validationIds };
}

/** The recordings that judge, as the evaluation of a dropped folder calls them, so that it recognises them. */
function judgedText({ recordings, validationIds }: TrainingPlan): string {
  const folder = droppedFolder(recordings.map(({ fileName }) => fileName));
  const judging = new Set(validationIds);
  const told = recordings.flatMap(({ id, fileName, label }) =>
    judging.has(id) ? [{ id: fileName.slice(folder.length), label }] : [],
  );
  return recordingsText(told);
}
