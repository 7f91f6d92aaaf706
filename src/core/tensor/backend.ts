// Chooses the TensorFlow.js backend of a worker: WebGPU, WebGL, WASM, cpu, in that order.
// A backend's code is loaded only when its turn comes; it is used only after it has passed the
// self-test; each one passed over leaves a sentence saying why. The surroundings (GPU, canvas, address
// of the WASM binary) come in as probes, so this file knows neither worker nor Node.

import * as tf from '@tensorflow/tfjs-core';
import type { KernelBackend } from '@tensorflow/tfjs-core';
import { AppError, toAppError, type ErrorCode } from '../errors.ts';
import type { BackendName } from '../types.ts';
import { backendReportText } from './backend-report-text.ts';
import type { BackendPreference, BackendReport, BackendTrial } from './backend-report.ts';
import { watchForLoss, type GpuLoss } from './gpu-loss.ts';
import { probeWebGl, probeWebGpu, type Finding } from './gpu-probe.ts';
import { runSelfTest } from './self-test.ts';
import { tensorText } from './tensor-text.ts';

/** In order of speed where each runs on hardware of its own. */
const ORDER: readonly BackendName[] = ['webgpu', 'webgl', 'wasm', 'cpu'];

/** What only the surroundings know. A worker gives what it has, Node gives nulls and a file path. */
export interface BackendProbes {
  /** `navigator.gpu`, or null where there is none. */
  gpu: unknown;
  /** `() => new OffscreenCanvas(1, 1)`, or null where there is none. */
  createOffscreenCanvas: (() => unknown) | null;
  /** Address (in Node: file path) of `tfjs-backend-wasm-simd.wasm`: SIMD, no threads, no special headers. */
  wasmPaths: { simd: string };
  /** Called once when the chosen GPU fails later on; choose again with this loss in `lost`. */
  onLost?: (loss: GpuLoss) => void;
  /** GPUs that failed earlier in this worker's life: not tried again. */
  lost?: readonly GpuLoss[];
  /** Whether a part of the program can be loaded; absent where that goes without saying. */
  canLoad?: (address: string) => Promise<boolean>;
}

/** Not the backend's fault: the next one would need the network or the memory too, and be a worse one if it came through. */
const FAULTS_OF_THE_MOMENT: readonly ErrorCode[] = ['program-missing', 'out-of-memory'];

/**
 * Makes the best backend that works the current one of TensorFlow.js.
 * With a preference that backend is tried first, even on a software adapter; when it fails, the
 * others follow in order. May be called again to change over; tensors move when they are next used.
 * @throws AppError `backend-unavailable` when none works, not even cpu; `program-missing`, `out-of-memory`: try again
 */
export async function chooseBackend(
  preference: BackendPreference,
  probes: BackendProbes,
): Promise<BackendReport> {
  const order = preference === 'auto' ? ORDER : [preference, ...ORDER.filter((name) => name !== preference)];
  const trials: BackendTrial[] = [];
  let chosen: BackendName | null = null;
  for (const name of order) {
    if (chosen !== null) {
      trials.push({ name, outcome: 'not-tried', detail: tensorText.notNeeded(chosen) });
      continue;
    }
    const trial = await tryBackend(name, probes, name === preference);
    trials.push(trial);
    if (trial.outcome === 'chosen') chosen = name;
  }
  if (chosen === null) {
    const reasons = trials.map((trial) => backendReportText.reason(trial.name, trial.detail)).join(' ');
    throw new AppError('backend-unavailable', tensorText.none(reasons));
  }
  return { name: chosen, trials };
}

async function tryBackend(
  name: BackendName,
  probes: BackendProbes,
  askedFor: boolean,
): Promise<BackendTrial> {
  const loss = probes.lost?.find((entry) => entry.name === name);
  if (loss) return { name, outcome: 'lost', detail: loss.reason };
  try {
    const finding = await look(name, probes);
    if (finding.kind === 'missing') return { name, outcome: 'unavailable', detail: finding.detail };
    if (finding.kind === 'software' && !askedFor)
      return { name, outcome: 'software', detail: finding.detail };
    const guard = await load(name, probes);
    if (!(await tf.setBackend(name))) {
      if (name === 'wasm') await assertThere(probes);
      return { name, outcome: 'unavailable', detail: tensorText.noStart(name) };
    }
    const verdict = await runSelfTest();
    if (verdict !== null) return { name, outcome: 'self-test-failed', detail: verdict };
    guard?.(tf.backend());
    if (probes.onLost) watchForLoss(name, tf.backend(), probes.onLost);
    return { name, outcome: 'chosen', detail: finding.detail };
  } catch (error) {
    const { code, message: reason } = toAppError(error);
    if (FAULTS_OF_THE_MOMENT.includes(code)) throw error;
    return { name, outcome: 'unavailable', detail: tensorText.failed(name, reason) };
  }
}

async function look(name: BackendName, probes: BackendProbes): Promise<Finding> {
  switch (name) {
    case 'webgpu':
      return probeWebGpu(probes.gpu);
    case 'webgl':
      return probeWebGl(probes.createOffscreenCanvas);
    case 'wasm':
      return { kind: 'hardware', detail: tensorText.wasm };
    case 'cpu':
      return { kind: 'hardware', detail: tensorText.cpu };
  }
}

/** For a backend that was started and has passed its self-test. */
type Guard = (backend: KernelBackend) => void;

/** Fetches the backend's code; importing it registers it with TensorFlow.js. */
async function load(name: BackendName, probes: BackendProbes): Promise<Guard | null> {
  switch (name) {
    case 'webgpu':
      await import('@tensorflow/tfjs-backend-webgpu');
      return null;
    case 'webgl':
      await import('@tensorflow/tfjs-backend-webgl');
      return null;
    case 'wasm':
      return await loadWasm(probes.wasmPaths.simd);
    case 'cpu':
      await import('@tensorflow/tfjs-backend-cpu');
      return null;
  }
}

/** TensorFlow.js does not tell a binary that did not come from one that does not run. @throws AppError `program-missing` */
async function assertThere({ wasmPaths, canLoad }: BackendProbes): Promise<void> {
  if (canLoad && !(await canLoad(wasmPaths.simd)))
    throw new AppError('program-missing', tensorText.notLoaded(wasmPaths.simd));
}

let wasmAddress: string | null = null;

async function loadWasm(simdUrl: string): Promise<Guard> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  const { registerWasmKernels } = await import('./wasm-kernels.ts');
  const { guardMemory } = await import('./wasm-heap.ts');
  registerWasmKernels();
  if (wasmAddress !== null) return guardMemory; // the binary is loaded once in a worker's life
  // Threads would need cross-origin isolation, break in minified builds, and gained nothing.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  setWasmPaths({
    'tfjs-backend-wasm.wasm': simdUrl,
    'tfjs-backend-wasm-simd.wasm': simdUrl,
    'tfjs-backend-wasm-threaded-simd.wasm': simdUrl,
  });
  wasmAddress = simdUrl;
  return guardMemory;
}
