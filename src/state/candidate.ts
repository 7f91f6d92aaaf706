// The model that a run makes: its manifest before and after training, and what it and the active model answer to
// the recordings that judge. Both are asked in inference workers of their own, the way of every other answer, so
// that models with different features compare too and the page's worker stays free.

import { isAbort, toAppError } from '../core/errors.ts';
import type { ModelManifest } from '../core/model/manifest.ts';
import type { EvaluationItem } from '../core/training/answers.ts';
import { evaluatedAnswer, evaluationItems } from '../core/training/evaluation-items.ts';
import type { Golden } from '../core/training/golden.ts';
import type { TrainingPlan } from '../core/training/plan.ts';
import { draftManifest, fineTunedManifest } from '../core/training/recipe.ts';
import { hasSameLabels } from '../core/training/label-names.ts';
import type { TrainingWay } from '../core/training/types.ts';
import type { ReferenceAnswer } from '../core/training/verdict.ts';
import type { RecordingResult } from '../core/types.ts';
import type { BackendPreference, ModelAssets } from '../rpc/protocol.ts';
import type { Judge, TrainingCollection } from './training-ports.ts';
import { candidateText as words } from './candidate-text.ts';

/** Ends an id that a run has made, so that one of the next generation does not carry both. */
const MADE_ID = /-\d{8}t\d{6}$/;

/** Recordings that go to a worker in one call: so many fit a batch of its network, and a cancel is felt soon. */
const ANSWERED_AT_ONCE = 8;

/**
 * The manifest to train with: features of the base, labels of the plan. Not yet calibrated, weights not yet hashed.
 * @param base what it starts from; of `scratch` it takes nothing but the name's stem
 * @param createdAt ISO 8601, UTC
 */
export function draftCandidate(
  base: ModelManifest,
  way: TrainingWay,
  plan: TrainingPlan,
  createdAt: string,
): ModelManifest {
  const learned = new Set([...plan.trainIds, ...plan.watchIds]);
  const groups = new Set(plan.recordings.flatMap(({ id, group }) => (learned.has(id) ? [group] : [])));
  const labels = hasSameLabels(base.labels, plan.labels) ? base.labels : plan.labels;
  const stem = way === 'scratch' ? words.stem : base.name.replace(words.nameEnd, '');
  const identity = {
    id: `${base.id.replace(MADE_ID, '')}-${createdAt.slice(0, 19).replace(/[-:]/g, '').toLowerCase()}`,
    name: words.name(stem, way, learned.size),
    version: createdAt.slice(0, 10).replaceAll('-', '.'),
    createdAt,
  };
  const trainedOn = {
    dataset: words.dataset,
    nRecordings: learned.size,
    nGroups: groups.size,
    note: way === 'scratch' ? '' : words.parent(base.name, base.version),
  };
  return way === 'scratch'
    ? draftManifest(identity, labels, trainedOn)
    : fineTunedManifest(base, identity, labels, trainedOn);
}

/** Whether one model's windows are windows of the other. */
export function hearsAlike(some: ModelManifest, other: ModelManifest): boolean {
  const heard = ({ sampleRateHz, window, features, inputLayout }: ModelManifest): string =>
    JSON.stringify([sampleRateHz, window, features, inputLayout]);
  return heard(some) === heard(other);
}

export interface JudgeDependencies {
  spawnJudge: () => Judge;
  collection: TrainingCollection;
  backend: BackendPreference;
  appVersion: string;
}

/** What one of the two answers. */
export interface Answers {
  labels: string[];
  items: EvaluationItem[];
  /** Null where there is no reference set that it can hear. */
  reference: ReferenceAnswer[] | null;
  golden: Golden;
}

/**
 * A model's answers in a worker of its own, which ends with them.
 * @param ids of the recordings that judge, all in the plan
 * @param replay its reference windows are answered, too; null: there are none
 * @param onAnswered fires with the number of recordings answered so far
 * @throws AppError `model-invalid`, `backend-unavailable`, `worker-crashed`; an AbortError when `signal` fires
 */
export async function askModel(
  assets: ModelAssets,
  { plan, ids, replay }: { plan: TrainingPlan; ids: readonly string[]; replay: ArrayBuffer | null },
  { spawnJudge, collection, backend, appVersion }: JudgeDependencies,
  onAnswered: (n: number) => void,
  signal: AbortSignal,
): Promise<Answers> {
  signal.throwIfAborted();
  const judge = spawnJudge();
  const end = (): void => judge.dispose();
  signal.addEventListener('abort', end, { once: true });
  try {
    await judge.start(assets, backend);
    const golden = await judge.fingerprint();
    const { labels } = assets.manifest;
    const results = new Map<string, RecordingResult>();
    for (let from = 0; from < ids.length; from += ANSWERED_AT_ONCE) {
      const portion = ids.slice(from, from + ANSWERED_AT_ONCE);
      const requests = await requestsOf(portion, collection, appVersion);
      const answers = await judge.classifyAll(
        requests.map(({ request }) => request),
        signal,
      );
      for (const [i, { id }] of requests.entries()) {
        const answer = answers[i];
        if (answer) results.set(id, answer);
      }
      onAnswered(Math.min(ids.length, from + portion.length));
    }
    const asked = plan.recordings.filter(({ id }) => results.has(id));
    const { items } = evaluationItems(asked, (id) => {
      const result = results.get(id);
      return result ? evaluatedAnswer(result, labels) : null;
    });
    const reference = replay ? await judge.judgeReference(replay, signal).catch(orUnfit) : null;
    return { labels: [...labels], items, reference, golden };
  } finally {
    signal.removeEventListener('abort', end);
    judge.dispose();
  }
}

/** A replay set that is damaged, or of other features, costs the figure about forgetting and nothing else. */
function orUnfit(error: unknown): null {
  if (toAppError(error).code !== 'import-invalid') throw error;
  return null;
}

/** Requests for those whose sound can be read; the others have no answer. */
async function requestsOf(ids: readonly string[], collection: TrainingCollection, appVersion: string) {
  const settled = await Promise.allSettled(ids.map((id) => collection.readSource(id)));
  return settled.flatMap((outcome, i) => {
    if (outcome.status === 'rejected') {
      if (isAbort(outcome.reason)) throw outcome.reason;
      return [];
    }
    const id = ids[i] ?? '';
    const request = { fileName: id, source: outcome.value, threshold: null, withPicture: false, appVersion };
    return [{ id, request }];
  });
}

/** The recordings that both have answered, in the same order. */
export function answeredByBoth(
  some: readonly EvaluationItem[],
  others: readonly EvaluationItem[],
): [EvaluationItem[], EvaluationItem[]] {
  const inSome = new Set(some.map(({ id }) => id));
  const inOthers = new Set(others.map(({ id }) => id));
  return [some.filter(({ id }) => inOthers.has(id)), others.filter(({ id }) => inSome.has(id))];
}
