import fc from 'fast-check';
import { expect, it } from 'vitest';
import { drawnRows, scrollTopFor } from './row-window.ts';

const lengths = fc.record({
  nRows: fc.integer({ min: 0, max: 50_000 }),
  rowHeight: fc.double({ min: 20, max: 80, noNaN: true }),
  viewHeight: fc.integer({ min: 0, max: 2000 }),
  /** How far of all there is to scroll, and a row, as fractions. */
  scrolled: fc.double({ min: 0, max: 1, noNaN: true }),
  place: fc.double({ min: 0, max: 0.999, noNaN: true }),
});

it('every row that can be seen is drawn, and hardly more than those', () => {
  fc.assert(
    fc.property(lengths, ({ nRows, rowHeight, viewHeight, scrolled }) => {
      const scrollTop = scrolled * Math.max(0, nRows * rowHeight - viewHeight);
      const { from, to } = drawnRows(scrollTop, viewHeight, rowHeight, nRows);
      expect(from).toBeGreaterThanOrEqual(0);
      expect(to).toBeLessThanOrEqual(nRows);
      expect(from).toBeLessThanOrEqual(to);
      for (let row = 0; row < nRows; row += Math.max(1, Math.floor(nRows / 500))) {
        const isSeen = (row + 1) * rowHeight > scrollTop && row * rowHeight < scrollTop + viewHeight;
        if (isSeen) expect(row >= from && row < to).toBe(true);
      }
      expect(to - from).toBeLessThanOrEqual(viewHeight / rowHeight + 25);
    }),
  );
});

it('a list that became shorter than what was scrolled still draws its end', () => {
  const { from, to } = drawnRows(36_000, 400, 36, 10);
  expect(to).toBe(10);
  expect(from).toBeLessThan(to);
});

it('scrolling to a row makes it wholly visible and moves no farther than needed', () => {
  fc.assert(
    fc.property(lengths, ({ nRows, rowHeight, viewHeight, scrolled, place }) => {
      fc.pre(nRows > 0 && viewHeight > rowHeight);
      const row = Math.floor(place * nRows);
      const before = scrolled * Math.max(0, nRows * rowHeight - viewHeight);
      const after = scrollTopFor(row, before, viewHeight, rowHeight);
      expect(row * rowHeight).toBeGreaterThanOrEqual(after - 1e-6);
      expect((row + 1) * rowHeight).toBeLessThanOrEqual(after + viewHeight + 1e-6);
      const wasSeen = row * rowHeight >= before && (row + 1) * rowHeight <= before + viewHeight;
      if (wasSeen) expect(after).toBe(before);
    }),
  );
});
