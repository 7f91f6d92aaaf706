// Readers of backups: the zip as it comes, and the records in one whose list and hashes are always right.
// May import: storage, state (what tests make up), fake-indexeddb, fflate, Node.

import 'fake-indexeddb/auto';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { createHash } from 'node:crypto';
import {
  backUp,
  FakeValues,
  keepModel,
  keepSound,
  readOptions,
  sourceOf,
  writeOptions,
} from '../state/backup-fakes.ts';
import { fakeEntry, fakeFiles, fakeStored } from '../state/history-fakes.ts';
import { fakeCheckpoint, fakeRunDetails, fakeRunEntry } from '../state/run-fakes.ts';
import { MANIFEST_PATH, parsePath, RECORD_KINDS, type BackupManifest } from '../storage/backup-format.ts';
import { readBackup } from '../storage/backup-read.ts';
import { createBatchStore } from '../storage/batch-store.ts';
import { Database } from '../storage/db.ts';
import { createModelStore } from '../storage/model-store.ts';
import { createRunStore } from '../storage/run-store.ts';
import { promise, type Reader } from './reader.ts';
import { refitZip } from './refit.ts';

type Files = Record<string, Uint8Array>;

let made: Promise<Uint8Array<ArrayBuffer>> | null = null;

/** A backup with one of everything. */
function wholeBackup(): Promise<Uint8Array<ArrayBuffer>> {
  made ??= makeBackup();
  return made;
}

async function makeBackup(): Promise<Uint8Array<ArrayBuffer>> {
  const database = new Database();
  await keepSound(database, 'first', { label: 'murmur', group: 'p1', site: 'AV', side: 'training' });
  const batches = createBatchStore(database);
  await batches.create(fakeEntry('b1'), fakeFiles(['a.wav', '__proto__']));
  await batches.save(fakeEntry('b1'), [fakeStored(0)]);
  await keepModel(database, 'local:1', 1, 'replay');
  await createModelStore(database).activate('local:1', 'bundled:tiny', '2026-02-01T00:00:00.000Z');
  const run = { state: 'running' as const };
  await createRunStore(database).create(fakeRunEntry('r1', run), fakeRunDetails({}));
  await createRunStore(database).save(fakeRunEntry('r1', run), fakeRunDetails({}), fakeCheckpoint(2));
  const backup = await backUp(writeOptions(database, new FakeValues({ settings: '{"theme":"dark"}' })));
  return backup;
}

/** Lists what is there, as if it had been written so. */
function listed(files: Files, counts: BackupManifest['counts'], before: BackupManifest): Files {
  const entries = Object.entries(files).map(([path, bytes]) => ({
    path,
    sizeBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }));
  return { ...files, [MANIFEST_PATH]: strToU8(JSON.stringify({ ...before, counts, entries })) };
}

async function read(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const { contents, sizeBytes } = await readBackup(sourceOf(bytes), readOptions);
  promise(Number.isSafeInteger(sizeBytes), 'a backup without a size');
  for (const ids of contents.recordings.values())
    promise(
      ids.every((id) => /^[0-9a-f]{64}$/.test(id)),
      'a recording without its hash',
    );
}

/** The tree of records by path, each entry's JSON. */
async function recordsOf(): Promise<Uint8Array> {
  const files = Object.entries(unzipSync(await wholeBackup()));
  const records = files.filter(([path]) => path.endsWith('.json') && path !== MANIFEST_PATH);
  return strToU8(
    JSON.stringify(
      Object.fromEntries(
        records.map(([path, bytes]) => [path, JSON.parse(Buffer.from(bytes).toString()) as unknown]),
      ),
    ),
  );
}

/** What is nested too deeply to be written again is as deep as it can be. */
function textOf(records: unknown): string {
  try {
    return JSON.stringify(records);
  } catch {
    return `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`;
  }
}

async function readRecords(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  let tree: unknown;
  try {
    tree = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    tree = null;
  }
  const whole = unzipSync(await wholeBackup());
  const before = JSON.parse(Buffer.from(whole[MANIFEST_PATH] ?? []).toString()) as BackupManifest;
  const files: Files = Object.fromEntries(Object.entries(whole).filter(([path]) => path.endsWith('.bin')));
  const counts = { ...before.counts };
  for (const kind of RECORD_KINDS) counts[kind] = 0;
  for (const [path, records] of Object.entries(typeof tree === 'object' && tree !== null ? tree : {}) as [
    string,
    unknown,
  ][]) {
    const known = parsePath(path);
    if (!known) continue;
    files[path] = strToU8(textOf(records));
    if ('isRecords' in known && Array.isArray(records)) counts[known.kind] += records.length;
  }
  await read(Uint8Array.from(zipSync(listed(files, counts, before), { level: 0 })));
}

const MIB = 2 ** 20;
const DEEP = 5000;
const BUDGET = { bytes: 64 * MIB, perByte: 64 };

export const BACKUP_READERS: readonly Reader[] = [
  {
    name: 'backup',
    kind: 'bytes',
    seeds: async () => [await wholeBackup()],
    tokens: [
      'PK\x01\x02',
      'PK\x03\x04',
      'PK\x05\x06',
      'manifest.json',
      'heartbeat-backup/2',
      '../',
      'sounds/',
      'runs/',
      '1e999',
      '__proto__',
    ],
    maxBytes: 65_536,
    refit: refitZip,
    read,
    budget: BUDGET,
  },
  {
    name: 'backup-records',
    kind: 'json',
    seeds: async () => [await recordsOf()],
    tokens: ['null', '1e999', '{}', '[]', '"id"', '__proto__'],
    maxBytes: 262_144,
    read: readRecords,
    budget: BUDGET,
  },
];
