// The last step of a restore, and the way back from one that never came to it. Until then records wait in `restoring`,
// and bytes and results lie under their keys with nothing that refers to them: nobody sees them.

import { AppError } from '../core/errors.ts';
import { blobsOf, idsOf, type Here } from './backup-effect.ts';
import { assertBegun, NOTE_KEY, noteOf } from './backup-note.ts';
import type { BackupContents } from './backup-read.ts';
import type { BackupRecords, RestoreNote, Staged } from './backup-record.ts';
import { putBatch, resultRange } from './batch-store.ts';
import type { Database, StoreName, WriteTransaction } from './db.ts';
import { storageText } from './storage-text.ts';

/** Requests between two answers of the database: so many take no time that anybody feels. */
const AT_ONCE = 50;

const STORES: StoreName[] = [
  'recordings',
  'recording-bytes',
  'batches',
  'batch-files',
  'batch-names',
  'batch-results',
  'models',
  'model-topologies',
  'model-blobs',
  'active-model',
  'runs',
  'run-details',
  'checkpoints',
  'restoring',
];

/** The stores that hold a kind of thing under its id. */
const STORES_OF = {
  recordings: ['recordings', 'recording-bytes'],
  batches: ['batches', 'batch-files', 'batch-names'],
  models: ['models', 'model-topologies'],
  runs: ['runs', 'run-details', 'checkpoints'],
} as const satisfies Record<string, StoreName[]>;

type Removal = [store: StoreName, key: string | [string, number] | IDBKeyRange];

/** A restore of which everything is in the database. */
export interface Swap {
  note: RestoreNote;
  contents: BackupContents;
  isReplacing: boolean;
  /** As it was when the restore began. */
  here: Here;
  /** Results here of which the backup's batch has none. */
  surplus: readonly [batchId: string, index: number][];
}

/**
 * What waits takes its place, what is not to stay goes, and the pointer is set: all of it, or nothing.
 * @throws AppError `storage-full`, `storage-blocked`, `storage-cleared`; `model-missing` where another tab has removed
 *   bytes that it needs
 */
export function swapIn(database: Database, swap: Swap): Promise<void> {
  return database.write(
    STORES,
    async (transaction) => {
      const { note, contents, isReplacing, surplus } = swap;
      await assertBegun(transaction, note.begunAt);
      const removals: Removal[] = surplus.map((key) => ['batch-results', key]);
      if (isReplacing) removals.push(...(await findOthers(transaction, swap)));
      await remove(transaction, removals);
      const waiting = transaction.objectStore('restoring');
      let cursor = await waiting.openCursor();
      while (cursor) {
        await putStaged(transaction, cursor.value, swap);
        cursor = await cursor.continue();
      }
      await choose(transaction, swap);
      await tidy(transaction);
      await waiting.put(
        { ...note, kind: 'done', settings: isReplacing ? contents.settings : null },
        NOTE_KEY,
      );
    },
    'strict',
  );
}

/** Before the first byte: the database knows that a restore is under way. @throws AppError `storage-full`, `storage-blocked` */
export function begin(database: Database, note: RestoreNote): Promise<void> {
  return database.write(STORES, async (transaction) => {
    await tidy(transaction);
    await transaction.objectStore('restoring').put(note, NOTE_KEY);
  });
}

/**
 * After a tab was closed while it restored: where it had not come to its end, what it has left is removed, and the note
 * stays until somebody has read of it. Not while one is under way.
 * @throws AppError `storage-blocked`
 */
export async function settle(database: Database): Promise<RestoreNote | null> {
  let note: RestoreNote | null = null;
  await database.write(STORES, async (transaction) => {
    note = await noteOf(transaction);
    if (note?.kind === 'done') return;
    await tidy(transaction);
    if (note) await transaction.objectStore('restoring').put(note, NOTE_KEY);
  });
  return note;
}

/** A restore is given up, and nothing is left of it. @throws AppError `storage-blocked` */
export function giveUp(database: Database): Promise<void> {
  return database.write(STORES, tidy);
}

/** Removes what waits, the note, and whatever nothing refers to. */
async function tidy(transaction: WriteTransaction): Promise<void> {
  await transaction.objectStore('restoring').clear();
  const [recordings, sounds, batches, models, blobs] = await Promise.all([
    transaction.objectStore('recordings').getAllKeys(),
    transaction.objectStore('recording-bytes').getAllKeys(),
    transaction.objectStore('batches').getAllKeys(),
    transaction.objectStore('models').getAll(),
    transaction.objectStore('model-blobs').getAllKeys(),
  ]);
  const collected = new Set(recordings);
  const used = new Set(models.flatMap(blobsOf));
  const known = new Set(batches);
  const removals: Removal[] = [];
  for (const id of sounds) if (!collected.has(id)) removals.push(['recording-bytes', id]);
  for (const sha256 of blobs) if (!used.has(sha256)) removals.push(['model-blobs', sha256]);
  let cursor = await transaction.objectStore('batch-results').openKeyCursor();
  while (cursor) {
    const [id]: [string, number] = cursor.key;
    if (!known.has(id)) removals.push(['batch-results', resultRange(id, 0)]);
    cursor = await cursor.continue([id, Infinity]);
  }
  await remove(transaction, removals);
}

