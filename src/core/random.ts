// Seeded random numbers: every random choice of the program (splits, sampling, augmentation, dropout,
// initial weights, simulated sounds) draws from one of these, so that a seed reproduces a run.

/** A stream of random numbers whose whole state can be saved in a checkpoint. */
export class Random {
  #state: number;

  /** @param seed any integer; equal seeds give equal streams */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** State to resume from with `Random.fromState`. */
  get state(): number {
    return this.#state;
  }

  static fromState(state: number): Random {
    return new Random(state);
  }

  /** Uniform in [0, 1) with 32 bits. Source: mulberry32 by Tommy Ettinger, public domain. */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** Integer in [0, bound). */
  integer(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  /** Standard normal (Box–Muller, one of the pair: the state stays one number). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Fisher–Yates, in place. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [items[i], items[j]] = [items[j] as T, items[i] as T];
    }
    return items;
  }
}
