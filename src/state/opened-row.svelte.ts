// The recording of a batch that is open: it is heard once more, now with its picture, or shown as it was kept where its
// sound is not at hand or another model answers by now.

import { toAppError } from '../core/errors.ts';
import { rejudge } from '../core/report/rejudge.ts';
import type { RecordingResult } from '../core/types.ts';
import type { AnalysisState } from './analysis.svelte.ts';
import { notKept } from './batch-start.ts';
import type { HeldBatch } from './held-batch.svelte.ts';
import type { ModelState } from './model.svelte.ts';

interface Place {
  batch: HeldBatch;
  index: number;
}

export class OpenedRow {
  readonly #analysis: AnalysisState;
  readonly #model: ModelState;
  #place = $state.raw<Place | null>(null);

  constructor(analysis: AnalysisState, model: ModelState) {
    this.#analysis = analysis;
    this.#model = model;
  }

  /** Null: none is open. */
  get index(): number | null {
    return this.#place?.index ?? null;
  }

  /** Its whole result, where it is on screen. */
  get result(): RecordingResult | null {
    const { phase } = this.#analysis;
    return phase.kind === 'done' ? phase.result : null;
  }

  /** Resolves to whether the batch has a new answer by it. */
  async open(batch: HeldBatch, index: number): Promise<boolean> {
    const place = { batch, index };
    this.#place = place;
    const recording = batch.recording(index);
    const isJudge = batch.isJudgedBy(this.#model);
    const isHeard = recording && (isJudge instanceof Promise ? await isJudge : isJudge);
    if (!this.#isOpen(place)) return false;
    if (!isHeard) {
      await this.#showKept(place);
      return false;
    }
    const { ledger } = batch;
    const answer = await this.#analysis.open(recording, ledger.threshold);
    // It may be another one by now: this one is answered all the same.
    if (!answer || !this.#isOneOpenOf(batch)) return false;
    batch.answer(index, answer.result);
    this.#analysis.judgeBy(ledger.threshold, ledger.judgement);
    batch.changed();
    return true;
  }

  #isOpen(place: Place): boolean {
    return this.#place === place;
  }

  #isOneOpenOf(batch: HeldBatch): boolean {
    return this.#place?.batch === batch;
  }

  async #showKept(place: Place): Promise<void> {
    const { batch, index } = place;
    const { ledger } = batch;
    const recording = notKept(ledger.rows[index]?.fileName ?? '');
    try {
      const result = await batch.keeper.read(index);
      if (result && this.#isOpen(place))
        this.#analysis.show(recording, rejudge(result, ledger.threshold, ledger.judgement));
    } catch (error) {
      if (this.#isOpen(place)) this.#analysis.fail(recording, toAppError(error));
    }
  }

  /** What is still being heard, or waits for its model, is closed. */
  stop(): void {
    if (this.#analysis.phase.kind === 'working') this.close();
  }

  close(): void {
    this.#place = null;
    this.#analysis.close();
  }
}
