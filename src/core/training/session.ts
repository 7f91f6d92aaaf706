// One training run as the worker holds it: recordings go in as sound and stay as features; networks are trained
// on some of them and scored on others, as often as wanted. Everything but clocks, yields and the backend's name.

import { decodeBytes } from '../audio/decode.ts';
import { assertDuration } from '../audio/limits.ts';
import { mixdown } from '../audio/mixdown.ts';
import { resample } from '../audio/resample.ts';
import { AppError } from '../errors.ts';
import { buildNetwork } from '../model/architecture.ts';
import { loadNetwork, type ModelAssets } from '../model/classifier.ts';
import type { ModelManifest } from '../model/manifest.ts';
import { recordingFeatures } from '../model/model-input.ts';
import type { RecordingSource } from '../pipeline.ts';
import { Random } from '../random.ts';
import type { BackendName } from '../types.ts';
import type { Checkpoint } from './checkpoint.ts';
import { FeatureStore, type RecordingTruth } from './feature-store.ts';
import { fit, type FitRequest } from './fit.ts';
import { RECIPE } from './recipe.ts';
import { makeReplay } from './replay-choice.ts';
import { scoreRecordings, validationScores } from './score.ts';
import type { Splittable } from './split.ts';
import type { TrainingOutcome, TrainingProgress, TrainingSettings, TrainingWay } from './types.ts';
import { exportModel } from './weights.ts';

/** What the surroundings lend: a clock, and a way to let messages in. */
export interface TrainingPlatform {
  /** Milliseconds, monotonic. */
  now: () => number;
  yieldControl: () => Promise<void>;
  backend: () => BackendName;
}

/** What the worker boundary calls a TrainRequest; see rpc/protocol.ts. */
export interface RunRequest {
  way: TrainingWay;
  settings: TrainingSettings;
  trainIds: string[];
  watchIds: string[];
  validationIds: string[];
  from: ModelAssets | null;
  replay: ArrayBuffer | null;
  resume: Checkpoint | null;
}

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
   * @param hooks see `fit`: progress, checkpoints, stopping, where to go on
   * @throws AppError `not-enough-examples`, `labels-invalid`, `training-diverged`, `model-invalid`
   */
  async train(
    request: RunRequest,
    hooks: Pick<FitRequest, 'onCheckpoint' | 'signal'> & {
      onProgress?: (progress: TrainingProgress) => void;
    },
  ): Promise<TrainingOutcome> {
    const { settings, trainIds, from, resume } = request;
    const started = this.#platform.now();
    const data = this.#store.trainingData(trainIds, this.#manifest.labels);
    const network = from
      ? await loadNetwork(from)
      : buildNetwork(this.#manifest, RECIPE.architecture, new Random(settings.seed));
    try {
      const validate = request.validationIds.length
        ? () => this.#validate(network, request.validationIds)
        : null;
      const { now, yieldControl } = this.#platform;
      const options = RECIPE.options;
      const outcome = await fit({
        ...hooks,
        resume,
        network,
        data,
        settings,
        options,
        validate,
        now,
        yieldControl,
      });
      const artifacts = await exportModel(network);
      this.#trained = { ...artifacts, manifest: this.#manifest };
      const seconds = (now() - started) / 1000;
      const judgement = { calibration: { kind: 'none' as const }, threshold: 0.5, inconclusiveBand: null };
      return { ...artifacts, ...outcome, backend: this.#platform.backend(), seconds, judgement };
    } finally {
      network.dispose();
    }
  }

  /**
   * Uncalibrated logits per recording.
   * @param model null: the one trained last
   * @throws AppError `model-missing` when none was
   */
  async score(ids: string[], model: ModelAssets | null): Promise<{ id: string; logits: number[] }[]> {
    const assets = model ?? this.#trained;
    if (!assets) throw new AppError('model-missing', 'No model was trained yet: train one, or give one.');
    const { yieldControl } = this.#platform;
    const logits = await scoreRecordings(assets, ids, this.#store, assets.manifest, yieldControl);
    return ids.map((id, i) => ({ id, logits: logits[i] ?? [] }));
  }

  /**
   * Bytes of a replay set, drawn from recordings that were added.
   * @throws AppError `not-enough-examples`
   */
  makeReplay(recordings: readonly Splittable[], seed: number): ArrayBuffer {
    return makeReplay(recordings, (id) => this.#store.features(id), this.#manifest, seed).buffer;
  }

  async #validate(
    network: Parameters<typeof exportModel>[0],
    ids: string[],
  ): Promise<ReturnType<typeof validationScores>> {
    const { yieldControl } = this.#platform;
    const logits = await scoreRecordings(network, ids, this.#store, this.#manifest, yieldControl);
    const truth = ids.map((id) => this.#manifest.labels.indexOf(this.#store.labelOf(id)));
    return validationScores(logits, truth);
  }
}
