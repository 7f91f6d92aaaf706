// The verdict on a model just trained: it and the active model answer the recordings that judge, and both lists of
// answers are weighed.

import { isAbort, toAppError } from '../core/errors.ts';
import type { Golden } from '../core/training/golden.ts';
import type { Verdict } from '../core/training/verdict.ts';
import type { ModelAssets } from '../rpc/protocol.ts';
import { answeredByBoth, askModel, hearsAlike, type Answers } from './candidate.ts';
import type { RunJournal } from './run-journal.ts';
import type { RunStage } from './run-stage.ts';
import { trainingRunText } from './training-run-text.ts';
import type { RunDependencies } from './training-run.ts';
import type { VerdictMaker } from './training-ports.ts';

export interface Judged {
  golden: Golden;
  /** Null where there is nothing to judge by. */
  verdict: Verdict | null;
}

/**
 * @param journal learns which model it is compared with
 * @throws AppError where the candidate cannot be asked; an AbortError when `signal` fires
 */
export async function reachVerdict(
  candidate: ModelAssets,
  journal: RunJournal,
  dependencies: RunDependencies,
  onStage: (stage: RunStage) => void,
  signal: AbortSignal,
): Promise<Judged> {
  const { models } = dependencies;
  const { plan } = journal.details;
  const ids = plan.validationIds;
  journal.change({ activeKey: models.activeKey });
  const active = await models.assetsOf(models.activeKey);
  const replay = hearsAlike(candidate.manifest, active.manifest)
    ? await models.replayOf(models.activeKey)
    : null;
  const answered = [0, 0];
  const tell = (): void => {
    const done = answered.reduce((sum, each) => sum + each, 0);
    onStage({ kind: 'answering', done, total: 2 * ids.length });
  };
  const ask = (assets: ModelAssets, who: 0 | 1): Promise<Answers> =>
    askModel(
      assets,
      { plan, ids, replay },
      { ...dependencies, backend: dependencies.backend() },
      (n) => {
        answered[who] = n;
        tell();
      },
      signal,
    );
  tell();
  const [mine, theirs] = await Promise.all([
    ask(candidate, 0),
    ask(active, 1).catch((error: unknown) => {
      if (isAbort(error)) throw error;
      journal.note(trainingRunText.log.activeNotAsked(toAppError(error).message));
      return null;
    }),
  ]);
  const onProgress = (fraction: number): void => onStage({ kind: 'weighing', fraction });
  const verdict = await weigh(mine, theirs, journal, dependencies.verdicts, onProgress, signal);
  return { golden: mine.golden, verdict };
}

async function weigh(
  mine: Answers,
  theirs: Answers | null,
  journal: RunJournal,
  verdicts: VerdictMaker,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<Verdict | null> {
  const { recordings, validationIds } = journal.details.plan;
  const [items, activeItems] = theirs ? answeredByBoth(mine.items, theirs.items) : [mine.items, []];
  const nLost = validationIds.length - items.length;
  if (nLost > 0) journal.note(trainingRunText.log.unanswered(nLost));
  onProgress(0);
  try {
    const verdict = await verdicts.verdict(
      {
        candidate: { labels: mine.labels, items },
        active: theirs && { labels: theirs.labels, items: activeItems },
        fileNames: new Map(recordings.map(({ id, fileName }) => [id, fileName])),
        reference:
          mine.reference && theirs?.reference
            ? { candidate: mine.reference, active: theirs.reference }
            : null,
      },
      onProgress,
      signal,
    );
    journal.note(trainingRunText.log.verdict(verdict.recommendation, verdict.reasons[0] ?? ''));
    return verdict;
  } catch (error) {
    const { code, message } = toAppError(error);
    if (isAbort(error) || code !== 'not-enough-examples') throw error;
    journal.note(trainingRunText.log.noVerdict(message));
    return null;
  }
}
