// Several recordings, heard one after the other. The first is opened at once, so that there is something to
// look at while the rest is under way; results are kept, pictures are not: opening one hears it again.

import { isAbort } from '../core/errors.ts';
import type { RecordingResult } from '../core/types.ts';
import type { SkippedFile } from '../core/report/results-json.ts';
import type { AnalysisState } from './analysis.svelte.ts';
import { classifyFile, type ClassifyDependencies, type RecordingFile } from './classify-file.ts';

export type RecordingItem = RecordingFile & { id: number } & (
    | { kind: 'queued' }
    | { kind: 'working' }
    | { kind: 'done'; result: RecordingResult }
    | { kind: 'cancelled' }
  );

export class RecordingsState {
  readonly #dependencies: ClassifyDependencies;
  readonly #analysis: AnalysisState;
  #items = $state.raw<RecordingItem[]>([]);
  #skipped = $state.raw<SkippedFile[]>([]);
  #openId = $state<number | null>(null);
  #running: AbortController | null = $state.raw(null);

  constructor(dependencies: ClassifyDependencies, analysis: AnalysisState) {
    this.#dependencies = dependencies;
    this.#analysis = analysis;
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
    this.#skipped = skipped;
    this.#items = recordings.map((recording, id) => ({ ...recording, id, kind: 'queued' }));
    const running = new AbortController();
    this.#running = running;
    for (const item of this.#items) {
      this.#put({ ...item, kind: 'working' });
      // Opening another one meanwhile cancels what was open, not its place in the list.
      const opened = item.id === 0 ? await this.#hearOpen(item) : null;
      const result = opened ?? (await this.#hear(item, running.signal));
      if (this.#running !== running) return;
      this.#put(result ? { ...item, kind: 'done', result } : { ...item, kind: 'cancelled' });
    }
    if (this.#running === running) this.#running = null;
  }

  /** Opens an item of the list. */
  open(id: number): void {
    const item = this.#items[id];
    if (!item || this.#openId === id) return;
    void this.#hearOpen(item).then((result) => {
      if (result && this.#items[id]?.file === item.file) this.#put({ ...item, kind: 'done', result });
    });
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

  async #hearOpen(item: RecordingItem): Promise<RecordingResult | null> {
    this.#openId = item.id;
    const analysis = await this.#analysis.open(pickRecording(item));
    return analysis?.result ?? null;
  }

  async #hear(item: RecordingItem, signal: AbortSignal): Promise<RecordingResult | null> {
    try {
      const { result } = await classifyFile(this.#dependencies, item, false, () => undefined, signal);
      return result;
    } catch (error) {
      if (!isAbort(error)) this.cancel();
      return null;
    }
  }

  #put(item: RecordingItem): void {
    this.#items = this.#items.with(item.id, item);
  }
}

function pickRecording({ file, fileName, isSimulated }: RecordingFile): RecordingFile {
  return { file, fileName, isSimulated };
}
