// How numbers are written on screen. Exports write them in full; see the results' own schema. Pure.

/** A probability in two digits; never a certainty that the model does not have. */
export function formatProbability(probability: number): string {
  if (probability > 0.99 && probability < 1) return '> 0.99';
  if (probability < 0.01 && probability > 0) return '< 0.01';
  return probability.toFixed(2);
}

export function formatMs(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 10_000 ? `${Math.round(ms).toLocaleString('en')} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export function formatDuration(sec: number): string {
  if (sec < 60) return `${sec.toFixed(1)} s`;
  const minutes = Math.floor(sec / 60);
  return `${minutes} min ${Math.floor(sec - minutes * 60)} s`;
}

export function formatCount(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
