// Workers of their own for surveying what is added to the collection: the page's own one goes on answering. They are
// there while something is added, and a recording that kills its worker costs itself alone.

import type { SoundSurvey } from '../core/collection/types.ts';
import { CrashRetry } from './crash-retry.ts';
import type { RecordingSource } from './protocol.ts';

interface Surveyor {
  survey(source: RecordingSource, signal?: AbortSignal): Promise<SoundSurvey>;
  dispose(): void;
}

interface Member {
  surveyor: Surveyor;
  retry: CrashRetry;
  /** Recordings handed to it and not yet answered. */
  nWaiting: number;
}

export class SurveyCrew {
  readonly #spawn: () => Surveyor;
  readonly #size: number;
  readonly #members: Member[] = [];

  /** @param size workers at most */
  constructor(spawn: () => Surveyor, size: number) {
    this.#spawn = spawn;
    this.#size = size;
  }

  /** How many recordings are worth handing over at a time. */
  get size(): number {
    return this.#size;
  }

  /**
   * @param read called again where the worker died with the recording in hand: its buffers are gone then
   * @throws AppError for a recording that cannot be read; an AbortError when cancelled
   */
  async survey(read: () => Promise<RecordingSource>, signal: AbortSignal): Promise<SoundSurvey> {
    const member = this.#leastBusy();
    member.nWaiting++;
    try {
      return await member.retry.run(async () => {
        const source = await read();
        signal.throwIfAborted();
        return await member.surveyor.survey(source, signal);
      });
    } finally {
      member.nWaiting--;
    }
  }

  /** Ends the workers; the next survey has new ones. */
  dismiss(): void {
    for (const { surveyor } of this.#members.splice(0)) surveyor.dispose();
  }

  #leastBusy(): Member {
    const idle = this.#members.find(({ nWaiting }) => nWaiting === 0);
    if (idle) return idle;
    if (this.#members.length < this.#size) {
      const member = { surveyor: this.#spawn(), retry: new CrashRetry(), nWaiting: 0 };
      this.#members.push(member);
      return member;
    }
    return this.#members.reduce((least, each) => (each.nWaiting < least.nWaiting ? each : least));
  }
}
