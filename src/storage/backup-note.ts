// What the database knows of a restore that was begun: one record beside what waits, written before anything else and
// changed by the last step. It is there as long as the storage is, and on disk when what it speaks of is.

import { AppError } from '../core/errors.ts';
import type { RestoreNote } from './backup-record.ts';
import type { Database, WriteTransaction } from './db.ts';
import { storageText } from './storage-text.ts';

/** Of the store `restoring`; records that wait have keys from 1 on. */
export const NOTE_KEY = 0;

/** @throws AppError `storage-blocked` */
export async function readNote(database: Database): Promise<RestoreNote | null> {
  return asNote(await database.read((db) => db.get('restoring', NOTE_KEY)));
}

/** @param transaction has the store `restoring` */
export async function noteOf(transaction: WriteTransaction): Promise<RestoreNote | null> {
  return asNote(await transaction.objectStore('restoring').get(NOTE_KEY));
}

/**
 * To be awaited by every step of a restore: what was brought here before is here no more where its note is not.
 * @throws AppError `storage-cleared`
 */
export async function assertBegun(transaction: WriteTransaction, begunAt: string): Promise<void> {
  const note = await noteOf(transaction);
  if (note?.begunAt !== begunAt) throw new AppError('storage-cleared', storageText.clearedMeanwhile);
}

/** Nothing more is to be said or done of that restore; of a later one the note stays. @throws AppError `storage-blocked` */
export function forgetNote(database: Database, begunAt: string): Promise<void> {
  return database.write(['restoring'], async (transaction) => {
    const note = await noteOf(transaction);
    if (note?.begunAt === begunAt) await transaction.objectStore('restoring').delete(NOTE_KEY);
  });
}

function asNote(record: { kind: string } | undefined): RestoreNote | null {
  const isNote = record?.kind === 'begun' || record?.kind === 'done';
  return isNote ? (record as RestoreNote) : null;
}
