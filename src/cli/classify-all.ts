// Many recordings through one session, several on their way at a time: the batch of predict and evaluate.
// Imports app-session and progress.

import type { RecordingResult } from '../core/types.ts';
import type { AppSession, LocalFile } from './app-session.ts';
import { Progress } from './progress.ts';

/** Recordings on their way at the same time: enough that the worker never waits for the next one. */
const IN_FLIGHT = 6;

/** Every recording's result in the recordings' order; only those finished when interrupted. */
export async function classifyAll(
  session: AppSession,
  recordings: readonly LocalFile[],
  interrupted: AbortSignal,
): Promise<RecordingResult[]> {
  const results: (RecordingResult | undefined)[] = [];
  const progress = new Progress(recordings.length, 'recordings');
  const queue = recordings.entries();
  const lane = async (): Promise<void> => {
    for (const [index, recording] of queue) {
      if (interrupted.aborted) return;
      const result = await session.call('classify', session.offer(recording), null);
      results[index] = result;
      if (result.error) progress.log(`${recording.fileName}: ${result.error.message}`);
      progress.advance();
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  progress.finish();
  return results.filter((result) => result !== undefined);
}
