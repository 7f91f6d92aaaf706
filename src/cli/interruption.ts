// How a command is asked to end: Ctrl+C, or the polite kill of a scheduler. What is done by then is kept.
// Imports Node only.

/** Aborted at the first of the two signals; a second one ends the process at once. Call once a process. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      controller.abort();
    });
  return controller.signal;
}
