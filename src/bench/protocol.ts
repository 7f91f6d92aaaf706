// What crosses between the bench's page and its worker, types only.

import type { ModelAssets } from '../core/model/classifier.ts';
import type { BackendName } from '../core/types.ts';
import type { LogMelComparison } from './log-mels.ts';
import type { NetworkComparison } from './networks.ts';
import type { StageCosts } from './stage-names.ts';

export interface BenchApi {
  /** Makes a backend the current one and loads the model on it. @returns the backend that it has become */
  start(model: ModelAssets, backend: BackendName): Promise<BackendName>;
  /** @param urls of whole recordings, WAV or FLAC */
  stages(urls: string[], rounds: number): Promise<StageCosts>;
  /** Batches of these sizes; on wasm, or on WebGPU where that is the backend. */
  networks(sizes: number[], rounds: number): Promise<NetworkComparison[]>;
  /** The first window of the recording at `url`. Comes last: it changes the backend. */
  logMels(url: string, rounds: number): Promise<LogMelComparison>;
}
