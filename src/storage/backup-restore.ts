// Puts a checked backup into the database. First what is missing is added, in portions, which harms nothing; then what
// is here and differs is changed; at the very end one transaction removes what is not to stay and sets which model
// answers. Each transaction is whole and may be done twice: a restore that was broken off at any point has lost
// nothing, and is completed by doing it again. What another tab adds meanwhile stays.

import type { CollectedRecording } from '../core/collection/types.ts';
import { AppError } from '../core/errors.ts';
import type { BackupRecords } from './backup-checks.ts';
import { RecordWriter } from './backup-codec.ts';
import { arraysPath, blobPath, noCounts, type BackupCounts, type RecordKind } from './backup-format.ts';
import type { BackedUpBatch, BackupContents, CheckedBackup } from './backup-read.ts';
import type { KeptValues } from './backup-write.ts';
import { putBatch, resultRange } from './batch-store.ts';
import type { CollectedSound } from './collection-record.ts';
import { createCollectionStore } from './collection-store.ts';
import type { Database, StoreName, WriteTransaction } from './db.ts';
import { storageText } from './storage-text.ts';

/**
 * `merge`: what is here stays, what is missing is added; of a batch or run that is in both, the later one.
 * `replace`: of what is here at the beginning, nothing is left afterwards that is not in the backup.
 */
export type RestoreMode = 'merge' | 'replace';

/** Bytes of sounds, and recordings, that are added in one transaction. */
const ADD_BYTES = 2 ** 24;
const ADD_AT_ONCE = 50;
/** Records put between two answers of the database, within one transaction. */
const PUT_AT_ONCE = 50;

export interface RestorePorts {
  database: Database;
  values: KeptValues;
  pause: () => Promise<void> | undefined;
  signal: AbortSignal;
  onProgress: (progress: RestoreProgress) => void;
  /** Bytes that the browser would still give; null: it does not tell. */
  freeBytes: number | null;
}

/** Recordings, results, models and runs so far and in all, and how much of the work that is. */
export interface RestoreProgress {
  done: number;
  total: number;
  /** 0..1. */
  fraction: number;
}

/** What a restore would do, in records by kind. */
export interface RestoreEffect {
  added: BackupCounts;
  changed: BackupCounts;
  removed: BackupCounts;
  /** Room that it needs at most. */
  newBytes: number;
}

/** What is here, by the keys that decide what a restore does. */
export interface Here {
  counts: BackupCounts;
  recordings: ReadonlySet<string>;
  /** By id, when it was changed last. */
  batches: ReadonlyMap<string, string>;
  models: ReadonlySet<string>;
  runs: ReadonlyMap<string, string>;
  blobs: ReadonlySet<string>;
}

/** @throws AppError `storage-blocked` */
export async function lookHere(database: Database, values: KeptValues): Promise<Here> {
  return await database.read(async (db) => {
    const stores: StoreName[] = [
      'recordings',
      'batches',
      'batch-results',
      'models',
      'runs',
      'model-blobs',
      'active-model',
    ];
    const transaction = db.transaction(stores);
    const [recordings, batches, nResults, models, runs, blobs, nActive] = await Promise.all([
      transaction.objectStore('recordings').getAllKeys(),
      transaction.objectStore('batches').getAll(),
      transaction.objectStore('batch-results').count(),
      transaction.objectStore('models').getAllKeys(),
      transaction.objectStore('runs').getAll(),
      transaction.objectStore('model-blobs').getAllKeys(),
      transaction.objectStore('active-model').count(),
    ]);
    return {
      counts: {
        recordings: recordings.length,
        batches: batches.length,
        results: nResults,
        models: models.length,
        runs: runs.length,
        'active-model': nActive,
        settings: values.all().length,
      },
      recordings: new Set(recordings),
      batches: new Map(batches.map(({ id, updatedAt }) => [id, updatedAt])),
      models: new Set(models),
      runs: new Map(runs.map(({ id, updatedAt }) => [id, updatedAt])),
      blobs: new Set(blobs),
    };
  });
}

