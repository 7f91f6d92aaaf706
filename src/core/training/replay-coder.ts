// An adaptive binary range coder: bits that are likely cost little, and what is likely is learned on the way.
// Integers only, so that every engine reads back what any other wrote. Pure.
// Source: the range coder of LZMA (Igor Pavlov, public domain), with rates that slow down as a bit becomes known.

import { AppError } from '../errors.ts';
import { trainingText } from './training-text.ts';

/** Probabilities are in units of 2^-12. */
const PROBABILITY_BITS = 12;
const EVEN = 1 << (PROBABILITY_BITS - 1);
/** No bit is ever taken for certain. */
const LEAST = 1 << 5;
/** A probability moves by 2^-1 of its error at first and by 2^-6 in the end. */
const FASTEST_SHIFT = 1;
const SLOWEST_SHIFT = 6;
/** Renormalised below this. */
const SMALL_RANGE = 2 ** 24;
const BYTE = 256;
/** Bytes that the coder keeps back; flushed at the end, taken in at the start. */
const TAIL_BYTES = 5;

/** What is known of each kind of bit: how likely it is 0, and how often it was seen. */
class BitModel {
  readonly #zero: Uint16Array;
  readonly #seen: Uint8Array;

  constructor(nContexts: number) {
    this.#zero = new Uint16Array(nContexts).fill(EVEN);
    this.#seen = new Uint8Array(nContexts);
  }

  /** Probability of a 0, 1…4095. */
  zero(context: number): number {
    return this.#zero[context] ?? EVEN;
  }

  learn(context: number, bit: number): void {
    const zero = this.zero(context);
    const seen = this.#seen[context] ?? 0;
    const shift = Math.min(SLOWEST_SHIFT, FASTEST_SHIFT + (seen >> 1));
    const target = bit === 0 ? 2 * EVEN - LEAST : LEAST;
    this.#zero[context] = zero + ((target - zero) >> shift);
    if (seen < BYTE - 1) this.#seen[context] = seen + 1;
  }
}

export class BitWriter {
  readonly #model: BitModel;
  #bytes = new Uint8Array(1 << 16);
  #length = 0;
  #low = 0;
  #range = 2 ** 32 - 1;
  /** The last byte, and the 255s after it, wait for a carry. */
  #held = 0;
  #nHeld = 1;

  constructor(nContexts: number) {
    this.#model = new BitModel(nContexts);
  }

  write(context: number, bit: number): void {
    const bound = (this.#range >>> PROBABILITY_BITS) * this.#model.zero(context);
    this.#model.learn(context, bit);
    this.#narrow(bound, bit);
  }

  /** A bit of which nothing is known: it costs one. */
  writeEven(bit: number): void {
    this.#narrow(this.#range >>> 1, bit);
  }

  finish(): Uint8Array {
    for (let i = 0; i < TAIL_BYTES; i++) this.#shift();
    return this.#bytes.slice(0, this.#length);
  }

  #narrow(bound: number, bit: number): void {
    if (bit === 0) this.#range = bound;
    else {
      this.#low += bound;
      this.#range -= bound;
    }
    while (this.#range < SMALL_RANGE) {
      this.#range *= BYTE;
      this.#shift();
    }
  }

  #shift(): void {
    const carry = this.#low >= 2 ** 32 ? 1 : 0;
    if (this.#low < 0xff000000 || carry) {
      this.#put(this.#held + carry);
      for (; this.#nHeld > 1; this.#nHeld--) this.#put(0xff + carry);
      this.#held = Math.floor(this.#low / SMALL_RANGE) % BYTE;
    } else this.#nHeld++;
    this.#low = (this.#low % SMALL_RANGE) * BYTE;
  }

  #put(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const longer = new Uint8Array(2 * this.#length);
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    this.#bytes[this.#length++] = byte;
  }
}

export class BitReader {
  readonly #model: BitModel;
  readonly #bytes: Uint8Array;
  #at = 0;
  #code = 0;
  #range = 2 ** 32 - 1;

  /** @throws AppError `import-invalid` as soon as more is read than was written */
  constructor(bytes: Uint8Array, nContexts: number) {
    this.#model = new BitModel(nContexts);
    this.#bytes = bytes;
    for (let i = 0; i < TAIL_BYTES; i++) this.#code = (this.#code * BYTE + this.#next()) % 2 ** 32;
  }

  read(context: number): number {
    const bit = this.#split((this.#range >>> PROBABILITY_BITS) * this.#model.zero(context));
    this.#model.learn(context, bit);
    return bit;
  }

  readEven(): number {
    return this.#split(this.#range >>> 1);
  }

  #split(bound: number): number {
    const bit = this.#code < bound ? 0 : 1;
    if (bit === 0) this.#range = bound;
    else {
      this.#code -= bound;
      this.#range -= bound;
    }
    while (this.#range < SMALL_RANGE) {
      this.#range *= BYTE;
      this.#code = (this.#code * BYTE + this.#next()) % 2 ** 32;
    }
    return bit;
  }

  #next(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new AppError('import-invalid', trainingText.replay.cutShort);
    return byte;
  }
}
