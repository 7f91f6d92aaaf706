// One training run as the worker holds it: recordings go in as sound and stay as features; networks are trained
// on some of them and scored on others, as often as wanted. Everything but clocks, yields and the backend's name.

import { isSameOrder } from './label-names.ts';
import { decodeBytes } from '../audio/decode.ts';
import { assertDuration } from '../audio/limits.ts';
import { mixdown } from '../audio/mixdown.ts';
import { resample } from '../audio/resample.ts';
import { AppError } from '../errors.ts';
import { Classifier, type ModelAssets } from '../model/classifier.ts';
import type { ModelManifest } from '../model/manifest.ts';
import { recordingFeatures } from '../model/model-input.ts';
import type { RecordingSource } from '../pipeline.ts';
import type { BackendName } from '../types.ts';
import type { Checkpoint } from './checkpoint.ts';
import { FeatureStore, type RecordingTruth } from './feature-store.ts';
import { measureCost } from './cost.ts';
import type { StepCost } from './estimate.ts';
import { fingerprintOf, otherRun } from './fingerprint.ts';
import { fit, type FitRequest } from './fit.ts';
import { judgementFrom, UNJUDGED, type Judgement } from './held-out.ts';
import { RECIPE } from './recipe.ts';
import { makeReplay } from './replay-choice.ts';
import { replayWindowsFor } from './replay.ts';
import { scoreRecordings } from './score.ts';
import { scoresOf, type Scores } from './scores.ts';
import type { Splittable } from './split.ts';
import { openTrainee, type Trainee } from './trainee.ts';
import { trainingText } from './training-text.ts';
import type { TrainingOutcome, TrainingSettings, TrainingWay } from './types.ts';

/** What the surroundings lend: a clock, and a way to let messages in. */
export interface TrainingPlatform {
  /** Milliseconds, monotonic. */
  now: () => number;
  yieldControl: () => Promise<void>;
  backend: () => BackendName;
}

/** One run over recordings that were added. Plain data: it crosses the worker boundary. */
export interface TrainRequest {
  way: TrainingWay;
  settings: TrainingSettings;
  trainIds: string[];
  /** Decide when to stop and which epoch is kept, and calibrate; part of nothing else. Empty: all epochs are run. */
  watchIds: string[];
  /** Scored after every epoch to be shown; decide nothing. */
  validationIds: string[];
  /** The model to start from; null only for `scratch`. Where its labels differ, it gets a new head. */
  from: ModelAssets | null;
  /** Replay set to mix in, so that what it was trained on is not forgotten; null: none. */
  replay: ArrayBuffer | null;
  /** Where an earlier run with the same request and recordings left off. */
  resume: Checkpoint | null;
}

export type RunHooks = Pick<FitRequest, 'signal' | 'onProgress'> & {
  onCheckpoint?: (checkpoint: Checkpoint) => void | Promise<void>;
};

export class TrainingSession {
  readonly #manifest: ModelManifest;
  readonly #platform: TrainingPlatform;
  readonly #store: FeatureStore;
  #trained: ModelAssets | null = null;

  /** @param manifest of the model to be trained: features and windows of all recordings to come */
  constructor(manifest: ModelManifest, platform: TrainingPlatform) {
    this.#manifest = manifest;
    this.#platform = platform;
    this.#store = new FeatureStore(manifest);
  }

