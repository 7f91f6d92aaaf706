// What was shared is listened to once: at once where the system alone can have sent it, else when somebody says so;
// whatever else becomes of it is said.
import { beforeEach, expect, test } from 'vitest';
import type { HandOver } from '../input/found-file.ts';
import { foundFile } from '../input/found-file.ts';
import type { SharedFile } from '../input/shared-files.ts';
import { IntakeState } from './intake.svelte.ts';
import { SharedState } from './shared.svelte.ts';

const A: SharedFile = { address: 'https://a.org/share/1', shareId: '1', name: 'a.wav' };
const B: SharedFile = { address: 'https://a.org/share/2', shareId: '1', name: 'b.wav' };

let waiting: SharedFile[];
let refusal: Error | null;
let mayListen: boolean;
let heard: string[];
let intake: IntakeState;
let shared: SharedState;

/** Another tab of the program, at the same files. */
const open = (): SharedState =>
  new SharedState({
    list: () => (refusal ? Promise.reject(refusal) : Promise.resolve([...waiting])),
    take: async (files) => {
      const there = await removed(files);
      return { files: there.map(({ name }) => foundFile(new File(['x'], name))), skipped: [], handles: [] };
    },
    remove: async (files) => {
      await removed(files);
    },
    mayListen: () => mayListen,
    intake,
  });

function removed(files: readonly SharedFile[]): Promise<SharedFile[]> {
  if (refusal) return Promise.reject(refusal);
  const there = waiting.filter((one) => files.some(({ address }) => address === one.address));
  waiting = waiting.filter((one) => !there.includes(one));
  return Promise.resolve(there);
}

beforeEach(() => {
  waiting = [A, B];
  refusal = null;
  mayListen = false;
  heard = [];
  const collect = ({ files, skipped }: HandOver) =>
    Promise.resolve({ recordings: [...files], skipped: [...skipped], labelFiles: [], handles: [] });
  const listen = ({ recordings }: Awaited<ReturnType<typeof collect>>) => {
    heard.push(...recordings.map(({ path }) => path));
    return Promise.resolve();
  };
  intake = new IntakeState(collect, { listen });
  shared = open();
});

test('it is listened to when somebody says so, once', async () => {
  await shared.receive('1');
  expect([shared.files, heard, waiting.length]).toEqual([[A, B], [], 2]);
  await shared.listen();
  expect([shared.files, heard, waiting.length]).toEqual([[], ['a.wav', 'b.wav'], 0]);
  await shared.look();
  expect(shared.files).toEqual([]);
});

test('where only the system can have sent it, and nothing is under way, it is listened to at once', async () => {
  mayListen = true;
  await shared.receive('1');
  expect([shared.files, heard, waiting.length]).toEqual([[], ['a.wav', 'b.wav'], 0]);
});

test('what waits from before is not listened to with it', async () => {
  mayListen = true;
  waiting = [{ ...A, shareId: '0' }, B];
  await shared.receive('1');
  expect([shared.files.length, heard]).toEqual([2, []]);
});

test('what is being taken is not asked about', async () => {
  mayListen = true;
  const received = shared.receive('1');
  await shared.look();
  await received;
  expect([shared.files, heard]).toEqual([[], ['a.wav', 'b.wav']]);
  waiting = [A, B];
  await shared.look();
  expect(shared.files).toEqual([]);
});

test('an address that does not know its id makes nothing heard', async () => {
  mayListen = true;
  await shared.receive('waiting');
  expect([shared.error?.code, shared.files, heard]).toEqual(['share-lost', [A, B], []]);
});

test('what nobody has answered for is asked about by the next page', async () => {
  await shared.look();
  expect([shared.files, shared.error]).toEqual([[A, B], null]);
});

test('what is discarded is gone and was not heard', async () => {
  await shared.receive('1');
  await shared.discard();
  expect([shared.files, heard, waiting]).toEqual([[], [], []]);
});

test('what came after the question was put is not part of the answer', async () => {
  waiting = [A];
  await shared.receive('1');
  waiting.push(B);
  await shared.listen();
  expect([heard, waiting]).toEqual([['a.wav'], [B]]);
});

test.each([
  ['foreign', 'share-foreign'],
  ['full', 'storage-full'],
  ['lost', 'share-lost'],
  ['<script>', 'share-lost'],
])('%s: it is said, and what waits from before can still be answered for', async (outcome, code) => {
  await shared.receive(outcome);
  expect([shared.error?.code, shared.files]).toEqual([code, [A, B]]);
  shared.dismissError();
  expect(shared.error).toBeNull();
});

test('a share of which nothing waits is lost', async () => {
  waiting = [];
  await shared.receive('1');
  expect(shared.error?.code).toBe('share-lost');
});

test('what another tab has taken is not heard twice', async () => {
  const other = open();
  await shared.receive('1');
  await other.look();
  await other.listen();
  await shared.listen();
  expect(heard).toEqual(['a.wav', 'b.wav']);
  expect(intake.error?.code).toBe('share-lost');
});

test('a browser that does not let go of it says so, and the question stays', async () => {
  await shared.receive('1');
  refusal = new DOMException('no', 'UnknownError');
  await shared.discard();
  expect([shared.error?.code, shared.files]).toEqual(['internal', [A, B]]);
  await shared.listen();
  expect([heard, intake.error?.code]).toEqual([[], 'share-lost']);
});
