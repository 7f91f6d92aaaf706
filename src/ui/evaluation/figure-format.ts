// How figures of an evaluation are written: three decimals, a dash where there is none. Pure.

import type { Estimate } from '../../core/metrics/intervals.ts';

const NONE = '—';

export function formatFigure(value: number | null | undefined): string {
  return value === null || value === undefined ? NONE : value.toFixed(3);
}

export function formatInterval({ low, high }: Estimate): string {
  return low === null || high === null ? NONE : `${low.toFixed(3)}–${high.toFixed(3)}`;
}

/** A share in percent, to one decimal. */
export function formatShare(fraction: number | null | undefined): string {
  return fraction === null || fraction === undefined ? NONE : `${(fraction * 100).toFixed(1)} %`;
}
