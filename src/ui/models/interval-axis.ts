// The axis of all interval bars: a little below guessing to perfect. Pure.

export const AXIS_LOW = 0.3;
const AXIS_HIGH = 1;

/** Place of a figure on the axis in percent, kept inside it. */
export function axisPlace(value: number): number {
  return ((Math.min(AXIS_HIGH, Math.max(AXIS_LOW, value)) - AXIS_LOW) / (AXIS_HIGH - AXIS_LOW)) * 100;
}

export const AXIS_TICKS = [0.5, 0.75, 1];
