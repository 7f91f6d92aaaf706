// What was answered before the app died is kept.

import { expect, it } from 'vitest';
import type { RecordingResult } from '../core/types.ts';
import type { AppSession } from './app-session.ts';
import { classifyAll } from './classify-all.ts';

it('keeps the answers there are when the page dies, and asks for no more', async () => {
  const asked: string[] = [];
  const session = {
    offer: ({ fileName }: { fileName: string }) => ({ url: fileName, fileName }),
    withdraw: () => {},
    call: async (_name: string, { fileName }: { fileName: string }) => {
      asked.push(fileName);
      await Promise.resolve();
      if (Number(fileName) >= 10) throw new Error('Target crashed');
      return { fileName, error: null } as RecordingResult;
    },
  } as unknown as AppSession;
  const recordings = Array.from({ length: 100 }, (_, i) => ({
    fileName: String(i),
    read: () => Promise.resolve(new Uint8Array()),
  }));
  const { results, failure } = await classifyAll(session, recordings, new AbortController().signal);
  expect(results.map((result) => result.fileName)).toEqual(Array.from({ length: 10 }, (_, i) => String(i)));
  expect(failure?.message).toBe('Target crashed');
  expect(asked.length).toBeLessThan(30);
});
