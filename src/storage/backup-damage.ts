// Bytes that lie here under a SHA-256 that is not theirs: a disk has changed them. A backup that has the true ones gives
// them back, so while one is checked, those of its hashes are looked at here, too: one by one, and once.

import type { BlobKind } from './backup-format.ts';
import type { Database } from './db.ts';

/** Where the bytes of a backup lie here, by their SHA-256. */
export const STORE_OF = { sounds: 'recording-bytes', blobs: 'model-blobs' } as const;

/** True where bytes lie here under the hash and are others, or cannot be read. */
export type IsDamaged = (kind: BlobKind, sha256: string) => Promise<boolean>;

/** @param hash SHA-256, lower-case hex */
export function damageFinder(database: Database, hash: (bytes: BufferSource) => Promise<string>): IsDamaged {
  return async (kind, sha256) => {
    try {
      const bytes = await database.read((db) => db.get(STORE_OF[kind], sha256));
      return bytes !== undefined && (await hash(bytes)) !== sha256;
    } catch {
      // To put the true ones in their place does no harm. Where nothing at all can be read, the next step says so.
      return true;
    }
  };
}
