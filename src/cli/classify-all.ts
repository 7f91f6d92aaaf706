// Many recordings through one session, in their order: the batch of predict and evaluate. The page's pool of workers
// decides how many are on their way at a time. Imports app-session's types and progress.

import type { AutomationAnswer } from '../automation.ts';
import type { RecordingResult } from '../core/types.ts';
import type { AppSession, LocalFile } from './app-session.ts';
import { Progress } from './progress.ts';

/**
 * Results in the recordings' order, some at a time; what is not taken yet waits. Bad recordings are results with
 * status `error`. Ends early when interrupted, with all that was answered by then. Listens to the session: once a session.
 * @throws Error at the end, after all that was answered, when the page or its browser died
 */
export async function* classifyAll(
  session: Pick<AppSession, 'call' | 'listen' | 'offer' | 'withdraw'>,
  recordings: readonly LocalFile[],
  interrupted: AbortSignal,
): AsyncGenerator<RecordingResult[]> {
  const progress = new Progress(recordings.length, 'recordings');
  const addresses = recordings.map((recording) => session.offer(recording));
  const line = new Line();
  await session.listen((event) => {
    if (event.kind !== 'answers') return;
    for (const answer of event.answers) {
      const { fileName, error } = answer.result;
      session.withdraw(...addresses.slice(answer.index, answer.index + 1));
      if (error) progress.log(`${fileName}: ${error.message}`);
      progress.advance();
      line.add(answer);
    }
  });
  // A page that is dead already has stopped as well.
  const stop = (): void => void session.call('stopClassifying').catch(() => undefined);
  interrupted.addEventListener('abort', stop, { once: true });
  const list = session.offer({
    fileName: 'list.json',
    read: () => Promise.resolve(Buffer.from(JSON.stringify(addresses))),
  });
  const answered = interrupted.aborted ? Promise.resolve() : session.call('classifyAll', list, null);
  const ended = answered
    .then(
      () => null,
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    )
    .finally(() => line.end());
  try {
    yield* line.inOrder();
  } finally {
    interrupted.removeEventListener('abort', stop);
    session.withdraw(list);
    progress.finish();
  }
  const failure = await ended;
  if (failure !== null) throw failure;
  if (line.handedOn < recordings.length && !interrupted.aborted) throw new Error('the page left some out');
}

/** Answers as they come, handed on in their order: each waits for those before it. */
class Line {
  readonly #waiting = new Map<number, RecordingResult>();
  #next = 0;
  #isEnded = false;
  #wake = (): void => {};

  /** How many were handed on. */
  get handedOn(): number {
    return this.#next;
  }

  add({ index, result }: AutomationAnswer): void {
    this.#waiting.set(index, result);
    this.#wake();
  }

  /** There will be no more: those still waiting for one before them need not wait. */
  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  async *inOrder(): AsyncGenerator<RecordingResult[]> {
    for (;;) {
      const ready = this.#takeReady();
      if (ready.length > 0) yield ready;
      else if (this.#isEnded) break;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const rest = [...this.#waiting].sort(([a], [b]) => a - b).map(([, result]) => result);
    if (rest.length > 0) yield rest;
  }

  #takeReady(): RecordingResult[] {
    const ready: RecordingResult[] = [];
    for (let result = this.#waiting.get(this.#next); result; result = this.#waiting.get(this.#next)) {
      this.#waiting.delete(this.#next++);
      ready.push(result);
    }
    return ready;
  }
}
