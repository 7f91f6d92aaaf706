// A page made up for tests of batches: a pool that waits where it is told to, and all that a batch asks of the world.
// For tests only.

import { AppError } from '../core/errors.ts';
import type { RecordingResult } from '../core/types.ts';
import type { Collection } from '../input/collect-files.ts';
import { foundFile, type FoundFile } from '../input/found-file.ts';
import type { PoolListener, PoolTask } from '../rpc/inference-pool.ts';
import type { RecordingSource } from '../rpc/protocol.ts';
import { AnalysisState } from './analysis.svelte.ts';
import { judgedResults } from './batch-results.ts';
import { BatchState } from './batch.svelte.ts';
import { FakeClassifier, fakeResult, FakeStore, FakeTheme, MODEL } from './fakes.ts';
import { FakeBatchStore } from './history-fakes.ts';
import { ModelState } from './model.svelte.ts';
import type { RecordingPool } from './ports.ts';
import { SettingsState } from './settings.svelte.ts';

/** Answers so many recordings and then waits, until it is told to go on. */
export class FakePool implements RecordingPool {
  allowed = Infinity;
  error: AppError | null = null;
  readonly heard: string[] = [];
  #go: () => void = () => undefined;

  async run(tasks: Iterator<PoolTask>, listener: PoolListener, signal: AbortSignal): Promise<void> {
    if (this.error) throw this.error;
    for (let next = tasks.next(); !next.done; next = tasks.next()) {
      const task = next.value;
      const { index, fileName } = task;
      listener.onStart?.(index);
      if (this.heard.length >= this.allowed) await this.#wait(signal);
      this.heard.push(fileName);
      try {
        await task.read();
        listener.onAnswer(index, resultOf(fileName));
      } catch (error) {
        const { code, message } = error as AppError;
        listener.onAnswer(index, {
          ...fakeResult(fileName),
          status: 'error',
          probabilities: {},
          error: { code, message },
        });
      }
    }
  }

  goOn(allowed = Infinity): void {
    this.allowed = allowed;
    this.#go();
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#go = resolve;
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  }
}

/** The number in a name is the probability of abnormal, in percent. */
function resultOf(fileName: string) {
  const p = Number(/\d+/.exec(fileName)?.[0] ?? 90) / 100;
  return { ...fakeResult(fileName), probabilities: { normal: 1 - p, abnormal: p } };
}

/** A page with a batch on it; a file whose name begins with `gone` cannot be read. */
export class FakePage {
  readonly classifier = new FakeClassifier();
  readonly settings = new SettingsState(new FakeStore(), new FakeTheme());
  /** What the page is started with. */
  inUse = MODEL;
  readonly model = new ModelState(
    this.classifier,
    { load: () => Promise.resolve(this.inUse) },
    this.settings,
  );
  readonly store = new FakeBatchStore();
  /** Batches that some tab is at. */
  readonly held = new Set<string>();
  timers: (() => void)[] = [];
  clockMs = 0;
  /** How often the browser was asked to keep the storage. */
  nPersisted = 0;
  truthError: AppError | null = null;
  pool = new FakePool();
  analysis: AnalysisState;
  batch: BatchState;

  constructor() {
    [this.analysis, this.batch] = this.#open();
  }

  /** The page goes down and comes back: only what is stored is left. */
  reload(): void {
    this.held.clear();
    this.pool = new FakePool();
    [this.analysis, this.batch] = this.#open();
  }

  /** Lets the clock of the page strike so often. */
  tick(times: number): void {
    for (let tick = 0; tick < times; tick++) this.timers.splice(0).forEach((action) => action());
  }

  /** What is stored of the first batch. */
  stored() {
    return [...this.store.entries.values()][0];
  }

  phases(): string[] {
    return this.batch.rows.map(({ phase }) => phase);
  }

  classes(): (string | null)[] {
    return this.batch.rows.map(({ answer }) => answer?.predictedClass ?? null);
  }

  async exported(indices: number[] | null = null): Promise<RecordingResult[]> {
    const results: RecordingResult[] = [];
    if (!this.batch.held) return results;
    for await (const portion of judgedResults(this.batch.held, indices)) results.push(...portion);
    return results;
  }

  #open(): [AnalysisState, BatchState] {
    const prepare = (file: File): Promise<RecordingSource> =>
      file.name.startsWith('gone')
        ? Promise.reject(new AppError('file-unreadable', 'It was moved.'))
        : Promise.resolve({ kind: 'bytes', bytes: new ArrayBuffer(8) });
    const dependencies = {
      classifier: this.classifier,
      model: this.model,
      prepare,
      appVersion: '0.0.0',
      timestamp: () => '2026-01-01T00:00:00Z',
      newId: (createdAt: string) => `${createdAt}-${crypto.randomUUID()}`,
    };
    const analysis = new AnalysisState(dependencies);
    const batch = new BatchState({
      ...dependencies,
      pool: this.pool,
      settings: this.settings,
      analysis,
      store: this.store,
      locks: {
        hold: (id) => {
          this.held.add(id);
          return () => this.held.delete(id);
        },
        held: () => Promise.resolve(this.held),
      },
      readTruth: ({ labelFiles, recordings }) => {
        if (this.truthError) return Promise.reject(this.truthError);
        return Promise.resolve(
          labelFiles.length === 0
            ? null
            : {
                recordings: recordings.map(({ path }) => ({
                  id: path,
                  label: 'abnormal',
                  group: path,
                  source: 'all',
                  quality: null,
                })),
                unmatched: [],
                missing: [],
                from: 'csv',
                hasGroups: false,
                notes: [],
              },
        );
      },
      persist: () => Promise.resolve(this.nPersisted++),
      later: (action) => {
        this.timers.push(action);
        return () => void (this.timers = this.timers.filter((timer) => timer !== action));
      },
      pause: () => Promise.resolve(),
      now: () => this.clockMs,
    });
    return [analysis, batch];
  }
}

export const found = (name: string): FoundFile =>
  foundFile(new File(['sound'], name.split('/').at(-1) ?? name), name);

export function collection(names: string[], more: Partial<Collection> = {}): Collection {
  return { recordings: names.map(found), skipped: [], labelFiles: [], handles: [], ...more };
}

/** Lets everything that is ready to go on do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 60; turn++) await Promise.resolve();
}
