// What the fuzzer asks of a reader: real inputs to begin with, the words of its format, and a promise that it keeps
// for whatever bytes it is given. May import: nothing.

/** How inputs are altered: as bytes, as text, or, most of the time, as the tree that a JSON text stands for. */
export type InputKind = 'bytes' | 'text' | 'json';

export interface Reader {
  name: string;
  kind: InputKind;
  /** Small and real: inputs are alterations of these. */
  seeds: () => Promise<Uint8Array[]> | Uint8Array[];
  /** What the format gives a meaning to; one character a byte. */
  tokens: readonly string[];
  /** No input is longer. */
  maxBytes: number;
  /** Makes checksums right again, in place: else nothing behind them would ever be reached. */
  refit?: (bytes: Uint8Array) => void;
  /**
   * Reads, and holds the result against what the reader promises (`promise`).
   * @throws AppError to refuse
   */
  read: (bytes: Uint8Array<ArrayBuffer>) => unknown;
  /** Most that one input may have allocated in typed arrays: a documented cap of the reader, and so many bytes a byte. */
  budget: { bytes: number; perByte: number };
}

/** A result that is not what the reader says it gives. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';
}

/** @throws BrokenPromise */
export function promise(holds: boolean, what: string): void {
  if (!holds) throw new BrokenPromise(what);
}

/** @throws BrokenPromise where one of the values is no finite number */
export function promiseFinite(values: ArrayLike<number>, what: string): void {
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i])) throw new BrokenPromise(`${what} holds ${String(values[i])}`);
}
