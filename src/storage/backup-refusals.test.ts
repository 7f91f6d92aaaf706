// What is no whole and harmless backup is refused before anything is touched: each way to be wrong, made from a
// backup that is right.
import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { unzipSync, zipSync, type Zippable } from 'fflate';
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  backUp,
  FakeValues,
  fillDevice,
  readOptions,
  sourceOf,
  writeOptions,
} from '../state/backup-fakes.ts';
import type { BackupManifest } from './backup-format.ts';
import { readBackup, type CheckedBackup } from './backup-read.ts';
import { Database } from './db.ts';

/** Of a zip's entry in its table of contents: bytes before the name, and where its unpacked size stands. */
const CENTRAL_BYTES = 46;
const CENTRAL_SIZE = 24;

type Files = Record<string, Uint8Array>;

let whole: Files;

beforeAll(async () => {
  globalThis.indexedDB = new IDBFactory();
  const database = new Database();
  await fillDevice(database);
  whole = unzipSync(await backUp(writeOptions(database, new FakeValues({ settings: '{}' }))));
});

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
const bytesOf = (value: string): Uint8Array => new TextEncoder().encode(value);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const manifestOf = (files: Files): BackupManifest =>
  JSON.parse(text(files['manifest.json'])) as BackupManifest;

function read(
  files: Files,
  change: Partial<typeof readOptions> = {},
  level: 0 | 1 = 0,
): Promise<CheckedBackup> {
  const zippable: Zippable = Object.fromEntries(
    Object.entries(files).map(([path, bytes]) => [path, [bytes, { level }]]),
  );
  return readBackup(sourceOf(new Uint8Array(zipSync(zippable))), { ...readOptions, ...change });
}

/** The list follows what the files are: only what they say is wrong. */
function listed(files: Files, counts: Partial<BackupManifest['counts']> = {}): Files {
  const manifest = manifestOf(whole);
  const entries = Object.entries(files)
    .filter(([path]) => path !== 'manifest.json')
    .map(([path, bytes]) => ({ path, sizeBytes: bytes.length, sha256: sha256(bytes) }));
  const all = { ...manifest, entries, counts: { ...manifest.counts, ...counts } };
  return { ...files, 'manifest.json': bytesOf(JSON.stringify(all)) };
}

function withManifest(change: (manifest: BackupManifest) => object): Files {
  return { ...whole, 'manifest.json': bytesOf(JSON.stringify(change(manifestOf(whole)))) };
}

/** One record is another. */
function withRecord(path: string, change: (record: never) => void): Files {
  const records = JSON.parse(text(whole[path])) as never[];
  change(records[0] as never);
  return listed({ ...whole, [path]: bytesOf(JSON.stringify(records)) });
}

function without(path: string): Files {
  return Object.fromEntries(Object.entries(whole).filter(([other]) => other !== path));
}

const sound = (): string => Object.keys(whole).find((path) => path.startsWith('sounds/'))!;
const blob = (): string => Object.keys(whole).find((path) => path.startsWith('blobs/'))!;

test('the backup that all of this is made from is right, also when another program has packed it', async () => {
  await expect(read(whole)).resolves.toMatchObject({ contents: { active: { key: 'local:2' } } });
  await expect(read(listed(whole), {}, 1)).resolves.toBeDefined();
});

test('a backup of the first version of the database, which knew batches alone, is read', async () => {
  const batches = Object.entries(whole).filter(([path]) => /^(batches|results)/.test(path));
  const none = { recordings: 0, models: 0, runs: 0, 'active-model': 0, settings: 0 };
  const old = listed(Object.fromEntries(batches), none);
  const manifest = { ...manifestOf(old), databaseVersion: 1 };
  const { contents } = await read({ ...old, 'manifest.json': bytesOf(JSON.stringify(manifest)) });
  expect([...contents.batches.values()].flat().map(({ id }) => id)).toEqual(['b1', 'b2']);
});

test('records of an older version are brought up to this one, and checked as such', async () => {
  const old = withRecord('recordings/000001.json', (record: Record<string, unknown>) => {
    record['name'] = record['fileName'];
    delete record['fileName'];
  });
  const manifest = { ...manifestOf(old), databaseVersion: 2 };
  old['manifest.json'] = bytesOf(JSON.stringify(manifest));
  await expect(read(old)).rejects.toMatchObject({ code: 'backup-invalid' });
  const upgrade = (kind: string, record: unknown): unknown =>
    kind === 'recordings' ? { fileName: 'was called name', ...(record as object) } : record;
  const { archive } = await read(old, { upgrades: [upgrade] });
  const [first] = await archive.records('recordings', 'recordings/000001.json');
  expect(first?.fileName).toBe('was called name');
});

