import { beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import { FakeBatchStore, fakeEntry, fakeFiles } from './history-fakes.ts';
import { HistoryState } from './history.svelte.ts';

/** Waits that end when the test says so. */
class FakeWaits {
  #waiting: { action: () => void; ms: number }[] = [];

  readonly later = (action: () => void, ms: number): (() => void) => {
    const wait = { action, ms };
    this.#waiting.push(wait);
    return () => (this.#waiting = this.#waiting.filter((each) => each !== wait));
  };

  pass(): void {
    for (const { action } of this.#waiting.splice(0)) action();
  }
}

const FULL = new AppError('storage-blocked', 'Closed underneath.');

let store: FakeBatchStore;
let waits: FakeWaits;
let history: HistoryState;
let underWay: Set<string>;
let putAway: string[];

beforeEach(async () => {
  store = new FakeBatchStore();
  waits = new FakeWaits();
  underWay = new Set();
  putAway = [];
  history = new HistoryState({
    store,
    later: waits.later,
    locks: { held: () => Promise.resolve(underWay) },
    onRemove: (ids) => putAway.push(...ids),
  });
  await store.create(fakeEntry('1', { title: 'Ward Süd' }), fakeFiles(['a0001.wav', 'a0002.wav']));
  await store.create(fakeEntry('2', { title: 'clinic' }), fakeFiles(['b.wav']));
  const other = { ...fakeEntry('3').model, name: 'Bigger' };
  await store.create(fakeEntry('3', { title: 'single.wav', model: other }), fakeFiles(['single.wav']));
});

const ids = (): string[] => history.shown.map(({ id }) => id);
const remove = (...gone: string[]): void =>
  history.remove(history.entries.filter(({ id }) => gone.includes(id)));
const kept = (): string[] => [...store.entries.keys()];

/** Lets everything that is ready to go on do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

test('it is loading, then there, newest first, with the answers counted', async () => {
  expect(history.phase.kind).toBe('loading');
  await history.load();
  expect(history.phase.kind).toBe('ready');
  expect(ids()).toEqual(['3', '2', '1']);
  expect(history.nResults).toBe(9);
});

test('a storage that cannot be read says why, and may be asked again', async () => {
  store.error = FULL;
  await history.load();
  expect(history.phase).toEqual({ kind: 'failed', error: FULL });
  store.error = null;
  await history.load();
  expect(history.phase.kind).toBe('ready');
});

test('an entry that was broken off or cancelled is told from one that a tab is at', async () => {
  await store.create(fakeEntry('3b', { state: 'cancelled', total: 4 }), fakeFiles([]));
  await store.create(fakeEntry('4', { state: 'running', total: 4 }), fakeFiles([]));
  await store.create(fakeEntry('5', { state: 'running', total: 4 }), fakeFiles([]));
  underWay = new Set(['5']);
  await history.load();
  expect(history.entries.map((entry) => history.isStopped(entry))).toEqual([
    false,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('of two readings the later one is shown', async () => {
  const first = history.load();
  await store.create(fakeEntry('4'), fakeFiles([]));
  await Promise.all([history.load(), first]);
  expect(ids()).toEqual(['4', '3', '2', '1']);
});

describe('search', () => {
  beforeEach(() => history.load());

  test.each([
    ['titles', 'WARD S', ['1']],
    ['letters with marks, typed in two', 'su\u0308d', ['1']],
    ['models', 'bigger', ['3']],
    ['nothing but spaces', '  ', ['3', '2', '1']],
  ])('%s are found at once', (_, query, found) => {
    history.setQuery(query);
    expect(ids()).toEqual(found);
  });

  test('file names are found when typing pauses, with how many', async () => {
    history.setQuery('a0');
    history.setQuery('a00');
    expect([ids(), history.isSearching]).toEqual([[], true]);
    waits.pass();
    await settle();
    expect([ids(), history.isSearching]).toEqual([['1'], false]);
    expect(history.nameMatches('1')).toBe(2);
    expect(store.searches).toEqual(['a00']);
  });

  test('an answer that comes after the text was changed is not shown', async () => {
    let answer = (): void => undefined;
    store.held = new Promise((resolve) => (answer = resolve));
    history.setQuery('a0001');
    waits.pass();
    history.setQuery('clin');
    answer();
    await settle();
    expect(ids()).toEqual(['2']);
    history.setQuery('');
    expect([ids(), history.isSearching]).toEqual([['3', '2', '1'], false]);
  });

  test('a search that fails says why, and titles are still found', async () => {
    store.error = FULL;
    history.setQuery('clinic');
    waits.pass();
    await settle();
    expect([history.error, ids(), history.isSearching]).toEqual([FULL, ['2'], false]);
    history.dismissError();
    expect(history.error).toBeNull();
  });
});

describe('selection', () => {
  beforeEach(() => history.load());
  const selected = (): string[] => history.selected.map(({ id }) => id);

  test('entries are picked and put back', () => {
    history.select('1', true);
    history.select('2', true);
    history.select('1', false);
    expect([selected(), history.isSelected('2'), history.isSelected('1')]).toEqual([['2'], true, false]);
    history.selectNone();
    expect(selected()).toEqual([]);
  });

  test('what the search hides is not selected', () => {
    history.selectAll();
    expect(selected()).toEqual(['3', '2', '1']);
    history.setQuery('clinic');
    expect(selected()).toEqual(['2']);
  });
});

describe('deleting', () => {
  beforeEach(() => history.load());

  test('takes an entry off the list at once and out of the storage later', async () => {
    history.select('2', true);
    remove('2');
    expect([ids(), history.removal.items.map(({ id }) => id), history.selected]).toEqual([
      ['3', '1'],
      ['2'],
      [],
    ]);
    expect([history.nResults, kept()]).toEqual([6, ['1', '2', '3']]);
    waits.pass();
    await settle();
    expect([ids(), kept(), history.removal.items]).toEqual([['3', '1'], ['1', '3'], []]);
    expect(putAway).toEqual(['2']);
  });

  test('undone, nothing has happened', async () => {
    remove('2', '3');
    history.removal.undo();
    waits.pass();
    await history.removal.flush();
    expect([ids(), kept(), history.removal.items]).toEqual([['3', '2', '1'], ['1', '2', '3'], []]);
    expect(putAway).toEqual([]);
  });

  test('leaving removes at once', async () => {
    remove('1');
    await history.removal.flush();
    expect(kept()).toEqual(['2', '3']);
    waits.pass();
    await settle();
    expect(kept()).toEqual(['2', '3']);
  });

  test('time stands still while somebody is at the notice', async () => {
    remove('1');
    history.removal.hold();
    waits.pass();
    await settle();
    expect(kept()).toEqual(['1', '2', '3']);
    history.removal.letGo();
    waits.pass();
    await settle();
    expect(kept()).toEqual(['2', '3']);
  });

  test('a second one makes the first final, and undoing brings back the second only', async () => {
    remove('1');
    remove('2');
    history.removal.undo();
    await settle();
    expect([ids(), kept()]).toEqual([
      ['3', '2'],
      ['2', '3'],
    ]);
  });

  test('reading the list again does not bring back what is being removed', async () => {
    remove('1');
    await history.load();
    expect(ids()).toEqual(['3', '2']);
    const flushed = history.removal.flush();
    await history.load();
    await flushed;
    expect(ids()).toEqual(['3', '2']);
  });

  test('of thousands, those that could not be removed come back', async () => {
    for (let i = 100; i < 350; i++) await store.create(fakeEntry(String(i)), fakeFiles([]));
    await history.load();
    history.remove(history.entries);
    const removeSome = store.remove.bind(store);
    let calls = 0;
    store.remove = async (gone) => {
      if (++calls === 2) store.error = FULL;
      await removeSome(gone);
    };
    await history.removal.flush();
    expect(history.error).toBe(FULL);
    expect(ids().toSorted()).toEqual(kept().toSorted());
    expect(ids().length).toBeGreaterThan(0);
    expect(ids().length).toBeLessThan(253);
  });

  test('what cannot be removed comes back, with the reason', async () => {
    remove('2');
    store.error = FULL;
    await history.removal.flush();
    expect([ids(), history.error]).toEqual([['3', '2', '1'], FULL]);
  });
});
