// A ROC curve as it is drawn and as a table tells it. Pure.

import type { RocCurve } from '../../core/metrics/roc.ts';

export interface Point {
  x: number;
  y: number;
}

/** A curve is drawn some hundred pixels wide: steps below this would not be seen. */
const LEAST_STEP = 1 / 400;

/** From (0, 0) to (1, 1), without points that lie nearer to the one before than can be seen. */
export function drawnPoints({ sensitivity, falsePositiveRate }: RocCurve): Point[] {
  const points: Point[] = [{ x: 0, y: 0 }];
  let last: Point = { x: 0, y: 0 };
  let corner = last;
  for (let i = 0; i < sensitivity.length; i++) {
    const point = { x: falsePositiveRate[i] ?? 1, y: sensitivity[i] ?? 1 };
    if (point.x - last.x >= LEAST_STEP || point.y - last.y >= LEAST_STEP) {
      // The one before may be a corner, which a straight line would cut off.
      if (corner !== last && corner.x !== point.x && corner.y !== point.y) points.push(corner);
      points.push(point);
      last = point;
    }
    corner = point;
  }
  if (corner !== last) points.push(corner);
  return points;
}

export interface RocRow {
  threshold: number;
  sensitivity: number;
  specificity: number;
}

/** What each threshold would give: whoever scores at or above it is called positive. @param thresholds ascending or not */
export function rocRows(curve: RocCurve, thresholds: readonly number[]): RocRow[] {
  return thresholds.map((threshold) => {
    const below = curve.thresholds.findIndex((score) => score < threshold);
    const i = (below < 0 ? curve.thresholds.length : below) - 1;
    return {
      threshold,
      sensitivity: i < 0 ? 0 : (curve.sensitivity[i] ?? 1),
      specificity: i < 0 ? 1 : 1 - (curve.falsePositiveRate[i] ?? 1),
    };
  });
}
