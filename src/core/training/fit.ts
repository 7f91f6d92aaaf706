// The training loop: never `model.fit` (it shuffles with Math.random and hangs in hidden tabs), no
// requestAnimationFrame, every random choice from one seed, every epoch a point to resume from.
// Pure: time, yielding and cancelling come in as arguments, recordings as a `TrainingData`.

import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { AppError } from '../errors.ts';
import { SeededDropout } from '../model/layers.ts';
import { Random } from '../random.ts';
import { speedUpTraining } from '../tensor/training-layers.ts';
import { AdamW } from './adamw.ts';
import type { AugmentationOptions } from './augment.ts';
import { BatchAssembler } from './batches.ts';
import { retakeBatchNormStatistics } from './batch-norm.ts';
import { readWeights, writeWeights, type Checkpoint, type NamedWeights } from './checkpoint.ts';
import type { TrainingData } from './feature-store.ts';
import { crossEntropy } from './losses.ts';
import { Parameters } from './parameters.ts';
import { drawPass, samplingProbabilities, type SamplingOptions } from './sampler.ts';
import { afterEpoch, oneCycleRate, startPlateau, type PlateauState } from './schedule.ts';
import type { TrainingHistoryEntry, TrainingProgress, TrainingSettings } from './types.ts';
import { WeightAverage } from './weight-average.ts';

/** Steps between two readings of the loss: a reading stalls a GPU. */
const READ_EVERY_STEPS = 5;
/** Batches from which the batch-norm statistics of averaged weights are taken. */
const STATISTICS_BATCHES = 40;
const MS_PER_SEC = 1000;

/** The parts of the recipe that no settings page shows. */
export interface FitOptions {
  sampling: Omit<SamplingOptions, 'balance'>;
  augmentation: AugmentationOptions;
  /** Share of a target given to the other classes, 0..1. */
  labelSmoothing: number;
}

/** How well the network does on recordings that it does not train on. */
export interface ValidationScores {
  loss: number;
  accuracy: number;
  auroc: number | null;
}

export interface FitRequest {
  /** Trained in place. Its output is logits. */
  network: tfl.LayersModel;
  data: TrainingData;
  settings: TrainingSettings;
  options: FitOptions;
  /** After every epoch; null: nothing to stop early by. Costs a pass over the validation recordings. */
  validate: (() => Promise<ValidationScores>) | null;
  /** Where an earlier run with the same data and settings left off. */
  resume?: Checkpoint | null;
  /** Milliseconds, monotonic. */
  now: () => number;
  /** Lets messages in: after every step. */
  yieldControl: () => Promise<void>;
  onProgress?: (progress: TrainingProgress) => void;
  /** After every epoch; costs a reading of all weights. */
  onCheckpoint?: (checkpoint: Checkpoint) => void | Promise<void>;
  signal?: { readonly aborted: boolean };
}

export interface FitOutcome {
  history: TrainingHistoryEntry[];
  /** Epoch whose weights were kept; null when they are an average or simply the last. */
  bestEpoch: number | null;
  stopped: 'finished' | 'early-stopping' | 'by-user';
}

/**
 * Trains a network until its epochs are over, the validation loss stops falling, or the signal says stop
 * (then with what the finished epochs gave).
 * @throws AppError `not-enough-examples` for fewer than two classes, `training-diverged` when the loss is no number
 * @throws an AbortError when stopped before the first epoch ended
 */
export async function fit(request: FitRequest): Promise<FitOutcome> {
  const run = new TrainingRun(request);
  try {
    return await run.train();
  } finally {
    run.dispose();
  }
}

class TrainingRun {
  readonly #request: FitRequest;
  readonly #options: FitOptions;
  readonly #dropouts: SeededDropout[];
  readonly #parameters: Parameters;
  readonly #optimizer: AdamW;
  #random: Random;
  readonly #probabilities: Float64Array;
  readonly #units: number;
  readonly #batches: BatchAssembler;
  #epoch: number;
  #plateau: PlateauState;
  #history: TrainingHistoryEntry[];
  readonly #average: WeightAverage;
  #best: Checkpoint['best'];
  /** What the finished epochs gave: a stop in the middle of the next one goes back to it. */
  #finished: { weights: NamedWeights; randomState: number } | null;

