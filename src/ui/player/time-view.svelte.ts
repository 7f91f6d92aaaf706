// Which part of a recording is on screen: one object that all tracks of the instrument share, so that they
// can never show different times.

/** The closest view: a single heart sound lasts about a tenth of a second. */
const SHORTEST_VIEW_SEC = 0.25;
/** How far a button or key zooms. */
export const ZOOM_STEP = 1.6;

export class TimeView {
  readonly durationSec: number;
  #startSec = $state(0);
  #endSec = $state(0);

  constructor(durationSec: number) {
    this.durationSec = durationSec;
    this.#endSec = durationSec;
  }

  get startSec(): number {
    return this.#startSec;
  }

  get endSec(): number {
    return this.#endSec;
  }

  get spanSec(): number {
    return this.#endSec - this.#startSec;
  }

  get isWhole(): boolean {
    return this.spanSec >= this.durationSec;
  }

  get isClosest(): boolean {
    return this.spanSec <= this.#shortest;
  }

  get #shortest(): number {
    return Math.min(SHORTEST_VIEW_SEC, this.durationSec);
  }

  /** Place of a time across the view: 0 at its left edge, 1 at its right one. */
  fraction(sec: number): number {
    return (sec - this.#startSec) / this.spanSec;
  }

  /** The time at a place across the view, inside the recording. */
  timeAt(fraction: number): number {
    return Math.min(this.durationSec, Math.max(0, this.#startSec + fraction * this.spanSec));
  }

  /** @param factor above 1: closer. The time `aroundSec` keeps its place. */
  zoom(factor: number, aroundSec: number): void {
    const span = Math.min(this.durationSec, Math.max(this.#shortest, this.spanSec / factor));
    const place = Math.min(1, Math.max(0, this.fraction(aroundSec)));
    this.#show(aroundSec - place * span, span);
  }

  /** Moves the view, not the sound. */
  pan(bySec: number): void {
    this.#show(this.#startSec + bySec, this.spanSec);
  }

  /** Moves the view so that it begins there. */
  panTo(startSec: number): void {
    this.#show(startSec, this.spanSec);
  }

  showAll(): void {
    this.#show(0, this.durationSec);
  }

  /** Turns the page when the cursor has left the view. */
  follow(sec: number): void {
    if (sec > this.#endSec || sec < this.#startSec) this.#show(sec - this.spanSec * 0.05, this.spanSec);
  }

  #show(startSec: number, spanSec: number): void {
    this.#startSec = Math.max(0, Math.min(startSec, this.durationSec - spanSec));
    this.#endSec = this.#startSec + spanSec;
  }
}
