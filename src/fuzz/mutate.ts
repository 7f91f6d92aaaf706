// Altered copies of real inputs. Each follows from its seed alone, so that a number brings back any input.
// May import: core/random.

import type { Random } from '../core/random.ts';

const INTERESTING_BYTES = [0x00, 0x01, 0x20, 0x22, 0x2f, 0x7f, 0x80, 0xfe, 0xff];
/** The edges of what fields of 16, 32 and 64 bits hold, and sizes that look harmless. */
const INTERESTING_INTEGERS = [
  0n,
  1n,
  0x7fn,
  0xffn,
  0x7fffn,
  0x8000n,
  0xffffn,
  0x10000n,
  0x7fffffffn,
  0x80000000n,
  0xfffffff0n,
  0xffffffffn,
  0x100000000n,
  0x7fffffffffffffffn,
  0xffffffffffffffffn,
];
const HUGE_NUMBERS = ['1e308', '-1e308', '1e999', '4294967296', '9007199254740993', '-1', '0.5', '1e-320'];
/** Markup, formulas, path parts, and characters that turn, hide or end a line. */
const HOSTILE_TEXTS = [
  '<img src=x onerror=alert(1)>',
  '=cmd()',
  '../',
  '__proto__',
  'constructor',
  '\u202e',
  '\u200b',
  '\u0000',
  '\u2028',
  '\ufeff',
  '\ud83d\ude00',
  'e\u0301',
  '"""',
  "'",
  ';',
  '\t',
  '\r',
  '\n',
].map((text) => new TextEncoder().encode(text));

/** Alterations laid over one another, at most. */
const MOST_AT_ONCE = 6;
const MAX_BLOCK = 64;
/** A block repeated this often fills a buffer or nests a structure. */
const MANY = 200;
/** Half of the places are in the first or last so many bytes, where headers and tables of contents stand. */
const EDGE_BYTES = 160;

type Alteration = (bytes: Uint8Array, random: Random, context: Context) => Uint8Array;

interface Context {
  seeds: readonly Uint8Array[];
  tokens: readonly Uint8Array[];
  isText: boolean;
}

/** One to six alterations of a copy of `bytes`, which is cut to `maxBytes`. */
export function mutateBytes(
  bytes: Uint8Array,
  random: Random,
  context: Context,
  maxBytes: number,
): Uint8Array {
  let altered = Uint8Array.from(bytes);
  const choices = context.isText ? [...ON_BYTES, ...ON_TEXT, ...ON_TEXT] : ON_BYTES;
  const n = 1 + Math.floor(random.uniform() ** 2 * MOST_AT_ONCE);
  for (let i = 0; i < n; i++) altered = Uint8Array.from(pick(choices, random)(altered, random, context));
  return altered.subarray(0, maxBytes);
}

export function pick<T>(choices: readonly T[], random: Random): T {
  return choices[random.integer(choices.length)] as T;
}

function place(bytes: Uint8Array, random: Random): number {
  const { length } = bytes;
  const which = random.uniform();
  if (which < 0.25) return random.integer(Math.min(length, EDGE_BYTES));
  if (which < 0.5) return Math.max(0, length - 1 - random.integer(EDGE_BYTES));
  return random.integer(length);
}

