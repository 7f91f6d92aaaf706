// The bench's worker: the parts of the signal path one by one, on the backends and in the surroundings of the app's
// workers. Glue only: what is measured is in src/bench. Not part of the app's build.

import wasmSimdUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import { expose } from 'comlink';
import { compareLogMels, type LogMelComparison } from '../src/bench/log-mels.ts';
import { compareNetworks, type NetworkComparison } from '../src/bench/networks.ts';
import type { BenchApi } from '../src/bench/protocol.ts';
import type { StageCosts } from '../src/bench/stage-names.ts';
import { timeStages } from '../src/bench/stages.ts';
import { decodeBytes } from '../src/core/audio/decode.ts';
import { mixdown } from '../src/core/audio/mixdown.ts';
import { resample } from '../src/core/audio/resample.ts';
import { Classifier, type ModelAssets } from '../src/core/model/classifier.ts';
import { chooseBackend } from '../src/core/tensor/backend.ts';
import type { BackendName } from '../src/core/types.ts';
import { platform, probes } from './platform.ts';

class BenchWorker implements BenchApi {
  #started: { model: ModelAssets; backend: BackendName; classifier: Classifier } | null = null;

  async start(model: ModelAssets, backend: BackendName): Promise<BackendName> {
    const { name } = await chooseBackend(
      backend,
      probes(wasmSimdUrl, [], () => undefined),
    );
    this.#started = { model, backend: name, classifier: await Classifier.load(model) };
    return name;
  }

  async stages(urls: string[], rounds: number): Promise<StageCosts> {
    return timeStages(await Promise.all(urls.map(fetchBytes)), this.#get().classifier, rounds, platform);
  }

  networks(sizes: number[], rounds: number): Promise<NetworkComparison[]> {
    const { model, backend, classifier } = this.#get();
    const provider = backend === 'webgpu' ? 'webgpu' : 'wasm';
    return compareNetworks(model, classifier, provider, sizes, rounds, platform.now);
  }

  async logMels(url: string, rounds: number): Promise<LogMelComparison> {
    const { manifest } = this.#get().classifier;
    const { sampleRateHz, window } = manifest;
    const { samples } = resample(mixdown(await decodeBytes(await fetchBytes(url))), sampleRateHz);
    // tf.signal takes half a second for each second of sound: one window of it is enough.
    const sound = { samples: samples.slice(0, Math.round(window.durationSec * sampleRateHz)), sampleRateHz };
    return compareLogMels(sound, manifest, rounds, platform.now);
  }

  #get() {
    if (!this.#started) throw new Error('Call start first.');
    return this.#started;
  }
}

async function fetchBytes(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} could not be read (HTTP ${String(response.status)}).`);
  return response.arrayBuffer();
}

expose(new BenchWorker(), self);
