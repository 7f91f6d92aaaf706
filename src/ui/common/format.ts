// How numbers are written on screen. Exports write them in full; see the results' own schema. Pure.

/** A whole number with its thousands apart. By hand: the platform's formatter costs 100 ms when first used. */
export function formatThousands(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ',');
}

export function formatKilohertz(hz: number): string {
  return `${Number((hz / 1000).toFixed(3))} kHz`;
}

/** A time that is only an estimate: whole tens of seconds, then minutes, then hours. */
export function formatRoughly(sec: number): string {
  if (sec < 10) return 'a few seconds';
  if (sec < 100) return `${Math.ceil(sec / 10) * 10} s`;
  const minutes = Math.round(sec / 60);
  return minutes < 100 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}

/** A probability in two digits; never a certainty that the model does not have. */
export function formatProbability(probability: number): string {
  if (probability > 0.99 && probability < 1) return '> 0.99';
  if (probability < 0.01 && probability > 0) return '< 0.01';
  return probability.toFixed(2);
}

export function formatMs(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 10_000 ? `${formatThousands(Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export function formatDuration(sec: number): string {
  if (sec < 60) return `${sec.toFixed(1)} s`;
  const minutes = Math.floor(sec / 60);
  if (minutes >= 60) return `${formatThousands(Math.floor(minutes / 60))} h ${minutes % 60} min`;
  return `${minutes} min ${Math.floor(sec - minutes * 60)} s`;
}

const BYTE_UNITS = ['KB', 'MB', 'GB', 'TB'];

/** In decimal units, as systems show the sizes of files. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${BYTE_UNITS[unit] ?? ''}`;
}
