// Lines as a chart draws them and as words and a table tell them. Pure.

import { chartsText as text } from './charts-text.ts';

export interface LineSeries {
  name: string;
  /** One a place of the x axis, from its start; null: not measured there, and a gap. */
  values: readonly (number | null)[];
  isDashed?: boolean;
  /** A colour token; by default the series' turn. */
  colour?: string;
}

/** Lines take these in turn. Dashes and names tell them apart for whoever does not see the colours. */
const COLOURS = ['--accent', '--ink', '--class-0', '--class-1', '--inconclusive'];

export function lineColour(series: LineSeries, index: number): string {
  return series.colour ?? COLOURS[index % COLOURS.length] ?? '--ink';
}

/** Places that have no neighbour with a value: a line would not show them, so they are drawn as points. */
export function isLonely(values: LineSeries['values'], index: number): boolean {
  const isThere = (at: number): boolean => (values[at] ?? null) !== null;
  return isThere(index) && !isThere(index - 1) && !isThere(index + 1);
}

/** The picture in one sentence: of every line where it begins and where it ends. */
export function describeLines(
  label: string,
  series: readonly LineSeries[],
  format: (value: number) => string,
): string {
  const parts = series.flatMap(({ name, values }) => {
    const known = values.filter((value) => value !== null);
    const [first, last] = [known[0], known.at(-1)];
    if (first === undefined || last === undefined) return [];
    return known.length === 1
      ? [text.single(name, format(first))]
      : [text.fromTo(name, format(first), format(last))];
  });
  return `${[label, ...parts].join('. ')}.`;
}

export interface LineRow {
  x: number;
  cells: string[];
}

/** @param start the x of the first value */
export function lineRows(
  series: readonly LineSeries[],
  start: number,
  format: (value: number) => string,
): LineRow[] {
  const length = Math.max(0, ...series.map(({ values }) => values.length));
  return Array.from({ length }, (_, i) => ({
    x: start + i,
    cells: series.map(({ values }) => {
      const value = values[i] ?? null;
      return value === null ? text.none : format(value);
    }),
  }));
}
