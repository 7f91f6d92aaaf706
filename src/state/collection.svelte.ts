// The labelled collection as a person sees it: what is kept to train on, and what is said of it.

import type { CollectedRecording } from '../core/collection/types.ts';
import { AppError, toAppError } from '../core/errors.ts';
import type { PlannedRecording } from '../core/training/plan.ts';
import type { RecordingSource } from '../rpc/protocol.ts';
import type { CollectionStore } from '../storage/collection-record.ts';
import type { PrepareRecording } from './ports.ts';

export type CollectionPhase = { kind: 'loading' } | { kind: 'ready' } | { kind: 'failed'; error: AppError };

export interface CollectionDependencies {
  store: CollectionStore;
  prepare: PrepareRecording;
}

export class CollectionState {
  readonly #dependencies: CollectionDependencies;
  #phase = $state.raw<CollectionPhase>({ kind: 'loading' });
  #recordings = $state.raw<readonly CollectedRecording[]>([]);

  constructor(dependencies: CollectionDependencies) {
    this.#dependencies = dependencies;
  }

  get phase(): CollectionPhase {
    return this.#phase;
  }

  /** In order of their coming. */
  get recordings(): readonly CollectedRecording[] {
    return this.#recordings;
  }

  /** Reads the list anew. */
  async load(): Promise<void> {
    try {
      this.#recordings = await this.#dependencies.store.list();
      this.#phase = { kind: 'ready' };
    } catch (error) {
      this.#phase = { kind: 'failed', error: toAppError(error) };
    }
  }

  /** Those with a label, as a plan takes them. */
  plannedRecordings(): PlannedRecording[] {
    return this.#recordings.flatMap((recording) => planned(recording) ?? []);
  }

  /** The sound of a recording, ready for a worker. @throws AppError `recordings-missing`, and what reading throws */
  async readSource(id: string): Promise<RecordingSource> {
    const bytes = await this.#dependencies.store.readBytes(id);
    const recording = this.#recordings.find((each) => each.id === id);
    if (!bytes || !recording)
      throw new AppError('recordings-missing', 'The recording is no longer in the collection.');
    return await this.#dependencies.prepare(new File([bytes], recording.fileName));
  }
}

const KNOWN_QUALITY = { good: 1, fair: null, poor: 0 } as const;

/** Null for one without a label: it takes no part in training. */
function planned(recording: CollectedRecording): PlannedRecording | null {
  const { id, fileName, label, group, source, quality, durationSec, side } = recording;
  if (label === null) return null;
  return {
    id,
    fileName,
    label,
    group: group ?? id,
    source,
    quality: KNOWN_QUALITY[quality.verdict],
    durationSec,
    side,
  };
}
