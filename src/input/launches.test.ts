// What an address asks for is read once and leaves the rest of it alone; the launch queue hands over each thing once.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { HandOver } from './found-file.ts';
import { errandOf, listenForLaunches } from './launches.ts';

test.each([
  ['https://a.org/x/?backend=wasm#/train', null, false, '#/train', 'https://a.org/x/?backend=wasm#/train'],
  [
    'https://a.org/x/?shared=0f2c&backend=wasm#/predict',
    '0f2c',
    false,
    '#/predict',
    'https://a.org/x/?backend=wasm#/predict',
  ],
  ['https://a.org/?shared=lost', 'lost', false, '', 'https://a.org/'],
  ['https://a.org/#/predict/record', null, true, '#/predict', 'https://a.org/#/predict'],
])('%s', (address, share, record, hash, rest) => {
  expect(errandOf(address)).toEqual({ share, record, hash, rest });
});

type Consumer = (params: { files?: unknown[]; targetURL?: string }) => void;

beforeEach(() => vi.stubGlobal('navigator', {}));

afterEach(() => {
  delete (globalThis as { launchQueue?: unknown }).launchQueue;
  vi.unstubAllGlobals();
});

function listen(openedAt: string) {
  let consume: Consumer | undefined;
  Object.assign(globalThis, { launchQueue: { setConsumer: (given: Consumer) => (consume = given) } });
  const handOvers: Promise<HandOver>[] = [];
  const hashes: string[] = [];
  const shares: string[] = [];
  listenForLaunches(openedAt, {
    onFiles: (handOver) => handOvers.push(handOver),
    onShare: (outcome) => shares.push(outcome),
    onAddress: ({ hash }) => hashes.push(hash),
  });
  return { launch: consume!, handOvers, hashes, shares };
}

test('files come with their handles, so that a batch can be gone on with', async () => {
  const { launch, handOvers, hashes } = listen('https://a.org/');
  const handle = { getFile: () => Promise.resolve(new File(['x'], 'heart.wav')) };
  launch({ files: [handle], targetURL: 'https://a.org/' });
  const { files, handles } = await handOvers[0]!;
  expect([files.map(({ path }) => path), handles, hashes]).toEqual([['heart.wav'], [handle], []]);
});

test('a file that is gone is a sentence', async () => {
  const { launch, handOvers } = listen('https://a.org/');
  launch({ files: [{ getFile: () => Promise.reject(new DOMException('', 'NotFoundError')) }] });
  await expect(handOvers[0]).rejects.toMatchObject({ code: 'file-unreadable' });
});

test('the launch that opened the page is not followed twice, a later one to the same place is', () => {
  const { launch, hashes } = listen('https://a.org/#/train');
  launch({ files: [], targetURL: 'https://a.org/#/train' });
  expect(hashes).toEqual([]);
  launch({ targetURL: 'https://a.org/#/train' });
  launch({ targetURL: 'https://a.org/#/history' });
  expect(hashes).toEqual(['#/train', '#/history']);
});

test('a share is answered, so that the service worker leaves this page alone; other messages are not', async () => {
  const serviceWorker = new EventTarget();
  vi.stubGlobal('navigator', { serviceWorker });
  const { shares } = listen('https://a.org/');
  const say = (data: unknown): Promise<boolean> => {
    const { port1, port2 } = new MessageChannel();
    const answered = new Promise<boolean>((resolve) => {
      port1.onmessage = () => resolve(true);
      setTimeout(() => resolve(false), 100);
    });
    serviceWorker.dispatchEvent(new MessageEvent('message', { data, ports: [port2] }));
    return answered.finally(() => port1.close());
  };
  expect(await say({ type: 'SHARED', outcome: 'full' })).toBe(true);
  for (const other of [null, 'SHARED', { type: 'SHARED' }, { type: 'CACHE_UPDATED', outcome: 'lost' }])
    expect(await say(other)).toBe(false);
  expect(shares).toEqual(['full']);
});

test('a browser with neither a launch queue nor a service worker is no failure', () => {
  const nothing = { onFiles: vi.fn(), onShare: vi.fn(), onAddress: vi.fn() };
  expect(() => listenForLaunches('https://a.org/', nothing)).not.toThrow();
});
