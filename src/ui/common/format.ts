// How numbers are written on screen. Exports write them in full; see the results' own schema. Pure.

import { commonText } from './common-text.ts';

/** A whole number with its thousands apart. By hand: the platform's formatter costs 100 ms when first used. */
export function formatThousands(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ',');
}

export function formatKilohertz(hz: number): string {
  return commonText.kilohertz(Number((hz / 1000).toFixed(3)));
}

/** A time that is only an estimate: whole tens of seconds, then minutes, then hours. */
export function formatRoughly(sec: number): string {
  if (sec < 10) return commonText.fewSeconds;
  if (sec < 100) return commonText.seconds(String(Math.ceil(sec / 10) * 10));
  const minutes = Math.round(sec / 60);
  return minutes < 100 ? commonText.minutes(minutes) : commonText.hours((minutes / 60).toFixed(1));
}

/** A probability in two digits; never a certainty that the model does not have. */
export function formatProbability(probability: number): string {
  if (probability > 0.99 && probability < 1) return '> 0.99';
  if (probability < 0.01 && probability > 0) return '< 0.01';
  return probability.toFixed(2);
}

export function formatMs(ms: number): string {
  if (ms < 10) return commonText.milliseconds(ms.toFixed(1));
  return ms < 10_000
    ? commonText.milliseconds(formatThousands(Math.round(ms)))
    : commonText.seconds((ms / 1000).toFixed(1));
}

export function formatDuration(sec: number): string {
  if (sec < 60) return commonText.seconds(sec.toFixed(1));
  const minutes = Math.floor(sec / 60);
  if (minutes >= 60)
    return commonText.hoursAndMinutes(formatThousands(Math.floor(minutes / 60)), minutes % 60);
  return commonText.minutesAndSeconds(minutes, Math.floor(sec - minutes * 60));
}

/** In decimal units, as systems show the sizes of files. */
export function formatBytes(bytes: number): string {
  const units = commonText.byteUnits;
  if (bytes < 1000) return `${bytes} ${units[0]}`;
  let value = bytes / 1000;
  let unit = 1;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? ''}`;
}
