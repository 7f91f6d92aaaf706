// The oracle is what anybody would write for a short list: filter, then a stable sort with missing values last.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COLUMNS, type Column } from './batch-columns.ts';
import type { BatchRow } from './batch-row.ts';
import { NOTHING_SELECTED, shownOf } from './row-selection.ts';
import { BatchView, type BatchRows } from './batch-view.svelte.ts';
import { EVERYTHING, type RowFilter } from './row-filter.ts';

const LABELS = ['normal', 'abnormal'];

class TestBatch implements BatchRows {
  rows: readonly BatchRow[] = $state.raw([]);
  version = $state(0);
  isRunning = $state(false);
  labels: readonly string[] = LABELS;
  nowMs = 0;
  /** What each look at the clock adds: the cost of one ordering. */
  tickMs = 0;

  constructor(rows: BatchRow[]) {
    this.rows = rows;
  }

  readonly now = (): number => (this.nowMs += this.tickMs);

  replace(index: number, change: Partial<BatchRow>): void {
    const rows = this.rows as BatchRow[];
    const row = rows[index];
    if (row) rows[index] = { ...row, ...change };
    this.version++;
  }
}

function viewOf(batch: TestBatch): BatchView {
  return new BatchView(batch, batch.now, () => Promise.resolve());
}

const rowOf = fc.record({
  fileName: fc.constantFrom('a1.wav', 'a2.wav', 'a10.wav', 'B/a1.wav', 'b/x.wav', 'Ümlaut.wav'),
  phase: fc.constantFrom<BatchRow['phase']>('queued', 'working', 'done', 'done', 'done', 'cancelled'),
  label: fc.constantFrom(null, 'normal', 'abnormal', 'murmur'),
  status: fc.constantFrom('ok' as const, 'ok' as const, 'inconclusive' as const, 'error' as const),
  predictedClass: fc.constantFrom(...LABELS),
  probability: fc.constantFrom(0, 0.25, 0.5, 1),
  quality: fc.constantFrom(null, 'good' as const, 'fair' as const, 'poor' as const),
  heartRateBpm: fc.constantFrom(null, 60, 72.5),
  durationSec: fc.constantFrom(5, 32.4, 120),
});

function makeRows(drafts: (typeof rowOf extends fc.Arbitrary<infer T> ? T : never)[]): BatchRow[] {
  return drafts.map(({ fileName, phase, label, status, ...known }, index): BatchRow => {
    const isError = status === 'error';
    const answer = {
      status,
      predictedClass: isError ? null : known.predictedClass,
      probabilities: isError ? [] : [1 - known.probability, known.probability],
      confidence: status === 'ok' ? 0.5 + known.probability / 2 : null,
      quality: isError ? null : known.quality,
      heartRateBpm: isError ? null : known.heartRateBpm,
      durationSec: isError ? null : known.durationSec,
      errorCode: isError ? 'decode-failed' : null,
    };
    return { index, fileName, phase, label, answer: phase === 'done' ? answer : null };
  });
}

const rowsOf = fc.array(rowOf, { maxLength: 40 }).map(makeRows);
/** The same ones each time. */
const sampleRows = (n: number): BatchRow[] => makeRows(fc.sample(rowOf, { numRuns: n, seed: 7 }));

const filterOf: fc.Arbitrary<RowFilter> = fc.record({
  text: fc.constantFrom('', 'a1', 'B/', ' X ', 'ü', 'nowhere'),
  status: fc.constantFrom(null, 'ok', 'inconclusive', 'failed', 'unheard'),
  predictedClass: fc.constantFrom(null, null, ...LABELS),
  quality: fc.constantFrom(null, null, 'good', 'poor'),
  wrongOnly: fc.boolean(),
  cell: fc.constantFrom(null, null, { label: 'normal', predicted: 'abnormal' }),
});

