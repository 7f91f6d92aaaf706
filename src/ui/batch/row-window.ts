// Which rows of a long list are drawn, and how far it has to be scrolled to show one. Lengths in CSS pixels. Pure.

/** Rows drawn and put away together, so that not every step of a scroll draws. */
const BLOCK_ROWS = 5;
/** Blocks kept ready above and below what is visible: a wheel's step must not outrun them. */
const MARGIN_BLOCKS = 1;

/** The first row that is drawn, and the one after the last. */
export function drawnRows(
  scrollTop: number,
  viewHeight: number,
  rowHeight: number,
  nRows: number,
): { from: number; to: number } {
  const first = Math.floor(scrollTop / rowHeight / BLOCK_ROWS) - MARGIN_BLOCKS;
  const last = Math.ceil((scrollTop + viewHeight) / rowHeight / BLOCK_ROWS) + MARGIN_BLOCKS;
  const to = Math.min(nRows, last * BLOCK_ROWS);
  return { from: Math.max(0, Math.min(first * BLOCK_ROWS, to - BLOCK_ROWS)), to };
}

/** The nearest scroll position at which the row at `place` is wholly visible. */
export function scrollTopFor(
  place: number,
  scrollTop: number,
  visibleHeight: number,
  rowHeight: number,
): number {
  const top = place * rowHeight;
  if (top < scrollTop) return top;
  return Math.max(scrollTop, top + rowHeight - visibleHeight);
}
