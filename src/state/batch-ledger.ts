// The rows of a batch and what they add up to. Rows are replaced in place and totals kept up to date with each
// answer, so that a batch of any length costs the same per recording. Knows no files, no workers and no storage.

import { ofLabel, recordByLabel } from '../core/by-label.ts';
import { decide } from '../core/model/aggregate.ts';
import type { Judgement } from '../core/report/rejudge.ts';
import type { RecordingResult } from '../core/types.ts';
import type { BatchCounts } from '../storage/batch-record.ts';
import type { BatchRow, RowAnswer } from './batch-row.ts';

export class BatchLedger {
  readonly rows: BatchRow[];
  readonly judgement: Judgement;
  #threshold: number;
  #counts: BatchCounts = { ok: 0, inconclusive: 0, error: 0, perClass: recordByLabel() };
  /** By label, of the answer that is being judged: thousands are, whenever a hand moves the threshold. */
  readonly #probabilities = recordByLabel<number>();
  #nDone = 0;
  #soundSec = 0;

  /**
   * @param labels the truth of each recording, where it is known
   * @param judgement of the model that answers
   */
  constructor(
    fileNames: readonly string[],
    labels: readonly (string | null)[],
    judgement: Judgement,
    threshold: number,
  ) {
    this.judgement = judgement;
    this.#threshold = threshold;
    this.rows = fileNames.map((fileName, index) => ({
      index,
      fileName,
      phase: 'queued',
      answer: null,
      label: labels[index] ?? null,
    }));
  }

  get threshold(): number {
    return this.#threshold;
  }

  /** A copy: whoever keeps it has what was true then. */
  get counts(): BatchCounts {
    return { ...this.#counts, perClass: { ...this.#counts.perClass } };
  }

  get nDone(): number {
    return this.#nDone;
  }

  /** Seconds of sound answered. */
  get soundSec(): number {
    return this.#soundSec;
  }

  /** One that was opened meanwhile has its answer already, and keeps it until it has another. */
  start(index: number): void {
    if (this.rows[index]?.phase !== 'done') this.#change(index, 'working', null);
  }

  /** Takes the place of an earlier answer. The result may come from another threshold: it is judged at this one. */
  answer(index: number, result: RecordingResult): void {
    this.#change(index, 'done', this.#judged(answerOf(result, this.judgement.labels)));
  }

  /** Forgets what is known of it: it will be heard, again perhaps. */
  requeue(index: number): void {
    this.#change(index, 'queued', null);
  }

  /** What is not answered now will not be. */
  cancelRest(): void {
    for (const { index, phase } of this.rows) if (phase !== 'done') this.#change(index, 'cancelled', null);
  }

  /** Classes and counts follow; nothing is computed anew. */
  moveThreshold(threshold: number): void {
    this.#threshold = threshold;
    for (const { index, answer } of this.rows) if (answer) this.#change(index, 'done', this.#judged(answer));
  }

  #judged(answer: RowAnswer): RowAnswer {
    if (answer.status === 'error') return answer;
    const probabilities = this.#probabilities;
    this.judgement.labels.forEach((label, i) => (probabilities[label] = answer.probabilities[i] ?? 0));
    const quality = answer.quality && { verdict: answer.quality };
    const { status, predictedClass, confidence } = decide(
      probabilities,
      this.#threshold,
      quality,
      this.judgement,
    );
    // Field by field: with a spread, moving the threshold takes twice as long.
    return {
      status,
      predictedClass,
      probabilities: answer.probabilities,
      confidence,
      quality: answer.quality,
      heartRateBpm: answer.heartRateBpm,
      durationSec: answer.durationSec,
      errorCode: answer.errorCode,
    };
  }

  #change(index: number, phase: BatchRow['phase'], answer: RowAnswer | null): void {
    const row = this.rows[index];
    if (!row) return;
    this.#count(row.answer, -1);
    this.#count(answer, 1);
    const { fileName, label } = row;
    this.rows[index] = { index, fileName, phase, answer, label };
  }

  #count(answer: RowAnswer | null, by: 1 | -1): void {
    if (!answer) return;
    this.#nDone += by;
    this.#soundSec += by * (answer.durationSec ?? 0);
    this.#counts[answer.status] += by;
    const { perClass } = this.#counts;
    if (answer.status === 'ok' && answer.predictedClass !== null)
      perClass[answer.predictedClass] = (perClass[answer.predictedClass] ?? 0) + by;
  }
}

function answerOf(result: RecordingResult, labels: readonly string[]): RowAnswer {
  const isError = result.status === 'error';
  return {
    status: result.status,
    predictedClass: result.predictedClass,
    probabilities: isError ? [] : labels.map((label) => ofLabel(result.probabilities, label) ?? 0),
    confidence: result.confidence,
    quality: result.quality?.verdict ?? null,
    heartRateBpm: result.heartRateBpm,
    durationSec: result.durationSec,
    errorCode: result.error?.code ?? null,
  };
}
