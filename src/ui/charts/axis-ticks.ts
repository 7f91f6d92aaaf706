// Where an axis has its numbers, and how they are written. Pure.

export interface Tick {
  value: number;
  label: string;
}

/** Pixels between two numbers of the time axis. */
const TIME_TICK_PX = 72;
const TIME_STEPS_SEC = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800];
const MINUTE = 60;

/** Round times inside [startSec, endSec]. */
export function timeTicks(startSec: number, endSec: number, widthPx: number): Tick[] {
  const wanted = Math.max(1, Math.floor(widthPx / TIME_TICK_PX));
  const step = TIME_STEPS_SEC.find((candidate) => (endSec - startSec) / candidate <= wanted) ?? 3600;
  const decimals = step < 0.1 ? 2 : step < 1 ? 1 : 0;
  const ticks: Tick[] = [];
  for (let i = Math.ceil(startSec / step - 1e-9); i * step <= endSec + 1e-9; i++) {
    ticks.push({ value: i * step, label: formatTick(i * step, endSec, decimals) });
  }
  return ticks;
}

function formatTick(sec: number, endSec: number, decimals: number): string {
  if (endSec < MINUTE) return sec.toFixed(decimals);
  const minutes = Math.floor(sec / MINUTE + 1e-9);
  const rest = Math.max(0, sec - minutes * MINUTE).toFixed(decimals);
  return `${minutes}:${rest.padStart(decimals ? 3 + decimals : 2, '0')}`;
}

/** A time for reading: `7.2 s`, `1:07.2`. */
export function formatTime(sec: number): string {
  if (sec < MINUTE) return `${sec.toFixed(1)} s`;
  const minutes = Math.floor(sec / MINUTE);
  return `${minutes}:${(sec - minutes * MINUTE).toFixed(1).padStart(4, '0')}`;
}

/** Candidates for the frequency axis, hertz: fine at the bottom, where heart sounds live. */
const FREQUENCIES_HZ = [25, 50, 100, 150, 200, 300, 400, 600, 800, 1000, 1500, 2000, 4000, 8000, 16000];
/** Pixels between two numbers of the frequency axis. */
const FREQUENCY_TICK_PX = 26;

/** Round frequencies with their height as a fraction from the bottom, 0..1, chosen so that none touch. */
export function frequencyTicks(
  melCentresHz: Float32Array,
  heightPx: number,
): (Tick & { fraction: number })[] {
  const ticks: (Tick & { fraction: number })[] = [];
  for (const value of FREQUENCIES_HZ) {
    const fraction = melFraction(melCentresHz, value);
    const below = ticks.at(-1);
    if (fraction === null || (below && (fraction - below.fraction) * heightPx < FREQUENCY_TICK_PX)) continue;
    ticks.push({ value, label: String(value), fraction });
  }
  return ticks;
}

/** Height of a frequency among the bands, which are drawn equally tall; null outside them. */
export function melFraction(melCentresHz: Float32Array, hz: number): number | null {
  const n = melCentresHz.length;
  for (let band = 0; band + 1 < n; band++) {
    const low = melCentresHz[band] ?? 0;
    const high = melCentresHz[band + 1] ?? 0;
    if (hz >= low && hz <= high) return (band + 0.5 + (hz - low) / (high - low)) / n;
  }
  return null;
}
