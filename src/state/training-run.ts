// One training run from the labelled recordings to a stored candidate with its verdict: read, train, ask both models,
// weigh, store. A worker that is lost on the way is replaced, and training goes on from its last checkpoint. What is
// done is kept, so that a run which failed later, for want of room for example, goes on from there.

import { AppError, isAbort, toAppError } from '../core/errors.ts';
import type { ModelManifest } from '../core/model/manifest.ts';
import type { Checkpoint } from '../core/training/checkpoint.ts';
import { HEARD_NOTHING } from '../core/training/heard.ts';
import type { TrainingPlan } from '../core/training/plan.ts';
import type { TrainingHistoryEntry, TrainingOutcome, TrainingProgress } from '../core/training/types.ts';
import type { BackendPreference, ModelAssets } from '../rpc/protocol.ts';
import { draftCandidate } from './candidate.ts';
import { reachVerdict, type Judged } from './reach-verdict.ts';
import type { RunJournal } from './run-journal.ts';
import type { RunStage } from './run-stage.ts';
import { storedCandidate } from './stored-candidate.ts';
import type { Judge, RunModels, Trainer, TrainingCollection, VerdictMaker } from './training-ports.ts';
import { trainingRunText } from './training-run-text.ts';

export interface RunDependencies {
  spawnTrainer: () => Trainer;
  spawnJudge: () => Judge;
  verdicts: VerdictMaker;
  models: RunModels;
  collection: TrainingCollection;
  backend: () => BackendPreference;
  /** Lower-case hex. */
  sha256: (bytes: ArrayBuffer) => Promise<string>;
  /** ISO 8601, UTC. */
  timestamp: () => string;
  appVersion: string;
}

export interface RunListener {
  onStage(stage: RunStage): void;
  onHistory(history: TrainingHistoryEntry[]): void;
}

/** Sounds that are made ready while the worker is at another. */
const READ_AHEAD = 3;
/** Workers that may be lost before the run fails. */
const MAX_LOST = 2;
/** Recordings that are named in the log when they cannot be read; of more only the number is told. */
const MAX_NAMED = 20;

const LOST: readonly string[] = ['worker-crashed', 'worker-stalled', 'gpu-lost'];

interface Trained {
  outcome: TrainingOutcome;
  candidate: ModelAssets;
  /** Of the model it was trained from; goes on with it. */
  replay: ArrayBuffer | null;
}

export class TrainingRun {
  readonly journal: RunJournal;
  readonly #dependencies: RunDependencies;
  readonly #listener: RunListener;
  readonly #cancelling = new AbortController();
  readonly #stopping = new AbortController();
  /** Where training goes on from when its worker is lost. */
  #checkpoint: Checkpoint | null;
  #history: TrainingHistoryEntry[];
  #trained: Trained | null = null;
  #judged: Judged | null = null;

  /** @param checkpoint where an earlier visit left off; null: from the beginning */
  constructor(
    journal: RunJournal,
    checkpoint: Checkpoint | null,
    dependencies: RunDependencies,
    listener: RunListener,
  ) {
    this.journal = journal;
    this.#checkpoint = checkpoint;
    this.#history = [...(checkpoint?.history ?? [])];
    this.#dependencies = dependencies;
    this.#listener = listener;
    if (journal.details.isStopped) this.#stopping.abort();
  }

