// Recordings on their way into the collection: looked through and shown before anything happens, then added.

import type { FoundFacts } from '../core/collection/facts.ts';
import { toAppError, type AppError } from '../core/errors.ts';
import type { Collection } from '../input/collect-files.ts';
import type { HandOver } from '../input/found-file.ts';
import type { AddingChoice, AddingOutcome, AdditionDependencies } from './addition.ts';
import type { BatchProgress } from './batch-row.ts';
import type { CollectRecordings } from './intake.svelte.ts';

export interface AddingDependencies extends AdditionDependencies {
  collect: CollectRecordings;
  readFacts: (collection: Collection) => Promise<FoundFacts>;
  /** Awaited before anything is added: what was deleted and might come back is gone then. */
  onStart: () => Promise<void>;
  /** All is in, or as much as was possible. */
  onDone: () => void;
}

/** What was handed over, before it is added. */
export interface FoundRecordings {
  collection: Collection;
  /** In the order of the recordings. */
  found: FoundFacts;
  /** Recordings that are there already, as far as name and size tell. */
  nSeen: number;
  /** A label that is known for those without; null: none is. */
  suggestedLabel: string | null;
}

export type AddingPhase =
  | { kind: 'idle' }
  | { kind: 'sorting' }
  | ({ kind: 'preview' } & FoundRecordings)
  | { kind: 'adding'; progress: BatchProgress }
  | { kind: 'done'; outcome: AddingOutcome }
  | { kind: 'failed'; error: AppError };

/** Wanted only by those who add: the first paint does not wait for it. */
const loadAddition = () => import('./addition.ts');

export class AddingState {
  readonly #dependencies: AddingDependencies;
  #phase = $state.raw<AddingPhase>({ kind: 'idle' });
  /** Number of the latest hand-over: an earlier one that is sorted later must not take its place. */
  #attempt = 0;
  #running: AbortController | null = null;
  #isBusy = $state(false);

  constructor(dependencies: AddingDependencies) {
    this.#dependencies = dependencies;
  }

  get phase(): AddingPhase {
    return this.#phase;
  }

  /** Something was handed over while something else was being added, and was not taken. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Looks through what was handed over; while something is being added, nothing else is taken. */
  async take(handOver: HandOver | Promise<HandOver>, suggestedLabel: string | null = null): Promise<void> {
    this.#isBusy = this.#phase.kind === 'adding';
    if (this.#isBusy) return;
    const attempt = ++this.#attempt;
    const say = (phase: AddingPhase): void => {
      if (attempt === this.#attempt) this.#phase = phase;
    };
    say({ kind: 'sorting' });
    try {
      const collection = await this.#dependencies.collect(await handOver);
      const found = await this.#dependencies.readFacts(collection);
      const skipped = [...collection.skipped, ...found.refused];
      const { countSeen } = await loadAddition();
      const nSeen = countSeen(collection.recordings, this.#dependencies.known());
      say({ kind: 'preview', collection: { ...collection, skipped }, found, nSeen, suggestedLabel });
    } catch (error) {
      say({ kind: 'failed', error: toAppError(error) });
    }
  }

  /** Adds what is shown. Resolves when all is in, or as much as was possible. */
  async start(choice: AddingChoice): Promise<void> {
    if (this.#phase.kind !== 'preview' || this.#running) return;
    const { collection, found } = this.#phase;
    const { signal } = (this.#running = new AbortController());
    await this.#dependencies.onStart();
    const { Addition, chosenFacts } = await loadAddition();
    const facts = found.facts.map((one) => chosenFacts(one, found.from, choice));
    const addition = new Addition(this.#dependencies, collection, facts, (progress) => {
      this.#phase = { kind: 'adding', progress };
    });
    try {
      this.#phase = { kind: 'done', outcome: await addition.run(signal) };
    } finally {
      this.#running = null;
      this.#isBusy = false;
      this.#dependencies.surveyors.dismiss();
      this.#dependencies.onDone();
    }
  }

  /** What is in stays. */
  cancel(): void {
    this.#running?.abort();
  }

  /** Puts away what is shown: a preview, an outcome. */
  close(): void {
    if (this.#phase.kind === 'adding') return;
    this.#attempt++;
    this.#phase = { kind: 'idle' };
  }
}