  constructor(request: FitRequest) {
    const { network, data, settings, resume = null } = request;
    if (new Set(data.recordings.map(({ label }) => label)).size < 2)
      throw new AppError('not-enough-examples', 'Training needs recordings of at least two classes.');
    this.#request = request;
    this.#options = request.options;
    if (resume) writeWeights(network, resume.weights);
    speedUpTraining(network);
    this.#dropouts = network.layers.filter((layer) => layer instanceof SeededDropout);
    this.#parameters = new Parameters(network);
    this.#optimizer = new AdamW(this.#parameters, settings.weightDecay, resume?.optimizer ?? null);
    this.#random = resume ? Random.fromState(resume.randomState) : new Random(settings.seed);
    this.#probabilities = samplingProbabilities(data.recordings, {
      ...this.#options.sampling,
      balance: settings.balance,
    });
    this.#units = network.outputs[0]?.shape.at(-1) ?? 1;
    this.#batches = new BatchAssembler(data, {
      batchSize: settings.batchSize,
      units: this.#units,
      labelSmoothing: this.#options.labelSmoothing,
    });
    this.#epoch = resume?.epoch ?? 0;
    this.#plateau = resume?.plateau ?? startPlateau(settings.learningRate);
    this.#history = resume ? [...resume.history] : [];
    this.#average = new WeightAverage(this.#parameters, resume?.average ?? null);
    this.#best = resume?.best ?? null;
    this.#finished = resume;
  }

  async train(): Promise<FitOutcome> {
    const { settings, onCheckpoint, validate } = this.#request;
    let stopped: FitOutcome['stopped'] = 'finished';
    while (this.#epoch < settings.epochs) {
      const entry = await this.#trainEpoch();
      if (!entry) {
        this.#undoUnfinishedEpoch();
        stopped = 'by-user';
        break;
      }
      this.#epoch++;
      const { state: randomState } = this.#random;
      this.#finished = { weights: await readWeights(this.#request.network), randomState };
      if (validate) await this.#judgeEpoch(entry, validate);
      if (this.#epoch > settings.epochs - settings.averageLastEpochs) this.#average.add();
      this.#history.push(entry);
      this.#report(settings.stepsPerEpoch, entry.loss, entry.seconds / settings.stepsPerEpoch, entry);
      if (onCheckpoint) await onCheckpoint(await this.#checkpoint());
      if (this.#hasStalled()) {
        stopped = 'early-stopping';
        break;
      }
    }
    if (this.#history.length === 0)
      throw Object.assign(new Error('The training was stopped.'), { name: 'AbortError' });
    return { history: this.#history, bestEpoch: await this.#settleWeights(), stopped };
  }

  dispose(): void {
    this.#optimizer.dispose();
    this.#average.dispose();
    for (const layer of this.#dropouts) layer.reseed(null);
  }

  /** @returns null when stopped on the way */
  async #trainEpoch(): Promise<TrainingHistoryEntry | null> {
    const { settings, now, yieldControl, signal } = this.#request;
    const { stepsPerEpoch, batchSize } = settings;
    const augmentation = settings.augment ? this.#options.augmentation : null;
    const started = now();
    const drawn = drawPass(this.#probabilities, stepsPerEpoch * batchSize, this.#random);
    let sum = tf.scalar(0);
    let rate = 0;
    try {
      for (let step = 0; step < stepsPerEpoch; step++) {
        if (signal?.aborted) return null;
        rate = this.#rateAt(step);
        this.#batches.fill(drawn, step * batchSize, augmentation, this.#random);
        const loss = this.#step(rate);
        const next = tf.add<tf.Scalar>(sum, loss);
        tf.dispose([sum, loss]);
        sum = next;
        const isLast = step === stepsPerEpoch - 1;
        if ((step + 1) % READ_EVERY_STEPS === 0 || isLast) {
          const mean = await this.#readLoss(sum, step + 1);
          if (!isLast) this.#report(step + 1, mean, (now() - started) / MS_PER_SEC / (step + 1), null);
        }
        await yieldControl();
      }
      return {
        epoch: this.#epoch + 1,
        learningRate: rate,
        loss: await this.#readLoss(sum, stepsPerEpoch),
        accuracy: 0,
        auroc: null,
        watchLoss: null,
        validationLoss: null,
        validationAccuracy: null,
        validationAuroc: null,
        seconds: (now() - started) / MS_PER_SEC,
      };
    } finally {
      sum.dispose();
    }
  }

  #undoUnfinishedEpoch(): void {
    if (!this.#finished) return;
    writeWeights(this.#request.network, this.#finished.weights);
    this.#random = Random.fromState(this.#finished.randomState);
  }

  #rateAt(step: number): number {
    const { settings } = this.#request;
    if (settings.schedule === 'plateau') return this.#plateau.rate;
    const done = this.#epoch * settings.stepsPerEpoch + step;
    return oneCycleRate(settings.learningRate, done / (settings.epochs * settings.stepsPerEpoch));
  }

  /** One step of the optimizer on the batch assembled; the caller disposes of the loss. */
  #step(rate: number): tf.Scalar {
    for (const layer of this.#dropouts) layer.reseed(this.#random.integer(2 ** 32));
    return tf.tidy(() => {
      const targets = tf.tensor2d(this.#batches.targets, [this.#request.settings.batchSize, this.#units]);
      const input = this.#input();
      const { value, grads } = tf.variableGrads(
        () => crossEntropy(this.#forward(input), targets),
        this.#parameters.variables,
      );
      this.#optimizer.apply(grads, rate);
      return value;
    });
  }

  #input(): tf.Tensor {
    const [, ...shape] = this.#request.network.inputs[0]?.shape ?? [];
    return tf.tensor(this.#batches.windows, [this.#request.settings.batchSize, ...(shape as number[])]);
  }

  #forward(input: tf.Tensor): tf.Tensor2D {
    return this.#request.network.apply(input, { training: true }) as tf.Tensor2D;
  }

  async #readLoss(sum: tf.Scalar, steps: number): Promise<number> {
    const loss = ((await sum.data())[0] ?? NaN) / steps;
    if (!Number.isFinite(loss))
      throw new AppError(
        'training-diverged',
        'The training loss is no longer a number. Try again with a lower learning rate.',
      );
    return loss;
  }

  async #judgeEpoch(entry: TrainingHistoryEntry, validate: () => Promise<ValidationScores>): Promise<void> {
    const { loss, accuracy, auroc } = await validate();
    entry.validationLoss = loss;
    entry.validationAccuracy = accuracy;
    entry.validationAuroc = auroc;
    this.#plateau = afterEpoch(this.#plateau, loss, this.#request.settings.plateauPatience);
    if (this.#best && this.#best.loss <= loss) return;
    this.#best = { epoch: entry.epoch, loss, weights: await readWeights(this.#request.network) };
  }

  #hasStalled(): boolean {
    const patience = this.#request.settings.earlyStoppingPatience;
    return patience !== null && this.#best !== null && this.#epoch - this.#best.epoch >= patience;
  }

  /** Leaves the network with the weights to keep. @returns the epoch they are of, null for an average or the last */
  async #settleWeights(): Promise<number | null> {
    const { network, settings, yieldControl } = this.#request;
    for (const layer of this.#dropouts) layer.reseed(null);
    if (this.#average.count > 0) {
      this.#average.write();
      await retakeBatchNormStatistics(network, STATISTICS_BATCHES, async () => {
        const drawn = drawPass(this.#probabilities, settings.batchSize, this.#random);
        this.#batches.fill(drawn, 0, null, this.#random);
        tf.tidy(() => void this.#forward(this.#input()));
        await yieldControl();
      });
      return null;
    }
    if (!this.#best) return null;
    writeWeights(network, this.#best.weights);
    return this.#best.epoch;
  }

  #report(step: number, loss: number, secondsPerStep: number, entry: TrainingHistoryEntry | null): void {
    const { settings, onProgress } = this.#request;
    const epoch = entry?.epoch ?? this.#epoch + 1;
    const { epochs, stepsPerEpoch } = settings;
    const msPerStep = secondsPerStep * MS_PER_SEC;
    onProgress?.({ kind: 'step', epoch, epochs, step, stepsPerEpoch, loss, msPerStep, entry });
  }

  async #checkpoint(): Promise<Checkpoint> {
    const { network } = this.#request;
    return {
      epoch: this.#epoch,
      randomState: this.#random.state,
      weights: await readWeights(network),
      optimizer: await this.#optimizer.state(),
      plateau: this.#plateau,
      average: await this.#average.state(),
      best: this.#best,
      history: [...this.#history],
    };
  }
}
