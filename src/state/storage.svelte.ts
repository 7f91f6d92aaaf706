// Everything that is kept on this device, as a person has to know of it: how the page stands with the database, what
// takes the room and how much is left, whether the browser keeps it, and what other tabs have done to it. The one
// source of these for every page.

import type { Census } from '../storage/census.ts';
import type { Connection, Database } from '../storage/db.ts';
import type { StorageGauge, StorageNews, StorageUse, StorageWord } from './ports.ts';

/** Less than this is little, whatever the quota: a collection of some hundred recordings. */
const LITTLE_BYTES = 200_000_000;
const LITTLE_FRACTION = 0.1;

/** What became of all that is kept: within reach again, or what another tab tells. */
export type StorageChange = StorageWord;

/** Who emptied the storage: nobody here (the browser, or a person in its settings), or a person in another tab. */
export type Emptied = 'underneath' | 'elsewhere';

export interface StorageDependencies {
  database: Pick<Database, 'listen' | 'open'>;
  census: () => Promise<Census>;
  gauge: StorageGauge;
  news: StorageNews;
  /** What is kept is otherwise than the states know: they read it anew. */
  onChange: (what: StorageChange) => void;
}

export class StorageState {
  readonly #dependencies: StorageDependencies;
  #connection = $state.raw<Connection>('open');
  #emptied = $state.raw<Emptied | null>(null);
  #version = $state(0);
  #use = $state.raw<StorageUse | null>(null);
  #census = $state.raw<Census | null>(null);
  #isRefused = $state(false);
  #hasSeenLow = $state(false);
  #isProtected = false;

  constructor(dependencies: StorageDependencies) {
    this.#dependencies = dependencies;
    const { database, news } = dependencies;
    database.listen((what) => {
      if (what === 'cleared') {
        this.#emptied = 'underneath';
        news.tell('cleared');
        this.#changed('cleared');
      } else {
        const isBack = what === 'open';
        this.#connection = what;
        if (isBack) this.#changed('changed');
      }
    });
    news.listen((word) => {
      if (word === 'cleared') this.#emptied ??= 'underneath';
      if (word === 'deleted') this.#emptied = 'elsewhere';
      this.#changed(word);
    });
  }

  /** `open` unless there is something to say. */
  get connection(): Connection {
    return this.#connection;
  }

  /** Everything is gone that was kept, while this page was open; null: no, or that was read. */
  get emptied(): Emptied | null {
    return this.#emptied;
  }

  /** There is something to say on every page. */
  get hasNews(): boolean {
    return this.#connection !== 'open' || this.#emptied !== null || this.isLowNews;
  }

  /** Counts what made states read anew: one that lives with its page follows it. */
  get version(): number {
    return this.#version;
  }

  /** Null until it was measured, and where the browser does not tell. */
  get use(): StorageUse | null {
    return this.#use;
  }

  /** What takes the room; null until it was counted, and while the database cannot be read. */
  get census(): Census | null {
    return this.#census;
  }

  /** Little room is left. */
  get isLow(): boolean {
    if (!this.#use) return false;
    const { usedBytes, quotaBytes } = this.#use;
    const leftBytes = quotaBytes - usedBytes;
    return leftBytes < LITTLE_BYTES || leftBytes < LITTLE_FRACTION * quotaBytes;
  }

  /** Little room is left, and nobody has read that yet. */
  get isLowNews(): boolean {
    return this.isLow && !this.#hasSeenLow;
  }

  /** The browser was asked to keep it and would not. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** This browser clears what was not used for a week, whatever room there is. */
  get clearsWhenIdle(): boolean {
    return this.#dependencies.gauge.clearsWhenIdle && !(this.#use?.isKept ?? false);
  }

  /** How much room there is: cheap. */
  async measure(): Promise<void> {
    this.#use = await this.#dependencies.gauge.measure().catch(() => null);
  }

  /** What takes it: reads the small records of all stores. */
  async count(): Promise<void> {
    this.#census = await this.#dependencies.census().catch(() => null);
  }

  /** Asks the browser not to clear it by itself; it may ask the person. */
  async keep(): Promise<void> {
    this.#isRefused = !(await this.#dependencies.gauge.keep());
    await this.measure();
  }

  /** Something is kept now that took work to make: the browser is asked, once a visit, and a refusal is not news. */
  async protect(): Promise<void> {
    await this.measure();
    if (this.#isProtected || this.#use?.isKept) return;
    this.#isProtected = true;
    await this.#dependencies.gauge.keep();
    await this.measure();
  }

  /** After the browser has refused it: once more. */
  async tryAgain(): Promise<void> {
    await this.#dependencies.database.open();
  }

  /** What there was to say was read. */
  dismiss(): void {
    if (this.#emptied) this.#emptied = null;
    else this.#hasSeenLow = true;
  }

  #changed(what: StorageChange): void {
    this.#version++;
    if (this.#use) void this.measure();
    if (this.#census) void this.count();
    this.#dependencies.onChange(what);
  }
}
