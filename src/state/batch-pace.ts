// How fast a batch goes: of the last seconds, so that what it says follows what happens. Pure.

import type { BatchProgress } from './batch-row.ts';

/** Rates are taken over so much time, milliseconds: long enough to be steady, short enough to follow. */
const SPAN_MS = 5_000;

/** Before so many answers there is nothing to tell the time left by. */
const MIN_ANSWERS = 4;

interface Mark {
  atMs: number;
  nDone: number;
  soundSec: number;
}

export class BatchPace {
  readonly #marks: Mark[];

  /** @param nDone answers there are before anything is measured */
  constructor(atMs: number, nDone: number, soundSec: number) {
    this.#marks = [{ atMs, nDone, soundSec }];
  }

  /** Notes how far the batch is, and says how it goes. */
  mark(mark: Mark, total: number): BatchProgress {
    const marks = this.#marks;
    marks.push(mark);
    while (marks.length > 2 && (marks[1]?.atMs ?? 0) < mark.atMs - SPAN_MS) marks.shift();
    const first = marks[0] ?? mark;
    const sec = (mark.atMs - first.atMs) / 1000;
    const nNew = mark.nDone - first.nDone;
    const recordingsPerSec = sec > 0 ? nNew / sec : 0;
    return {
      done: mark.nDone,
      total,
      recordingsPerSec,
      soundPerSec: sec > 0 ? (mark.soundSec - first.soundSec) / sec : 0,
      leftSec: nNew >= MIN_ANSWERS && sec > 0 ? (total - mark.nDone) / recordingsPerSec : null,
    };
  }
}
