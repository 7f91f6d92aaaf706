// Stand-ins for what state asks of the world. For tests only.

import type { ModelManifest } from '../core/model/manifest.ts';
import { draftManifest } from '../core/training/recipe.ts';
import type { ClassifyStage, RecordingAnalysis } from '../core/types.ts';
import type { BackendPreference, BackendReport, ClassifyRequest, ModelAssets } from '../rpc/protocol.ts';
import type { Classifier, HashSource, KeyValueStore, SystemTheme } from './ports.ts';

export const MANIFEST: ModelManifest = {
  ...draftManifest(
    { id: 'tiny', name: 'Tiny', version: '1.0.0', createdAt: '2026-01-01T00:00:00Z' },
    ['normal', 'abnormal'],
    { dataset: 'none', nRecordings: 0, nGroups: 0, note: '' },
  ),
  threshold: 0.4,
};

export const MODEL: ModelAssets = { manifest: MANIFEST, modelJson: {}, weights: new ArrayBuffer(0) };

export function fakeReport(name: BackendReport['name']): BackendReport {
  return { name, trials: [{ name, outcome: 'chosen', detail: 'Fake.' }] };
}

/** Answers when it is told to; remembers what it was asked. */
export class FakeClassifier implements Classifier {
  report: BackendReport | null = null;
  readonly starts: BackendPreference[] = [];
  readonly requests: ClassifyRequest[] = [];
  startError: Error | null = null;
  /** One that cannot be started. */
  brokenBackend: BackendPreference | null = null;
  /** Name of a model that does not start. */
  brokenModel: string | null = null;
  /** Set to make a call wait; it then answers after `release()`. */
  isHeld = false;
  #held: (() => void)[] = [];

  start({ manifest }: ModelAssets, backend: BackendPreference): Promise<BackendReport> {
    this.starts.push(backend);
    if (this.startError) return Promise.reject(this.startError);
    if (manifest.name === this.brokenModel) return Promise.reject(new Error('It does not start.'));
    if (backend === this.brokenBackend) return Promise.reject(new Error('Broken.'));
    this.report = fakeReport(backend === 'auto' ? 'wasm' : backend);
    return Promise.resolve(this.report);
  }

  async classify(
    request: ClassifyRequest,
    onStage?: (stage: ClassifyStage) => void,
    signal?: AbortSignal,
  ): Promise<RecordingAnalysis> {
    this.requests.push(request);
    onStage?.('decode');
    if (this.isHeld) await this.#hold(signal);
    const result = fakeResult(request.fileName);
    return { result: { ...result, threshold: request.threshold ?? result.threshold }, picture: null };
  }

  release(): void {
    for (const go of this.#held.splice(0)) go();
  }

  #hold(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#held.push(resolve);
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
    });
  }
}

export function fakeResult(fileName: string): RecordingAnalysis['result'] {
  return {
    fileName,
    sha256: 'f'.repeat(64),
    status: 'ok',
    inconclusiveReasons: [],
    predictedClass: 'abnormal',
    confidence: 0.9,
    probabilities: { normal: 0.1, abnormal: 0.9 },
    threshold: 0.4,
    durationSec: 10,
    sampleRateHz: 2000,
    quality: null,
    heartRateBpm: 70,
    windows: [],
    model: { id: 'tiny', version: '1.0.0', sha256: '0'.repeat(64) },
    pipelineVersion: 1,
    backend: 'wasm',
    backendReason: 'wasm: Fake.',
    processingMs: { decode: 1, features: 1, inference: 1, total: 3 },
    timestamp: '2026-01-01T00:00:00Z',
    appVersion: '0.0.0',
    error: null,
  };
}

export class FakeStore implements KeyValueStore {
  readonly values = new Map<string, unknown>();
  read(key: string): unknown {
    return this.values.get(key) ?? null;
  }
  /** A store that is full keeps nothing. */
  isFull = false;
  write(key: string, value: unknown): boolean {
    if (!this.isFull) this.values.set(key, value);
    return !this.isFull;
  }
}

export class FakeTheme implements SystemTheme {
  dark = false;
  #tell: (() => void) | null = null;
  isDark(): boolean {
    return this.dark;
  }
  listen(onChange: () => void): () => void {
    this.#tell = onChange;
    return () => (this.#tell = null);
  }
  set(dark: boolean): void {
    this.dark = dark;
    this.#tell?.();
  }
}

export class FakeHash implements HashSource {
  hash = '';
  #tell: (() => void) | null = null;
  read(): string {
    return this.hash;
  }
  write(hash: string): void {
    this.hash = hash;
  }
  listen(onChange: () => void): () => void {
    this.#tell = onChange;
    return () => (this.#tell = null);
  }
  /** As if a person had changed the address. */
  visit(hash: string): void {
    this.hash = hash;
    this.#tell?.();
  }
}
