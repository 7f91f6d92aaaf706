// Backups of older versions of the database: a step of `MIGRATIONS` that changes records has its twin here, which
// does the same to a record of a backup. Pure.

import type { RecordKind } from './backup-format.ts';

/** From one version to the next; kinds that it does not change come back as they are. */
export type RecordUpgrade = (kind: RecordKind, record: unknown) => unknown;

/** The step from version 2 to 3 first: backups begin with version 2. */
const UPGRADES: readonly RecordUpgrade[] = [(_kind, record) => record];

const FIRST_VERSION = 2;

/** @param version of the database that the backup was made of */
export function upgradeRecord(
  kind: RecordKind,
  record: unknown,
  version: number,
  upgrades: readonly RecordUpgrade[] = UPGRADES,
): unknown {
  const steps = upgrades.slice(Math.max(0, version - FIRST_VERSION));
  return steps.reduce((upgraded, step) => step(kind, upgraded), record);
}
