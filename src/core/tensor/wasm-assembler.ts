// A minimal assembler for WebAssembly: enough to write loops over float vectors (simd-kernels.ts) without
// a compiler in the build. Instructions are byte lists; operands come before their instruction.
// Source of the encoding: WebAssembly core specification 2.0, chapter 5, and the relaxed SIMD proposal.

/** Instructions, in order. */
export type Code = readonly number[];

/** Unsigned LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  do {
    const rest = value >>> 7;
    bytes.push((value & 0x7f) | (rest ? 0x80 : 0));
    value = rest;
  } while (value);
  return bytes;
}

/** Signed LEB128. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (;;) {
    const byte = value & 0x7f;
    value >>= 7;
    const done = (value === 0 && (byte & 0x40) === 0) || (value === -1 && (byte & 0x40) !== 0);
    bytes.push(done ? byte : byte | 0x80);
    if (done) return bytes;
  }
}

const SIMD = 0xfd;
const BYTE_ALIGNED = 0;

/** A local variable or parameter of a function, by number. */
export interface Local {
  readonly index: number;
}

export const get = (local: Local): Code => [0x20, ...unsigned(local.index)];
export const set = (local: Local, value: Code): Code => [...value, 0x21, ...unsigned(local.index)];
export const integer = (value: number): Code => [0x41, ...signed(value)];
export const add = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const subtract = (a: Code, b: Code): Code => [...a, ...b, 0x6b];
export const advance = (local: Local, by: Code): Code => set(local, add(get(local), by));
export const inOrder = (...parts: Code[]): Code => parts.flat();

/** Runs `body` as often as `count` (i32, also zero) says, counting down in `counter`. */
export function repeat(counter: Local, count: Code, body: Code): Code {
  const countDown = [...subtract(get(counter), integer(1)), 0x22, ...unsigned(counter.index)];
  const loop = [0x03, 0x40, ...body, ...countDown, 0x0d, 0, 0x0b];
  return [0x02, 0x40, ...set(counter, count), ...get(counter), 0x45, 0x0d, 0, ...loop, 0x0b];
}

const simd = (operation: number, ...operands: Code[]): Code => [
  ...operands.flat(),
  SIMD,
  ...unsigned(operation),
];

/** Four float32 from `address + offset` bytes; any alignment. */
export const load = (address: Code, offset: number): Code => [
  ...simd(0x00, address),
  BYTE_ALIGNED,
  ...unsigned(offset),
];
/** One float32 from `address + offset`, four times. */
export const loadSplat = (address: Code, offset: number): Code => [
  ...simd(0x09, address),
  BYTE_ALIGNED,
  ...unsigned(offset),
];
export const store = (address: Code, offset: number, value: Code): Code => [
  ...simd(0x0b, address, value),
  BYTE_ALIGNED,
  ...unsigned(offset),
];

export const zeros: Code = [SIMD, 0x0c, ...new Array<number>(16).fill(0)];
/** The same float32 four times. */
export const splat = (value: number): Code => {
  const bytes = new Uint8Array(new Float32Array(4).fill(value).buffer);
  return [SIMD, 0x0c, ...bytes];
};
export const equal = (a: Code, b: Code): Code => simd(0x41, a, b);
export const and = (a: Code, b: Code): Code => simd(0x4e, a, b);
/** Bits of a where b has none. */
export const andNot = (a: Code, b: Code): Code => simd(0x4f, a, b);
export const plus = (a: Code, b: Code): Code => simd(0xe4, a, b);
export const minus = (a: Code, b: Code): Code => simd(0xe5, a, b);
export const times = (a: Code, b: Code): Code => simd(0xe6, a, b);
export const over = (a: Code, b: Code): Code => simd(0xe7, a, b);
export const magnitude = (a: Code): Code => simd(0xe0, a);
/** `a` where it is no number. */
export const atMost = (a: Code, limit: Code): Code => simd(0xea, a, limit);
/** `a` where it is no number. */
export const atLeast = (a: Code, limit: Code): Code => simd(0xeb, a, limit);
/** The nearest whole number. */
export const nearest = (a: Code): Code => simd(0x6a, a);

/** Bits before a float32's exponent, and what the exponent of 1 is written as. */
const EXPONENT_AT = 23;
const EXPONENT_OF_ONE = 127;

/** 2 to the power of whole numbers between -126 and 127. */
export function powerOfTwo(exponent: Code): Code {
  const biased = simd(0xae, simd(0xf8, exponent), [SIMD, 0x0c, ...int32s(EXPONENT_OF_ONE)]);
  return simd(0xab, biased, integer(EXPONENT_AT));
}

function int32s(value: number): number[] {
  return [...new Uint8Array(new Int32Array(4).fill(value).buffer)];
}
/** a · b + c in one rounding; only where relaxed SIMD is known. */
export const fusedTimesPlus = (a: Code, b: Code, c: Code): Code => simd(0x105, a, b, c);

/** What a function's body is written with. */
export interface Scope {
  /** The i32 parameters, in order. */
  parameters: Local[];
  /** A new i32 variable. */
  count: () => Local;
  /** A new vector variable. */
  vector: () => Local;
}

export interface FunctionSource {
  name: string;
  /** Number of i32 parameters; nothing is returned. */
  parameterCount: number;
  body(scope: Scope): Code;
}

const I32 = 0x7f;
const V128 = 0x7b;
const section = (id: number, content: number[]): number[] => [id, ...unsigned(content.length), ...content];
const list = (items: (readonly number[])[]): number[] => [...unsigned(items.length), ...items.flat()];
const text = (value: string): number[] => [
  ...unsigned(value.length),
  ...Array.from(value, (c) => c.charCodeAt(0)),
];

/** A module that imports the memory `host.memory` and exports the functions under their names. */
export function assemble(functions: readonly FunctionSource[]): Uint8Array<ArrayBuffer> {
  const types = functions.map((f) => [0x60, ...list(new Array<number[]>(f.parameterCount).fill([I32])), 0]);
  const memoryImport = [...text('host'), ...text('memory'), 0x02, 0x00, 0x00];
  const exports = functions.map((f, i) => [...text(f.name), 0x00, ...unsigned(i)]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, list(types)),
    ...section(2, list([memoryImport])),
    ...section(3, list(functions.map((_, i) => unsigned(i)))),
    ...section(7, list(exports)),
    ...section(10, list(functions.map(assembleFunction))),
  ]);
}

function assembleFunction(source: FunctionSource): number[] {
  const kinds: number[] = [];
  const declare = (kind: number): Local => {
    kinds.push(kind);
    return { index: source.parameterCount + kinds.length - 1 };
  };
  const body = source.body({
    parameters: Array.from({ length: source.parameterCount }, (_, index) => ({ index })),
    count: () => declare(I32),
    vector: () => declare(V128),
  });
  const content = [...list(kinds.map((kind) => [1, kind])), ...body, 0x0b];
  return [...unsigned(content.length), ...content];
}
