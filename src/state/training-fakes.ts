// A page made up for tests of training: workers, models, a collection and a lock that do what they are told.
// For tests only.

import { HEARD_NOTHING } from '../core/training/heard.ts';
import { AppError } from '../core/errors.ts';
import type { PlannedRecording } from '../core/training/plan.ts';
import type { TrainingOutcome } from '../core/training/types.ts';
import {
  judgeCandidate,
  type ReferenceAnswer,
  type Recommendation,
  type Verdict,
  type VerdictMaterial,
} from '../core/training/verdict.ts';
import type { RecordingResult } from '../core/types.ts';
import type { BackendReport, ModelAssets, TrainingRecording, TrainRequest } from '../rpc/protocol.ts';
import type { ModelParts } from '../storage/model-record.ts';
import type { NewModel } from './registered-model.ts';
import { fakeReport, fakeResult, MANIFEST, MODEL } from './fakes.ts';
import { fakeCheckpoint, fakeHistoryEntry, FakeRunStore } from './run-fakes.ts';
import { TrainingState } from './training.svelte.ts';
import type {
  Judge,
  RunModels,
  RunLock,
  RunModel,
  Trainer,
  TrainingCollection,
  VerdictMaker,
} from './training-ports.ts';

/** Trains an epoch whenever it is told to, or at once; crashes when it is told to. */
export class FakeTrainer implements Trainer {
  readonly added: TrainingRecording[] = [];
  readonly requests: TrainRequest[] = [];
  isDisposed = false;
  readonly #script: TrainerScript;
  #end: (reason: unknown) => void = () => undefined;

  constructor(script: TrainerScript) {
    this.#script = script;
  }

  start(): Promise<BackendReport> {
    return Promise.resolve(fakeReport('wasm'));
  }

  addRecording(recording: TrainingRecording): Promise<{ durationSec: number }> {
    if (this.#script.unreadable.has(recording.id))
      return Promise.reject(new AppError('decode-failed', 'Damaged.'));
    this.added.push(recording);
    return Promise.resolve({ durationSec: 10 });
  }

  measureStep() {
    return Promise.resolve({ msPerStep: 100, msPerWindow: 10, backend: 'wasm' as const });
  }

  train(
    ...[request, onProgress, onCheckpoint, signal]: Parameters<Trainer['train']>
  ): Promise<TrainingOutcome> {
    this.requests.push(request);
    const { epochs, stepsPerEpoch } = request.settings;
    const run = async (): Promise<TrainingOutcome> => {
      let epoch = request.resume?.epoch ?? 0;
      while (epoch < epochs && !signal?.aborted) {
        await this.#script.beforeEpoch(epoch + 1);
        if (signal?.aborted) break;
        epoch++;
        const entry = fakeHistoryEntry(epoch);
        onProgress?.({
          kind: 'step',
          epoch,
          epochs,
          step: stepsPerEpoch,
          stepsPerEpoch,
          loss: 0.5,
          msPerStep: 1,
          entry,
        });
        await onCheckpoint?.(fakeCheckpoint(epoch));
      }
      return {
        modelJson: { trained: true },
        weights: Float32Array.of(epoch).buffer,
        history: Array.from({ length: epoch }, (_, e) => fakeHistoryEntry(e + 1)),
        bestEpoch: epoch,
        stopped: signal?.aborted ? 'by-user' : 'finished',
        backend: 'wasm',
        seconds: 4,
        judgement: { calibration: { kind: 'none' }, threshold: 0.3, inconclusiveBand: null },
      };
    };
    return new Promise((resolve, reject) => {
      this.#end = reject;
      run().then(resolve, reject);
    });
  }

  dispose(): void {
    this.isDisposed = true;
    this.#end(new DOMException('Ended.', 'AbortError'));
  }
}

/** What trainers do, in order of their being spawned. */
export class TrainerScript {
  readonly unreadable = new Set<string>();
  /** Epochs (of any trainer) before which the worker dies, each once. */
  readonly crashes: number[] = [];
  /** Epoch before which it waits for `goOn`. */
  holdAt: number | null = null;
  isWaiting = false;
  #go: () => void = () => undefined;

  async beforeEpoch(epoch: number): Promise<void> {
    const at = this.crashes.indexOf(epoch);
    if (at >= 0) {
      this.crashes.splice(at, 1);
      throw new AppError('worker-crashed', 'The worker died.');
    }
    if (epoch !== this.holdAt) return;
    this.isWaiting = true;
    await new Promise<void>((resolve) => (this.#go = resolve));
  }

  goOn(): void {
    this.holdAt = null;
    this.#go();
  }
}

/** Answers every recording alike. */
export class FakeJudge implements Judge {
  isDisposed = false;
  readonly asked: string[] = [];
  model: ModelAssets | null = null;

  start(model: ModelAssets): Promise<BackendReport> {
    this.model = model;
    return Promise.resolve(fakeReport('wasm'));
  }

  classifyAll(requests: { fileName: string }[]): Promise<RecordingResult[]> {
    this.asked.push(...requests.map(({ fileName }) => fileName));
    return Promise.resolve(requests.map(({ fileName }) => fakeResult(fileName)));
  }

  judgeReference(): Promise<ReferenceAnswer[]> {
    return Promise.resolve([{ label: 'normal', group: 'g', probabilities: { normal: 1, abnormal: 0 } }]);
  }

  fingerprint() {
    return Promise.resolve({
      schema: 'heartbeat-golden/1' as const,
      inputShape: [1, 1, 1] as [number, number, number],
      windows: [{ seed: 1, logits: [0.5] }],
    });
  }

  dispose(): void {
    this.isDisposed = true;
  }
}

export class FakeVerdicts implements VerdictMaker {
  recommendation: Recommendation = 'promote';
  error: AppError | null = null;
  readonly materials: VerdictMaterial[] = [];

  verdict(material: VerdictMaterial, onProgress: (fraction: number) => void): Promise<Verdict> {
    this.materials.push(material);
    if (this.error) return Promise.reject(this.error);
    onProgress(1);
    const verdict = judgeCandidate(material, { resamples: 20 });
    return Promise.resolve({ ...verdict, recommendation: this.recommendation, reasons: ['It is better.'] });
  }
}

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
