// Several recordings, heard one after the other. The first is opened at once, so that there is something to
// look at while the rest is under way; results are kept, pictures are not: opening one hears it again.
// All are judged by the threshold that was set when they came, so that a list never mixes two unasked.

import { isAbort } from '../core/errors.ts';
import type { RecordingResult } from '../core/types.ts';
import type { SkippedFile } from '../core/report/results-json.ts';
import type { AnalysisState } from './analysis.svelte.ts';
import { classifyFile, type ClassifyDependencies, type RecordingFile } from './classify-file.ts';
import type { SettingsState } from './settings.svelte.ts';

export type RecordingItem = RecordingFile & { id: number } & (
    | { kind: 'queued' }
    | { kind: 'working' }
    | { kind: 'done'; result: RecordingResult }
    | { kind: 'cancelled' }
  );

export class RecordingsState {
  readonly #dependencies: ClassifyDependencies;
  readonly #analysis: AnalysisState;
  readonly #settings: SettingsState;
  /** The one that was set when the list came. */
  #threshold: number | null = null;
  #items = $state.raw<RecordingItem[]>([]);
  #skipped = $state.raw<SkippedFile[]>([]);
  #openId = $state<number | null>(null);
  #running: AbortController | null = $state.raw(null);

  constructor(dependencies: ClassifyDependencies, analysis: AnalysisState, settings: SettingsState) {
    this.#dependencies = dependencies;
    this.#analysis = analysis;
    this.#settings = settings;
  }

  get items(): readonly RecordingItem[] {
    return this.#items;
  }

  get skipped(): readonly SkippedFile[] {
    return this.#skipped;
  }

  /** Of the item that is open below the list. */
  get openId(): number | null {
    return this.#openId;
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  get results(): RecordingResult[] {
    return this.#items.flatMap((item) => (item.kind === 'done' ? [item.result] : []));
  }

  /** Takes the place of whatever was there. Resolves when all are heard or the rest is cancelled. */
  async listen(recordings: RecordingFile[], skipped: SkippedFile[]): Promise<void> {
    this.close();
    this.#threshold = this.#settings.threshold;
    this.#skipped = skipped;
    this.#items = recordings.map((recording, id) => ({ ...recording, id, kind: 'queued' }));
    const running = new AbortController();
    this.#running = running;
    for (const item of this.#items) {
      if (this.#isDone(item.id)) continue;
      this.#put({ ...item, kind: 'working' });
      // Opening another one meanwhile cancels what was open, not its place in the list.
      const opened = item.id === 0 ? await this.#hearOpen(item, this.#threshold) : null;
      const result = opened ?? (await this.#hear(item, running.signal));
      if (this.#running !== running) return;
      // Somebody who opened it meanwhile may have judged it again: what is on screen stays.
      if (this.#isDone(item.id)) continue;
      this.#put(result ? { ...item, kind: 'done', result } : { ...item, kind: 'cancelled' });
    }
    if (this.#running === running) this.#running = null;
  }

  /** Opens an item of the list. */
  open(id: number): void {
    const item = this.#items[id];
    if (!item || this.#openId === id) return;
    void this.#hearAndPut(item, item.kind === 'done' ? item.result.threshold : this.#threshold);
  }

  /** The open item again, in the list as on screen: with the threshold that is set now, or after a failure. */
  async again(): Promise<void> {
    const item = this.#openId === null ? undefined : this.#items[this.#openId];
    if (item) await this.#hearAndPut(item, this.#settings.threshold);
  }

  /** The neighbour of the open item, `step` places down the list. */
  openNeighbour(step: number): void {
    const last = this.#items.length - 1;
    this.open(Math.min(last, Math.max(0, (this.#openId ?? -step) + step)));
  }

  /** Stops after what is already answered. */
  cancel(): void {
    this.#running?.abort();
    this.#running = null;
    this.#items = this.#items.map((item) =>
      item.kind === 'done' ? item : { ...pickRecording(item), id: item.id, kind: 'cancelled' },
    );
    if (this.#analysis.phase.kind === 'working') {
      this.#analysis.close();
      this.#openId = null;
    }
  }

  /** Back to the empty page. */
  close(): void {
    this.#running?.abort();
    this.#running = null;
    this.#items = [];
    this.#skipped = [];
    this.#openId = null;
    this.#analysis.close();
  }

  async #hearAndPut(item: RecordingItem, threshold: number | null): Promise<void> {
    const result = await this.#hearOpen(item, threshold);
    if (result && this.#items[item.id]?.read === item.read) this.#put({ ...item, kind: 'done', result });
  }

  async #hearOpen(item: RecordingItem, threshold: number | null): Promise<RecordingResult | null> {
    this.#openId = item.id;
    const analysis = await this.#analysis.open(pickRecording(item), threshold);
    return analysis?.result ?? null;
  }

  async #hear(item: RecordingItem, signal: AbortSignal): Promise<RecordingResult | null> {
    try {
      const { result } = await classifyFile(
        this.#dependencies,
        item,
        this.#threshold,
        false,
        () => undefined,
        signal,
      );
      return result;
    } catch (error) {
      if (!isAbort(error)) this.cancel();
      return null;
    }
  }

  #isDone(id: number): boolean {
    return this.#items[id]?.kind === 'done';
  }

  #put(item: RecordingItem): void {
    this.#items = this.#items.with(item.id, item);
  }
}

function pickRecording({ read, fileName, isSimulated }: RecordingFile): RecordingFile {
  return { read, fileName, isSimulated };
}
