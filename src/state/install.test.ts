// The browser's question is put once and only when it is offered.
import { expect, test } from 'vitest';
import type { InstallNews } from '../input/install-program.ts';
import { InstallState } from './install.svelte.ts';

function open(isInstalled = false) {
  let news: InstallNews | undefined;
  const install = new InstallState({
    runsInstalled: () => isInstalled,
    way: 'chromium',
    listen: (listener) => (news = listener),
  });
  return { install, news: news! };
}

test('an installed program says so', () => {
  expect(open(true).install.phase).toBe('installed');
});

test('offered, asked once, accepted', async () => {
  const { install, news } = open();
  let nAsked = 0;
  expect(install.phase).toBe('by-hand');
  await install.install();
  news.onOffer(() => Promise.resolve(++nAsked === 1));
  expect(install.phase).toBe('offered');
  await install.install();
  await install.install();
  expect([install.phase, nAsked]).toEqual(['installed', 1]);
});

test.each([
  ['a no', () => Promise.resolve(false)],
  ['a browser that fails', () => Promise.reject(new Error('no gesture'))],
])('%s leaves the way by hand, and a later offer counts', async (_, ask) => {
  const { install, news } = open();
  news.onOffer(ask);
  await install.install();
  expect(install.phase).toBe('by-hand');
  news.onOffer(ask);
  expect(install.phase).toBe('offered');
});

test('installed from the browser’s own menu', () => {
  const { install, news } = open();
  news.onInstalled();
  expect(install.phase).toBe('installed');
});