describe('refused for what it is', () => {
  test.each<[what: string, files: () => Files, code: string, why: RegExp]>([
    ['another zip', () => ({ 'a.wav': bytesOf('x') }), 'backup-invalid', /no backup of this program/],
    [
      'another manifest',
      () => ({ 'manifest.json': bytesOf('{"schema":"heartbeat-model/1"}') }),
      'backup-invalid',
      /no backup of/,
    ],
    [
      'a list that is no JSON',
      () => ({ ...whole, 'manifest.json': bytesOf('{') }),
      'backup-invalid',
      /list of contents/,
    ],
    [
      'a list that is null',
      () => ({ ...whole, 'manifest.json': bytesOf('null') }),
      'backup-invalid',
      /no backup of/,
    ],
    [
      'a later format',
      () => withManifest((m) => ({ ...m, schema: 'heartbeat-backup/2' })),
      'backup-newer',
      /Update/,
    ],
    [
      'a later database',
      () => withManifest((m) => ({ ...m, databaseVersion: 999 })),
      'backup-newer',
      /Update/,
    ],
    [
      'no database',
      () => withManifest((m) => ({ ...m, databaseVersion: 0 })),
      'backup-invalid',
      /list of contents/,
    ],
    [
      'entries that are none',
      () => withManifest((m) => ({ ...m, entries: [7] })),
      'backup-invalid',
      /list of contents/,
    ],
    [
      'other counts',
      () => withManifest((m) => ({ ...m, counts: { ...m.counts, runs: 7 } })),
      'backup-invalid',
      /as much as/,
    ],
    ['a missing entry', () => without(sound()), 'backup-invalid', /missing/],
    [
      'an entry more',
      () => ({ ...whole, 'recordings/000099.json': bytesOf('[]') }),
      'backup-invalid',
      /not in its list/,
    ],
    [
      'another size',
      () => ({ ...whole, [sound()]: bytesOf('longer than before') }),
      'backup-invalid',
      /another size/,
    ],
    [
      'other bytes',
      () => ({ ...whole, [sound()]: whole[sound()]!.map((byte) => byte ^ 1) }),
      'backup-invalid',
      /SHA-256/,
    ],
    ['a way out of it', () => ({ ...whole, '../x.json': bytesOf('[]') }), 'backup-invalid', /leads out/],
    ['an absolute path', () => listed({ ...whole, '/etc/x': bytesOf('[]') }), 'backup-invalid', /leads out/],
    [
      'a strange path',
      () => listed({ ...whole, 'recordings/x.json': bytesOf('[]') }),
      'backup-invalid',
      /no backup has/,
    ],
    [
      'arrays of nothing',
      () => listed({ ...whole, 'results/000009.bin': bytesOf('') }),
      'backup-invalid',
      /no backup has/,
    ],
    [
      'a path twice',
      () => withManifest((m) => ({ ...m, entries: [...m.entries, m.entries[0]] })),
      'backup-invalid',
      /twice/,
    ],
  ])('%s', async (_what, files, code, why) => {
    await expect(read(files())).rejects.toMatchObject({ code, message: expect.stringMatching(why) });
  });

  test.each([0, 1, 22, 1000])('no zip, or the last %i bytes of one cut off', async (n) => {
    const bytes = new Uint8Array(zipSync(whole));
    const cut = n === 0 ? new Uint8Array(100).fill(80) : bytes.slice(0, bytes.length - n);
    await expect(readBackup(sourceOf(cut), readOptions)).rejects.toMatchObject({ code: 'backup-invalid' });
  });

  test('more than the browser would ever give, and more than it can be', async () => {
    await expect(read(whole, { quotaBytes: 1000 })).rejects.toMatchObject({ code: 'storage-full' });
    const path = `sounds/${'a'.repeat(64)}.bin`;
    const claim = { path, sizeBytes: 2 ** 26 + 1, sha256: 'a'.repeat(64) };
    const files = withManifest((manifest) => ({ ...manifest, entries: [...manifest.entries, claim] }));
    // It is one byte, and both lists of contents say otherwise: nothing of it may be unpacked to find out.
    const bomb = Buffer.from(zipSync({ ...files, [path]: Uint8Array.of(0) }, { level: 0 }));
    const central = bomb.lastIndexOf(path) - CENTRAL_BYTES;
    bomb.writeUInt32LE(claim.sizeBytes, central + CENTRAL_SIZE);
    await expect(readBackup(sourceOf(new Uint8Array(bomb)), readOptions)).rejects.toMatchObject({
      code: 'backup-invalid',
      message: expect.stringMatching(/far more than its own size/),
    });
  });
});

