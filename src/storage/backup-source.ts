// What a backup takes from the database: each thing read whole, in one transaction, and checked as a restore will check
// it. What was deleted meanwhile, or is damaged, is null.

import { isRecord } from './backup-checks.ts';
import { isFitting } from './backup-read.ts';
import type { BackupRecords } from './backup-record.ts';
import { resultRange } from './batch-store.ts';
import type { Database } from './db.ts';

/** Read at a time, for their sizes or of a batch's results. */
const READ_AT_ONCE = 100;

/** What there was when the backup began. */
export interface Census {
  recordings: { id: string; sizeBytes: number }[];
  batches: string[];
  nResults: number;
  models: string[];
  runs: string[];
}

export class BackupSource {
  readonly #database: Database;
  readonly #hash: (bytes: BufferSource) => Promise<string>;

  /** @param hash SHA-256, lower-case hex */
  constructor(database: Database, hash: (bytes: BufferSource) => Promise<string>) {
    this.#database = database;
    this.#hash = hash;
  }

  async census(): Promise<Census> {
    const [batches, nResults, models, runs] = await this.#database.read((db) => {
      const transaction = db.transaction(['batches', 'batch-results', 'models', 'runs']);
      return Promise.all([
        transaction.objectStore('batches').getAllKeys(),
        transaction.objectStore('batch-results').count(),
        transaction.objectStore('models').getAllKeys(),
        transaction.objectStore('runs').getAllKeys(),
      ]);
    });
    const recordings: Census['recordings'] = [];
    for (let after = ''; ;) {
      const range = IDBKeyRange.lowerBound(after, true);
      const found = await this.#database.read((db) => db.getAll('recordings', range, READ_AT_ONCE));
      for (const { id, sizeBytes } of found) recordings.push({ id, sizeBytes });
      const last = found.at(-1);
      if (!last || found.length < READ_AT_ONCE) break;
      after = last.id;
    }
    return { recordings, batches, nResults, models, runs };
  }

  async recording(id: string): Promise<{ record: BackupRecords['recordings']; bytes: ArrayBuffer } | null> {
    const [record, bytes] = await this.#database.read((db) => {
      const transaction = db.transaction(['recordings', 'recording-bytes']);
      return Promise.all([
        transaction.objectStore('recordings').get(id),
        transaction.objectStore('recording-bytes').get(id),
      ]);
    });
    if (!bytes || !isRecord('recordings', record) || record.sizeBytes !== bytes.byteLength) return null;
    if ((await this.#hash(bytes)) !== id) return null;
    return { record, bytes };
  }

  /** With the places of the results that its entry counts: those that come later are not of this backup. */
  async batch(id: string): Promise<{ record: BackupRecords['batches']; indices: Set<number> } | null> {
    const [entry, files, keys] = await this.#database.read((db) => {
      const transaction = db.transaction(['batches', 'batch-files', 'batch-results']);
      return Promise.all([
        transaction.objectStore('batches').get(id),
        transaction.objectStore('batch-files').get(id),
        transaction.objectStore('batch-results').getAllKeys(resultRange(id, 0)),
      ]);
    });
    // Handles of files are of this browser alone, and no file can hold them.
    const record = { entry, files: files && { ...files, handles: [] } };
    if (!isRecord('batches', record)) return null;
    const indices = keys.map(([, index]) => index).filter((index) => index < record.entry.total);
    return { record, indices: new Set(indices) };
  }

  /** Some at a time, in order; null in place of each that is damaged. @param indices the places that are wanted */
  async *results(
    id: string,
    indices: ReadonlySet<number>,
  ): AsyncGenerator<(BackupRecords['results'] | null)[]> {
    for (let from = 0; ;) {
      const range = resultRange(id, from);
      const found = await this.#database.read((db) => db.getAll('batch-results', range, READ_AT_ONCE));
      yield found
        .filter(({ index }) => indices.has(index))
        .map((record) => (isRecord('results', record) ? record : null));
      const last = found.at(-1);
      if (!last || found.length < READ_AT_ONCE) return;
      from = last.index + 1;
    }
  }

  async model(
    key: string,
  ): Promise<{ record: BackupRecords['models']; weights: ArrayBuffer; replay: ArrayBuffer | null } | null> {
    const hash = this.#hash;
    const found = await this.#database.read(async (db) => {
      const transaction = db.transaction(['models', 'model-topologies', 'model-blobs']);
      const model = await transaction.objectStore('models').get(key);
      const blobs = transaction.objectStore('model-blobs');
      const [modelJson, weights, replay] = await Promise.all([
        transaction.objectStore('model-topologies').get(key),
        model && blobs.get(model.manifest.sha256),
        model && model.replaySha256 !== null ? blobs.get(model.replaySha256) : undefined,
      ]);
      return { model, modelJson, weights, replay };
    });
    const { model, modelJson, weights, replay } = found;
    if (!model || !weights || (await hash(weights)) !== model.manifest.sha256) return null;
    // Without its replay set a model answers as before.
    const replaySha256 = replay && (await hash(replay)) === model.replaySha256 ? model.replaySha256 : null;
    const record = { model: { ...model, replaySha256 }, modelJson };
    if (!isRecord('models', record) || !isFitting(record.model, modelJson, weights.byteLength)) return null;
    return { record, weights, replay: replaySha256 === null ? null : (replay ?? null) };
  }

  async run(id: string): Promise<BackupRecords['runs'] | null> {
    const [entry, details, checkpoint = null] = await this.#database.read((db) => {
      const transaction = db.transaction(['runs', 'run-details', 'checkpoints']);
      return Promise.all([
        transaction.objectStore('runs').get(id),
        transaction.objectStore('run-details').get(id),
        transaction.objectStore('checkpoints').get(id),
      ]);
    });
    const record = { entry, details, checkpoint };
    return isRecord('runs', record) ? record : null;
  }

  /** Null where nobody has chosen. */
  async active(): Promise<BackupRecords['active-model'] | null> {
    const active = await this.#database.read((db) => db.get('active-model', 'current'));
    return isRecord('active-model', active) ? active : null;
  }
}
