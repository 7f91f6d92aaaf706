// What an address asks for is read once and leaves the rest of it alone; the launch queue hands over each thing once.
import { afterEach, expect, test } from 'vitest';
import type { HandOver } from './found-file.ts';
import { errandOf, listenForLaunches } from './launches.ts';

test.each([
  ['https://a.org/x/?backend=wasm#/train', null, false, '#/train', 'https://a.org/x/?backend=wasm#/train'],
  [
    'https://a.org/x/?shared=7&backend=wasm#/predict',
    '7',
    false,
    '#/predict',
    'https://a.org/x/?backend=wasm#/predict',
  ],
  ['https://a.org/?shared=7', '7', false, '', 'https://a.org/'],
  ['https://a.org/#/predict/record', null, true, '#/predict', 'https://a.org/#/predict'],
])('%s', (address, shared, record, hash, rest) => {
  expect(errandOf(address)).toEqual({ shared, record, hash, rest });
});

type Consumer = (params: { files?: unknown[]; targetURL?: string }) => void;

afterEach(() => {
  delete (globalThis as { launchQueue?: unknown }).launchQueue;
});

function listen(openedAt: string) {
  let consume: Consumer | undefined;
  Object.assign(globalThis, { launchQueue: { setConsumer: (given: Consumer) => (consume = given) } });
  const handOvers: Promise<HandOver>[] = [];
  const hashes: string[] = [];
  listenForLaunches(openedAt, {
    onFiles: (handOver) => handOvers.push(handOver),
    onAddress: ({ hash }) => hashes.push(hash),
  });
  return { launch: consume!, handOvers, hashes };
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

test('a browser without a launch queue is no failure', () => {
  expect(() =>
    listenForLaunches('https://a.org/', { onFiles: () => undefined, onAddress: () => undefined }),
  ).not.toThrow();
});
