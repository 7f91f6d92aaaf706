// Making a backup and restoring one, as a person sees it: what is under way and how far it is, what a file holds
// against what is here, what went wrong. What does the work is loaded when it is wanted.

import type { ByteSource } from '../core/archive/zip.ts';
import { AppError, isAbort, toAppError } from '../core/errors.ts';
import type { SaveTarget } from '../input/save-file.ts';
import type { ArchivePorts } from '../storage/backup-archive.ts';
import type { BackupCounts } from '../storage/backup-format.ts';
import type { CheckedBackup } from '../storage/backup-read.ts';
import type { RestoreEffect, RestoreMode } from '../storage/backup-restore.ts';
import type { KeptValues } from '../storage/backup-write.ts';
import type { Database } from '../storage/db.ts';
import type { BusyState } from './busy.svelte.ts';
import type { KeyValueStore, StorageGauge } from './ports.ts';
import { stateText as text } from './state-text.ts';

export interface BackupDependencies extends ArchivePorts {
  database: Database;
  /** What is kept beside the database, without what this class keeps there itself. */
  values: KeptValues;
  store: KeyValueStore;
  busy: Pick<BusyState, 'quiet'>;
  gauge: Pick<StorageGauge, 'measure'>;
  /** Removes for good what was deleted and could still be brought back. */
  finishRemovals: () => Promise<void>;
  /** Null: the person wants none. */
  openTarget: (fileName: string) => Promise<SaveTarget | null>;
  openSource: (file: File) => ByteSource;
  /** Makes what is awaited between slices of work on the page's thread. */
  pace: () => () => Promise<void> | undefined;
  /** Other tabs read anew what they show of what is kept. */
  tellOthers: () => void;
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
  | { kind: 'checked'; offer: RestoreOffer }
  /** Broken off by the person: what was restored until then stays. */
  | { kind: 'stopped' }
  | { kind: 'failed'; error: AppError };

/** What is to be said on every page. */
export type RestoreNews =
  | { kind: 'restored'; createdAt: string; counts: BackupCounts }
  /** The tab was closed while it restored. */
  | { kind: 'interrupted'; createdAt: string };

export interface LastBackup {
  at: string;
  sizeBytes: number;
}

const IDLE: BackupPhase = { kind: 'idle' };
/** Keys of what is kept here; see OWN_KEYS of the browser's side. */
const LAST = 'backup';
const UNDER_WAY = 'restore';
const DONE = 'restored';

/** Before so much is done there is nothing to tell the time left by. */
const MIN_FRACTION = 0.02;

export class BackupState {
  readonly #dependencies: BackupDependencies;
  #phase = $state.raw<BackupPhase>(IDLE);
  #last = $state.raw<LastBackup | null>(null);
  #news = $state.raw<RestoreNews | null>(null);
  #checked: CheckedBackup | null = null;
  #abort = new AbortController();

  constructor(dependencies: BackupDependencies) {
    this.#dependencies = dependencies;
    const { store } = dependencies;
    this.#last = asLast(store.read(LAST));
    this.#news = asDone(store.read(DONE));
    if (this.#news) store.write(DONE, null);
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
    this.#news = null;
    this.#dependencies.store.write(UNDER_WAY, null);
  }

  /** Finds out whether a tab was closed while it restored. */
  async look(): Promise<void> {
    const createdAt = asText(fieldsOf(this.#dependencies.store.read(UNDER_WAY))['createdAt']);
    if (createdAt === null || this.#news) return;
    // While another tab is at it, it is not broken off.
    const release = await this.#dependencies.busy.quiet();
    if (typeof release === 'string') return;
    release();
    this.#news = { kind: 'interrupted', createdAt };
  }

  /** Everything as one zip, into a file that the person chooses. To be called from a click. */
  async make(): Promise<void> {
    const { openTarget, timestamp } = this.#dependencies;
    const createdAt = timestamp();
    const fileName = `heartbeat-backup-${createdAt.slice(0, 16).replaceAll(':', '').replace('T', '-')}.zip`;
    const target = await openTarget(fileName);
    if (!target || this.isRunning) return;
    await this.#work('writing', async (signal) => {
      const nLeftOut = await this.#write(target, createdAt, signal);
      this.#phase = { kind: 'written', fileName, nLeftOut };
    });
  }

  /** Checks all of a file, and compares it with what is here. Nothing is changed. */
  async open(file: File): Promise<void> {
    if (this.isRunning) return;
    this.#checked = null;
    await this.#work('checking', async (signal) => {
      const checked = await this.#check(file, signal);
      const offer = await this.#offerOf(file.name, checked);
      this.#checked = checked;
      this.#phase = { kind: 'checked', offer };
    });
  }

