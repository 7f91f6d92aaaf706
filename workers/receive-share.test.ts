// Files that were posted are found under their address; a form without any, or a full disk, opens the page all the same.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readShareAddress, SHARE_CACHE, SHARE_FIELD } from '../src/core/share-address.ts';
import { receiveShare } from './receive-share.ts';

const SCOPE = 'https://example.org/heart/';
const HOUR_MS = 3_600_000;

let stored: Map<string, Response>;
let isFull = false;

beforeEach(() => {
  stored = new Map();
  isFull = false;
  const cache = {
    keys: () => Promise.resolve([...stored.keys()].map((url) => new Request(url))),
    put(address: string, response: Response) {
      if (isFull) return Promise.reject(new DOMException('', 'QuotaExceededError'));
      stored.set(new URL(address).href, response);
      return Promise.resolve();
    },
    delete: (url: string) => Promise.resolve(stored.delete(url)),
  };
  const open = (name: string) =>
    name === SHARE_CACHE ? Promise.resolve(cache) : Promise.reject(new Error('another cache'));
  vi.stubGlobal('caches', { open });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const post = (body: BodyInit): Request => new Request(`${SCOPE}share`, { method: 'POST', body });

function form(...names: string[]): FormData {
  const data = new FormData();
  for (const name of names)
    data.append(SHARE_FIELD, new File([`sound of ${name}`], name, { type: 'audio/wav' }));
  return data;
}

const sharedId = (response: Response): string | null =>
  new URL(response.headers.get('Location') ?? '').searchParams.get('shared');

test('each file lies under the id that the page is opened with, with its bytes, name and type', async () => {
  const answer = await receiveShare(post(form('a.wav', '../b?.wav')), SCOPE);
  expect(answer.status).toBe(303);
  expect(answer.headers.get('Location')).toMatch(
    /^https:\/\/example\.org\/heart\/\?shared=[\w-]{36}#\/predict$/,
  );
  const found = [...stored].map(([url, response]) => ({ ...readShareAddress(url), response }));
  expect(found.map(({ id, index, fileName }) => [id, index, fileName])).toEqual([
    [sharedId(answer), 0, 'a.wav'],
    [sharedId(answer), 1, '../b?.wav'],
  ]);
  expect(found[0]?.response.headers.get('Content-Type')).toBe('audio/wav');
  expect(await found[0]?.response.text()).toBe('sound of a.wav');
});

test.each([
  ['no file', () => post(form())],
  ['words in place of a file', () => post(new URLSearchParams({ [SHARE_FIELD]: 'hello' }))],
  ['no form', () => post('hello')],
])('%s: the page says that it is lost', async (_, request) => {
  expect(sharedId(await receiveShare(request(), SCOPE))).toBe('lost');
});

test('a full disk: the page says that it is lost', async () => {
  isFull = true;
  expect(sharedId(await receiveShare(post(form('a.wav')), SCOPE))).toBe('lost');
});

test('what nobody has fetched goes with a later share, also where the clock was set back', async () => {
  vi.useFakeTimers({ now: 100 * HOUR_MS, toFake: ['Date'] });
  await receiveShare(post(form('forgotten.wav')), SCOPE);
  vi.setSystemTime(100.5 * HOUR_MS);
  await receiveShare(post(form('recent.wav')), SCOPE);
  expect(stored.size).toBe(2);
  vi.setSystemTime(90 * HOUR_MS);
  await receiveShare(post(form('new.wav')), SCOPE);
  expect([...stored.keys()].map((url) => readShareAddress(url).fileName)).toEqual(['new.wav']);
});
