// Checks all of a backup before anything of it is used: every entry is unpacked and hashed, every record looked at,
// and what refers to something finds it. What is left is a table of what there is, some dozen bytes a record: a
// restore reads the entries themselves a second time.

import type { ByteSource } from '../core/archive/zip.ts';
import { assertTopology } from '../core/model/topology.ts';
import { BackupArchive, type ArchivePorts } from './backup-archive.ts';
import type { IsDamaged } from './backup-damage.ts';
import {
  blobPath,
  invalidBackup,
  noCounts,
  parsePath,
  RECORD_KINDS,
  type RecordKind,
} from './backup-format.ts';
import type { BackupRecords, KeptValue } from './backup-record.ts';
import type { ActiveModel } from './model-record.ts';
import { storageText } from './storage-text.ts';

const words = storageText.backup;

/** A batch of a backup. */
export interface BackedUpBatch {
  id: string;
  updatedAt: string;
  nResults: number;
  /** Entries that hold its results, in order. */
  resultPaths: string[];
}

/** What a backup holds, without what is heavy: by the path of the entry, the records in it. */
export interface BackupContents {
  recordings: Map<string, string[]>;
  batches: Map<string, BackedUpBatch[]>;
  models: Map<string, { key: string; blobs: string[] }[]>;
  runs: Map<string, { id: string; updatedAt: string }[]>;
  /** Null: nobody has chosen, or the chosen one could not be backed up; a bundled one answers then. */
  active: ActiveModel | null;
  settings: KeptValue[];
}

export interface CheckedBackup {
  archive: BackupArchive;
  contents: BackupContents;
  /** Of all entries, unpacked. */
  sizeBytes: number;
  /** Entries of bytes that are damaged here. */
  damaged: ReadonlySet<string>;
}

export interface ReadOptions extends ArchivePorts {
  /** What the browser would give this program at most; null: it does not tell. */
  quotaBytes: number | null;
  /** Is asked of each entry of bytes. */
  isDamaged: IsDamaged;
  /** Awaited between entries, so that the page goes on. */
  pause?: () => Promise<void> | undefined;
  signal?: AbortSignal;
  onProgress?: (progress: CheckProgress) => void;
}

/** Entries and their bytes, checked so far and in all. */
export interface CheckProgress {
  done: number;
  total: number;
  doneBytes: number;
  totalBytes: number;
}

/**
 * @throws AppError `backup-invalid` for what is damaged, foreign, or made to do harm; `backup-newer`; `storage-full`
 *   where it could never fit; `file-unreadable`, `out-of-memory`. The reason of the signal when it fires.
 */
export async function readBackup(source: ByteSource, options: ReadOptions): Promise<CheckedBackup> {
  const { quotaBytes, isDamaged, pause, signal, onProgress } = options;
  signal?.throwIfAborted();
  const archive = await BackupArchive.open(source, quotaBytes, options);
  const { entries } = archive.manifest;
  const totalBytes = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const checking = new Checking(archive);
  const damaged = new Set<string>();
  const look = async (path: string): Promise<void> => {
    const known = parsePath(path);
    if (known && 'sha256' in known && (await isDamaged(known.kind, known.sha256))) damaged.add(path);
  };
  const progress = { done: 0, total: entries.length, doneBytes: 0, totalBytes };
  for (const { path, sizeBytes } of entries) {
    signal?.throwIfAborted();
    await Promise.all([checking.take(path), look(path)]);
    progress.done++;
    progress.doneBytes += sizeBytes;
    onProgress?.({ ...progress });
    await pause?.();
  }
  return { archive, contents: checking.finish(), sizeBytes: totalBytes, damaged };
}