function span(bytes: Uint8Array, random: Random): [from: number, to: number] {
  const from = place(bytes, random);
  return [from, Math.min(bytes.length, from + 1 + random.integer(MAX_BLOCK))];
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

function inserted(bytes: Uint8Array, at: number, block: Uint8Array): Uint8Array {
  return joined(bytes.subarray(0, at), block, bytes.subarray(at));
}

function overwritten(bytes: Uint8Array, at: number, block: Uint8Array): Uint8Array {
  bytes.set(block.subarray(0, Math.max(0, bytes.length - at)), at);
  return bytes;
}

function setByte(value: (before: number, random: Random) => number): Alteration {
  return (bytes, random) => {
    const at = place(bytes, random);
    if (at < bytes.length) bytes[at] = value(bytes[at] as number, random);
    return bytes;
  };
}

/** An extreme of a field's width, or its value and a little. */
const setInteger: Alteration = (bytes, random) => {
  const width = pick([2, 4, 4, 8], random);
  const at = place(bytes, random) & ~random.integer(2);
  if (at + width > bytes.length) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, width);
  const isLittle = random.uniform() < 0.6;
  const before = width === 8 ? view.getBigUint64(0, isLittle) : BigInt(view.getUint16(0, isLittle));
  const value =
    random.uniform() < 0.6
      ? pick(INTERESTING_INTEGERS, random)
      : before + BigInt(random.integer(9)) - 4n + (random.uniform() < 0.2 ? BigInt(bytes.length) : 0n);
  if (width === 2) view.setUint16(0, Number(BigInt.asUintN(16, value)), isLittle);
  else if (width === 4) view.setUint32(0, Number(BigInt.asUintN(32, value)), isLittle);
  else view.setBigUint64(0, BigInt.asUintN(64, value), isLittle);
  return bytes;
};

const ON_BYTES: readonly Alteration[] = [
  setByte((before, random) => before ^ (1 << random.integer(8))),
  setByte((_, random) => pick(INTERESTING_BYTES, random)),
  setByte((_, random) => random.integer(256)),
  setByte((before, random) => before + random.integer(35) - 17),
  setInteger,
  setInteger,
  // Away, once more, elsewhere, in the place of another.
  (bytes, random) => {
    const [from, to] = span(bytes, random);
    return joined(bytes.subarray(0, from), bytes.subarray(to));
  },
  (bytes, random) => {
    const [from, to] = span(bytes, random);
    return inserted(bytes, to, bytes.slice(from, to));
  },
  (bytes, random) => {
    const [from, to] = span(bytes, random);
    return overwritten(bytes, place(bytes, random), bytes.slice(from, to));
  },
  (bytes, random) => {
    const [from, to] = span(bytes, random);
    const block = bytes.slice(from, to);
    const many = 1 + random.integer(MANY);
    return inserted(bytes, to, joined(...Array.from({ length: many }, () => block)));
  },
  (bytes, random) => {
    const block = new Uint8Array(1 + random.integer(MAX_BLOCK)).fill(pick(INTERESTING_BYTES, random));
    return inserted(bytes, place(bytes, random), block);
  },
  (bytes, random) => bytes.subarray(0, place(bytes, random)),
  (bytes, random) => bytes.subarray(place(bytes, random)),
  // The beginning of one, the end of another.
  (bytes, random, { seeds }) => {
    const other = pick(seeds, random);
    return joined(bytes.subarray(0, place(bytes, random)), other.subarray(place(other, random)));
  },
  (bytes, random, { tokens }) =>
    tokens.length === 0 ? bytes : overwritten(bytes, place(bytes, random), pick(tokens, random)),
  (bytes, random, { tokens }) =>
    tokens.length === 0 ? bytes : inserted(bytes, place(bytes, random), pick(tokens, random)),
];

const ON_TEXT: readonly Alteration[] = [
  (bytes, random) => inserted(bytes, place(bytes, random), pick(HOSTILE_TEXTS, random)),
  (bytes, random) => {
    const text = new TextDecoder('latin1').decode(bytes);
    const numbers = [...text.matchAll(/-?\d+(?:\.\d+)?/g)];
    if (numbers.length === 0) return bytes;
    const { 0: number, index } = pick(numbers, random);
    const other = Buffer.from(pick(HUGE_NUMBERS, random), 'latin1');
    return joined(bytes.subarray(0, index), other, bytes.subarray(index + number.length));
  },
  (bytes, random) => {
    const [open, close] = pick(['[]', '{}', '""'], random);
    const many = 1 + random.integer(MANY);
    const at = place(bytes, random);
    const nested = `${(open ?? '').repeat(many)}${(close ?? '').repeat(random.integer(2) * many)}`;
    return inserted(bytes, at, Buffer.from(nested, 'latin1'));
  },
];
