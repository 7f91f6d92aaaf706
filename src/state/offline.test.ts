// Ready only when everything is there, and said once on a device; one that cannot keep the program says so.
import { expect, test } from 'vitest';
import { FakeStore } from './fakes.ts';
import { OfflineState } from './offline.svelte.ts';

test('it is ready when all is kept, and is kept once', async () => {
  let calls = 0;
  let finish = (): void => undefined;
  const keep = (): Promise<void> => {
    calls++;
    return new Promise((resolve) => (finish = resolve));
  };
  const offline = new OfflineState({ keep }, new FakeStore());
  expect(offline.phase).toBe('waiting');
  const first = offline.prepare();
  await offline.prepare();
  expect([offline.phase, offline.isNews]).toEqual(['keeping', false]);
  finish();
  await first;
  await offline.prepare();
  expect([offline.phase, calls]).toEqual(['ready', 1]);
});

test('that it is ready is news at the first visit only', async () => {
  const store = new FakeStore();
  const visit = async (): Promise<OfflineState> => {
    const offline = new OfflineState({ keep: () => Promise.resolve() }, store);
    await offline.prepare();
    return offline;
  };
  const first = await visit();
  expect(first.isNews).toBe(true);
  first.dismiss();
  expect(first.isNews).toBe(false);
  expect((await visit()).isNews).toBe(false);
});

test('a failure is said, and another attempt can succeed', async () => {
  let isOnline = false;
  const keep = (): Promise<void> => (isOnline ? Promise.resolve() : Promise.reject(new Error('gone')));
  const offline = new OfflineState({ keep }, new FakeStore());
  await offline.prepare();
  expect([offline.phase, offline.isNews]).toEqual(['failed', false]);
  isOnline = true;
  await offline.prepare();
  expect([offline.phase, offline.isNews]).toEqual(['ready', true]);
});

test('a browser without service workers is no failure', async () => {
  const offline = new OfflineState(null, new FakeStore());
  await offline.prepare();
  expect(offline.phase).toBe('unsupported');
});
