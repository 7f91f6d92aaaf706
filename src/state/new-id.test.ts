// Ids sort as they were given out, whatever the clock does, and no two are alike.
import { expect, test } from 'vitest';
import { idGiver } from './new-id.ts';
import type { KeyValueStore } from './ports.ts';

function device(): KeyValueStore {
  const values = new Map<string, unknown>();
  return { read: (key) => values.get(key) ?? null, write: (key, value) => !!values.set(key, value) };
}

/** Sorts against the order in which it is called. */
function countdown(): () => string {
  let n = 9;
  return () => String(n--);
}

test('ids sort by their order where the clock stands, is set back by years, and is right again', () => {
  const newId = idGiver(device(), countdown());
  const times = [
    '2026-03-01T10:00:00.000Z',
    '2026-03-01T10:00:00.000Z',
    '2031-01-01T00:00:00.000Z',
    '2026-03-01T10:05:00.000Z',
    '1970-01-01T00:00:00.000Z',
    '2032-01-01T00:00:00.000Z',
  ];
  const ids = times.map(newId);
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(times.length);
  // Where the clock is right the id begins with its time.
  expect(ids[0]).toMatch(/^2026-03-01T10:00:00\.000Z-/);
  expect(ids[5]).toMatch(/^2032-01-01T00:00:00\.000Z-/);
});

test('another tab, and a later visit, go on where the one before was', () => {
  const store = device();
  const first = idGiver(store, () => 'b')('2031-01-01T00:00:00.000Z');
  const second = idGiver(store, () => 'a')('2026-01-01T00:00:00.000Z');
  expect(second > first).toBe(true);
});

test.each([null, 7, 'soon', '2026', '2026-99-99T99:99:99.999Z'])(
  'what is remembered may be %s: there is an id all the same',
  (remembered) => {
    const store = { read: () => remembered, write: () => true };
    expect(idGiver(store, () => 'x')('2026-03-01T10:00:00.000Z')).toMatch(/^2026-\d\d-\d\dT.*-x$/);
  },
);
