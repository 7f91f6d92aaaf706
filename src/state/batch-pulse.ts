// The beat of a batch that is heard: the screen follows it, and now and then results are written. Whoever starts one
// stops it.

import type { BatchKeeper } from './batch-keeper.ts';
import type { BatchLedger } from './batch-ledger.ts';
import { BatchPace } from './batch-pace.ts';
import type { BatchProgress } from './batch-row.ts';
import type { Later } from './ports.ts';

/** While a batch runs the screen follows so often, milliseconds. */
const BEAT_MS = 150;

/** Results that are worth a transaction of their own, and the beats after which fewer are. */
const SAVE_RESULTS = 24;
const SAVE_BEATS = 4;

export interface PulseDependencies {
  later: Later;
  /** Milliseconds, monotonic. */
  now: () => number;
  /** At every beat, the first one at once. */
  onBeat: (progress: BatchProgress) => void;
  /** So much waits, or so long, that it is worth writing. */
  onSave: () => void;
}

/** Rates are those from now on. Returns a function that stops it. */
export function startPulse(
  ledger: Pick<BatchLedger, 'rows' | 'nDone' | 'soundSec'>,
  keeper: Pick<BatchKeeper, 'nWaiting'>,
  { later, now, onBeat, onSave }: PulseDependencies,
): () => void {
  const pace = new BatchPace(now(), ledger.nDone, ledger.soundSec);
  let nBeats = 0;
  let callOff = (): void => undefined;
  const beat = (): void => {
    const { nDone, soundSec, rows } = ledger;
    onBeat(pace.mark({ atMs: now(), nDone, soundSec }, rows.length));
    const isDue = ++nBeats % SAVE_BEATS === 0 && keeper.nWaiting > 0;
    if (isDue || keeper.nWaiting >= SAVE_RESULTS) onSave();
    callOff = later(beat, BEAT_MS);
  };
  beat();
  return () => callOff();
}
