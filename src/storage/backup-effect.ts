// What a backup holds against what is here, and what a restore would make of it. Reads keys and small records alone.

import { blobPath, noCounts, type BackupCounts, type BlobKind } from './backup-format.ts';
import type { BackupContents, CheckedBackup } from './backup-read.ts';
import type { KeptValues } from './backup-write.ts';
import type { Database } from './db.ts';
import type { StoredModel } from './model-record.ts';

/**
 * `merge`: what is here stays, what is missing is added; of a batch or run that is in both, the later one.
 * `replace`: of what is here at the beginning, nothing is left afterwards that is not in the backup.
 */
export type RestoreMode = 'merge' | 'replace';

/** What a restore would do, in records by kind. */
export interface RestoreEffect {
  added: BackupCounts;
  /** Batches and runs of which the backup has another state, which is taken. */
  changed: BackupCounts;
  removed: BackupCounts;
  /** In both: where all is replaced, the backup's names and labels are taken. */
  shared: BackupCounts;
  /** Recordings and models here of which a part is missing or damaged that the backup has. */
  repaired: BackupCounts;
  /** Room that it needs at most. */
  newBytes: number;
}

/** What is here, by the keys that decide what a restore does. */
export interface Here {
  counts: BackupCounts;
  recordings: ReadonlySet<string>;
  /** Ids of recordings whose bytes are here and, as far as is known, whole. */
  sounds: ReadonlySet<string>;
  /** By id, when it was changed last. */
  batches: ReadonlyMap<string, string>;
  /** By key, the weights and the replay set that each wants. */
  models: ReadonlyMap<string, readonly string[]>;
  /** Keys of models whose topology is here. */
  topologies: ReadonlySet<string>;
  /** Hashes of those that are here and, as far as is known, whole. */
  blobs: ReadonlySet<string>;
  runs: ReadonlyMap<string, string>;
}

/**
 * @param damaged entries of a backup whose bytes are damaged here: they count as missing
 * @throws AppError `storage-blocked`
 */
export async function lookHere(
  database: Database,
  values: KeptValues,
  damaged: ReadonlySet<string>,
): Promise<Here> {
  const areWhole = (kind: BlobKind, hashes: readonly string[]): ReadonlySet<string> =>
    new Set(hashes.filter((sha256) => !damaged.has(blobPath(kind, sha256))));
  return await database.read(async (db) => {
    const transaction = db.transaction([
      'recordings',
      'recording-bytes',
      'batches',
      'batch-results',
      'models',
      'model-topologies',
      'model-blobs',
      'active-model',
      'runs',
    ]);
    const [recordings, sounds, batches, nResults, models, topologies, blobs, nActive, runs] =
      await Promise.all([
        transaction.objectStore('recordings').getAllKeys(),
        transaction.objectStore('recording-bytes').getAllKeys(),
        transaction.objectStore('batches').getAll(),
        transaction.objectStore('batch-results').count(),
        transaction.objectStore('models').getAll(),
        transaction.objectStore('model-topologies').getAllKeys(),
        transaction.objectStore('model-blobs').getAllKeys(),
        transaction.objectStore('active-model').count(),
        transaction.objectStore('runs').getAll(),
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
      sounds: areWhole('sounds', sounds),
      batches: new Map(batches.map(({ id, updatedAt }) => [id, updatedAt])),
      models: new Map(models.map((model) => [model.key, blobsOf(model)])),
      topologies: new Set(topologies),
      blobs: areWhole('blobs', blobs),
      runs: new Map(runs.map(({ id, updatedAt }) => [id, updatedAt])),
    };
  });
}

/** What a restore would do to what is here. */
export function effectOf({ archive, contents }: CheckedBackup, here: Here, mode: RestoreMode): RestoreEffect {
  const effect: RestoreEffect = {
    added: noCounts(),
    changed: noCounts(),
    removed: noCounts(),
    shared: noCounts(),
    repaired: noCounts(),
    newBytes: 0,
  };
  const { added, changed, removed, shared, repaired } = effect;
  const weigh = (path: string): void => void (effect.newBytes += archive.sizeOf(path) ?? 0);
  const isChanged = (before: string, after: string): boolean =>
    mode === 'merge' ? isLater(after, before) : after !== before;
  const ids = idsOf(contents);
  for (const path of [...contents.recordings.keys(), ...contents.runs.keys(), ...contents.models.keys()])
    weigh(path);
  for (const id of ids.recordings) {
    if (!here.sounds.has(id)) weigh(blobPath('sounds', id));
    if (here.recordings.has(id) && !here.sounds.has(id)) repaired.recordings++;
  }
  for (const { id, updatedAt, nResults, resultPaths } of [...contents.batches.values()].flat()) {
    const before = here.batches.get(id);
    if (before !== undefined && !isChanged(before, updatedAt)) continue;
    const kind = before === undefined ? added : changed;
    kind.batches++;
    kind.results += nResults;
    resultPaths.forEach(weigh);
  }
  for (const model of [...contents.models.values()].flat()) {
    for (const sha256 of model.blobs) if (!here.blobs.has(sha256)) weigh(blobPath('blobs', sha256));
    const { lacksTopology, blobs } = missingOf(model, here);
    if (here.models.has(model.key) && (lacksTopology || blobs.length > 0)) repaired.models++;
  }
  for (const { id, updatedAt } of [...contents.runs.values()].flat()) {
    const before = here.runs.get(id);
    if (before !== undefined && isChanged(before, updatedAt)) changed.runs++;
  }
  for (const kind of ['recordings', 'batches', 'models', 'runs'] as const) {
    shared[kind] = [...ids[kind]].filter((id) => here[kind].has(id)).length;
    added[kind] = ids[kind].size - shared[kind];
    if (mode === 'replace') removed[kind] = here[kind].size - shared[kind];
  }
  // Where nobody has chosen, the model that the backup uses answers.
  if (contents.active && here.counts['active-model'] === 0) added['active-model']++;
  return effect;
}

/** What a model of a backup has that is missing here or damaged: of one that is here, what belongs to it and is lost. */
export function missingOf(
  { key, blobs }: { key: string; blobs: readonly string[] },
  here: Here,
): { lacksTopology: boolean; blobs: string[] } {
  const wanted = here.models.get(key) ?? blobs;
  return {
    lacksTopology: !here.topologies.has(key) && wanted[0] === blobs[0],
    blobs: blobs.filter((sha256) => wanted.includes(sha256) && !here.blobs.has(sha256)),
  };
}

/** SHA-256 of its weights, and of its replay set where it has one. */
export function blobsOf({ manifest, replaySha256 }: StoredModel): string[] {
  return replaySha256 === null ? [manifest.sha256] : [manifest.sha256, replaySha256];
}

/** Of everything in a backup that has an id. */
export function idsOf(
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

/** Both ISO 8601. */
export function isLater(time: string, other: string): boolean {
  return Date.parse(time) > Date.parse(other);
}