function passes(row: BatchRow, filter: RowFilter): boolean {
  const { answer, label } = row;
  const status = !answer ? 'unheard' : answer.status === 'error' ? 'failed' : answer.status;
  const { cell } = filter;
  return (
    row.fileName.toLowerCase().includes(filter.text.trim().toLowerCase()) &&
    (filter.status === null || filter.status === status) &&
    (filter.predictedClass === null ||
      (status === 'ok' && answer?.predictedClass === filter.predictedClass)) &&
    (filter.quality === null || answer?.quality === filter.quality) &&
    (!filter.wrongOnly || (label !== null && (answer?.predictedClass ?? label) !== label)) &&
    (cell === null || (label === cell.label && answer?.predictedClass === cell.predicted))
  );
}

/** Values of a column from low to high, as a person would list them; a row's place in it is its key. */
function valueOf(column: Column, row: BatchRow): number | string | null {
  const { answer } = row;
  const listed = (list: (string | null)[], value: string | null): number | null =>
    value === null || !list.includes(value) ? null : list.indexOf(value);
  switch (column) {
    case 'status':
      return listed(
        ['ok', 'inconclusive', 'error', 'working', 'queued', 'cancelled'],
        answer?.status ?? row.phase,
      );
    case 'name':
      return row.fileName;
    case 'class':
      return answer?.status === 'ok' ? listed(LABELS, answer.predictedClass) : null;
    case 'probability':
      return answer?.probabilities[1] ?? null;
    case 'confidence':
      return answer?.confidence ?? null;
    case 'quality':
      return listed(['good', 'fair', 'poor'], answer?.quality ?? null);
    case 'heartRate':
      return answer?.heartRateBpm ?? null;
    case 'duration':
      return answer?.durationSec ?? null;
    case 'label':
      return listed([...LABELS, 'murmur'], row.label);
  }
}

const { compare } = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function naiveOrder(
  rows: readonly BatchRow[],
  filter: RowFilter,
  column: Column,
  isDescending: boolean,
): number[] {
  const sign = isDescending ? -1 : 1;
  return rows
    .filter((row) => passes(row, filter))
    .sort((a, b) => {
      const [x, y] = [valueOf(column, a), valueOf(column, b)];
      if (x === null || y === null) return Number(x === null) - Number(y === null);
      return sign * (typeof x === 'string' ? compare(x, String(y)) : x - Number(y));
    })
    .map(({ index }) => index);
}

/** Names are ranked a few turns of the loop later. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

const answered = {
  status: 'ok' as const,
  predictedClass: 'normal',
  probabilities: [0.9, 0.1],
  confidence: 0.9,
  quality: 'good' as const,
  heartRateBpm: 70,
  durationSec: 10,
  errorCode: null,
};

/** Durations fall from row to row. */
const filled = (n: number): TestBatch =>
  new TestBatch(
    Array.from({ length: n }, (_, index): BatchRow => ({
      index,
      fileName: `${String(index)}.wav`,
      phase: 'done',
      label: null,
      answer: { ...answered, durationSec: n - index },
    })),
  );

