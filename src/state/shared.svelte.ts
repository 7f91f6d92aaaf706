// What was shared with the program. Where a website could have sent it as well, it waits for a person's word; a window
// of the installed program gets its shares from the system alone, and listens at once.

import { AppError, toAppError } from '../core/errors.ts';
import type { HandOver } from '../input/found-file.ts';
import type { SharedFile } from '../input/shared-files.ts';
import type { IntakeState } from './intake.svelte.ts';
import { stateText } from './state-text.ts';

export interface SharedDependencies {
  /** What waits, in the order in which it was shared. */
  list: () => Promise<readonly SharedFile[]>;
  /** To be had once: what another tab has taken or removed is left out. */
  take: (files: readonly SharedFile[]) => Promise<HandOver>;
  remove: (files: readonly SharedFile[]) => Promise<void>;
  /** The system alone can have sent it, and nothing is broken off by it. */
  mayListen: () => boolean;
  intake: Pick<IntakeState, 'take'>;
}

export class SharedState {
  readonly #dependencies: SharedDependencies;
  #files = $state.raw<readonly SharedFile[]>([]);
  /** Addresses of what this page has begun to take: it may still lie there. */
  #taken: readonly string[] = [];
  #error = $state.raw<AppError | null>(null);

  constructor(dependencies: SharedDependencies) {
    this.#dependencies = dependencies;
  }

  /** What waits; none: there is nothing to ask. */
  get files(): readonly SharedFile[] {
    return this.#files;
  }

  /** Why nothing of a share waits, or why it could not be removed. */
  get error(): AppError | null {
    return this.#error;
  }

  dismissError(): void {
    this.#error = null;
  }

  /** Looks for what nobody has answered for. Where that cannot be seen, there is nothing. */
  async look(): Promise<void> {
    const files = await this.#dependencies.list().catch(() => []);
    this.#files = files.filter(({ address }) => !this.#taken.includes(address));
  }

  /** Something was shared. @param outcome the id of what waits, a `ShareRefusal`, or whatever else an address says */
  async receive(outcome: string): Promise<void> {
    this.#error = null;
    await this.look();
    const isIt = ({ shareId }: SharedFile): boolean => shareId === outcome;
    if (!this.#files.some(isIt)) this.#error = refusal(outcome);
    // What waits from before came another way, perhaps.
    else if (this.#dependencies.mayListen() && this.#files.every(isIt)) await this.listen();
  }

  /** Listens to all that waits. Resolves when all is heard. */
  async listen(): Promise<void> {
    const files = this.#files;
    this.#files = [];
    this.#error = null;
    this.#taken = [...this.#taken, ...files.map(({ address }) => address)];
    await this.#dependencies.intake.take(this.#take(files));
  }

  async discard(): Promise<void> {
    this.#error = null;
    try {
      await this.#dependencies.remove(this.#files);
      this.#files = [];
    } catch (error) {
      this.#error = toAppError(error);
    }
  }

  async #take(files: readonly SharedFile[]): Promise<HandOver> {
    const handOver = await this.#dependencies.take(files).catch((cause: unknown) => {
      throw new AppError('share-lost', stateText.share.lost, { cause });
    });
    if (handOver.files.length === 0) throw new AppError('share-lost', stateText.share.lost);
    return handOver;
  }
}

function refusal(outcome: string): AppError {
  if (outcome === 'foreign') return new AppError('share-foreign', stateText.share.foreign);
  if (outcome === 'full') return new AppError('storage-full', stateText.share.full);
  return new AppError('share-lost', stateText.share.lost);
}
