// Ready only when everything is there; a device that cannot keep the program says so.
import { expect, test } from 'vitest';
import { OfflineState } from './offline.svelte.ts';

test('it is ready when all is kept, and is kept once', async () => {
  let calls = 0;
  let finish = (): void => undefined;
  const offline = new OfflineState(() => {
    calls++;
    return new Promise((resolve) => (finish = resolve));
  });
  expect(offline.phase).toBe('waiting');
  const first = offline.prepare();
  await offline.prepare();
  expect(offline.phase).toBe('keeping');
  finish();
  await first;
  await offline.prepare();
  expect([offline.phase, calls]).toEqual(['ready', 1]);
});

test('a failure is said, and another attempt can succeed', async () => {
  let isOnline = false;
  const offline = new OfflineState(() => (isOnline ? Promise.resolve() : Promise.reject(new Error('gone'))));
  await offline.prepare();
  expect(offline.phase).toBe('failed');
  isOnline = true;
  await offline.prepare();
  expect(offline.phase).toBe('ready');
});

test('a browser without service workers is no failure', async () => {
  const offline = new OfflineState(null);
  await offline.prepare();
  expect(offline.phase).toBe('unsupported');
});
