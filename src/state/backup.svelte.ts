// Making a backup and restoring one, as a person sees it: what is under way and how far it is, what a file holds
// against what is here, what went wrong. What does the work is loaded when it is wanted.

import { AppError, isAbort, toAppError } from '../core/errors.ts';
import type { SaveTarget } from '../input/save-file.ts';
import type { ArchivePorts } from '../storage/backup-archive.ts';
import type { RestoreEffect, RestoreMode } from '../storage/backup-effect.ts';
import type { BackupCounts } from '../storage/backup-format.ts';
import type { CheckedBackup } from '../storage/backup-read.ts';
import type { KeptValues } from '../storage/backup-write.ts';
import type { Database } from '../storage/db.ts';
import type * as BackupWork from './backup-work.ts';
import type { BusyState } from './busy.svelte.ts';
import type { KeyValueStore, StorageGauge } from './ports.ts';
import { stateText as text } from './state-text.ts';

export interface BackupDependencies extends ArchivePorts {
  database: Database;
  /** What is kept beside the database, without what this class keeps there itself. */
  values: KeptValues;
  store: KeyValueStore;
  busy: Pick<BusyState, 'quiet' | 'join' | 'alone' | 'isAwaited'>;
  gauge: Pick<StorageGauge, 'measure'>;
  /** Removes for good what was deleted and could still be brought back. */
  finishRemovals: () => Promise<void>;
  /** Null: the person wants none. */
  openTarget: (fileName: string) => Promise<SaveTarget | null>;
  /** Makes what is awaited between slices of work on the page's thread. */
  pace: () => () => Promise<void> | undefined;
  /** Asks the browser not to throw the storage away; it may wait for a person. */
  persist: () => Promise<unknown>;
  /** Other tabs read anew what they show of what is kept. */
  tellOthers: (word: 'restored' | 'changed') => void;
  reload: () => void;
  /** Milliseconds, monotonic. */
  now: () => number;
  timestamp: () => string;
  appVersion: string;
}

/** How far something is. */
export interface WorkProgress {
  done: number;
  total: number;
  /** 0..1. */
  fraction: number;
  perSec: number;
  /** Null: not yet known. */
  leftSec: number | null;
}

/** What does it: see backup-work.ts. */
type Work = typeof BackupWork;

/** Hears how far something is. */
export type Tell = (at: { done: number; total: number; fraction: number }) => void;

/** A backup that was checked, and what is here. */
export interface RestoreOffer {
  fileName: string;
  createdAt: string;
  appVersion: string;
  sizeBytes: number;
  there: BackupCounts;
  here: BackupCounts;
  effects: Record<RestoreMode, RestoreEffect>;
}

export type BackupPhase =
  | { kind: 'idle' }
  | { kind: 'writing' | 'checking' | 'restoring'; progress: WorkProgress | null }
  | { kind: 'written'; fileName: string; nLeftOut: number }
  /** `isRenewed`: what is here is otherwise than it was when the person chose; nothing was restored. */
  | { kind: 'checked'; offer: RestoreOffer; isRenewed: boolean }
  /** A restore was broken off by the person: nothing has changed. */
  | { kind: 'stopped' }
  | { kind: 'failed'; error: AppError };

/** What is to be said on every page. */
export type RestoreNews =
  | { kind: 'restored'; createdAt: string; counts: BackupCounts }
  /** The tab was closed while it restored. `begunAt`: which restore that was. */
  | { kind: 'interrupted'; createdAt: string; begunAt: string };

export interface LastBackup {
  at: string;
  sizeBytes: number;
}

const IDLE: BackupPhase = { kind: 'idle' };
/** Under it the latest backup is kept; see OWN_KEYS of the browser's side. */
const LAST = 'backup';

export class BackupState {
  readonly #dependencies: BackupDependencies;
  #phase = $state.raw<BackupPhase>(IDLE);
  #last = $state.raw<LastBackup | null>(null);
  #news = $state.raw<RestoreNews | null>(null);
  #checked: CheckedBackup | null = null;
  /** Asks whether it may begin. */
  #isAsking = false;
  #abort = new AbortController();

  constructor(dependencies: BackupDependencies) {
    this.#dependencies = dependencies;
    this.#last = asLast(dependencies.store.read(LAST));
  }

  get phase(): BackupPhase {
    return this.#phase;
  }

  /** The latest that was made here; null: none. */
  get last(): LastBackup | null {
    return this.#last;
  }

  get news(): RestoreNews | null {
    return this.#news;
  }

  /** Nothing may break it off, or begin beside it. */
  get isRunning(): boolean {
    const { kind } = this.#phase;
    return kind === 'writing' || kind === 'checking' || kind === 'restoring';
  }

