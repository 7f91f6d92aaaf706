// Files that were posted are found under their address, all of them or none; a website's are not; a form without any, or
// a full disk, is told all the same; and the page that is open is told in place of being replaced.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readShareAddress, SHARE_CACHE, SHARE_FIELD } from '../src/core/share-address.ts';
import { forgetOldShares, receiveShare } from './receive-share.ts';

const SCOPE = 'https://example.org/heart/';
const HOUR_MS = 3_600_000;

let stored: Map<string, Response>;
/** Files that find room; what comes after them does not. */
let room = Infinity;
let isBroken = false;

beforeEach(() => {
  stored = new Map();
  room = Infinity;
  isBroken = false;
  const cache = {
    keys: () => Promise.resolve([...stored.keys()].map((url) => new Request(url))),
    put(address: string, response: Response) {
      if (isBroken) return Promise.reject(new TypeError('no'));
      if (stored.size >= room) return Promise.reject(new DOMException('', 'QuotaExceededError'));
      stored.set(new URL(address).href, response);
      return Promise.resolve();
    },
    delete: (url: string) => Promise.resolve(stored.delete(new URL(url).href)),
  };
  const open = (name: string) =>
    name === SHARE_CACHE ? Promise.resolve(cache) : Promise.reject(new Error('another cache'));
  vi.stubGlobal('caches', { open, has: () => Promise.resolve(stored.size > 0) });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const post = (body: BodyInit): Request => new Request(`${SCOPE}share`, { method: 'POST', body });

/** As the browser says it: a page cannot set these headers, a test in Node can. */
function postFrom(from: { origin?: string; referrer?: string }): Request {
  const request = post(form('a.wav'));
  if (from.origin !== undefined) request.headers.set('Origin', from.origin);
  Object.defineProperty(request, 'referrer', { value: from.referrer ?? '' });
  return request;
}

function form(...names: string[]): FormData {
  const data = new FormData();
  for (const name of names)
    data.append(SHARE_FIELD, new File([`sound of ${name}`], name, { type: 'audio/wav' }));
  return data;
}

async function outcomeOf(request: Request): Promise<string | null> {
  const response = await receiveShare(request, SCOPE, null);
  return new URL(response.headers.get('Location') ?? '').searchParams.get('shared');
}

const ids = (): string[] => [...stored.keys()].map((url) => readShareAddress(url).id);
const names = (): string[] => [...stored.keys()].map((url) => readShareAddress(url).fileName);

test('each file lies under an address of its own, with its bytes, name and type, and the page is opened', async () => {
  const answer = await receiveShare(post(form('a.wav', '../b?.wav')), SCOPE, null);
  expect(answer.status).toBe(303);
  const found = [...stored].map(([url, response]) => ({ ...readShareAddress(url), response }));
  expect(found.map(({ index, fileName }) => [index, fileName])).toEqual([
    [0, 'a.wav'],
    [1, '../b?.wav'],
  ]);
  expect(found[0]?.id).toBe(found[1]?.id);
  expect(answer.headers.get('Location')).toBe(
    `https://example.org/heart/?shared=${found[0]?.id ?? ''}#/predict`,
  );
  expect(found[0]?.response.headers.get('Content-Type')).toBe('audio/wav');
  expect(await found[0]?.response.text()).toBe('sound of a.wav');
});

test.each([
  ['no file', () => post(form())],
  ['words in place of a file', () => post(new URLSearchParams({ [SHARE_FIELD]: 'hello' }))],
  ['no form', () => post('hello')],
])('%s: the page says that it is lost', async (_, request) => {
  expect(await outcomeOf(request())).toBe('lost');
});

test.each([
  ['a website', { origin: 'https://evil.example' }],
  ['a website beside this one', { origin: 'https://example.org:8080' }],
  [
    'a website that hides its origin but not its address',
    { origin: 'null', referrer: 'https://evil.example/x' },
  ],
])('%s: nothing of it is kept', async (_, from) => {
  expect(await outcomeOf(postFrom(from))).toBe('foreign');
  expect(stored.size).toBe(0);
});

test.each([
  ['the system', { origin: 'null' }],
  ['a system that says nothing', {}],
  ['a program of the device', { origin: 'null', referrer: 'android-app://com.example.recorder/' }],
  ['this program', { origin: 'https://example.org', referrer: SCOPE }],
])('%s: it waits', async (_, from) => {
  expect([await outcomeOf(postFrom(from))]).toEqual(ids());
  expect(names()).toEqual(['a.wav']);
});

test('room for a part of it only: none of it stays, what waited before does', async () => {
  await receiveShare(post(form('before.wav')), SCOPE, null);
  room = 3;
  expect(await outcomeOf(post(form('a.wav', 'b.wav', 'c.wav')))).toBe('full');
  expect(names()).toEqual(['before.wav']);
  isBroken = true;
  expect(await outcomeOf(post(form('a.wav')))).toBe('lost');
});

test('what nobody has answered for goes after a day, also where the clock was set back', async () => {
  vi.useFakeTimers({ now: 1000 * HOUR_MS, toFake: ['Date'] });
  await receiveShare(post(form('forgotten.wav')), SCOPE, null);
  vi.setSystemTime(1023 * HOUR_MS);
  await receiveShare(post(form('recent.wav')), SCOPE, null);
  expect(names()).toEqual(['forgotten.wav', 'recent.wav']);
  vi.setSystemTime(1025 * HOUR_MS);
  await forgetOldShares();
  expect(names()).toEqual(['recent.wav']);
  vi.setSystemTime(900 * HOUR_MS);
  await receiveShare(post(form('new.wav')), SCOPE, null);
  expect(names()).toEqual(['new.wav']);
});

test('a storage that cannot be looked through does not stand in the way of whoever clears up', async () => {
  vi.stubGlobal('caches', { has: () => Promise.reject(new Error('no')) });
  await expect(forgetOldShares()).resolves.toBeUndefined();
});

/** @param answers whether it says that it has heard */
function pageThat(answers: boolean): { page: Client; heard: unknown[] } {
  const heard: unknown[] = [];
  const page = {
    postMessage(message: unknown, [port]: MessagePort[]) {
      heard.push(message);
      if (answers) port?.postMessage(null);
    },
  };
  return { page: page as unknown as Client, heard };
}

test('the page that is open hears of it and stays as it is', async () => {
  const { page, heard } = pageThat(true);
  const answer = await receiveShare(post(form('a.wav')), SCOPE, page);
  expect([answer.status, answer.headers.get('Location')]).toEqual([204, null]);
  expect(heard).toEqual([{ type: 'SHARED', outcome: ids()[0] }]);
  expect(names()).toEqual(['a.wav']);
});

test('one that does not answer is opened anew', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const { page, heard } = pageThat(false);
  const answer = receiveShare(post(form('a.wav')), SCOPE, page);
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  await vi.advanceTimersByTimeAsync(2000);
  expect((await answer).status).toBe(303);
});
