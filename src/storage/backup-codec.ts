// Records of the database as JSON and back, without loss: what JSON has no word for is an object with one key that
// begins with `$`, and typed arrays lie one behind the other in a file of their own, little-endian. Pure.
//
//   { "$number": "NaN" }                       also Infinity, -Infinity and -0
//   { "$array": ["Float32Array", at, n] }      n values from byte `at` of the file beside it on
//   { "$object": [["$key", value], …] }        an object of which a key begins with `$`
//
// A key `__proto__` is never written and never read: nothing of ours has it, and it is how objects are poisoned.

import { storageText } from './storage-text.ts';
import { invalidBackup } from './backup-format.ts';

/** Typed arrays that records hold. */
const ARRAYS = { Float32Array, Float64Array, Uint32Array } as const;
type ArrayName = keyof typeof ARRAYS;
type TypedArray = InstanceType<(typeof ARRAYS)[ArrayName]>;

const NUMBERS: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity, '-0': -0 };
const MARK = '$';
const PROTO = '__proto__';

/** Writes records one by one; what is gathered of them is a list. */
export class RecordWriter {
  readonly #texts: string[] = [];
  readonly #arrays: TypedArray[] = [];
  /** Where each array lies: one that two records share is written once, and is one again when it is read. */
  readonly #places = new Map<TypedArray, number>();
  #arrayBytes = 0;
  #nChars = 0;

  get nRecords(): number {
    return this.#texts.length;
  }

  /** About what the records take so far. */
  get sizeBytes(): number {
    return this.#nChars + this.#arrayBytes;
  }

  add(record: unknown): void {
    const text = JSON.stringify(this.#marked(record));
    this.#texts.push(text);
    this.#nChars += text.length;
  }

  /** The list as JSON, a record a line, and the arrays; null where there are none. */
  finish(): { json: Uint8Array<ArrayBuffer>; arrays: Uint8Array<ArrayBuffer> | null } {
    const json = new TextEncoder().encode(`[\n${this.#texts.join(',\n')}\n]\n`);
    if (this.#arrays.length === 0) return { json, arrays: null };
    const arrays = new Uint8Array(this.#arrayBytes);
    for (const array of this.#arrays)
      arrays.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), this.#places.get(array));
    return { json, arrays };
  }

  /** The value as JSON has words for it. Not as a replacer: calling back for each value takes several times as long. */
  #marked(value: unknown): unknown {
    if (typeof value === 'number')
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $number: Object.is(value, -0) ? '-0' : String(value) };
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((each) => this.#marked(each));
    if (ArrayBuffer.isView(value)) return { $array: this.#place(value as TypedArray) };
    const pairs: [string, unknown][] = [];
    let hasMark = false;
    for (const key of Object.keys(value)) {
      if (key === PROTO) continue;
      hasMark ||= key.startsWith(MARK);
      pairs.push([key, this.#marked((value as Record<string, unknown>)[key])]);
    }
    return hasMark ? { $object: pairs } : Object.fromEntries(pairs);
  }

  #place(array: TypedArray): [name: string, at: number, length: number] {
    let at = this.#places.get(array);
    if (at === undefined) {
      at = this.#arrayBytes;
      this.#places.set(array, at);
      this.#arrays.push(array);
      this.#arrayBytes += array.byteLength;
    }
    return [array.constructor.name, at, array.length];
  }
}

/**
 * The records of a list as `RecordWriter` writes it. Of what the records are nothing is known yet.
 * @param path for what is said of it
 * @throws AppError `backup-invalid`
 */
export function readRecords(
  path: string,
  json: Uint8Array<ArrayBuffer>,
  arrays: Uint8Array<ArrayBuffer> | null,
): unknown[] {
  const reader = new ArrayReader(arrays);
  let list: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(json);
    list = unmarked(JSON.parse(text), reader);
  } catch (cause) {
    // Not only what is no JSON: also what is nested too deeply, or marked in a way that nobody writes.
    throw invalidBackup(storageText.backup.notRecords(path), cause);
  }
  if (!Array.isArray(list) || !reader.isDone) throw invalidBackup(storageText.backup.notRecords(path));
  return list as unknown[];
}

/** In place, and not as a reviver: calling back for each value takes several times as long. */
function unmarked(value: unknown, arrays: ArrayReader): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = unmarked(value[i], arrays);
    return value;
  }
  const keys = Object.keys(value);
  const fields = value as Record<string, unknown>;
  for (const key of keys) {
    if (key === PROTO) throw new SyntaxError(key);
    fields[key] = unmarked(fields[key], arrays);
  }
  if (!keys.some((each) => each.startsWith(MARK))) return value;
  const { $number, $array, $object } = fields;
  if (keys.length === 1 && typeof $number === 'string' && Object.hasOwn(NUMBERS, $number))
    return NUMBERS[$number];
  if (keys.length === 1 && Array.isArray($array)) return arrays.read($array);
  if (keys.length === 1 && isPairs($object)) return Object.fromEntries($object);
  throw new SyntaxError(keys.join());
}

function isPairs(value: unknown): value is [string, unknown][] {
  const isPair = (pair: unknown): boolean =>
    Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string' && pair[0] !== PROTO;
  return Array.isArray(value) && value.every(isPair);
}

/** Takes arrays off a file in order, so that together they never take more memory than the file has. */
class ArrayReader {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #known = new Map<string, TypedArray>();
  #end = 0;

  constructor(bytes: Uint8Array<ArrayBuffer> | null) {
    this.#bytes = bytes ?? new Uint8Array();
  }

  /** True when all of it was read. */
  get isDone(): boolean {
    return this.#end === this.#bytes.length;
  }

  read(place: readonly unknown[]): TypedArray {
    const name = place.join();
    const known = this.#known.get(name);
    if (known) return known;
    const [kind, at, length] = place;
    if (place.length !== 3 || typeof kind !== 'string' || !Object.hasOwn(ARRAYS, kind))
      throw new SyntaxError(name);
    const Kind = ARRAYS[kind as ArrayName];
    const end = this.#end + Number(length) * Kind.BYTES_PER_ELEMENT;
    if (!Number.isSafeInteger(length) || Number(length) < 0 || at !== this.#end || end > this.#bytes.length)
      throw new SyntaxError(name);
    const { buffer, byteOffset } = this.#bytes;
    const array = new Kind(buffer.slice(byteOffset + this.#end, byteOffset + end));
    this.#end = end;
    this.#known.set(name, array);
    return array;
  }
}