  /**
   * Resolves when the candidate is stored. May be called again after a failure: what was done is not done again.
   * @throws AppError; an AbortError after `cancel`, and after a `stop` before there was anything to keep
   */
  async run(): Promise<void> {
    const signal = this.#cancelling.signal;
    signal.throwIfAborted();
    this.#listener.onStage({ kind: 'starting' });
    const { models } = this.#dependencies;
    await models.list();
    this.#trained ??= await this.#train(signal);
    this.#judged ??= await reachVerdict(
      this.#trained.candidate,
      this.journal,
      this.#dependencies,
      (stage) => this.#listener.onStage(stage),
      signal,
    );
    this.#listener.onStage({ kind: 'storing' });
    const { entry, details } = this.journal;
    const parent = models.models.find(({ key }) => key === entry.baseKey);
    const parentName = parent?.name ?? null;
    const parentHeard = parent?.heard ?? HEARD_NOTHING;
    const { model, parts } = await storedCandidate(
      { ...this.#trained, ...this.#judged, entry, details, parentName, parentHeard },
      this.#dependencies.sha256,
    );
    signal.throwIfAborted();
    // An earlier visit may have been ended between this and the next step.
    const twin = models.models.find(({ runId }) => runId === entry.id);
    const modelKey = twin?.key ?? (await models.add(model, parts));
    const { verdict } = this.#judged;
    this.journal.change({ modelKey, recommendation: verdict?.recommendation ?? null }, { verdict });
    this.journal.note(trainingRunText.log.stored(model.name));
    await this.journal.end('finished');
  }

  /** After the step under way, with the best there is so far. */
  stop(): void {
    this.journal.change({}, { isStopped: true });
    this.journal.note(trainingRunText.log.stopped);
    void this.journal.save();
    this.#stopping.abort();
  }

  /** Its workers are ended at once. */
  cancel(): void {
    this.#cancelling.abort();
  }

  async #train(signal: AbortSignal): Promise<Trained> {
    const { models } = this.#dependencies;
    const { entry } = this.journal;
    const [assets, replay] = await Promise.all([
      models.assetsOf(entry.baseKey),
      models.replayOf(entry.baseKey),
    ]);
    const base = { assets, replay };
    if (this.journal.details.withReplay && !replay) {
      this.journal.change({}, { withReplay: false });
      this.journal.note(trainingRunText.log.noReplay);
    }
    for (let nLost = 0; ; nLost++) {
      try {
        return await this.#trainInWorker(base, signal);
      } catch (error) {
        const { code, message } = toAppError(error);
        if (isAbort(error) || !LOST.includes(code) || nLost === MAX_LOST) throw error;
        this.journal.note(trainingRunText.log.workerLost(message, this.#checkpoint?.epoch ?? null));
        await this.journal.save();
      }
    }
  }

  async #trainInWorker(
    base: { assets: ModelAssets; replay: ArrayBuffer | null },
    signal: AbortSignal,
  ): Promise<Trained> {
    const { entry, details } = this.journal;
    const { spawnTrainer, backend } = this.#dependencies;
    const trainer = spawnTrainer();
    const end = (): void => trainer.dispose();
    signal.addEventListener('abort', end, { once: true });
    try {
      signal.throwIfAborted();
      const { manifest } = base.assets;
      const draft = (): ModelManifest =>
        draftCandidate(manifest, entry.way, this.journal.details.plan, entry.createdAt);
      const report = await trainer.start({ manifest: draft(), backend: backend() });
      this.journal.change({ backend: report.name });
      this.journal.note(trainingRunText.log.ready(report.name));
      const leftOut = await this.#read(trainer, details.plan, signal);
      const plan = planWithout(details.plan, leftOut);
      const { trainIds, watchIds, validationIds } = plan;
      this.journal.change(
        { nTraining: trainIds.length, nWatched: watchIds.length, nValidation: validationIds.length },
        { plan },
      );
      this.journal.note(trainingRunText.log.sides(trainIds.length, watchIds.length, validationIds.length));
      const isScratch = entry.way === 'scratch';
      const outcome = await trainer.train(
        {
          way: entry.way,
          settings: details.settings,
          trainIds,
          watchIds,
          validationIds,
          from: isScratch ? null : base.assets,
          replay: details.withReplay && !isScratch ? base.replay : null,
          resume: this.#checkpoint,
        },
        (progress) => this.#follow(progress),
        (checkpoint) => this.#keep(checkpoint),
        this.#stopping.signal,
      );
      return { ...(await this.#settle(outcome, draft())), replay: base.replay };
    } finally {
      signal.removeEventListener('abort', end);
      trainer.dispose();
    }
  }

  /** Into the worker in the order of the plan, the next ones made ready meanwhile. @returns ids that cannot be read */
  async #read(trainer: Trainer, plan: TrainingPlan, signal: AbortSignal): Promise<Set<string>> {
    const { collection } = this.#dependencies;
    const { recordings } = plan;
    const leftOut = new Set<string>();
    const ahead = new Map<number, ReturnType<TrainingCollection['readSource']>>();
    for (const [i, recording] of recordings.entries()) {
      this.#listener.onStage({ kind: 'reading', done: i, total: recordings.length });
      for (let next = i; next < Math.min(recordings.length, i + READ_AHEAD); next++) {
        if (ahead.has(next)) continue;
        const source = collection.readSource(recordings[next]?.id ?? '');
        // Its failure is met when its turn comes.
        source.catch(() => undefined);
        ahead.set(next, source);
      }
      const { id, label, group, source, quality } = recording;
      try {
        const sound = await ahead.get(i);
        signal.throwIfAborted();
        if (sound) await trainer.addRecording({ id, label, group, source, quality }, sound);
      } catch (error) {
        const { code, message } = toAppError(error);
        if (isAbort(error) || signal.aborted || LOST.includes(code)) throw error;
        // What a checkpoint was made with must be there again.
        if (code === 'recordings-missing' && this.#checkpoint) throw error;
        leftOut.add(id);
        if (leftOut.size <= MAX_NAMED)
          this.journal.note(trainingRunText.log.leftOut(recording.fileName, message));
      }
      ahead.delete(i);
    }
    if (leftOut.size > MAX_NAMED)
      this.journal.note(trainingRunText.log.moreLeftOut(leftOut.size - MAX_NAMED));
    return leftOut;
  }

  #follow(progress: TrainingProgress): void {
    if (progress.kind === 'embedding') {
      this.#listener.onStage(progress);
      return;
    }
    const { entry, ...step } = progress;
    this.#listener.onStage({ ...step, kind: 'training' });
    if (entry) this.#tellHistory([...this.#history.filter(({ epoch }) => epoch < entry.epoch), entry]);
  }

  #tellHistory(history: TrainingHistoryEntry[]): void {
    this.#history = history;
    this.#listener.onHistory(history);
  }