/** What a restore would do to what is here. */
export function effectOf({ archive, contents }: CheckedBackup, here: Here, mode: RestoreMode): RestoreEffect {
  const effect: RestoreEffect = { added: noCounts(), changed: noCounts(), removed: noCounts(), newBytes: 0 };
  const weigh = (path: string): void => void (effect.newBytes += archive.sizeOf(path) ?? 0);
  const isChanged = (before: string, after: string): boolean =>
    mode === 'merge' ? isLater(after, before) : after !== before;
  const ids = idsOf(contents);
  for (const path of [...contents.recordings.keys(), ...contents.runs.keys(), ...contents.models.keys()])
    weigh(path);
  for (const id of ids.recordings)
    if (!here.recordings.has(id)) {
      effect.added.recordings++;
      weigh(blobPath('sounds', id));
    }
  for (const { id, updatedAt, nResults, resultPaths } of [...contents.batches.values()].flat()) {
    const before = here.batches.get(id);
    if (before !== undefined && !isChanged(before, updatedAt)) continue;
    const kind = before === undefined ? effect.added : effect.changed;
    kind.batches++;
    kind.results += nResults;
    resultPaths.forEach(weigh);
  }
  for (const { key, blobs } of [...contents.models.values()].flat()) {
    if (!here.models.has(key)) effect.added.models++;
    for (const sha256 of blobs) if (!here.blobs.has(sha256)) weigh(blobPath('blobs', sha256));
  }
  for (const { id, updatedAt } of [...contents.runs.values()].flat()) {
    const before = here.runs.get(id);
    if (before === undefined) effect.added.runs++;
    else if (isChanged(before, updatedAt)) effect.changed.runs++;
  }
  // Where nobody has chosen, the model that the backup uses answers.
  if (contents.active && here.counts['active-model'] === 0) effect.added['active-model']++;
  if (mode === 'replace')
    for (const kind of ['recordings', 'batches', 'models', 'runs'] as const)
      effect.removed[kind] = [...here[kind].keys()].filter((id) => !ids[kind].has(id)).length;
  return effect;
}

/**
 * @throws AppError `storage-full`, `storage-blocked`, `backup-invalid`, `file-unreadable`: nothing that was here is
 *   lost then. The reason of the signal when it fires before the last step.
 */
export async function restoreBackup(
  backup: CheckedBackup,
  mode: RestoreMode,
  ports: RestorePorts,
): Promise<void> {
  const { database, values, freeBytes } = ports;
  const here = await lookHere(database, values);
  const { newBytes } = effectOf(backup, here, mode);
  if (freeBytes !== null && newBytes > freeBytes)
    throw new AppError('storage-full', storageText.backup.overFree(newBytes, freeBytes));
  await new Restoring(backup, mode, ports, here).run();
}

/** Of what is in both: small, and left for the last step. */
interface Changes {
  recordings: CollectedRecording[];
  /** Without their results. */
  batches: BackupRecords['batches'][];
  models: BackupRecords['models'][];
  runs: BackupRecords['runs'][];
  /** Results here of which the backup's batch has none. */
  surplus: [batchId: string, index: number][];
}

class Restoring {
  readonly #backup: CheckedBackup;
  readonly #isReplacing: boolean;
  readonly #ports: RestorePorts;
  readonly #here: Here;
  readonly #changes: Changes = { recordings: [], batches: [], models: [], runs: [], surplus: [] };
  #done = 0;
  #doneBytes = 0;

  constructor(backup: CheckedBackup, mode: RestoreMode, ports: RestorePorts, here: Here) {
    this.#backup = backup;
    this.#isReplacing = mode === 'replace';
    this.#ports = ports;
    this.#here = here;
  }

