// The shortest input that can be found in a while that still shows a fault. Imports nothing.

const LEAST_BLOCK = 1;

/**
 * Leaves out blocks of half the length, a quarter and so on, as long as the fault stays.
 * @param shows whether an input has the same fault
 * @param isOver asked before each try
 */
export async function minimise(
  bytes: Uint8Array,
  shows: (candidate: Uint8Array<ArrayBuffer>) => Promise<boolean>,
  isOver: () => boolean,
): Promise<Uint8Array> {
  let shortest = bytes;
  for (let block = Math.ceil(bytes.length / 2); block >= LEAST_BLOCK; block = Math.floor(block / 2))
    for (let at = 0; at < shortest.length;) {
      if (isOver()) return shortest;
      const candidate = Uint8Array.from(
        Buffer.concat([shortest.subarray(0, at), shortest.subarray(at + block)]),
      );
      if (await shows(candidate)) shortest = candidate;
      else at += block;
    }
  return shortest;
}
