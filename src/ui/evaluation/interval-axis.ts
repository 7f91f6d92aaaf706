// The axis of all interval bars: the whole of what a figure can be, so that none falls off. Pure.

/** Place of a figure on the axis in percent. @param value 0..1 */
export function axisPlace(value: number): number {
  return Math.min(1, Math.max(0, value)) * 100;
}

export const AXIS_TICKS = [0, 0.5, 1];
