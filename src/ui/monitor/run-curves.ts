// A run's history as the curves that are drawn. Pure.

import type { TrainingHistoryEntry } from '../../core/training/types.ts';
import type { LineSeries } from '../charts/line-series.ts';
import { runText as text } from './run-text.ts';

export interface Curves {
  heading: string;
  series: LineSeries[];
  /** Null: where the values end. */
  yMin: number | null;
  yMax: number | null;
}

/** Curves in which nothing was ever measured are left out. */
export function curvesOf(history: readonly TrainingHistoryEntry[]): Curves[] {
  const line = (
    name: string,
    colour: string,
    value: (entry: TrainingHistoryEntry) => number | null,
    isDashed = false,
  ): LineSeries => ({ name, colour, values: history.map(value), isDashed });
  const all: Curves[] = [
    {
      heading: text.loss,
      series: [
        line(text.training, '--ink-3', ({ loss }) => loss),
        line(text.watched, '--ink', ({ watchLoss }) => watchLoss, true),
        line(text.validation, '--accent', ({ validationLoss }) => validationLoss),
      ],
      yMin: 0,
      yMax: null,
    },
    {
      heading: text.accuracy,
      series: [
        line(text.training, '--ink-3', ({ accuracy }) => accuracy),
        line(text.validation, '--accent', ({ validationAccuracy }) => validationAccuracy),
      ],
      yMin: 0,
      yMax: 1,
    },
    {
      heading: text.auroc,
      series: [
        line(text.training, '--ink-3', ({ auroc }) => auroc),
        line(text.validation, '--accent', ({ validationAuroc }) => validationAuroc),
      ],
      yMin: 0,
      yMax: 1,
    },
  ];
  return all
    .map((curves) => ({
      ...curves,
      series: curves.series.filter(({ values }) => values.some((value) => value !== null)),
    }))
    .filter(({ series }) => series.length > 0);
}
