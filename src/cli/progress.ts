// How far a long command is, on standard error: count, rate and time left. On a terminal one line that
// changes, elsewhere a line now and then. Standard output is kept for results.

/** Between two updates, milliseconds: on a terminal, and in a log. */
const TERMINAL_INTERVAL_MS = 200;
const LOG_INTERVAL_MS = 10_000;

export class Progress {
  readonly #total: number;
  readonly #noun: string;
  readonly #started = performance.now();
  readonly #onTerminal = process.stderr.isTTY;
  #done = 0;
  #shownAt = 0;

  /** @param noun what is counted, in the plural */
  constructor(total: number, noun: string) {
    this.#total = total;
    this.#noun = noun;
  }

  /** Per second since the start. */
  get rate(): number {
    return this.#done / Math.max(0.001, (performance.now() - this.#started) / 1000);
  }

  /** One more is done. */
  advance(): void {
    this.#done++;
    const now = performance.now();
    const interval = this.#onTerminal ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS;
    if (now - Math.max(this.#shownAt, this.#onTerminal ? 0 : this.#started) < interval) return;
    this.#shownAt = now;
    this.#show();
  }

  /** A line of its own between the updates. */
  log(line: string): void {
    process.stderr.write(`${this.#onTerminal ? '\r\x1b[K' : ''}${line}\n`);
  }

  /** The last state, left standing. */
  finish(): void {
    this.#show();
    if (this.#onTerminal) process.stderr.write('\n');
  }

  #show(): void {
    const left = (this.#total - this.#done) / this.rate;
    const eta = this.#done > 0 && this.#done < this.#total ? `, ${formatDuration(left)} left` : '';
    const text = `${String(this.#done)} of ${String(this.#total)} ${this.#noun}, ${this.rate.toFixed(1)} per second${eta}`;
    process.stderr.write(this.#onTerminal ? `\r\x1b[K${text}` : `${text}\n`);
  }
}

/** Seconds as people say them: `8 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${String(whole)} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${String(minutes)} min ${String(whole % 60)} s`;
  return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
}
