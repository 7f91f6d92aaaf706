// Our network beside onnxruntime-web with the same weights: both from an array of windows to an array of logits, both
// on one thread, in turns. May import core, tfjs and onnxruntime-web.

import type { InferenceSession } from 'onnxruntime-web/wasm';
import { exportOnnx, ONNX_OUTPUT } from '../core/interop/onnx.ts';
import { inputShape, type Classifier, type ModelAssets } from '../core/model/classifier.ts';
import { windowFrames } from '../core/model/manifest.ts';
import type { NetworkInput } from '../core/model/model-input.ts';
import { Random } from '../core/random.ts';
import { timeInterleaved } from './interleaved.ts';

export type PeerProvider = 'wasm' | 'webgpu';

/** One batch size. */
export interface NetworkComparison {
  nWindows: number;
  /** Milliseconds per window. */
  ours: number;
  theirs: number;
  /** Largest difference of two logits. */
  worst: number;
}

const SEED = 1;

/**
 * @param classifier of the same assets, on the backend that is to be compared
 * @param sizes windows per call
 */
export async function compareNetworks(
  assets: ModelAssets,
  classifier: Classifier,
  provider: PeerProvider,
  sizes: readonly number[],
  rounds: number,
  now: () => number,
): Promise<NetworkComparison[]> {
  const peer = await openPeer(assets, provider);
  const comparisons: NetworkComparison[] = [];
  try {
    for (const nWindows of sizes) {
      const input = randomWindows(classifier, nWindows);
      const ours = async (): Promise<number[]> => (await classifier.predict(input)).flat();
      const theirs = (): Promise<Float32Array> => peer.predict(input.matrix.values, nWindows);
      const [own, other] = [await ours(), await theirs()];
      const worst = own.reduce((most, logit, i) => Math.max(most, Math.abs(logit - (other[i] ?? NaN))), 0);
      const timings = await timeInterleaved({ ours, theirs }, rounds, now);
      const [oursMs, theirsMs] = [timings.ours.ms / nWindows, timings.theirs.ms / nWindows];
      comparisons.push({ nWindows, ours: oursMs, theirs: theirsMs, worst });
    }
  } finally {
    await peer.close();
  }
  return comparisons;
}

interface Peer {
  predict(values: Float32Array, nWindows: number): Promise<Float32Array>;
  close(): Promise<void>;
}

async function openPeer(assets: ModelAssets, provider: PeerProvider): Promise<Peer> {
  const runtime = provider === 'wasm' ? await openWasm() : await import('onnxruntime-web/webgpu');
  runtime.env.wasm.numThreads = 1;
  const session: InferenceSession = await runtime.InferenceSession.create(exportOnnx(assets), {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
  });
  const [inputName = ''] = session.inputNames;
  const shape = inputShape(assets.manifest);
  return {
    async predict(values, nWindows) {
      const input = new runtime.Tensor('float32', values, [nWindows, ...shape]);
      const output = (await session.run({ [inputName]: input }))[ONNX_OUTPUT];
      return (await output?.getData()) as Float32Array;
    },
    close: () => session.release(),
  };
}

async function openWasm() {
  const [runtime, { default: wasm }] = await Promise.all([
    import('onnxruntime-web/wasm'),
    import('onnxruntime-web/ort-wasm-simd-threaded.wasm?url'),
  ]);
  runtime.env.wasm.wasmPaths = { wasm };
  return runtime;
}

/** Normalised features, as they come in: mean 0 and SD 1. */
function randomWindows({ manifest }: Classifier, nWindows: number): NetworkInput {
  const random = new Random(SEED);
  const nRows = windowFrames(manifest);
  const { nMels } = manifest.features;
  const values = Float32Array.from({ length: nWindows * nRows * nMels }, () => random.normal());
  const { durationSec } = manifest.window;
  const windows = Array.from({ length: nWindows }, (_, i) => ({
    firstFrame: i * nRows,
    startSec: i * durationSec,
    endSec: (i + 1) * durationSec,
  }));
  return { matrix: { values, nFrames: nWindows * nRows, nMels }, windows };
}
