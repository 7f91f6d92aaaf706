// The features of all recordings of a training run, kept as half floats so that thousands fit in memory:
// training cuts windows from them anywhere, scoring gets them back as inference would see them.

import { AppError } from '../errors.ts';
import { windowFrames, type ModelManifest } from '../model/manifest.ts';
import { copyWindow, type InputSpec, type NetworkInput, type WindowSpan } from '../model/model-input.ts';
import type { Random } from '../random.ts';
import { decodeHalf, encodeHalf } from './half-float.ts';
import type { ReplayWindow } from './replay-mix.ts';
import type { SampledRecording } from './sampler.ts';
import { trainingText } from './training-text.ts';

/** What is known of a recording before it is heard. */
export interface RecordingTruth {
  id: string;
  label: string;
  source: string;
  /** 1 clean, 0 noisy, null unknown. */
  quality: 0 | 1 | null;
}

/** Windows, or their embeddings (as one frame), as the training loop sees them. */
export interface TrainingData {
  recordings: SampledRecording[];
  /** Windows of an earlier model's training to mix in; null: none. */
  replay: ReplayData | null;
  nFrames: number;
  nMels: number;
  layout: ModelManifest['inputLayout'];
  /** Writes a random window of recording `index` as window `place` of the batch `[n, nFrames · nMels]`. */
  copyRandomWindow(index: number, random: Random, batch: Float32Array, place: number): void;
}

export interface ReplayData {
  /** Of each window: the classes that would be right. */
  classes: readonly number[][];
  /** What the layers below the head made of each window before the run, to be held to; null: they stand still. */
  embeddings: readonly number[][] | null;
  /** Writes window `index` as window `place` of the batch. */
  copyWindow(index: number, batch: Float32Array, place: number): void;
}

interface Stored {
  truth: RecordingTruth;
  halves: Uint16Array;
  nFrames: number;
  windows: WindowSpan[];
}

export class FeatureStore {
  readonly #spec: InputSpec;
  readonly #stored = new Map<string, Stored>();

  /** @param spec of the features to come: one store, one manifest */
  constructor(spec: InputSpec) {
    this.#spec = spec;
  }

  add(truth: RecordingTruth, features: NetworkInput): void {
    const { values, nFrames } = features.matrix;
    this.#stored.set(truth.id, { truth, halves: encodeHalf(values), nFrames, windows: features.windows });
  }

  /** What is known of a recording added. @throws AppError `internal` for an id that was not */
  truthOf(id: string): RecordingTruth {
    return this.#get(id).truth;
  }

  /** As `recordingFeatures` gave them, to half precision. */
  features(id: string): NetworkInput {
    const { halves, nFrames, windows } = this.#get(id);
    const values = new Float32Array(halves.length);
    decodeHalf(halves, 0, halves.length, values, 0);
    return { matrix: { values, nFrames, nMels: this.#spec.features.nMels }, windows };
  }

  /**
   * The named recordings for the training loop.
   * @param labels the manifest's, whose order gives the class indices
   * @throws AppError `labels-invalid` for a label that the manifest does not know
   */
  trainingData(
    ids: readonly string[],
    labels: readonly string[],
    replay: readonly ReplayWindow[] = [],
    embeddings: readonly number[][] | null = null,
  ): TrainingData {
    const chosen = ids.map((id) => this.#get(id));
    const recordings = this.sampled(ids, labels);
    return {
      recordings,
      replay: replay.length > 0 ? this.#replayData(replay, embeddings) : null,
      nFrames: windowFrames(this.#spec),
      nMels: this.#spec.features.nMels,
      layout: this.#spec.inputLayout,
      copyRandomWindow: (index, random, batch, place) => {
        const stored = chosen[index];
        if (stored) this.#copyWindow(stored, this.#randomStart(stored, random), batch, place);
      },
    };
  }

  /** What the sampler looks at. @throws AppError `labels-invalid` */
  sampled(ids: readonly string[], labels: readonly string[]): SampledRecording[] {
    return ids.map((id) => {
      const { truth } = this.#get(id);
      const label = labels.indexOf(truth.label);
      if (label < 0) throw new AppError('labels-invalid', trainingText.noSuchClass(truth.label, labels));
      return { label, source: truth.source, quality: truth.quality };
    });
  }

  #replayData(windows: readonly ReplayWindow[], embeddings: readonly number[][] | null): ReplayData {
    const nFrames = windowFrames(this.#spec);
    const { nMels } = this.#spec.features;
    return {
      classes: windows.map(({ classes }) => classes),
      embeddings,
      copyWindow: (index, batch, place) => {
        const values = windows[index]?.values;
        if (values) copyWindow({ values, nFrames, nMels }, 0, nFrames, this.#spec.inputLayout, batch, place);
      },
    };
  }

  /** Anywhere in a shared spectrogram; one of the windows where each has a spectrogram of its own. */
  #randomStart({ nFrames, windows }: Stored, random: Random): number {
    if (this.#spec.features.scope === 'window')
      return windows[random.integer(windows.length)]?.firstFrame ?? 0;
    return random.integer(Math.max(1, nFrames - windowFrames(this.#spec) + 1));
  }

  #copyWindow({ halves }: Stored, firstFrame: number, batch: Float32Array, place: number): void {
    const nFrames = windowFrames(this.#spec);
    const { nMels } = this.#spec.features;
    const size = nFrames * nMels;
    const offset = place * size;
    decodeHalf(halves, firstFrame * nMels, size, batch, offset);
    if (this.#spec.inputLayout === 'time-mel') return;
    const rows = batch.slice(offset, offset + size);
    for (let frame = 0; frame < nFrames; frame++)
      for (let mel = 0; mel < nMels; mel++)
        batch[offset + mel * nFrames + frame] = rows[frame * nMels + mel] ?? 0;
  }

  #get(id: string): Stored {
    const stored = this.#stored.get(id);
    if (!stored) throw new AppError('internal', trainingText.notAdded(id));
    return stored;
  }
}