/** Looks at entries in any order; what they refer to is looked for when all were seen. */
class Checking {
  readonly #archive: BackupArchive;
  readonly #counts = noCounts();
  readonly #ids = new Map<RecordKind, Set<string>>(RECORD_KINDS.map((kind) => [kind, new Set()]));
  readonly #contents: BackupContents = {
    recordings: new Map(),
    batches: new Map(),
    models: new Map(),
    runs: new Map(),
    active: null,
    settings: [],
  };
  /** By batch: where its results are, and how many it may have. */
  readonly #results = new Map<string, { paths: string[]; n: number; last: number }>();
  readonly #totals = new Map<string, number>();
  /** Entries of bytes that a record refers to. */
  readonly #wanted = new Set<string>();

  constructor(archive: BackupArchive) {
    this.#archive = archive;
  }

  async take(path: string): Promise<void> {
    const known = parsePath(path);
    if (known && 'sha256' in known) await this.#archive.bytes(path);
    // Arrays are read with their records.
    else if (known?.isRecords) await this.#takeRecords(known.kind, path);
  }

  /** @throws AppError `backup-invalid` where something refers to what is not there */
  finish(): BackupContents {
    const contents = this.#contents;
    for (const batches of contents.batches.values()) for (const batch of batches) this.#addResults(batch);
    const [orphans] = this.#results.values();
    if (orphans) throw invalidBackup(words.noBatch(orphans.paths[0] ?? ''));
    for (const { path } of this.#archive.manifest.entries) {
      const known = parsePath(path);
      if (known && 'sha256' in known && !this.#wanted.has(path)) throw invalidBackup(words.lostBlob(path));
    }
    const { counts } = this.#archive.manifest;
    if (RECORD_KINDS.some((kind) => counts[kind] !== this.#counts[kind]))
      throw invalidBackup(words.otherCounts);
    const { active } = contents;
    if (active?.key.startsWith('local:') && !this.#ids.get('models')?.has(active.key)) contents.active = null;
    return contents;
  }

  #addResults(batch: BackedUpBatch): void {
    const results = this.#results.get(batch.id);
    if (!results) return;
    if (results.last >= (this.#totals.get(batch.id) ?? 0))
      throw invalidBackup(words.badResults(results.paths.at(-1) ?? ''));
    batch.nResults = results.n;
    batch.resultPaths = results.paths;
    this.#results.delete(batch.id);
  }

  async #takeRecords(kind: RecordKind, path: string): Promise<void> {
    const contents = this.#contents;
    switch (kind) {
      case 'recordings': {
        const recordings = await this.#read(kind, path, ({ id }) => id);
        for (const { id, sizeBytes } of recordings) {
          this.#want(blobPath('sounds', id), words.noSound(id));
          if (this.#archive.sizeOf(blobPath('sounds', id)) !== sizeBytes)
            throw invalidBackup(words.otherSound(id));
        }
        contents.recordings.set(
          path,
          recordings.map(({ id }) => id),
        );
        return;
      }
      case 'batches': {
        const batches = await this.#read(kind, path, ({ entry }) => entry.id);
        for (const { entry } of batches) this.#totals.set(entry.id, entry.total);
        contents.batches.set(
          path,
          batches.map(({ entry: { id, updatedAt } }) => ({ id, updatedAt, nResults: 0, resultPaths: [] })),
        );
        return;
      }
      case 'results':
        this.#takeResults(path, await this.#read(kind, path, null));
        return;
      case 'models': {
        const models = await this.#read(kind, path, ({ model }) => model.key);
        contents.models.set(
          path,
          models.map((record) => ({ key: record.model.key, blobs: this.#blobsOf(record) })),
        );
        return;
      }
      case 'runs': {
        const runs = await this.#read(kind, path, ({ entry }) => entry.id);
        contents.runs.set(
          path,
          runs.map(({ entry: { id, updatedAt } }) => ({ id, updatedAt })),
        );
        return;
      }
      case 'active-model':
        [contents.active = null] = await this.#read(kind, path, () => 'current');
        return;
      case 'settings':
        contents.settings.push(...(await this.#read(kind, path, ({ key }) => key)));
    }
  }

  /** @param idOf what there may be one of only; null: anything may come twice */
  async #read<K extends RecordKind>(
    kind: K,
    path: string,
    idOf: ((record: BackupRecords[K]) => string) | null,
  ): Promise<BackupRecords[K][]> {
    const records = await this.#archive.records(kind, path);
    const ids = this.#ids.get(kind);
    for (const id of idOf ? records.map(idOf) : []) {
      if (ids?.has(id)) throw invalidBackup(words.sameId(path, id));
      ids?.add(id);
    }
    this.#counts[kind] += records.length;
    return records;
  }

  /** Of one batch an entry, and in order over all of them: so none comes twice. */
  #takeResults(path: string, records: readonly BackupRecords['results'][]): void {
    const [first] = records;
    if (!first) throw invalidBackup(words.badResults(path));
    const known = this.#results.get(first.batchId) ?? { paths: [], n: 0, last: -1 };
    for (const { batchId, index } of records) {
      if (batchId !== first.batchId || index <= known.last) throw invalidBackup(words.badResults(path));
      known.last = index;
    }
    known.paths.push(path);
    known.n += records.length;
    this.#results.set(first.batchId, known);
  }

  #blobsOf({ model, modelJson }: BackupRecords['models']): string[] {
    const { key, manifest, replaySha256 } = model;
    const weights = blobPath('blobs', manifest.sha256);
    this.#want(weights, words.noWeights(key));
    if (replaySha256 !== null) this.#want(blobPath('blobs', replaySha256), words.noWeights(key));
    if (!isFitting(model, modelJson, this.#archive.sizeOf(weights) ?? 0))
      throw invalidBackup(words.noWeights(key));
    return replaySha256 === null ? [manifest.sha256] : [manifest.sha256, replaySha256];
  }

  #want(path: string, otherwise: string): void {
    if (this.#archive.sizeOf(path) === null) throw invalidBackup(otherwise);
    this.#wanted.add(path);
  }
}

/** True where topology and replay set are those that the model's manifest speaks of. */
export function isFitting(
  { manifest, replaySha256 }: BackupRecords['models']['model'],
  modelJson: unknown,
  weightBytes: number,
): boolean {
  if (replaySha256 !== null && (manifest.replaySha256 ?? replaySha256) !== replaySha256) return false;
  try {
    assertTopology(modelJson, weightBytes);
    return true;
  } catch {
    return false;
  }
}
