// Work that can be interrupted: a generator that yields every few milliseconds, so that a page's thread can let
// other things go first between two slices. Pure; who runs it decides whether to pause.

export type Sliced<T> = Generator<void, T>;

/** Items handled between two pauses: some milliseconds for rows and names. */
const SLICE_ITEMS = 1000;

export function* forEachSliced<T>(items: readonly T[], handle: (item: T) => void): Sliced<void> {
  for (const [i, item] of items.entries()) {
    if (i % SLICE_ITEMS === 0) yield;
    handle(item);
  }
}

export function* mapSliced<From, To>(items: readonly From[], map: (item: From) => To): Sliced<To[]> {
  const mapped: To[] = [];
  yield* forEachSliced(items, (item) => {
    mapped.push(map(item));
  });
  return mapped;
}

/** All of it without a pause, for threads that nobody waits on. */
export function runAtOnce<T>(work: Sliced<T>): T {
  for (;;) {
    const slice = work.next();
    if (slice.done) return slice.value;
  }
}

/** @param pause awaited between slices */
export async function runWithPauses<T>(work: Sliced<T>, pause: () => Promise<void> | undefined): Promise<T> {
  for (;;) {
    const slice = work.next();
    if (slice.done) return slice.value;
    await pause();
  }
}
