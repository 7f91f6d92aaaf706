// What the state of backups has done: writing, checking, comparing, restoring. Loaded when one of them is wanted.

import { byteSource } from '../input/byte-source.ts';
import type { SaveTarget } from '../input/save-file.ts';
import { effectOf, lookHere, type RestoreMode } from '../storage/backup-effect.ts';
import { readBackup, type CheckedBackup } from '../storage/backup-read.ts';
import { restoreBackup } from '../storage/backup-restore.ts';
import { settle } from '../storage/backup-swap.ts';
import { writeBackup } from '../storage/backup-write.ts';
import type { BackupDependencies, RestoreOffer, Tell, WorkProgress } from './backup.svelte.ts';

/** Before so much is done there is nothing to tell the time left by. */
const MIN_FRACTION = 0.02;

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
  { createInflater, hash, pace, gauge }: BackupDependencies,
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
  const here = await lookHere(database, values);
  const { createdAt, appVersion, counts } = checked.archive.manifest;
  const effects = { merge: effectOf(checked, here, 'merge'), replace: effectOf(checked, here, 'replace') };
  const { sizeBytes } = checked;
  return { fileName, createdAt, appVersion, sizeBytes, there: counts, here: here.counts, effects };
}

/** @throws AppError like `restoreBackup` */
export async function restore(
  { database, values, pace, gauge }: BackupDependencies,
  checked: CheckedBackup,
  mode: RestoreMode,
  signal: AbortSignal,
  tell: Tell,
): Promise<void> {
  const room = await gauge.measure();
  const freeBytes = room && room.quotaBytes - room.usedBytes;
  await restoreBackup(checked, mode, {
    database,
    values,
    signal,
    freeBytes,
    pause: pace(),
    onProgress: tell,
  });
}

/** After a tab was closed while it restored. @returns true where all of the backup is here */
export async function finish({ database, values }: BackupDependencies): Promise<boolean> {
  return await settle(database, (settings) => values.replaceAll(settings));
}
