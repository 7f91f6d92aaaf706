// A breath between two slices of work on the page's thread. A message is not slowed down in a hidden tab, as a
// timer is.

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
