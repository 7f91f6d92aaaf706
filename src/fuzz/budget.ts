// Counts what one input makes a reader allocate in typed arrays, and refuses what goes beyond the reader's budget
// before it is taken, as a full memory would: a bomb is found out whatever the machine. Alters the realm's own
// constructors, so it belongs in a process of its own. Imports nothing.

const KINDS = [
  'ArrayBuffer',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
] as const;

export class AllocationTally {
  #taken = 0;
  #limit = Infinity;

  /** From now on so many bytes and no more. */
  begin(limitBytes: number): void {
    this.#taken = 0;
    this.#limit = limitBytes;
  }

  /** Bytes that were asked for since `begin`; nothing is counted or refused any more. */
  end(): number {
    this.#limit = Infinity;
    return this.#taken;
  }

  /** @throws RangeError as the engine does */
  take(bytes: number): void {
    this.#taken += bytes;
    if (this.#taken > this.#limit) throw new RangeError('Array buffer allocation failed');
  }
}

/** From here on the constructors of this realm ask the tally. */
export function watchAllocations(): AllocationTally {
  const tally = new AllocationTally();
  for (const kind of KINDS) {
    const plain = globalThis[kind] as unknown as new (...args: unknown[]) => object;
    const elementBytes = kind === 'ArrayBuffer' ? 1 : globalThis[kind].BYTES_PER_ELEMENT;
    const watched: typeof plain = new Proxy(plain, {
      construct(target, args: unknown[], newTarget) {
        tally.take(elementBytes * lengthOf(args[0]));
        return Reflect.construct(target, args, newTarget === watched ? target : newTarget) as object;
      },
    });
    Object.defineProperty(globalThis, kind, { value: watched, configurable: true, writable: true });
  }
  return tally;
}

/** Elements of which a constructor with this first argument makes room; none for a view of bytes that are there. */
function lengthOf(argument: unknown): number {
  if (typeof argument === 'number') return argument > 0 ? argument : 0;
  if (Array.isArray(argument) || ArrayBuffer.isView(argument))
    return (argument as unknown as ArrayLike<number>).length;
  return 0;
}