  /**
   * Restores what was checked, and loads the page anew. Refused while something is under way in any tab; what is
   * broken off has lost nothing.
   */
  async restore(mode: RestoreMode): Promise<void> {
    const checked = this.#checked;
    if (!checked || this.#phase.kind !== 'checked') return;
    const release = await this.#dependencies.busy.quiet();
    if (typeof release === 'string') {
      this.#phase = { kind: 'failed', error: new AppError('restore-busy', text.backup.busy[release]) };
      return;
    }
    await this.#work('restoring', (signal) => this.#restore(checked, mode, signal));
    release();
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

  async #write(target: SaveTarget, createdAt: string, signal: AbortSignal): Promise<number> {
    const { database, values, store, appVersion, hash, pace, finishRemovals } = this.#dependencies;
    const [{ writeBackup }] = await Promise.all([import('../storage/backup-write.ts'), finishRemovals()]);
    const tell = this.#teller('writing');
    let nLeftOut = 0;
    const stream = writeBackup(
      { database, values, appVersion, createdAt, hash, pause: pace(), onProgress: tell },
      (written) => (nLeftOut = written.nLeftOut),
    );
    const sizeBytes = await target.take(stream, signal);
    this.#last = { at: createdAt, sizeBytes };
    store.write(LAST, this.#last);
    return nLeftOut;
  }

  async #check(file: File, signal: AbortSignal): Promise<CheckedBackup> {
    const { openSource, createInflater, hash, pace, gauge } = this.#dependencies;
    const [{ readBackup }, room] = await Promise.all([import('../storage/backup-read.ts'), gauge.measure()]);
    const tell = this.#teller('checking');
    return await readBackup(openSource(file), {
      createInflater,
      hash,
      signal,
      quotaBytes: room?.quotaBytes ?? null,
      pause: pace(),
      onProgress: ({ done, total, doneBytes, totalBytes }) =>
        tell({ done, total, fraction: doneBytes / Math.max(1, totalBytes) }),
    });
  }

  async #offerOf(fileName: string, checked: CheckedBackup): Promise<RestoreOffer> {
    const { database, values, finishRemovals } = this.#dependencies;
    await finishRemovals();
    const { lookHere, effectOf } = await import('../storage/backup-restore.ts');
    const here = await lookHere(database, values);
    const { createdAt, appVersion, counts } = checked.archive.manifest;
    const effects = { merge: effectOf(checked, here, 'merge'), replace: effectOf(checked, here, 'replace') };
    const { sizeBytes } = checked;
    return { fileName, createdAt, appVersion, sizeBytes, there: counts, here: here.counts, effects };
  }

  async #restore(checked: CheckedBackup, mode: RestoreMode, signal: AbortSignal): Promise<void> {
    const { database, values, store, pace, gauge, tellOthers, reload, finishRemovals } = this.#dependencies;
    const [{ restoreBackup }, room] = await Promise.all([
      import('../storage/backup-restore.ts'),
      gauge.measure(),
      finishRemovals(),
    ]);
    const { createdAt, counts } = checked.archive.manifest;
    const freeBytes = room && room.quotaBytes - room.usedBytes;
    store.write(UNDER_WAY, { createdAt });
    try {
      await restoreBackup(checked, mode, {
        database,
        values,
        signal,
        freeBytes,
        pause: pace(),
        onProgress: this.#teller('restoring'),
      });
    } finally {
      // Whoever is still here is told on the spot.
      store.write(UNDER_WAY, null);
    }
    store.write(DONE, { createdAt, counts });
    tellOthers();
    // Nothing is under way any more that the reload would break off.
    this.#phase = IDLE;
    reload();
  }

  async #work(
    kind: 'writing' | 'checking' | 'restoring',
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#phase = { kind, progress: null };
    try {
      await work(signal);
    } catch (error) {
      if (isAbort(error) && signal.aborted) this.#phase = kind === 'restoring' ? { kind: 'stopped' } : IDLE;
      else this.#phase = { kind: 'failed', error: toAppError(error) };
    }
  }

  /** Says how far it is, how fast it goes and how long it will take. */
  #teller(
    kind: 'writing' | 'checking' | 'restoring',
  ): (at: { done: number; total: number; fraction: number }) => void {
    const { now } = this.#dependencies;
    const began = now();
    return ({ done, total, fraction }) => {
      const sec = Math.max(0.001, (now() - began) / 1000);
      const leftSec = fraction < MIN_FRACTION ? null : (sec * (1 - fraction)) / fraction;
      this.#phase = { kind, progress: { done, total, fraction, perSec: done / sec, leftSec } };
    };
  }
}

function asLast(value: unknown): LastBackup | null {
  const { at, sizeBytes } = fieldsOf(value);
  const time = asText(at);
  return time !== null && Number.isFinite(sizeBytes) ? { at: time, sizeBytes: Number(sizeBytes) } : null;
}

function asDone(value: unknown): RestoreNews | null {
  const { createdAt, counts } = fieldsOf(value);
  const time = asText(createdAt);
  if (time === null || !Object.values(fieldsOf(counts)).every(Number.isFinite)) return null;
  return { kind: 'restored', createdAt: time, counts: fieldsOf(counts) as BackupCounts };
}

/** A time. */
function asText(value: unknown): string | null {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : null;
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