async function remove(transaction: WriteTransaction, removals: readonly Removal[]): Promise<void> {
  for (let from = 0; from < removals.length; from += AT_ONCE)
    await Promise.all(
      removals.slice(from, from + AT_ONCE).map(([store, key]) => transaction.objectStore(store).delete(key)),
    );
}

/** What was here at the beginning and is not in the backup. What has come since then is no part of it. */
async function findOthers(transaction: WriteTransaction, { contents, here }: Swap): Promise<Removal[]> {
  const ids = idsOf(contents);
  const others: Removal[] = [];
  for (const kind of ['recordings', 'batches', 'models', 'runs'] as const)
    for (const id of here[kind].keys()) {
      if (ids[kind].has(id)) continue;
      for (const name of STORES_OF[kind]) others.push([name, id]);
      if (kind === 'batches') others.push(['batch-results', resultRange(id, 0)]);
    }
  const kept = new Set(ids.blobs);
  for (const model of await transaction.objectStore('models').getAll())
    if (!here.models.has(model.key)) for (const sha256 of blobsOf(model)) kept.add(sha256);
  for (const sha256 of here.blobs) if (!kept.has(sha256)) others.push(['model-blobs', sha256]);
  return others;
}

/** What another tab has added or removed since the restore began stays as that tab has it. */
async function putStaged(transaction: WriteTransaction, staged: Staged, swap: Swap): Promise<void> {
  const { here } = swap;
  switch (staged.kind) {
    case 'recordings':
      await putRecordings(transaction, staged.records, here);
      return;
    case 'batches':
      for (const { entry, files } of staged.records)
        if (await isUntouched(transaction, 'batches', entry.id, here))
          await Promise.all(putBatch(transaction, entry, files));
      return;
    case 'results':
      for (const record of staged.records)
        if ((await transaction.objectStore('batches').getKey(record.batchId)) !== undefined)
          await transaction.objectStore('batch-results').put(record);
      return;
    case 'models':
      for (const record of staged.records) await putModel(transaction, record, swap);
      return;
    case 'runs':
      for (const record of staged.records)
        if (await isUntouched(transaction, 'runs', record.entry.id, here)) await putRun(transaction, record);
      return;
    case 'begun':
    case 'done':
  }
}

async function isUntouched(
  transaction: WriteTransaction,
  kind: 'batches' | 'models' | 'runs',
  id: string,
  here: Here,
): Promise<boolean> {
  return ((await transaction.objectStore(kind).getKey(id)) !== undefined) === here[kind].has(id);
}

/** There may be thousands. Never one without its bytes. */
async function putRecordings(
  transaction: WriteTransaction,
  recordings: readonly BackupRecords['recordings'][],
  here: Here,
): Promise<void> {
  const store = transaction.objectStore('recordings');
  const sounds = transaction.objectStore('recording-bytes');
  for (let from = 0; from < recordings.length; from += AT_ONCE) {
    const portion = recordings.slice(from, from + AT_ONCE);
    const [known, heard] = await Promise.all([
      Promise.all(portion.map(({ id }) => store.getKey(id))),
      Promise.all(portion.map(({ id }) => sounds.getKey(id))),
    ]);
    const due = portion.filter(
      ({ id }, i) => (known[i] !== undefined) === here.recordings.has(id) && heard[i] !== undefined,
    );
    await Promise.all(due.map((recording) => store.put(recording)));
  }
}

/** Of one that is here and stays, the topology alone. */
async function putModel(
  transaction: WriteTransaction,
  { model, modelJson }: BackupRecords['models'],
  { here, isReplacing }: Swap,
): Promise<void> {
  const { key } = model;
  if (!(await isUntouched(transaction, 'models', key, here))) return;
  await transaction.objectStore('model-topologies').put(modelJson, key);
  if (here.models.has(key) && !isReplacing) return;
  const blobs = transaction.objectStore('model-blobs');
  for (const sha256 of blobsOf(model))
    if ((await blobs.getKey(sha256)) === undefined)
      throw new AppError('model-missing', storageText.modelGone);
  await transaction.objectStore('models').put(model);
}

async function putRun(
  transaction: WriteTransaction,
  { entry, details, checkpoint }: BackupRecords['runs'],
): Promise<void> {
  const checkpoints = transaction.objectStore('checkpoints');
  await Promise.all([
    transaction.objectStore('runs').put(entry),
    transaction.objectStore('run-details').put(details, entry.id),
    checkpoint ? checkpoints.put(checkpoint, entry.id) : checkpoints.delete(entry.id),
  ]);
}

/** The backup's choice, where all is replaced or nobody has chosen here; none of a model that is not there. */
async function choose(transaction: WriteTransaction, { contents, isReplacing }: Swap): Promise<void> {
  const pointer = transaction.objectStore('active-model');
  const hasChosen = (await pointer.getKey('current')) !== undefined;
  if (hasChosen && !isReplacing) return;
  const { active } = contents;
  const isThere =
    active !== null &&
    (!active.key.startsWith('local:') ||
      (await transaction.objectStore('models').getKey(active.key)) !== undefined);
  if (active && isThere) await pointer.put(active, 'current');
  else await pointer.delete('current');
}
