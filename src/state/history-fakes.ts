// A history made up for tests: entries, files, results, and a store that keeps them in memory and fails when it
// is told to. For tests only.

import type { AppError } from '../core/errors.ts';
import type { RecordingResult } from '../core/types.ts';
import type { BatchEntry, BatchFiles, BatchStore, StoredResult } from '../storage/batch-record.ts';
import { fakeResult } from './fakes.ts';

const MODEL = { id: 'tiny', name: 'Tiny', version: '1.0.0', sha256: '0'.repeat(64) };

export function fakeEntry(id: string, change: Partial<BatchEntry> = {}): BatchEntry {
  return {
    id,
    title: `batch ${id}`,
    createdAt: '2026-01-01T10:00:00Z',
    updatedAt: '2026-01-01T10:00:00Z',
    state: 'done',
    model: MODEL,
    judgement: { labels: ['normal', 'abnormal'], threshold: 0.4, inconclusiveBand: null },
    threshold: 0.4,
    total: 3,
    nLabelled: 0,
    counts: { ok: 3, inconclusive: 0, error: 0, perClass: { normal: 2, abnormal: 1 } },
    soundSec: 30,
    ...change,
  };
}

export function fakeFiles(names: string[], change: Partial<BatchFiles> = {}): BatchFiles {
  return {
    names,
    sizesBytes: Float64Array.from(names, (_, index) => 1000 + index),
    skipped: [],
    truth: null,
    handles: [],
    ...change,
  };
}

export function fakeStored(index: number, change: Partial<RecordingResult> = {}): StoredResult {
  return { index, result: { ...fakeResult(`${index}.wav`), ...change } };
}

/** Keeps batches in memory; every method fails with `error` while there is one. */
export class FakeBatchStore implements BatchStore {
  error: AppError | null = null;
  readonly entries = new Map<string, { entry: BatchEntry; files: BatchFiles; results: StoredResult[] }>();
  /** Texts that were searched for, in order. */
  readonly searches: string[] = [];
  /** Set to make a search wait; it answers after this resolves. */
  held: Promise<void> | null = null;

  async create(entry: BatchEntry, files: BatchFiles): Promise<void> {
    await this.#answer();
    this.entries.set(entry.id, { entry, files, results: [] });
  }

  async save(entry: BatchEntry, results: readonly StoredResult[]): Promise<boolean> {
    await this.#answer();
    const kept = this.entries.get(entry.id);
    if (!kept) return false;
    const all = new Map([...kept.results, ...results].map((stored) => [stored.index, stored]));
    const inOrder = [...all.values()].sort((a, b) => a.index - b.index);
    this.entries.set(entry.id, { ...kept, entry, results: inOrder });
    return true;
  }

  async list(): Promise<BatchEntry[]> {
    await this.#answer();
    return [...this.entries.values()].map(({ entry }) => entry).sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  async read(id: string): Promise<{ entry: BatchEntry; files: BatchFiles } | null> {
    await this.#answer();
    return this.entries.get(id) ?? null;
  }

  async *readResults(id: string): AsyncGenerator<StoredResult[]> {
    await this.#answer();
    const results = this.entries.get(id)?.results ?? [];
    if (results.length > 0) yield results;
  }

  async readResult(id: string, index: number): Promise<RecordingResult | null> {
    await this.#answer();
    return this.entries.get(id)?.results.find((stored) => stored.index === index)?.result ?? null;
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#answer();
    for (const id of ids) this.entries.delete(id);
  }

  async search(text: string): Promise<{ id: string; nMatches: number }[]> {
    this.searches.push(text);
    await this.held;
    await this.#answer();
    return [...this.entries.values()]
      .map(({ entry, files }) => ({
        id: entry.id,
        nMatches: files.names.filter((name) => name.toLowerCase().includes(text.toLowerCase())).length,
      }))
      .filter(({ nMatches }) => nMatches > 0);
  }

  #answer(): Promise<void> {
    return this.error ? Promise.reject(this.error) : Promise.resolve();
  }
}
