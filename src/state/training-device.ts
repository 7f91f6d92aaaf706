// A device made up for tests of training: its models, collection, storage and lock, on which tabs are opened and
// closed. For tests only.

import { AppError } from '../core/errors.ts';
import { HEARD_NOTHING } from '../core/training/heard.ts';
import type { PlannedRecording } from '../core/training/plan.ts';
import type { ModelAssets } from '../rpc/protocol.ts';
import type { ModelParts } from '../storage/model-record.ts';
import { MANIFEST, MODEL } from './fakes.ts';
import type { NewModel } from './registered-model.ts';
import { FakeRunStore } from './run-fakes.ts';
import { FakeJudge, FakeTrainer, FakeVerdicts, TrainerScript } from './training-fakes.ts';
import { TrainingState } from './training.svelte.ts';
import type { RunLock, RunModel, RunModels, TrainingCollection } from './training-ports.ts';

export class FakeModels implements RunModels {
  models: RunModel[] = [
    { key: 'bundled:tiny', name: 'Tiny', manifest: MANIFEST, runId: null, heard: HEARD_NOTHING },
  ];
  activeKey = 'bundled:tiny';
  error: AppError | null = null;
  readonly added = new Map<string, { model: NewModel; parts: ModelParts }>();

  list(): Promise<void> {
    return Promise.resolve();
  }

  assetsOf(): Promise<ModelAssets> {
    return Promise.resolve(MODEL);
  }

  replayOf(): Promise<ArrayBuffer | null> {
    return Promise.resolve(Uint8Array.of(1).buffer);
  }

  add(model: NewModel, parts: ModelParts): Promise<string> {
    if (this.error) return Promise.reject(this.error);
    const key = `local:${this.added.size}`;
    this.added.set(key, { model, parts });
    const { name, manifest, runId, heard } = model;
    this.models = [...this.models, { key, name, manifest, runId, heard }];
    return Promise.resolve(key);
  }

  promote(key: string): Promise<void> {
    if (this.error) return Promise.reject(this.error);
    this.activeKey = key;
    return Promise.resolve();
  }
}

export class FakeTrainingCollection implements TrainingCollection {
  recordings: PlannedRecording[] = Array.from({ length: 20 }, (_, i) => ({
    id: `r${i}`,
    fileName: `${i}.wav`,
    label: i % 2 === 0 ? 'normal' : 'abnormal',
    group: `p${i}`,
    source: 'clinic',
    quality: null,
    durationSec: 10,
    side: null,
  }));

  load(): Promise<void> {
    return Promise.resolve();
  }

  plannedRecordings(): PlannedRecording[] {
    return this.recordings;
  }

  readSource(id: string) {
    if (!this.recordings.some((recording) => recording.id === id))
      return Promise.reject(new AppError('recordings-missing', 'Gone.'));
    return Promise.resolve({ kind: 'bytes' as const, bytes: new ArrayBuffer(8) });
  }
}

/** One lock over all the tabs of a test. */
export class FakeLock implements RunLock {
  isHeld = false;
  #waiting: (() => void)[] = [];

  take(): Promise<(() => void) | null> {
    if (this.isHeld) return Promise.resolve(null);
    this.isHeld = true;
    return Promise.resolve(() => this.release());
  }

  isTaken(): Promise<boolean> {
    return Promise.resolve(this.isHeld);
  }

  whenFree(): Promise<void> {
    return this.isHeld ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve();
  }

  release(): void {
    this.isHeld = false;
    for (const go of this.#waiting.splice(0)) go();
  }
}

/** A device with its storage, on which tabs are opened and closed. */
export class FakeTrainingDevice {
  readonly store = new FakeRunStore();
  readonly models = new FakeModels();
  readonly collection = new FakeTrainingCollection();
  readonly lock = new FakeLock();
  readonly verdicts = new FakeVerdicts();
  script = new TrainerScript();
  readonly trainers: FakeTrainer[] = [];
  readonly judges: FakeJudge[] = [];
  #nTimes = 0;

  /** Another tab, or the same one after a reload. */
  open(): TrainingState {
    return new TrainingState({
      store: this.store,
      models: this.models,
      collection: this.collection,
      lock: this.lock,
      verdicts: this.verdicts,
      spawnTrainer: () => {
        const trainer = new FakeTrainer(this.script);
        this.trainers.push(trainer);
        return trainer;
      },
      spawnJudge: () => {
        const judge = new FakeJudge();
        this.judges.push(judge);
        return judge;
      },
      backend: () => 'auto',
      sha256: (bytes) => Promise.resolve(`sha of ${bytes.byteLength} bytes`),
      timestamp: () => new Date(Date.UTC(2026, 0, 1, 10, 0, this.#nTimes++)).toISOString(),
      now: () => 0,
      newId: (createdAt) => `${createdAt}-${crypto.randomUUID()}`,
      later: () => () => undefined,
      appVersion: '0.0.0',
    });
  }

  /** The tab is closed in the middle of a run: its lock is gone, its workers are, and nothing more is written. */
  kill(): void {
    this.lock.release();
    this.script = new TrainerScript();
  }

  /** Of the latest run, as it is stored. */
  async stored() {
    const [latest] = await this.store.list();
    return latest ? await this.store.read(latest.id) : null;
  }
}