  async run(): Promise<void> {
    const { recordings, models, runs, batches, settings } = this.#backup.contents;
    for (const path of recordings.keys()) await this.#recordings(path);
    for (const path of models.keys()) await this.#models(path);
    for (const path of runs.keys()) await this.#runs(path);
    // Whatever is missing first: it is what may find no room.
    for (const path of batches.keys()) await this.#batches(path, false);
    for (const path of batches.keys()) await this.#batches(path, true);
    await this.#step(0, 0);
    await this.#finish();
    if (this.#isReplacing) this.#ports.values.replaceAll(settings);
  }

  async #recordings(path: string): Promise<void> {
    let portion: CollectedSound[] = [];
    let nBytes = 0;
    for (const recording of await this.#read('recordings', path)) {
      const { id } = recording;
      if (!this.#here.recordings.has(id)) {
        const bytes = await this.#backup.archive.bytes(blobPath('sounds', id));
        portion.push({ recording, bytes: bytes.buffer });
        nBytes += bytes.length;
      } else if (this.#isReplacing && !(await this.#isAsHere(recording)))
        this.#changes.recordings.push(recording);
      if (nBytes >= ADD_BYTES || portion.length >= ADD_AT_ONCE) {
        await this.#addRecordings(portion);
        portion = [];
        nBytes = 0;
      }
      await this.#step(1, this.#backup.archive.sizeOf(blobPath('sounds', id)) ?? 0);
    }
    await this.#addRecordings(portion);
  }

  async #isAsHere(recording: CollectedRecording): Promise<boolean> {
    const before = await this.#ports.database.read((db) => db.get('recordings', recording.id));
    return isSame(before, recording);
  }

  /** What another tab has added meanwhile stays. */
  async #addRecordings(sounds: readonly CollectedSound[]): Promise<void> {
    if (sounds.length > 0) await createCollectionStore(this.#ports.database).add(sounds);
  }

  async #models(path: string): Promise<void> {
    for (const record of await this.#read('models', path)) {
      if (!this.#here.models.has(record.model.key)) await this.#addModel(record);
      else {
        await this.#repairBlobs(record);
        if (this.#isReplacing) this.#changes.models.push(record);
      }
      await this.#step(1, 0);
    }
  }

  /** Of a model that is here: what of its bytes is missing; where all is replaced, also what may be damaged. */
  async #repairBlobs(record: BackupRecords['models']): Promise<void> {
    const isWhole = blobsOf(record).every((sha256) => this.#here.blobs.has(sha256));
    if (isWhole && !this.#isReplacing) return;
    const blobs = await this.#readBlobs(record);
    await this.#ports.database.write(
      ['model-blobs'],
      (transaction, requests) => {
        for (const [sha256, bytes] of blobs)
          requests.push(transaction.objectStore('model-blobs').put(bytes, sha256));
      },
      'strict',
    );
  }

  async #readBlobs(record: BackupRecords['models']): Promise<[sha256: string, bytes: ArrayBuffer][]> {
    const blobs: [sha256: string, bytes: ArrayBuffer][] = [];
    for (const sha256 of blobsOf(record)) {
      const bytes = await this.#backup.archive.bytes(blobPath('blobs', sha256));
      blobs.push([sha256, bytes.buffer]);
      this.#doneBytes += bytes.length;
    }
    return blobs;
  }

