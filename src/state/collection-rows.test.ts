import { expect, test } from 'vitest';
import { fakeCollected } from './collection-fakes.ts';
import {
  ALL_RECORDINGS,
  filtered,
  inOrder,
  NONE_SELECTED,
  withRange,
  withToggled,
} from './collection-rows.ts';
import { summariseLabels } from './collection-summary.ts';

const quality = (verdict: 'good' | 'fair' | 'poor') => ({ ...fakeCollected('').quality, verdict });
const recordings = [
  fakeCollected('a', { label: 'normal', group: 'Süd 1', durationSec: 5, quality: quality('poor') }),
  fakeCollected('b', { label: 'AS', group: 'Süd 1', durationSec: 30, source: 'clinic' }),
  fakeCollected('c', { label: null, durationSec: 10, quality: quality('fair') }),
  fakeCollected('d', { label: 'normal', durationSec: 20 }),
];
const ids = (rows: readonly { id: string }[]): string => rows.map(({ id }) => id).join('');
const none = (): boolean => false;

test('all of a filter has to hold', () => {
  const found = (change: Partial<typeof ALL_RECORDINGS>): string =>
    ids(filtered(recordings, { ...ALL_RECORDINGS, ...change }, (id) => id === 'c'));
  expect(found({ text: 'su\u0308d' })).toBe('ab');
  expect(found({ text: 'CLINIC' })).toBe('b');
  expect(found({ label: { is: 'normal' } })).toBe('ad');
  expect(found({ label: { is: null } })).toBe('c');
  expect(found({ quality: 'poor' })).toBe('a');
  expect(found({ duplicatesOnly: true })).toBe('c');
  expect(found({ label: { is: 'normal' }, quality: 'good' })).toBe('d');
});

test('rows are sorted by what the column shows, equal ones stay as they came', () => {
  expect(ids(inOrder(recordings, { column: 'duration', isDescending: false }, null))).toBe('acdb');
  expect(ids(inOrder(recordings, { column: 'label', isDescending: false }, null))).toBe('cbad');
  expect(ids(inOrder(recordings, { column: 'quality', isDescending: true }, null))).toBe('bdca');
  expect(ids(inOrder(recordings, null, [['d', 'a'], ['c']]))).toBe('dac');
});

test('a selection is toggled, extended from the last one, and follows what is shown', () => {
  const toggled = withToggled([], 'b');
  expect([...withRange([...toggled.ids], toggled.anchor, 'd', recordings).ids].join('')).toBe('bcd');
  expect([...withToggled(['a', 'b'], 'a').ids]).toEqual(['b']);
  expect([...withRange([], NONE_SELECTED.anchor, 'c', recordings).ids]).toEqual(['c']);
  expect([...withRange(['a'], 'a', 'gone', recordings).ids]).toEqual(['a']);
});

test('a collection is summed up label by label, those without one last', () => {
  expect(filtered(recordings, ALL_RECORDINGS, none)).toHaveLength(4);
  expect(summariseLabels(recordings)).toEqual([
    {
      label: 'normal',
      nRecordings: 2,
      durationSec: 25,
      nPatients: 1,
      nWithoutPatient: 1,
      quality: { good: 1, fair: 0, poor: 1 },
    },
    {
      label: 'AS',
      nRecordings: 1,
      durationSec: 30,
      nPatients: 1,
      nWithoutPatient: 0,
      quality: { good: 1, fair: 0, poor: 0 },
    },
    {
      label: null,
      nRecordings: 1,
      durationSec: 10,
      nPatients: 0,
      nWithoutPatient: 1,
      quality: { good: 0, fair: 1, poor: 0 },
    },
  ]);
});