  dismissNews(): void {
    const news = this.#news;
    this.#news = null;
    if (news?.kind === 'interrupted')
      import('./backup-work.ts')
        .then((work) => work.forget(this.#dependencies, news.begunAt))
        .catch(() => undefined);
  }

  /** At every start: what the latest restore has left to do and to say. After one asks the browser to keep it. */
  async look(): Promise<void> {
    const { database, persist } = this.#dependencies;
    try {
      const left = await database.read((db) => db.getAllKeys('restoring', null, 1));
      if (left.length === 0) return;
      const work = await import('./backup-work.ts');
      this.#news = await work.settleLast(this.#dependencies);
      if (this.#news?.kind === 'restored') await persist();
    } catch {
      // The next start looks again.
    }
  }

  /**
   * Everything as one zip, into a file that the person chooses. To be called from a click. Refused while another tab
   * restores: the file would hold a part of each.
   */
  async make(): Promise<void> {
    if (this.isRunning || this.#isAsking) return;
    this.#isAsking = true;
    this.#phase = IDLE;
    const release = await this.#dependencies.busy.join().finally(() => (this.#isAsking = false));
    if (release) await this.#make().finally(release);
    else this.#phase = { kind: 'failed', error: new AppError('backup-busy', text.backup.restoring) };
  }

  async #make(): Promise<void> {
    const { openTarget, timestamp } = this.#dependencies;
    const createdAt = timestamp();
    const fileName = `heartbeat-backup-${createdAt.slice(0, 16).replaceAll(':', '').replace('T', '-')}.zip`;
    const target = await openTarget(fileName);
    if (!target || this.isRunning) return;
    await this.#work('writing', async (work, signal, tell) => {
      const { sizeBytes, nLeftOut } = await work.write(this.#dependencies, target, createdAt, signal, tell);
      this.#last = { at: createdAt, sizeBytes };
      this.#dependencies.store.write(LAST, this.#last);
      this.#phase = { kind: 'written', fileName, nLeftOut };
    });
  }

  /** Checks all of a file, and compares it with what is here. Nothing is changed. */
  async open(file: File): Promise<void> {
    if (this.isRunning) return;
    this.#checked = null;
    await this.#work('checking', async (work, signal, tell) => {
      const checked = await work.check(this.#dependencies, file, signal, tell);
      const offer = await work.offerOf(this.#dependencies, file.name, checked);
      this.#checked = checked;
      this.#phase = { kind: 'checked', offer, isRenewed: false };
    });
  }

  /**
   * Restores what was checked, and loads the page anew. Refused while something is under way in any tab, and where
   * it would do something else than was offered: that is offered then. Other tabs are stopped meanwhile. What is
   * broken off has changed nothing.
   */
  async restore(mode: RestoreMode): Promise<void> {
    const checked = this.#checked;
    const shown = this.#phase;
    if (!checked || shown.kind !== 'checked' || this.#isAsking) return;
    this.#isAsking = true;
    const release = await this.#dependencies.busy.alone().finally(() => (this.#isAsking = false));
    if (this.#phase !== shown) {
      if (typeof release !== 'string') release();
      return;
    }
    if (typeof release === 'string') {
      this.#phase = { kind: 'failed', error: new AppError('restore-busy', text.backup.busy[release]) };
      return;
    }
    await this.#work('restoring', async (work, signal, tell) => {
      const offer = await work.offerOf(this.#dependencies, shown.offer.fileName, checked);
      if (isAlike(offer, shown.offer)) await this.#restore(work, checked, mode, signal, tell);
      else this.#phase = { kind: 'checked', offer, isRenewed: true };
    });
    release();
  }

  async #restore(
    work: Work,
    checked: CheckedBackup,
    mode: RestoreMode,
    signal: AbortSignal,
    tell: Tell,
  ): Promise<void> {
    const { tellOthers, reload } = this.#dependencies;
    await work.restore(this.#dependencies, checked, mode, signal, tell);
    tellOthers('restored');
    // Nothing is under way any more that the reload would break off. What was done is told after it.
    this.#phase = IDLE;
    reload();
  }

  /** Breaks off what is under way. */
  cancel(): void {
    this.#abort.abort();
  }

  /** Back to the beginning: what was checked is not restored, what went wrong has been read. */
  close(): void {
    if (this.isRunning) return;
    this.#checked = null;
    this.#phase = IDLE;
  }

  async #work(
    kind: 'writing' | 'checking' | 'restoring',
    act: (work: Work, signal: AbortSignal, tell: Tell) => Promise<void>,
  ): Promise<void> {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#phase = { kind, progress: null };
    try {
      const work = await import('./backup-work.ts');
      const tell = work.teller(this.#dependencies.now, (progress) => (this.#phase = { kind, progress }));
      await act(work, signal, tell);
    } catch (error) {
      if (isAbort(error) && signal.aborted) this.#phase = kind === 'restoring' ? { kind: 'stopped' } : IDLE;
      else this.#phase = { kind: 'failed', error: toAppError(error) };
    }
  }
}

/** True where both say the same of what is here and of what would become of it; settings are not shown. */
function isAlike(one: RestoreOffer, other: RestoreOffer): boolean {
  const [a, b] = [one, other].map(({ here, effects }) => JSON.stringify([{ ...here, settings: 0 }, effects]));
  return a === b;
}

function asLast(value: unknown): LastBackup | null {
  const { at, sizeBytes } = fieldsOf(value);
  const time = asText(at);
  return time !== null && Number.isFinite(sizeBytes) ? { at: time, sizeBytes: Number(sizeBytes) } : null;
}

/** A time. */
function asText(value: unknown): string | null {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : null;
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