describe('the rows that are shown', () => {
  it('are those that pass, in the order of any column, as a naive sort has them', async () => {
    await fc.assert(
      fc.asyncProperty(
        rowsOf,
        filterOf,
        fc.constantFrom(...COLUMNS),
        fc.boolean(),
        async (rows, filter, column, isDescending) => {
          // Of equal names the order is by code unit; the oracle's collator calls them equal.
          const named =
            column === 'name' ? rows.map((row) => ({ ...row, fileName: row.fileName.toLowerCase() })) : rows;
          const view = viewOf(new TestBatch(named));
          view.setFilter(filter);
          view.sortBy(column);
          if (isDescending) view.sortBy(column);
          if (column === 'name') {
            expect(view.order.length).toBeLessThanOrEqual(rows.length);
            await settled();
          }
          expect(Array.from(view.order)).toEqual(naiveOrder(named, filter, column, isDescending));
        },
      ),
    );
  });

  it('are all of them, as they came, until something is chosen and after the third click', () => {
    const batch = new TestBatch(sampleRows(12));
    const view = viewOf(batch);
    const asTheyCame = batch.rows.map(({ index }) => index);
    expect(Array.from(view.order)).toEqual(asTheyCame);
    expect(view.isFiltered).toBe(false);
    for (let click = 0; click < 3; click++) view.sortBy('duration');
    expect(view.sort).toBeNull();
    expect(Array.from(view.order)).toEqual(asTheyCame);
  });

  it('have neighbours in the order that is shown, the last one at either end', () => {
    const view = viewOf(filled(3));
    view.sortBy('duration');
    expect(Array.from(view.order)).toEqual([2, 1, 0]);
    expect([view.neighbour(null, 1), view.neighbour(null, -1)]).toEqual([2, 0]);
    expect([view.neighbour(2, 1), view.neighbour(1, 1), view.neighbour(0, 1)]).toEqual([1, 0, 0]);
    expect([view.neighbour(0, -1), view.neighbour(2, -1)]).toEqual([1, 2]);
    view.setFilter({ text: 'nowhere' });
    expect(view.neighbour(null, 1)).toBeUndefined();
  });

  it('follow a row that is replaced', () => {
    const batch = new TestBatch(sampleRows(12));
    const view = viewOf(batch);
    view.showOnly({ status: 'unheard' });
    const before = view.order.length;
    const index = batch.rows.findIndex(({ phase }) => phase === 'done');
    batch.replace(index, { phase: 'queued', answer: null });
    expect(view.order.length).toBe(before + 1);
    expect(view.order).toContain(index);
  });

  it('are those of the next batch, without the filter of the one before', () => {
    const batch = new TestBatch(sampleRows(5));
    const view = viewOf(batch);
    view.setFilter({ text: 'nowhere' });
    view.selectAllShown();
    expect(view.order.length).toBe(0);
    batch.rows = sampleRows(3);
    expect(view.filter).toEqual(EVERYTHING);
    expect(Array.from(view.order)).toEqual([0, 1, 2]);
  });
});

describe('while a batch runs', () => {
  it('ordering takes a small share of the time; a choice and the end are followed at once', () => {
    const batch = new TestBatch(sampleRows(3).map((row) => ({ ...row, phase: 'queued', answer: null })));
    batch.isRunning = true;
    batch.tickMs = 10;
    const view = viewOf(batch);
    view.showOnly({ status: 'unheard' });
    expect(view.order.length).toBe(3);
    batch.replace(0, { phase: 'cancelled' });
    batch.replace(1, { phase: 'done', answer: answered });
    // Ordering cost 10 ms a moment ago.
    expect(view.order.length).toBe(3);
    batch.nowMs += 1000;
    batch.version++;
    expect(view.order.length).toBe(2);
    batch.replace(2, { phase: 'done', answer: answered });
    expect(view.order.length).toBe(2);
    view.setFilter({ status: 'ok' });
    expect(Array.from(view.order)).toEqual([1, 2]);
    batch.replace(0, { phase: 'done', answer: answered });
    batch.isRunning = false;
    expect(Array.from(view.order)).toEqual([0, 1, 2]);
  });
});

describe('a selection', () => {
  it('takes and leaves single rows', () => {
    const view = viewOf(filled(5));
    view.toggle(1);
    view.toggle(3);
    view.toggle(1);
    expect([...view.selected]).toEqual([3]);
  });

  it('leaves out what a moved threshold took out of the filter', () => {
    expect([
      ...shownOf({ ...NOTHING_SELECTED, indices: new Set([1, 4, 6]) }, Int32Array.of(6, 2, 1)),
    ]).toEqual([1, 6]);
  });

  it('reaches from the row selected last to another one, in the order that is shown', () => {
    const view = viewOf(filled(6));
    view.sortBy('duration');
    expect(Array.from(view.order)).toEqual([5, 4, 3, 2, 1, 0]);
    view.setFilter({ text: '.wav' });
    view.toggle(4);
    view.selectTo(2);
    expect([...view.selected].sort()).toEqual([2, 3, 4]);
    view.selectTo(5);
    expect([...view.selected].sort()).toEqual([2, 3, 4, 5]);
  });

  it('is all of the filtered, and ends with the filter', () => {
    const view = viewOf(filled(12));
    view.setFilter({ text: '1' });
    view.selectAllShown();
    expect([...view.selected]).toEqual([1, 10, 11]);
    view.setFilter({ text: '' });
    expect(view.selected.size).toBe(0);
  });
});
