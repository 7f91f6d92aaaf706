// Whether the model just trained is better than the one that it began with: both answer the recordings kept back for
// that, the way everyone has recordings answered, and the verdict of core/training/verdict.ts is passed on the answers.
// Imports app-session, classify-all and core/training.

import { basename, resolve } from 'node:path';
import type { ModelManifest } from '../core/model/manifest.ts';
import type { EvaluationItem } from '../core/training/answers.ts';
import { evaluatedAnswer, evaluationItems, type EvaluatedAnswer } from '../core/training/evaluation-items.ts';
import type { LabelledRecording } from '../core/training/labels.ts';
import { inputKeyOf, readInputKey } from '../core/training/replay.ts';
import { align, formatDifference, formatEstimate } from '../core/training/report-tables.ts';
import { judgeCandidate, type ReferenceAnswer, type Verdict } from '../core/training/verdict.ts';
import type { BackendName } from '../core/types.ts';
import { AppSession, serveApp, type LocalFile, type ServedApp } from './app-session.ts';
import { classifyAll } from './classify-all.ts';

export interface Contest {
  /** Model folders. */
  candidate: string;
  parent: string;
  /** Kept back from the training: both models are asked about them. */
  recordings: readonly LabelledRecording[];
  files: ReadonlyMap<string, LocalFile>;
  /** The parent's replay set, whose reference part shows what was forgotten; null: it has none. */
  replay: Uint8Array | null;
  backend: BackendName | 'auto';
  signal: AbortSignal;
  log: (line: string) => void;
}

interface Answers {
  manifest: ModelManifest;
  byId: Map<string, EvaluatedAnswer>;
  reference: ReferenceAnswer[] | null;
}

/** @throws Error when the app died, or when it was stopped */
export async function passVerdict(contest: Contest): Promise<Verdict> {
  const { recordings, candidate, parent, log } = contest;
  const served = await serveApp(log);
  try {
    log(`${basename(resolve(parent))} and the new model are asked about ${recordings.length} recordings.`);
    const mine = await ask(candidate, contest, served);
    const theirs = await ask(parent, contest, served);
    const hasBoth = ({ id }: LabelledRecording): boolean =>
      [mine, theirs].every(({ byId }) => (byId.get(id)?.status ?? 'error') !== 'error');
    const answered = recordings.filter(hasBoth);
    return judgeCandidate({
      candidate: materialOf(mine, answered),
      active: materialOf(theirs, answered),
      fileNames: new Map(answered.map(({ id }) => [id, id])),
      reference:
        mine.reference && theirs.reference ? { candidate: mine.reference, active: theirs.reference } : null,
    });
  } finally {
    await served.server.close();
  }
}

function materialOf(
  { manifest, byId }: Answers,
  recordings: readonly LabelledRecording[],
): { labels: string[]; items: EvaluationItem[] } {
  return { labels: manifest.labels, items: evaluationItems(recordings, (id) => byId.get(id) ?? null).items };
}

async function ask(folder: string, contest: Contest, app: ServedApp): Promise<Answers> {
  const { recordings, files, replay, backend, signal, log } = contest;
  const session = await AppSession.open({ webgpu: backend === 'auto' || backend === 'webgpu', log, app });
  try {
    const { manifest } = await session.call('start', { model: session.offerModel(folder), backend });
    const byId = new Map<string, EvaluatedAnswer>();
    const wanted = recordings.flatMap(({ id }) => files.get(id) ?? []);
    for await (const results of classifyAll(session, wanted, signal))
      for (const result of results) byId.set(result.fileName, evaluatedAnswer(result, manifest.labels));
    signal.throwIfAborted();
    // A model from scratch may hear with other features than the one it is compared with.
    const isHeard = replay !== null && readInputKey(replay) === inputKeyOf(manifest);
    const file = { fileName: 'replay.bin', read: () => Promise.resolve(replay ?? new Uint8Array()) };
    const reference = isHeard ? await session.call('judgeReference', session.offer(file)) : null;
    return { manifest, byId, reference };
  } finally {
    await session.close();
  }
}

/** For the terminal: the recommendation, why, and both models side by side. */
export function formatVerdict({ recommendation, reasons, comparison, forgetting }: Verdict): string {
  const advice: Record<Verdict['recommendation'], string> = {
    promote: 'The new model is recommended.',
    keep: 'The model that it began with is recommended.',
    'too-little-data': 'There is too little data to tell which is better.',
  };
  const rows: string[][] = [];
  if (comparison) {
    const { active, candidate, difference } = comparison;
    for (const [name, of] of [
      ['AUC', 'auroc'],
      ['MAcc', 'meanAccuracy'],
    ] as const)
      rows.push([
        `${name}, ${comparison.labels.join(' or ')}`,
        formatEstimate(active.pooled[of]),
        formatEstimate(candidate.pooled[of]),
        formatDifference(difference[of]),
      ]);
  }
  if (forgetting)
    rows.push([
      `AUC, ${forgetting.nWindows} reference windows`,
      formatEstimate(forgetting.active),
      formatEstimate(forgetting.candidate),
      formatDifference(forgetting.difference),
    ]);
  const { onlyActiveRight = 0, onlyCandidateRight = 0, p = 1 } = comparison?.mcnemar ?? {};
  return [
    `Verdict: ${advice[recommendation]}`,
    ...reasons.map((reason) => `  ${reason}`),
    ...(rows.length > 0 ? ['', ...align([['', 'before', 'new', 'difference'], ...rows])] : []),
    ...(comparison
      ? [
          `Of ${comparison.n} recordings only the old one has ${onlyActiveRight} right, only the new one ${onlyCandidateRight} (McNemar p = ${p.toPrecision(2)}).`,
        ]
      : []),
  ].join('\n');
}
