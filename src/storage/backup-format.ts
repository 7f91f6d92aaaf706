// What a backup is: one zip of entries that any program can unpack, and at its end `manifest.json`, which lists them
// with size and SHA-256. Records are JSON, some hundred an entry, in a list; what is bytes is an entry of its own. Pure.
//
//   recordings/000001.json       what is known of the collection's recordings; typed arrays beside it in 000001.bin
//   sounds/<sha256>.bin          their files, exactly as they were handed over
//   batches/000001.json (.bin)   { entry, files } of a batch; its handles of files cannot be kept and are left out
//   results/000001.json          { batchId, index, result }, of one batch an entry, in order of index
//   models/000001.json           { model, modelJson }
//   blobs/<sha256>.bin           weights and replay sets
//   runs/000001.json (.bin)      { entry, details, checkpoint }
//   active-model/000001.json     which model answers; no entry where nobody has chosen
//   settings/000001.json         { key, value } of what is kept beside the database

import { AppError } from '../core/errors.ts';
import { MIGRATIONS } from './db.ts';
import { storageText } from './storage-text.ts';

export const BACKUP_SCHEMA = 'heartbeat-backup/1';
export const MANIFEST_PATH = 'manifest.json';

/** Kinds of records, in the order in which they are written. */
export const RECORD_KINDS = [
  'recordings',
  'batches',
  'results',
  'models',
  'runs',
  'active-model',
  'settings',
] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

/** Kinds of bytes: each entry is named after its SHA-256. */
export const BLOB_KINDS = ['sounds', 'blobs'] as const;
export type BlobKind = (typeof BLOB_KINDS)[number];

/** Unpacked. A portion of records is far below; a list of a million entries is not. */
export const MAX_JSON_BYTES = 2 ** 26;
/** Unpacked size of all over the size of the file. Sound packs to a third, text to a twentieth. */
const MAX_TOTAL_RATIO = 100;
/** Backups that are small anyway may be as repetitive as they like. */
const RATIO_FREE_BYTES = 2 ** 26;

export interface BackupEntry {
  path: string;
  /** Unpacked. */
  sizeBytes: number;
  /** Of the unpacked bytes, lower-case hex. */
  sha256: string;
}

export type BackupCounts = Record<RecordKind, number>;

export interface BackupManifest {
  schema: typeof BACKUP_SCHEMA;
  /** Of the program that wrote it. */
  appVersion: string;
  databaseVersion: number;
  /** ISO 8601, UTC. */
  createdAt: string;
  /** Records by kind. */
  counts: BackupCounts;
  /** All but the manifest, in the order in which they lie in the zip. */
  entries: BackupEntry[];
}

/** What an entry holds, by its path. */
export type BackupPath =
  | { kind: RecordKind; isRecords: true }
  /** Typed arrays of the records beside it. */
  | { kind: RecordKind; isRecords: false }
  | { kind: BlobKind; sha256: string };

const RECORDS_PATH = new RegExp(`^(${RECORD_KINDS.join('|')})/[0-9]{6}\\.(json|bin)$`);
const BLOB_PATH = new RegExp(`^(${BLOB_KINDS.join('|')})/([0-9a-f]{64})\\.bin$`);

export const recordsPath = (kind: RecordKind, number: number): string =>
  `${kind}/${String(number).padStart(6, '0')}.json`;
export const arraysPath = (jsonPath: string): string => jsonPath.replace(/json$/, 'bin');
export const blobPath = (kind: BlobKind, sha256: string): string => `${kind}/${sha256}.bin`;

/** Null for a path that no backup has. */
export function parsePath(path: string): BackupPath | null {
  const records = RECORDS_PATH.exec(path);
  if (records) return { kind: records[1] as RecordKind, isRecords: records[2] === 'json' };
  const blob = BLOB_PATH.exec(path);
  return blob ? { kind: blob[1] as BlobKind, sha256: blob[2] ?? '' } : null;
}

