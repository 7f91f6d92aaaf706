// The training worker: lives for one run and is terminated at its end. Glue only: the run is
// core/training/session.ts. When a GPU is lost, the run goes on from its last epoch on the next backend.

import wasmSimdUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '../src/core/errors.ts';
import type { BackendPreference, BackendReport } from '../src/core/tensor/backend-report.ts';
import { chooseBackend } from '../src/core/tensor/backend.ts';
import { onLivingBackend, TrustedSnapshots, type GpuLoss } from '../src/core/tensor/gpu-loss.ts';
import type { Checkpoint } from '../src/core/training/checkpoint.ts';
import type { StepCost } from '../src/core/training/estimate.ts';
import { TrainingSession } from '../src/core/training/session.ts';
import type { TrainingOutcome } from '../src/core/training/types.ts';
import { thenRelease } from '../src/rpc/comlink-handlers.ts';
import type { TrainingApi, TrainingProgress, WorkerMemory } from '../src/rpc/protocol.ts';
import { rpcText } from '../src/rpc/rpc-text.ts';
import { newsOfLoss, platform, probes, yieldControl } from './platform.ts';

export class TrainingWorker implements TrainingApi {
  #session: TrainingSession | null = null;
  #preference: BackendPreference = 'auto';
  #report: BackendReport | null = null;
  readonly #lost: GpuLoss[] = [];

  async start({ manifest, backend }: Parameters<TrainingApi['start']>[0]): Promise<BackendReport> {
    this.#preference = backend;
    const report = await this.#chooseBackend();
    this.#session = new TrainingSession(manifest, {
      now: platform.now,
      yieldControl,
      backend: () => this.#report?.name ?? report.name,
    });
    return report;
  }

  addRecording(
    ...[recording, source]: Parameters<TrainingApi['addRecording']>
  ): Promise<{ durationSec: number }> {
    return this.#started().add(recording, source);
  }

  async train(
    request: Parameters<TrainingApi['train']>[0],
    onProgress?: (progress: TrainingProgress) => void,
    onCheckpoint?: (checkpoint: Checkpoint) => void | Promise<void>,
    signal?: AbortSignal,
  ): Promise<TrainingOutcome> {
    const checkpoints = new TrustedSnapshots<Checkpoint>();
    const onGpu = (): boolean => this.#report?.name.startsWith('webg') ?? false;
    const outcome = this.#onLivingBackend(() =>
      this.#started().train(
        { ...request, resume: checkpoints.rewind() ?? request.resume },
        {
          onCheckpoint: async (latest: Checkpoint) => {
            // Only a GPU can be lost; what may have come from a lost one is not handed out to be kept.
            const isOnGpu = onGpu();
            if (isOnGpu) checkpoints.add(latest, this.#isLost());
            const sure = isOnGpu ? checkpoints.trusted : latest;
            if (sure) await onCheckpoint?.(sure);
          },
          ...(onProgress && { onProgress }),
          ...(signal && { signal }),
        },
      ),
    );
    return await thenRelease(outcome, onProgress, onCheckpoint, signal);
  }

  measureStep(request: Parameters<TrainingApi['measureStep']>[0]): Promise<StepCost> {
    return this.#onLivingBackend(() => this.#started().measureStep(request));
  }

  score({ ids, model }: Parameters<TrainingApi['score']>[0]): Promise<{ id: string; logits: number[] }[]> {
    return this.#onLivingBackend(() => this.#started().score(ids, model));
  }

  makeReplay({ recordings, seed }: Parameters<TrainingApi['makeReplay']>[0]): Promise<ArrayBuffer> {
    return Promise.resolve(this.#started().makeReplay(recordings, seed));
  }

  memory(): Promise<WorkerMemory> {
    const { numTensors, numBytes } = tf.memory();
    return Promise.resolve({ numTensors, numBytes });
  }

  /** The yield lets the news of a loss in, which comes as a message after the zeros. */
  #onLivingBackend<T>(work: () => Promise<T>): Promise<T> {
    return onLivingBackend(
      {
        isLost: () => this.#isLost(),
        next: () => this.#chooseBackend(),
        news: () => newsOfLoss(this.#report?.name),
      },
      () => work().finally(yieldControl),
    );
  }

  #isLost(): boolean {
    return this.#lost.some(({ name }) => name === this.#report?.name);
  }

  async #chooseBackend(): Promise<BackendReport> {
    const surroundings = probes(wasmSimdUrl, this.#lost, (loss) => this.#lost.push(loss));
    this.#report = await chooseBackend(this.#preference, surroundings);
    return this.#report;
  }

  #started(): TrainingSession {
    if (!this.#session) throw new AppError('internal', rpcText.notStarted);
    return this.#session;
  }
}
