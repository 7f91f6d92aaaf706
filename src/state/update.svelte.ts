// A newer version of the program: looked for, offered, and taken when a person says so and nothing is under way in any
// tab. What this tab began with goes on answering until it is loaded anew; see workers/service-worker.ts.

import type { ProgramKeeper } from '../input/keep-program.ts';
import type { BusyState } from './busy.svelte.ts';
import type { Later } from './ports.ts';

export type UpdatePhase =
  | 'none'
  /** It is on this device and waits. */
  | 'waiting'
  | 'taking'
  /** Another tab has taken it: this one is of the earlier version until it is loaded anew. */
  | 'replaced';

/** Why it was not taken. */
export type UpdateRefusal = 'here' | 'elsewhere' | 'stuck';

export type UpdateCheck = 'idle' | 'checking' | 'newest' | 'found' | 'offline' | 'failed';

export interface UpdateDependencies {
  busy: Pick<BusyState, 'isBusy' | 'quiet'>;
  later: Later;
  isOnline: () => boolean;
  /** Loads the page anew, at the place where it is, after what must not be lost with it is stored. */
  reload: () => Promise<void>;
}

/** How often a page that stays open looks for a newer version. */
export const CHECK_EVERY_MS = 3_600_000;
/** The newer version takes over within milliseconds, or not at all. */
export const TAKING_TIMEOUT_MS = 15_000;

export class UpdateState {
  readonly #keeper: ProgramKeeper | null;
  readonly #dependencies: UpdateDependencies;
  #phase = $state<UpdatePhase>('none');
  #refusal = $state<UpdateRefusal | null>(null);
  #check = $state<UpdateCheck>('idle');
  #isPutOff = $state(false);
  #whenDone = (): void => undefined;

  constructor(keeper: ProgramKeeper | null, dependencies: UpdateDependencies) {
    this.#keeper = keeper;
    this.#dependencies = dependencies;
    keeper?.listen({ onWaiting: () => this.#wait(), onReplaced: () => this.#meetReplaced() });
  }

  get phase(): UpdatePhase {
    return this.#phase;
  }

  get refusal(): UpdateRefusal | null {
    return this.#refusal;
  }

  /** What came of looking for one by hand. */
  get check(): UpdateCheck {
    return this.#check;
  }

  /** It is to be said on every page: it is there, nobody has put it off, and nothing is under way here. */
  get isOffered(): boolean {
    const isThere = this.#phase === 'waiting' || this.#phase === 'replaced';
    return isThere && !this.#isPutOff && !this.#dependencies.busy.isBusy;
  }

  /** Looks every hour from now on. Registering the program has looked already. */
  watch(): void {
    const { later, isOnline } = this.#dependencies;
    later(() => {
      if (isOnline()) void this.#keeper?.check().catch(() => undefined);
      this.watch();
    }, CHECK_EVERY_MS);
  }

  /** Looks now, and says what came of it. */
  async look(): Promise<void> {
    if (!this.#keeper || this.#check === 'checking') return;
    this.#check = 'checking';
    try {
      if (!this.#dependencies.isOnline()) this.#check = 'offline';
      else this.#check = (await this.#keeper.check()) ? 'found' : 'newest';
    } catch {
      this.#check = 'failed';
    }
  }

  /** Not now: Settings goes on offering it. */
  putOff(): void {
    this.#isPutOff = true;
    this.#refusal = null;
  }

  /** On consent: takes the newer version and loads this page anew; refused while anything is under way in any tab. */
  async take(): Promise<void> {
    const { busy, later, reload } = this.#dependencies;
    this.#refusal = null;
    if (this.#phase === 'replaced') {
      if (busy.isBusy) this.#refusal = 'here';
      else await reload();
      return;
    }
    if (this.#phase !== 'waiting') return;
    this.#phase = 'taking';
    const release = await busy.quiet();
    if (typeof release === 'string') {
      this.#phase = 'waiting';
      this.#refusal = release;
      return;
    }
    const callOff = later(() => {
      release();
      this.#phase = 'waiting';
      this.#refusal = 'stuck';
    }, TAKING_TIMEOUT_MS);
    this.#whenDone = () => {
      callOff();
      // The lock goes with the page: no other tab restores, deletes or updates before that.
      if (busy.isBusy) release();
    };
    this.#keeper?.take();
  }

  #wait(): void {
    if (this.#phase === 'taking') return;
    this.#phase = 'waiting';
    this.#isPutOff = false;
  }

  #meetReplaced(): void {
    const { busy, reload } = this.#dependencies;
    const isWanted = this.#phase === 'taking';
    this.#whenDone();
    this.#phase = 'replaced';
    this.#isPutOff = false;
    if (isWanted && !busy.isBusy) void reload();
  }
}
