// The input of a number: which seed is altered, how, and whether its checksums are made right again.
// May import: core/random, ./mutate*.

import { Random } from '../core/random.ts';
import { mutateBytes, pick } from './mutate.ts';
import { mutateJson } from './mutate-json.ts';
import type { Reader } from './reader.ts';

/** Of the inputs of a format with checksums; the others show that damage is noticed. */
const REFITTED = 0.8;
/** Of the inputs of a JSON reader, those that are altered as trees; the others are damaged text. */
const AS_TREE = 0.8;

export class Inputs {
  readonly #reader: Reader;
  readonly #seeds: readonly Uint8Array[];
  readonly #tokens: readonly Uint8Array[];
  readonly #trees: readonly unknown[];
  readonly #runSeed: number;

  /** @param runSeed of the whole run: equal ones give equal inputs */
  static async of(reader: Reader, runSeed: number): Promise<Inputs> {
    return new Inputs(reader, await reader.seeds(), runSeed);
  }

  private constructor(reader: Reader, seeds: readonly Uint8Array[], runSeed: number) {
    this.#reader = reader;
    this.#seeds = seeds;
    this.#tokens = reader.tokens.map((token) => Uint8Array.from(Buffer.from(token, 'latin1')));
    this.#trees =
      reader.kind === 'json'
        ? seeds.map((seed) => JSON.parse(new TextDecoder().decode(seed)) as unknown)
        : [];
    this.#runSeed = runSeed;
  }

  /** Input `index` of the run; the seeds themselves come first. */
  at(index: number): Uint8Array<ArrayBuffer> {
    const { kind, maxBytes, refit } = this.#reader;
    if (index < this.#seeds.length) return Uint8Array.from(this.#seeds[index] as Uint8Array);
    const random = new Random(Math.imul(this.#runSeed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
    if (kind === 'json' && random.uniform() < AS_TREE) {
      const text = mutateJson(pick(this.#trees, random), random);
      return Uint8Array.from(new TextEncoder().encode(text).subarray(0, maxBytes));
    }
    const context = { seeds: this.#seeds, tokens: this.#tokens, isText: kind !== 'bytes' };
    const bytes = Uint8Array.from(mutateBytes(pick(this.#seeds, random), random, context, maxBytes));
    if (random.uniform() < REFITTED) refit?.(bytes);
    return bytes;
  }
}
