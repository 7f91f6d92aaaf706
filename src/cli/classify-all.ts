// Many recordings through one session, several on their way at a time: the batch of predict and evaluate.
// Imports app-session and progress.

import type { RecordingResult } from '../core/types.ts';
import type { AppSession, LocalFile } from './app-session.ts';
import { Progress } from './progress.ts';

/** Recordings on their way at the same time: enough that the worker never waits for the next one. */
const IN_FLIGHT = 6;

export interface Batch {
  /** In the recordings' order; only those finished when interrupted or when the app died. */
  results: RecordingResult[];
  /** What ended the batch early (the page or its browser died), or null. */
  failure: Error | null;
}

/** Hands every recording to the app. Never rejects: what was answered before a failure is worth keeping. */
export async function classifyAll(
  session: Pick<AppSession, 'call' | 'offer' | 'withdraw'>,
  recordings: readonly LocalFile[],
  interrupted: AbortSignal,
): Promise<Batch> {
  const results: (RecordingResult | undefined)[] = [];
  const progress = new Progress(recordings.length, 'recordings');
  const queue = recordings.entries();
  let failure: Error | null = null;
  const lane = async (): Promise<void> => {
    for (const [index, recording] of queue) {
      if (interrupted.aborted || failure !== null) return;
      try {
        const address = session.offer(recording);
        const result = await session.call('classify', address, null);
        session.withdraw(address);
        results[index] = result;
        if (result.error) progress.log(`${recording.fileName}: ${result.error.message}`);
        progress.advance();
      } catch (error) {
        failure ??= error instanceof Error ? error : new Error(String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  progress.finish();
  return { results: results.filter((result) => result !== undefined), failure };
}