  /** @throws AppError for a recording that cannot be read, is too short or too long */
  async add(truth: RecordingTruth, source: RecordingSource): Promise<{ durationSec: number }> {
    const original = mixdown(source.kind === 'pcm' ? source.pcm : await decodeBytes(source.bytes));
    const durationSec = original.samples.length / original.sampleRateHz;
    assertDuration(durationSec);
    const audio = resample(original, this.#manifest.sampleRateHz);
    this.#store.add(truth, recordingFeatures(audio, this.#manifest, false));
    return { durationSec };
  }

  /**
   * Trains a network; the result is kept for `score`.
   * @param hooks progress; checkpoints (see `fit`); `signal` stops it with what it has
   * @throws AppError `not-enough-examples`, `labels-invalid`, `training-diverged`, `model-missing`, `model-invalid`
   */
  async train(request: TrainRequest, hooks: RunHooks): Promise<TrainingOutcome> {
    const started = this.#platform.now();
    const { way, settings, trainIds, watchIds, validationIds, resume } = request;
    const run = fingerprintOf(request, this.#manifest, this.#store);
    if (resume && resume.run !== run) throw otherRun();
    const trainee = await this.#open(request, request.replay);
    try {
      const { signal, ...others } = hooks;
      // A stop of a run that has something to keep is obeyed when that is at hand.
      const until = resume || !signal ? others : hooks;
      await this.#prepare(trainee, [...new Set([...trainIds, ...watchIds, ...validationIds])], until);
      const outcome = await fit({
        network: trainee.network,
        data: trainee.data(trainIds),
        // Embeddings are of windows as they are.
        settings: way === 'head' ? { ...settings, augment: false } : settings,
        options: RECIPE.options,
        score: async () => ({
          watch: await this.#scores(trainee, watchIds),
          validation: await this.#scores(trainee, validationIds),
        }),
        resume,
        now: this.#platform.now,
        yieldControl: this.#platform.yieldControl,
        ...hooks,
        onCheckpoint: (state) => hooks.onCheckpoint?.({ ...state, run }),
      });
      const judgement = await this.#judge(trainee, watchIds, request.from);
      const artifacts = await trainee.export();
      this.#trained = { ...artifacts, manifest: { ...this.#manifest, ...judgement } };
      const seconds = (this.#platform.now() - started) / 1000;
      return { ...artifacts, ...outcome, backend: this.#platform.backend(), seconds, judgement };
    } finally {
      trainee.dispose();
    }
  }

  /** What a way costs on this device; see TrainingApi. Recordings need not have been added. */
  async measureStep({
    way,
    settings,
    from,
  }: Pick<TrainRequest, 'way' | 'settings' | 'from'>): Promise<StepCost> {
    const trainee = await this.#open({ way, settings, from }, null);
    try {
      const { now, yieldControl, backend } = this.#platform;
      const cost = await measureCost(trainee, this.#manifest, settings, now, yieldControl);
      return { ...cost, backend: backend() };
    } finally {
      trainee.dispose();
    }
  }

  /**
   * Uncalibrated logits per recording.
   * @param model null: the one trained last
   * @throws AppError `model-missing` when none was
   */
  async score(ids: string[], model: ModelAssets | null): Promise<{ id: string; logits: number[] }[]> {
    const assets = model ?? this.#trained;
    if (!assets) throw new AppError('model-missing', trainingText.noneTrained);
    const classifier = await Classifier.load(assets);
    try {
      const logits = await scoreRecordings(classifier, ids, this.#store, this.#platform.yieldControl);
      return ids.map((id, i) => ({ id, logits: logits[i] ?? [] }));
    } finally {
      classifier.dispose();
    }
  }

  /**
   * Bytes of a replay set, drawn from recordings that were added.
   * @throws AppError `not-enough-examples`
   */
  makeReplay(recordings: readonly Splittable[], seed: number): ArrayBuffer {
    return makeReplay(recordings, (id) => this.#store.features(id), this.#manifest, seed).buffer;
  }

  #open(
    { way, settings, from }: Pick<TrainRequest, 'way' | 'settings' | 'from'>,
    replay: ArrayBuffer | null,
  ): Promise<Trainee> {
    return openTrainee({
      way,
      from,
      manifest: this.#manifest,
      seed: settings.seed,
      store: this.#store,
      replay: replay ? replayWindowsFor(replay, this.#manifest) : [],
      yieldControl: this.#platform.yieldControl,
    });
  }

  async #prepare(trainee: Trainee, ids: readonly string[], { onProgress, signal }: RunHooks): Promise<void> {
    await trainee.prepare?.(ids, async (done) => {
      onProgress?.({ kind: 'embedding', done, total: ids.length });
      await this.#platform.yieldControl();
      if (signal?.aborted) throw Object.assign(new Error('stopped'), { name: 'AbortError' });
    });
  }

  async #scores(trainee: Trainee, ids: readonly string[]): Promise<Scores | null> {
    return ids.length > 0 ? scoresOf(await trainee.score(ids), this.#truth(ids)) : null;
  }

  /** From the watched recordings; else the parent's, where it answers the same question; else none. */
  async #judge(trainee: Trainee, watchIds: readonly string[], from: ModelAssets | null): Promise<Judgement> {
    const { labels } = this.#manifest;
    if (watchIds.length > 0)
      return judgementFrom(
        await trainee.score(watchIds),
        this.#truth(watchIds),
        labels.length,
        RECIPE.inconclusiveFraction,
      );
    if (!from || !isSameOrder(from.manifest.labels, labels)) return UNJUDGED;
    const { calibration, threshold, inconclusiveBand } = from.manifest;
    return { calibration, threshold, inconclusiveBand };
  }

  #truth(ids: readonly string[]): number[] {
    return this.#store.sampled(ids, this.#manifest.labels).map(({ label }) => label);
  }
}
