// A page that answers out of order, dies or is interrupted: the command line has everything that was answered, in
// the recordings' order, and holds no more than what waits for one before it.

import { expect, it } from 'vitest';
import type { AutomationListener, FileAddress } from '../automation.ts';
import type { RecordingResult } from '../core/types.ts';
import type { AppSession } from './app-session.ts';
import { classifyAll } from './classify-all.ts';

type Answer = (...indices: number[]) => Promise<void>;

/** A page that does with a batch what the script says. `stopped` is settled by stopClassifying. */
function fakeSession(script: (answer: Answer, stopped: Promise<void>) => Promise<void>) {
  const inReach = new Set<string>();
  let listener: AutomationListener = () => undefined;
  let stop = (): void => undefined;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const session = {
    listen: async (heard: AutomationListener) => {
      listener = heard;
    },
    offer: ({ fileName }: { fileName: string }): FileAddress => {
      inReach.add(fileName);
      return { url: fileName, fileName };
    },
    withdraw: ({ url }: FileAddress) => {
      inReach.delete(url);
    },
    call: async (name: 'classifyAll' | 'stopClassifying') => {
      if (name === 'stopClassifying') stop();
      else
        await script(async (...indices) => {
          const answers = indices.map((index) => ({
            index,
            result: { fileName: String(index), error: null } as RecordingResult,
          }));
          listener({ kind: 'answers', answers });
          await new Promise(setImmediate);
        }, stopped);
    },
  } as unknown as AppSession;
  return { session, inReach };
}

const recordings = Array.from({ length: 10 }, (_, i) => ({
  fileName: String(i),
  read: () => Promise.resolve(new Uint8Array()),
}));
const never = new AbortController().signal;

async function namesOf(batch: AsyncIterable<RecordingResult[]>, into: string[] = []): Promise<string[]> {
  for await (const results of batch) into.push(...results.map((result) => result.fileName));
  return into;
}

it('gives answers in the order of the recordings, each as soon as those before it are there', async () => {
  const heard: string[] = [];
  const seen: number[] = [];
  const { session, inReach } = fakeSession(async (answer) => {
    for (const indices of [[1, 0], [2], [5, 4, 6], [3], [9, 8], [7]]) {
      await answer(...indices);
      seen.push(heard.length);
    }
  });
  await namesOf(classifyAll(session, recordings, never), heard);
  expect(heard).toEqual(recordings.map((recording) => recording.fileName));
  expect(seen).toEqual([2, 3, 3, 7, 7, 10]);
  expect(inReach.size).toBe(0);
});

it('keeps the answers there are when the page dies, and says so after them', async () => {
  const heard: string[] = [];
  const { session } = fakeSession(async (answer) => {
    await answer(0, 1, 4);
    await answer(3);
    throw new Error('Target crashed');
  });
  await expect(namesOf(classifyAll(session, recordings, never), heard)).rejects.toThrow('Target crashed');
  expect(heard).toEqual(['0', '1', '3', '4']);
});

it('takes a page that says nothing of some recordings for one that died', async () => {
  const heard: string[] = [];
  const { session } = fakeSession((answer) => answer(0, 1, 2, 3, 4, 5, 6, 7, 9));
  await expect(namesOf(classifyAll(session, recordings, never), heard)).rejects.toThrow('left some out');
  expect(heard).toHaveLength(9);
});

it('asks the page to stop when interrupted, and has what was answered by then', async () => {
  const interrupted = new AbortController();
  const { session } = fakeSession(async (answer, stopped) => {
    await answer(0, 2);
    interrupted.abort();
    await stopped;
    await answer(3);
  });
  expect(await namesOf(classifyAll(session, recordings, interrupted.signal))).toEqual(['0', '2', '3']);
});

it('asks for nothing when it is interrupted before it begins', async () => {
  const { session } = fakeSession(() => Promise.reject(new Error('asked')));
  expect(await namesOf(classifyAll(session, recordings, AbortSignal.abort()))).toEqual([]);
});
