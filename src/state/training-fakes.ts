// Workers made up for tests of training: they train, answer and weigh as they are told. For tests only.

import { AppError } from '../core/errors.ts';
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
import { fakeReport, fakeResult } from './fakes.ts';
import { fakeCheckpoint, fakeHistoryEntry } from './run-fakes.ts';
import type { Judge, Trainer, VerdictMaker } from './training-ports.ts';

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