  async #addModel(record: BackupRecords['models']): Promise<void> {
    const blobs = await this.#readBlobs(record);
    await this.#ports.database.write(
      ['models', 'model-topologies', 'model-blobs'],
      (transaction, requests) => {
        for (const [sha256, bytes] of blobs)
          requests.push(transaction.objectStore('model-blobs').put(bytes, sha256));
        requests.push(...putModel(transaction, record));
      },
      'strict',
    );
  }

  async #runs(path: string): Promise<void> {
    for (const record of await this.#read('runs', path)) {
      const before = this.#here.runs.get(record.entry.id);
      if (before === undefined)
        await this.#ports.database.write(
          ['runs', 'run-details', 'checkpoints'],
          (transaction, requests) => void requests.push(...putRun(transaction, record)),
        );
      else if (this.#isReplacing || isLater(record.entry.updatedAt, before)) this.#changes.runs.push(record);
      await this.#step(1, 0);
    }
  }

  /** @param isHere which of them: those that are here, or those that are missing */
  async #batches(path: string, isHere: boolean): Promise<void> {
    const batches = this.#backup.contents.batches.get(path) ?? [];
    const ofThese = batches.filter(({ id }) => this.#here.batches.has(id) === isHere);
    if (ofThese.length === 0) return;
    const records = await this.#read('batches', path);
    for (const batch of ofThese) {
      const record = records.find(({ entry }) => entry.id === batch.id);
      const before = this.#here.batches.get(batch.id);
      const isWanted = before === undefined || this.#isReplacing || isLater(batch.updatedAt, before);
      if (record && isWanted) await this.#putBatch(record, batch);
      else await this.#step(batch.nResults, 0);
    }
  }

  /**
   * Results first, then the entry that counts them: a batch is in the list when it is whole. The entry of one that
   * is here is replaced at the end, with all that goes: until then it counts what was here.
   */
  async #putBatch(record: BackupRecords['batches'], { resultPaths }: BackedUpBatch): Promise<void> {
    const { entry, files } = record;
    const { database } = this.#ports;
    const indices = new Set<number>();
    for (const path of resultPaths) {
      const results = await this.#read('results', path);
      await database.write(['batch-results'], (transaction, requests) => {
        for (const result of results) requests.push(transaction.objectStore('batch-results').put(result));
      });
      for (const { index } of results) indices.add(index);
      await this.#step(results.length, 0);
    }
    if (this.#isReplacing && this.#here.batches.has(entry.id)) this.#changes.batches.push(record);
    else
      await database.write(['batches', 'batch-files', 'batch-names'], (transaction, requests) => {
        requests.push(...putBatch(transaction, entry, files));
      });
    const keys = await database.read((db) => db.getAllKeys('batch-results', resultRange(entry.id, 0)));
    for (const key of keys) if (!indices.has(key[1])) this.#changes.surplus.push(key);
  }

  /** What is in both is changed, what is not to stay removed, and the pointer set: all of it, or nothing. */
  #finish(): Promise<void> {
    const { contents } = this.#backup;
    return this.#ports.database.write(
      ALL_STORES,
      async (transaction, requests) => {
        const pointer = transaction.objectStore('active-model');
        const hasChosen = (await pointer.getKey('current')) !== undefined;
        const others = this.#isReplacing ? await findOthers(transaction, contents, this.#here) : [];
        await this.#putRecordings(transaction);
        // From here on nothing is awaited: what fails is heard of together.
        requests.push(...this.#putChanges(transaction));
        if (contents.active && (this.#isReplacing || !hasChosen))
          requests.push(pointer.put(contents.active, 'current'));
        else if (this.#isReplacing) requests.push(pointer.delete('current'));
        for (const [name, key] of others) requests.push(transaction.objectStore(name).delete(key));
      },
      'strict',
    );
  }

  /** There may be thousands. */
  async #putRecordings(transaction: WriteTransaction): Promise<void> {
    const { recordings } = this.#changes;
    const store = transaction.objectStore('recordings');
    for (let from = 0; from < recordings.length; from += PUT_AT_ONCE)
      await Promise.all(recordings.slice(from, from + PUT_AT_ONCE).map((recording) => store.put(recording)));
  }

  #putChanges(transaction: WriteTransaction): Promise<unknown>[] {
    const { batches, models, runs, surplus } = this.#changes;
    return [
      ...batches.flatMap(({ entry, files }) => putBatch(transaction, entry, files)),
      ...models.flatMap((record) => putModel(transaction, record)),
      ...runs.flatMap((record) => putRun(transaction, record)),
      ...surplus.map((key) => transaction.objectStore('batch-results').delete(key)),
    ];
  }

  async #read<K extends RecordKind>(kind: K, path: string): Promise<BackupRecords[K][]> {
    const { archive } = this.#backup;
    const records = await archive.records(kind, path);
    this.#doneBytes += (archive.sizeOf(path) ?? 0) + (archive.sizeOf(arraysPath(path)) ?? 0);
    return records;
  }

  async #step(n: number, bytes: number): Promise<void> {
    const { signal, onProgress, pause } = this.#ports;
    this.#done += n;
    this.#doneBytes += bytes;
    const { counts } = this.#backup.archive.manifest;
    const total = counts.recordings + counts.results + counts.models + counts.runs;
    const fraction = Math.min(1, this.#doneBytes / Math.max(1, this.#backup.sizeBytes));
    onProgress({ done: this.#done, total, fraction });
    await pause();
    signal.throwIfAborted();
  }
}

const ALL_STORES: StoreName[] = [
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
];

function blobsOf({ model }: BackupRecords['models']): string[] {
  return [model.manifest.sha256, model.replaySha256].filter((sha256) => sha256 !== null);
}

function putModel(
  transaction: WriteTransaction,
  { model, modelJson }: BackupRecords['models'],
): Promise<unknown>[] {
  return [
    transaction.objectStore('models').put(model),
    transaction.objectStore('model-topologies').put(modelJson, model.key),
  ];
}

function putRun(
  transaction: WriteTransaction,
  { entry, details, checkpoint }: BackupRecords['runs'],
): Promise<unknown>[] {
  const checkpoints = transaction.objectStore('checkpoints');
  return [
    transaction.objectStore('runs').put(entry),
    transaction.objectStore('run-details').put(details, entry.id),
    checkpoint ? checkpoints.put(checkpoint, entry.id) : checkpoints.delete(entry.id),
  ];
}

/** The stores that hold a kind of thing under its id. */
const STORES_OF = {
  recordings: ['recordings', 'recording-bytes'],
  batches: ['batches', 'batch-files', 'batch-names'],
  models: ['models', 'model-topologies'],
  runs: ['runs', 'run-details', 'checkpoints'],
} as const satisfies Record<string, StoreName[]>;

/**
 * Everything that was here at the beginning and is not in the backup: by store, keys and ranges of keys. What has come
 * since then is no part of it.
 */
async function findOthers(
  transaction: WriteTransaction,
  contents: BackupContents,
  here: Here,
): Promise<[store: StoreName, key: string | IDBKeyRange][]> {
  const ids = idsOf(contents);
  const others: [StoreName, string | IDBKeyRange][] = [];
  for (const kind of ['recordings', 'batches', 'models', 'runs'] as const)
    for (const id of here[kind].keys()) {
      if (ids[kind].has(id)) continue;
      for (const name of STORES_OF[kind]) others.push([name, id]);
      if (kind === 'batches') others.push(['batch-results', resultRange(id, 0)]);
    }
  const kept = new Set(ids.blobs);
  for (const { key, manifest, replaySha256 } of await transaction.objectStore('models').getAll()) {
    if (here.models.has(key)) continue;
    kept.add(manifest.sha256);
    if (replaySha256 !== null) kept.add(replaySha256);
  }
  for (const sha256 of here.blobs) if (!kept.has(sha256)) others.push(['model-blobs', sha256]);
  return others;
}

function idsOf(
  contents: BackupContents,
): Record<'recordings' | 'batches' | 'models' | 'runs' | 'blobs', Set<string>> {
  const models = [...contents.models.values()].flat();
  return {
    recordings: new Set([...contents.recordings.values()].flat()),
    batches: new Set([...contents.batches.values()].flat().map(({ id }) => id)),
    models: new Set(models.map(({ key }) => key)),
    runs: new Set([...contents.runs.values()].flat().map(({ id }) => id)),
    blobs: new Set(models.flatMap(({ blobs }) => blobs)),
  };
}

function isSame(a: unknown, b: unknown): boolean {
  const [one, other] = [a, b].map((record) => {
    const writer = new RecordWriter();
    writer.add(record);
    const { json, arrays } = writer.finish();
    return [json, arrays ?? new Uint8Array()];
  });
  return indexedDB.cmp(one, other) === 0;
}

/** Both ISO 8601. */
function isLater(time: string, other: string): boolean {
  return Date.parse(time) > Date.parse(other);
}
