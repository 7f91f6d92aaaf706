// How many workers a batch gets: one more as long as each made it faster, measured on the batch itself. Pure.

/** A measurement lasts until so much time has passed and so many groups were answered: both, so that it means something. */
const PERIOD_MS = 1_200;
const PERIOD_GROUPS = 4;

/** The first measurement is a short one: that a second worker is worth a try need hardly be asked. */
const FIRST_PERIOD_MS = 300;

/** After a worker was added, answers are not counted for so long: it loads and warms up. */
const SETTLE_MS = 400;

/** A worker is kept when it makes the batch faster by at least this factor. */
const WORTH_IT = 1.05;

export class LaneTuner {
  readonly #maxLanes: number;
  #nLanes = 1;
  #isFinal = false;
  /** A worker is being started: nothing is decided before it is there. */
  #isWaiting = false;
  #since: number;
  #soundSec = 0;
  #nGroups = 0;
  /** Seconds of sound per millisecond before the latest worker was added. */
  #rateBefore = 0;

  constructor(maxLanes: number, now: number) {
    this.#maxLanes = Math.max(1, maxLanes);
    this.#since = now;
  }

  /**
   * Notes an answered group.
   * @returns `more`: start a worker and call `opened` or `refused`; `less`: end the youngest
   */
  note(soundSec: number, now: number): 'more' | 'less' | 'same' {
    if (this.#isFinal || this.#isWaiting || now < this.#since) return 'same';
    this.#soundSec += soundSec;
    this.#nGroups++;
    const elapsed = now - this.#since;
    const period = this.#nLanes === 1 ? FIRST_PERIOD_MS : PERIOD_MS;
    if (this.#nGroups < PERIOD_GROUPS || elapsed < period) return 'same';
    const rate = this.#soundSec / Math.max(1, elapsed);
    const isBetter = rate >= this.#rateBefore * WORTH_IT;
    if (isBetter && this.#nLanes < this.#maxLanes) {
      this.#rateBefore = rate;
      this.#isWaiting = true;
      return 'more';
    }
    this.#isFinal = true;
    if (isBetter || this.#nLanes === 1) return 'same';
    this.#nLanes--;
    return 'less';
  }

  /**
   * The worker that was asked for is there.
   * @param nLanes workers that now take groups; as many as before where it has taken another's place, and then
   *   there is nothing yet to compare it with
   */
  opened(nLanes: number, now: number): void {
    if (nLanes === this.#nLanes) this.#rateBefore = 0;
    this.#nLanes = nLanes;
    this.#isWaiting = false;
    this.#since = now + SETTLE_MS;
    this.#soundSec = 0;
    this.#nGroups = 0;
  }

  /** It could not be had: what there is has to do. */
  refused(): void {
    this.#isWaiting = false;
    this.#isFinal = true;
  }
}
