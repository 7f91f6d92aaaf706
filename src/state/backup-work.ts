// What the state of backups has done: writing, checking, comparing, restoring. Loaded when one of them is wanted.

import { AppError } from '../core/errors.ts';
import { byteSource } from '../input/byte-source.ts';
import type { SaveTarget } from '../input/save-file.ts';
import { damageFinder } from '../storage/backup-damage.ts';
import { effectOf, lookHere, type RestoreMode } from '../storage/backup-effect.ts';
import { forgetNote, readNote } from '../storage/backup-note.ts';
import { readBackup, type CheckedBackup } from '../storage/backup-read.ts';
import type { RestoreNote } from '../storage/backup-record.ts';
import { restoreBackup } from '../storage/backup-restore.ts';
import { settle } from '../storage/backup-swap.ts';
import { writeBackup } from '../storage/backup-write.ts';
import type { BackupDependencies, RestoreNews, RestoreOffer, Tell, WorkProgress } from './backup.svelte.ts';
import { stateText as text } from './state-text.ts';

/** Before so much is done there is nothing to tell the time left by. */
const MIN_FRACTION = 0.02;

/** Under it, beside the settings, how far the latest restore has come there; see OWN_KEYS of the browser's side. */
const MARK = 'restored';

/** Browsers write what is beside the database to disk seconds later, or a minute; this is more than enough. */
const SAVED_AFTER_MS = 3_600_000;

/** Drawing a step that nobody sees takes time from the work. */
const TELL_EVERY_MS = 100;

/** Says now and then how far it is, how fast it goes and how long it will take. @param now milliseconds */
export function teller(now: () => number, onProgress: (progress: WorkProgress) => void): Tell {
  const began = now();
  let told = -Infinity;
  return ({ done, total, fraction }) => {
    const at = now();
    if (at - told < TELL_EVERY_MS) return;
    told = at;
    const sec = Math.max(0.001, (at - began) / 1000);
    const leftSec = fraction < MIN_FRACTION ? null : (sec * (1 - fraction)) / fraction;
    onProgress({ done, total, fraction, perSec: done / sec, leftSec });
  };
}

/** @throws AppError `file-unwritable`, `storage-blocked`; the reason of the signal */
export async function write(
  { database, values, appVersion, hash, pace, finishRemovals }: BackupDependencies,
  target: SaveTarget,
  createdAt: string,
  signal: AbortSignal,
  tell: Tell,
): Promise<{ sizeBytes: number; nLeftOut: number }> {
  await finishRemovals();
  let nLeftOut = 0;
  const stream = writeBackup(
    { database, values, appVersion, createdAt, hash, pause: pace(), onProgress: tell },
    (written) => (nLeftOut = written.nLeftOut),
  );
  const sizeBytes = await target.take(stream, signal);
  return { sizeBytes, nLeftOut };
}

/** @throws AppError like `readBackup` */
export async function check(
  { database, createInflater, hash, pace, gauge }: BackupDependencies,
  file: File,
  signal: AbortSignal,
  tell: Tell,
): Promise<CheckedBackup> {
  const room = await gauge.measure();
  return await readBackup(byteSource(file), {
    createInflater,
    hash,
    signal,
    quotaBytes: room?.quotaBytes ?? null,
    isDamaged: damageFinder(database, hash),
    pause: pace(),
    onProgress: ({ done, total, doneBytes, totalBytes }) =>
      tell({ done, total, fraction: doneBytes / Math.max(1, totalBytes) }),
  });
}

/** What it holds against what is here. @throws AppError `storage-blocked` */
export async function offerOf(
  { database, values, finishRemovals }: BackupDependencies,
  fileName: string,
  checked: CheckedBackup,
): Promise<RestoreOffer> {
  await finishRemovals();
  const here = await lookHere(database, values, checked.damaged);
  const { createdAt, appVersion, counts } = checked.archive.manifest;
  const effects = { merge: effectOf(checked, here, 'merge'), replace: effectOf(checked, here, 'replace') };
  const { sizeBytes } = checked;
  return { fileName, createdAt, appVersion, sizeBytes, there: counts, here: here.counts, effects };
}

/** @throws AppError like `restoreBackup`; `restore-busy` where another tab has begun something all the same */
export async function restore(
  { database, values, store, busy, pace, gauge, timestamp }: BackupDependencies,
  checked: CheckedBackup,
  mode: RestoreMode,
  signal: AbortSignal,
  tell: Tell,
): Promise<void> {
  const room = await gauge.measure();
  const freeBytes = room && room.quotaBytes - room.usedBytes;
  const begunAt = timestamp();
  await restoreBackup(checked, mode, {
    database,
    values,
    begunAt,
    signal,
    freeBytes,
    pause: pace(),
    onProgress: tell,
    async checkLast() {
      if (await busy.isAwaited()) throw new AppError('restore-busy', text.backup.busy.elsewhere);
    },
  });
  store.write(MARK, { begunAt, isTold: false });
}

/**
 * What the latest restore of any tab has left to do and to say; null: nothing, or it is under way, or the page is loaded
 * anew first. @throws AppError `storage-blocked`
 */
export async function settleLast(dependencies: BackupDependencies): Promise<RestoreNews | null> {
  const { database, busy } = dependencies;
  let note = await readNote(database);
  if (note?.kind !== 'done') {
    // While another tab is at it, it is not broken off.
    const release = await busy.quiet();
    if (typeof release === 'string') return null;
    note = await settle(database).finally(release);
  }
  if (note?.kind === 'done') return await bringToEnd(note, dependencies);
  return note && { kind: 'interrupted', createdAt: note.createdAt, begunAt: note.begunAt };
}

/** A browser that is killed loses what was just kept beside the database: the settings, and the mark with them. */
async function bringToEnd(
  { begunAt, createdAt, counts, settings }: Extract<RestoreNote, { kind: 'done' }>,
  { database, values, store, timestamp, tellOthers, reload }: BackupDependencies,
): Promise<RestoreNews | null> {
  const mark = store.read(MARK) as { begunAt?: unknown; isTold?: unknown } | null;
  const isMarked = mark?.begunAt === begunAt;
  if (isMarked && mark.isTold === true) {
    const isSaved = Date.parse(timestamp()) - Date.parse(begunAt) > SAVED_AFTER_MS;
    if (isSaved) await forgetNote(database, begunAt);
    return null;
  }
  if (!isMarked && settings) {
    values.replaceAll(settings);
    if (store.write(MARK, { begunAt, isTold: false })) {
      tellOthers('restored');
      reload();
      return null;
    }
  }
  // Where nothing can be kept beside the database, it is said at this start alone.
  if (!store.write(MARK, { begunAt, isTold: true })) await forgetNote(database, begunAt);
  // Once more: what is kept beside the database reaches other tabs later than a word does.
  if (settings) tellOthers('changed');
  return { kind: 'restored', createdAt, counts };
}

/** That a restore was broken off has been read. @throws AppError `storage-blocked` */
export async function forget({ database }: BackupDependencies, begunAt: string): Promise<void> {
  await forgetNote(database, begunAt);
}