  async #keep(checkpoint: Checkpoint): Promise<void> {
    // It was on its way when the run was cancelled: a run that has ended keeps none.
    if (this.#cancelling.signal.aborted) return;
    this.#checkpoint = checkpoint;
    this.journal.change({ epochsDone: checkpoint.epoch }, { history: checkpoint.history });
    await this.journal.save(checkpoint);
  }

  async #settle(outcome: TrainingOutcome, draft: ModelManifest): Promise<Omit<Trained, 'replay'>> {
    const { history, backend, stopped, bestEpoch, seconds, judgement, modelJson, weights } = outcome;
    this.#tellHistory(history);
    const { backend: began } = this.journal.entry;
    if (began !== null && began !== backend) this.journal.note(trainingRunText.log.gpuLost(began, backend));
    this.journal.change({ epochsDone: history.length, backend }, { history, bestEpoch });
    this.journal.note(trainingRunText.log.trained(history.length, seconds, backend, stopped, bestEpoch));
    await this.journal.save();
    const sha256 = await this.#dependencies.sha256(weights);
    return { outcome, candidate: { manifest: { ...draft, ...judgement, sha256 }, modelJson, weights } };
  }
}

/** @throws AppError `not-enough-examples` when a class has nothing left to train on */
function planWithout(plan: TrainingPlan, leftOut: ReadonlySet<string>): TrainingPlan {
  const isLeft = (id: string): boolean => !leftOut.has(id);
  const recordings = plan.recordings.filter(({ id }) => isLeft(id));
  const trainIds = plan.trainIds.filter(isLeft);
  const trained = new Set(trainIds);
  const missing = plan.labels.find(
    (label) => !recordings.some((recording) => recording.label === label && trained.has(recording.id)),
  );
  if (missing !== undefined) throw new AppError('not-enough-examples', trainingRunText.noneLeft(missing));
  return {
    ...plan,
    recordings,
    trainIds,
    watchIds: plan.watchIds.filter(isLeft),
    validationIds: plan.validationIds.filter(isLeft),
  };
}
