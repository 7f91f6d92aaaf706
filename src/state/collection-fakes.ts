// A collection for tests: recordings, sounds, and a store that keeps them in memory and fails when it is told to.
// For tests only.

import type { CollectedRecording, RecordingFacts, SoundSurvey } from '../core/collection/types.ts';
import type { AppError } from '../core/errors.ts';
import type { CollectedSound, CollectionStore } from '../storage/collection-record.ts';

export function fakeSurvey(sha256: string, change: Partial<SoundSurvey> = {}): SoundSurvey {
  return {
    sha256,
    soundSha256: `sound of ${sha256}`,
    fingerprint: new Uint32Array(0),
    durationSec: 10,
    sampleRateHz: 2000,
    quality: {
      verdict: 'good',
      reasons: [],
      rms: 0.1,
      clippedFraction: 0,
      periodicity: 0.8,
      signalToNoiseDb: 20,
    },
    heartRateBpm: 70,
    ...change,
  };
}

export function fakeCollected(id: string, change: Partial<CollectedRecording> = {}): CollectedRecording {
  const { sha256, ...survey } = fakeSurvey(id);
  return {
    id: sha256,
    fileName: `${id}.wav`,
    sizeBytes: 4,
    addedAt: '2026-01-01T10:00:00.000Z',
    label: 'normal',
    group: null,
    source: 'ward',
    site: null,
    side: null,
    ...survey,
    ...change,
  };
}

export function fakeSound(id: string, change: Partial<CollectedRecording> = {}): CollectedSound {
  return { recording: fakeCollected(id, change), bytes: new TextEncoder().encode(id).buffer };
}

/** Keeps recordings in memory; every method fails with `error` while there is one. */
export class FakeCollectionStore implements CollectionStore {
  error: AppError | null = null;
  /** Sounds that fit; adding more fails as a whole. */
  room = Infinity;
  fullError: AppError | null = null;
  readonly sounds = new Map<string, CollectedSound>();
  /** How many came with each `add`. */
  readonly additions: number[] = [];

  async add(sounds: readonly CollectedSound[]): Promise<string[]> {
    await this.#answer();
    const added = sounds.filter(({ recording }) => !this.sounds.has(recording.id));
    if (this.sounds.size + added.length > this.room && this.fullError) throw this.fullError;
    this.additions.push(sounds.length);
    for (const sound of added) this.sounds.set(sound.recording.id, sound);
    return added.map(({ recording }) => recording.id);
  }

  async list(): Promise<CollectedRecording[]> {
    await this.#answer();
    return [...this.sounds.values()].map(({ recording }) => recording);
  }

  async readBytes(id: string): Promise<ArrayBuffer | null> {
    await this.#answer();
    return this.sounds.get(id)?.bytes.slice(0) ?? null;
  }

  update(ids: readonly string[], change: Partial<RecordingFacts>): Promise<void> {
    return this.#change(new Map(ids.map((id) => [id, change])));
  }

  restore(facts: ReadonlyMap<string, RecordingFacts>): Promise<void> {
    return this.#change(facts);
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#answer();
    for (const id of ids) this.sounds.delete(id);
  }

  async #change(changes: ReadonlyMap<string, Partial<RecordingFacts>>): Promise<void> {
    await this.#answer();
    for (const [id, change] of changes) {
      const sound = this.sounds.get(id);
      if (sound) this.sounds.set(id, { ...sound, recording: { ...sound.recording, ...change } });
    }
  }

  #answer(): Promise<void> {
    return this.error ? Promise.reject(this.error) : Promise.resolve();
  }
}
