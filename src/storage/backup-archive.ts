// A backup that came from outside, read where it lies: its list first, then one entry at a time, each checked against
// the list whenever it is read, so that a file that changes meanwhile is noticed, too. Knows no database.

import { openZip, type ByteSource, type Inflater, type ZipEntry } from '../core/archive/zip.ts';
import { AppError } from '../core/errors.ts';
import { isRecord } from './backup-checks.ts';
import { readRecords } from './backup-codec.ts';
import {
  arraysPath,
  assertListed,
  invalidBackup,
  MANIFEST_PATH,
  MAX_JSON_BYTES,
  parseBackupManifest,
  type BackupEntry,
  type BackupManifest,
  type RecordKind,
} from './backup-format.ts';
import type { BackupRecords } from './backup-record.ts';
import { upgradeRecord, type RecordUpgrade } from './backup-upgrades.ts';
import { storageText } from './storage-text.ts';

/** What reading a backup asks of its surroundings. */
export interface ArchivePorts {
  createInflater: () => Inflater;
  /** SHA-256, lower-case hex. */
  hash: (bytes: BufferSource) => Promise<string>;
  /** Steps from older versions of the database; what the program has by default. */
  upgrades?: readonly RecordUpgrade[];
}

export class BackupArchive {
  readonly manifest: BackupManifest;
  readonly #ports: ArchivePorts;
  readonly #zipped: ReadonlyMap<string, ZipEntry>;
  readonly #listed: ReadonlyMap<string, BackupEntry>;

  private constructor(manifest: BackupManifest, zipped: readonly ZipEntry[], ports: ArchivePorts) {
    this.manifest = manifest;
    this.#ports = ports;
    this.#zipped = new Map(zipped.map((entry) => [entry.path, entry]));
    this.#listed = new Map(manifest.entries.map((entry) => [entry.path, entry]));
  }

  /**
   * Reads the list alone.
   * @param quotaBytes what the browser would give this program at most; null: it does not tell
   * @throws AppError `backup-invalid`, `backup-newer`, `storage-full`, `file-unreadable`, `out-of-memory`
   */
  static async open(
    source: ByteSource,
    quotaBytes: number | null,
    ports: ArchivePorts,
  ): Promise<BackupArchive> {
    const words = storageText.backup;
    const zipped = await asBackupError(words.noZip, () => openZip(source, ports.createInflater));
    const list = zipped.find(({ path }) => path === MANIFEST_PATH);
    if (!list) throw invalidBackup(words.foreign);
    if (list.sizeBytes > MAX_JSON_BYTES) throw invalidBackup(words.tooLarge(MANIFEST_PATH));
    const bytes = await asBackupError(words.badManifest, () => list.unpack());
    const manifest = parseBackupManifest(parseJson(bytes));
    assertListed(manifest, zipped, source.sizeBytes, quotaBytes);
    return new BackupArchive(manifest, zipped, ports);
  }

  sizeOf(path: string): number | null {
    return this.#listed.get(path)?.sizeBytes ?? null;
  }

  /** @throws AppError `backup-invalid` where the bytes are not those that were written; `file-unreadable` */
  async bytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
    const zipped = this.#zipped.get(path);
    const listed = this.#listed.get(path);
    const words = storageText.backup;
    if (!zipped || !listed) throw invalidBackup(words.missing(path));
    const bytes = await asBackupError(words.damaged(path), () => zipped.unpack());
    if ((await this.#ports.hash(bytes)) !== listed.sha256) throw invalidBackup(words.otherBytes(path));
    return bytes;
  }

  /** @throws AppError `backup-invalid` where a record is not as it should be; `file-unreadable` */
  async records<K extends RecordKind>(kind: K, path: string): Promise<BackupRecords[K][]> {
    const arrays = arraysPath(path);
    const hasArrays = this.#listed.has(arrays);
    const records = readRecords(path, await this.bytes(path), hasArrays ? await this.bytes(arrays) : null);
    return records.map((record, i) => {
      const now = upgradeRecord(kind, record, this.manifest.databaseVersion, this.#ports.upgrades);
      if (!isRecord(kind, now)) throw invalidBackup(storageText.backup.badRecord(path, i + 1));
      return now;
    });
  }
}

function parseJson(bytes: Uint8Array<ArrayBuffer>): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (cause) {
    throw invalidBackup(storageText.backup.badManifest, cause);
  }
}

/** What the zip reader says of an archive, said of a backup. */
async function asBackupError<T>(why: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith('archive-'))
      throw invalidBackup(`${why} ${error.message}`, error);
    throw error;
  }
}