describe('refused for what is in it', () => {
  const RECORDING = 'recordings/000001.json';
  test.each<[what: string, files: () => Files]>([
    ['a list that is none', () => listed({ ...whole, [RECORDING]: bytesOf('{}') })],
    ['no UTF-8', () => listed({ ...whole, [RECORDING]: Uint8Array.of(91, 34, 255, 34, 93) })],
    [
      'nesting without an end',
      () => listed({ ...whole, [RECORDING]: bytesOf('['.repeat(1e5) + ']'.repeat(1e5)) }),
    ],
    ['another type', () => withRecord(RECORDING, (r: { durationSec: unknown }) => (r.durationSec = '10'))],
    [
      'no number',
      () => withRecord(RECORDING, (r: { durationSec: unknown }) => (r.durationSec = { $number: 'NaN' })),
    ],
    [
      'a mark that nobody writes',
      () => withRecord(RECORDING, (r: { durationSec: unknown }) => (r.durationSec = { $date: 1 })),
    ],
    [
      'a size that is not its sound’s',
      () => withRecord(RECORDING, (r: { sizeBytes: number }) => r.sizeBytes++),
    ],
    ['an id that is no hash', () => withRecord(RECORDING, (r: { id: unknown }) => (r.id = 'x'))],
    [
      'an array that is not there',
      () =>
        withRecord(
          RECORDING,
          (r: { fingerprint: unknown }) => (r.fingerprint = { $array: ['Uint32Array', 0, 9999] }),
        ),
    ],
    [
      'arrays that overlap',
      () =>
        withRecord(
          RECORDING,
          (r: { fingerprint: unknown }) => (r.fingerprint = { $array: ['Uint32Array', 4, 1] }),
        ),
    ],
    [
      'handles of files',
      () =>
        withRecord('batches/000001.json', (r: { files: { handles: unknown } }) => (r.files.handles = [{}])),
    ],
    [
      'fewer names than recordings',
      () => withRecord('batches/000001.json', (r: { files: { names: string[] } }) => r.files.names.pop()),
    ],
    [
      'a result out of its batch',
      () => withRecord('results/000001.json', (r: { index: number }) => (r.index = 99)),
    ],
    [
      'a result of another batch',
      () => withRecord('results/000001.json', (r: { batchId: string }) => (r.batchId = 'b2')),
    ],
    [
      'a model that calls itself bundled',
      () => withRecord('models/000001.json', (r: { model: { key: string } }) => (r.model.key = 'bundled:x')),
    ],
    [
      'a model of other weights',
      () =>
        withRecord(
          'models/000001.json',
          (r: { model: { manifest: { sha256: string } } }) => (r.model.manifest.sha256 = 'a'.repeat(64)),
        ),
    ],
    [
      'a topology of another size',
      () =>
        withRecord(
          'models/000001.json',
          (r: { modelJson: { weightsManifest: unknown } }) => (r.modelJson.weightsManifest = []),
        ),
    ],
    [
      'a manifest that is none',
      () =>
        withRecord('models/000001.json', (r: { model: { manifest: unknown } }) => (r.model.manifest = {})),
    ],
    [
      'a verdict that is none',
      () =>
        withRecord('runs/000001.json', (r: { details: { verdict: unknown } }) => (r.details.verdict = {})),
    ],
    [
      'a setting that is no JSON',
      () => withRecord('settings/000001.json', (r: { value: unknown }) => (r.value = '{')),
    ],
    [
      'weights of no model',
      () =>
        listed(Object.fromEntries(Object.entries(whole).filter(([path]) => !path.startsWith('models/'))), {
          models: 0,
        }),
    ],
    [
      'a sound of no recording',
      () => listed({ ...whole, [`sounds/${sha256(bytesOf('x'))}.bin`]: bytesOf('x') }),
    ],
    ['a recording without its sound', () => listed(without(sound()))],
    ['a model without its weights', () => listed(without(blob()))],
    [
      'the same recordings twice',
      () =>
        listed(
          {
            ...whole,
            'recordings/000002.json': whole[RECORDING]!,
            'recordings/000002.bin': whole['recordings/000001.bin']!,
          },
          { recordings: 6 },
        ),
    ],
  ])('%s', async (_what, files) => {
    await expect(read(files())).rejects.toMatchObject({ code: 'backup-invalid' });
  });

  test.each(['"__proto__": {"polluted": 1}', '"perClass": {"__proto__": 1}'])(
    'a poisoned key: %s',
    async (poison) => {
      const path = 'batches/000001.json';
      const poisoned = text(whole[path]).replace('{"entry":{', `{"entry":{${poison},`);
      await expect(read(listed({ ...whole, [path]: bytesOf(poisoned) }))).rejects.toMatchObject({
        code: 'backup-invalid',
      });
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    },
  );

  test('a chosen model that is not in it is not chosen', async () => {
    const lost = withRecord('active-model/000001.json', (r: { key: string }) => (r.key = 'local:gone'));
    expect((await read(lost)).contents.active).toBeNull();
  });

  test('a check that is called off', async () => {
    const controller = new AbortController();
    const onProgress = (): void => controller.abort();
    await expect(read(whole, { signal: controller.signal, onProgress })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});
