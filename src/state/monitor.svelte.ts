// What the Monitor page tells of predictions and of this device. Read when the page is opened, and again on demand;
// each part fails by itself, because none needs the others.

import { toAppError, type AppError } from '../core/errors.ts';
import type { WorkerMemory } from '../rpc/protocol.ts';
import type { BatchEntry, BatchStore } from '../storage/batch-record.ts';
import { recentAnswer, type RecentAnswer } from './usage.ts';

/** Answers that latency and scores are taken from: the latest, enough for a 99th percentile. */
const N_RECENT = 1000;

export type UsagePhase =
  | { kind: 'loading' }
  /** Entries newest first; of the answers the latest. */
  | { kind: 'ready'; entries: readonly BatchEntry[]; recent: readonly RecentAnswer[] }
  | { kind: 'failed'; error: AppError };

export interface MonitorDependencies {
  store: Pick<BatchStore, 'list' | 'readResults'>;
  /** Of the worker that listens. */
  memory: () => Promise<WorkerMemory>;
}

export class MonitorState {
  readonly #dependencies: MonitorDependencies;
  #usage = $state.raw<UsagePhase>({ kind: 'loading' });
  #memory = $state.raw<WorkerMemory | null>(null);
  /** The latest asked for: what comes late is not shown. */
  #turn = 0;

  constructor(dependencies: MonitorDependencies) {
    this.#dependencies = dependencies;
  }

  get usage(): UsagePhase {
    return this.#usage;
  }

  /** Null until the worker has answered, and where it cannot. */
  get memory(): WorkerMemory | null {
    return this.#memory;
  }

  async load(): Promise<void> {
    const turn = ++this.#turn;
    const { memory } = this.#dependencies;
    await Promise.all([this.#loadUsage(turn), this.#take(turn, memory(), (use) => (this.#memory = use))]);
  }

  async #loadUsage(turn: number): Promise<void> {
    try {
      const entries = await this.#dependencies.store.list();
      const recent = await this.#recentAnswers(entries);
      if (turn === this.#turn) this.#usage = { kind: 'ready', entries, recent };
    } catch (error) {
      if (turn === this.#turn) this.#usage = { kind: 'failed', error: toAppError(error) };
    }
  }

  async #recentAnswers(entries: readonly BatchEntry[]): Promise<RecentAnswer[]> {
    const recent: RecentAnswer[] = [];
    for (const { id, judgement } of entries) {
      for await (const stored of this.#dependencies.store.readResults(id)) {
        recent.push(...stored.map(({ result }) => recentAnswer(result, judgement.labels)));
        if (recent.length >= N_RECENT) return recent.slice(0, N_RECENT);
      }
    }
    return recent;
  }

  /** What cannot be told is left out: the page has other things to say. */
  async #take<T>(turn: number, asked: Promise<T>, take: (answer: T) => void): Promise<void> {
    try {
      const answer = await asked;
      if (turn === this.#turn) take(answer);
    } catch {
      // As if the browser did not tell.
    }
  }
}
