// Which rows are selected, and what a click or a key makes of that. Pure: every change is a new selection.

export interface RowSelection {
  indices: ReadonlySet<number>;
  /** Where a range begins: the row that was selected last; null: nowhere. */
  anchor: number | null;
}

export const NOTHING_SELECTED: RowSelection = { indices: new Set(), anchor: null };

/** With a row, or without it where it was selected. */
export function toggled(selection: RowSelection, index: number): RowSelection {
  const indices = new Set(selection.indices);
  if (!indices.delete(index)) indices.add(index);
  return { indices, anchor: index };
}

/** With everything shown from the anchor to a row; with the row alone where the anchor is not shown. */
export function extendedTo(selection: RowSelection, index: number, order: Int32Array): RowSelection {
  const to = order.indexOf(index);
  if (to < 0) return selection;
  const at = selection.anchor === null ? -1 : order.indexOf(selection.anchor);
  const from = at < 0 ? to : at;
  const range = order.subarray(Math.min(from, to), Math.max(from, to) + 1);
  return {
    indices: new Set([...selection.indices, ...range]),
    anchor: at < 0 ? index : selection.anchor,
  };
}

export function allOf(order: Int32Array): RowSelection {
  return { indices: new Set(order), anchor: null };
}

/** Of the selected rows those that are shown. */
export function shownOf({ indices }: RowSelection, order: ArrayLike<number>): ReadonlySet<number> {
  const shown = new Set(Array.from(order));
  return new Set([...indices].filter((index) => shown.has(index)));
}
