// A breath between two slices of work on the page's thread. A message is not slowed down in a hidden tab, as a
// timer is.

/** Work between two breaths, in milliseconds: half of a frame, so that a slow machine still has no long task. */
const SLICE_MS = 8;

/** Lets input, painting and everything else that waits go first. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** For a loop over thousands of small things: what it gives is awaited after each, and breathes when it is time. */
export function createPace(): () => Promise<void> | undefined {
  let sliceBegan = performance.now();
  return () => {
    if (performance.now() - sliceBegan < SLICE_MS) return undefined;
    return breathe().then(() => {
      sliceBegan = performance.now();
    });
  };
}