export function noCounts(): BackupCounts {
  return Object.fromEntries(RECORD_KINDS.map((kind) => [kind, 0])) as BackupCounts;
}

export function invalidBackup(why: string, cause?: unknown): AppError {
  return new AppError('backup-invalid', why, { cause });
}

/**
 * A manifest.json that came from outside.
 * @throws AppError `backup-invalid`; `backup-newer` where a later version of the program wrote it
 */
export function parseBackupManifest(value: unknown): BackupManifest {
  const { schema, appVersion, databaseVersion, createdAt, counts, entries } = fieldsOf(value);
  const words = storageText.backup;
  const version = typeof schema === 'string' ? /^heartbeat-backup\/([1-9]\d{0,5})$/.exec(schema)?.[1] : null;
  if (version === null || version === undefined) throw invalidBackup(words.foreign);
  if (schema !== BACKUP_SCHEMA) throw new AppError('backup-newer', words.newer);
  if (!isCount(databaseVersion) || databaseVersion < 1) throw invalidBackup(words.badManifest);
  if (databaseVersion > MIGRATIONS.length) throw new AppError('backup-newer', words.newer);
  const isOne =
    isText(appVersion) &&
    isText(createdAt) &&
    !Number.isNaN(Date.parse(createdAt)) &&
    RECORD_KINDS.every((kind) => isCount(fieldsOf(counts)[kind])) &&
    Array.isArray(entries) &&
    entries.every(isEntry);
  if (!isOne) throw invalidBackup(words.badManifest);
  return value as BackupManifest;
}

/**
 * What a zip says it holds against what its manifest lists, before anything of it is unpacked.
 * @param zipped every file in the archive
 * @param quotaBytes what the browser would give this program at most; null: it does not tell
 * @throws AppError `backup-invalid`, `storage-full`
 */
export function assertListed(
  { entries }: BackupManifest,
  zipped: readonly { path: string; sizeBytes: number }[],
  archiveBytes: number,
  quotaBytes: number | null,
): void {
  const words = storageText.backup;
  const sizes = new Map(zipped.map(({ path, sizeBytes }) => [path, sizeBytes]));
  if (sizes.size < zipped.length) throw invalidBackup(words.twice);
  const listed = new Set<string>();
  for (const { path, sizeBytes, sha256 } of entries) {
    const known = parsePath(path);
    if (!known) throw invalidBackup(words.strangePath(path));
    if ('sha256' in known && known.sha256 !== sha256) throw invalidBackup(words.otherBytes(path));
    if (listed.has(path)) throw invalidBackup(words.twice);
    listed.add(path);
    const zippedBytes = sizes.get(path);
    if (zippedBytes === undefined) throw invalidBackup(words.missing(path));
    if (zippedBytes !== sizeBytes) throw invalidBackup(words.otherSize(path));
    if (path.endsWith('.json') && sizeBytes > MAX_JSON_BYTES) throw invalidBackup(words.tooLarge(path));
    if ('isRecords' in known && !known.isRecords && !sizes.has(path.replace(/bin$/, 'json')))
      throw invalidBackup(words.strangePath(path));
  }
  const unlisted = zipped.find(({ path }) => path !== MANIFEST_PATH && !listed.has(path));
  if (unlisted) throw invalidBackup(words.unlisted(unlisted.path));
  const total = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (total > RATIO_FREE_BYTES && total > MAX_TOTAL_RATIO * archiveBytes) throw invalidBackup(words.bomb);
  if (quotaBytes !== null && total > quotaBytes)
    throw new AppError('storage-full', words.overQuota(total, quotaBytes));
}

function isEntry(value: unknown): boolean {
  const { path, sizeBytes, sha256 } = fieldsOf(value);
  return isText(path) && isCount(sizeBytes) && typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256);
}

const MAX_TEXT = 1000;
const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= MAX_TEXT;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
