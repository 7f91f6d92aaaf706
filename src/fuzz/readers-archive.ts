// Readers of archives and of what is handed over in them. May import: core/archive, input.

import { openZip } from '../core/archive/zip.ts';
import { collectRecordings } from '../input/collect-files.ts';
import { foundFile } from '../input/found-file.ts';
import { truthOf } from '../input/truth-of.ts';
import { promise, type Reader } from './reader.ts';
import { refitZip } from './refit.ts';
import { archiveSeeds } from './seeds-archive.ts';
import { wavSeeds } from './seeds-sound.ts';

const MIB = 2 ** 20;
const TOKENS = [
  'PK\x01\x02',
  'PK\x03\x04',
  'PK\x05\x06',
  'PK\x06\x06',
  'PK\x06\x07',
  '../',
  '\\',
  'C:/',
  '\x01\0\x18\0',
  '\xff\xff\xff\xff',
  '.zip',
  '.wav',
  '.csv',
];
const TABLE = 'file,label,group\nnormal/a1.wav,normal,p1\nabnormal/b1.wav,abnormal,p2\n';
const LABELS = ['normal', 'abnormal'];

const seeds = (): Promise<Uint8Array[]> =>
  archiveSeeds((wavSeeds()[1] ?? new Uint8Array()).slice(0, 1060), TABLE);

/** An entry from a small archive may unpack to 16 MiB, whatever it says; each is read after the other. */
const BUDGET = { bytes: 64 * MIB, perByte: 400 };

async function readZip(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const source = {
    sizeBytes: bytes.length,
    read: (from: number, to: number) => {
      promise(
        from >= 0 && from <= to && to <= bytes.length,
        `bytes ${String(from)} to ${String(to)} of ${String(bytes.length)}`,
      );
      return Promise.resolve(bytes.slice(from, to));
    },
  };
  let refusal: unknown = null;
  for (const { path, sizeBytes, unpack } of await openZip(
    source,
    () => new DecompressionStream('deflate-raw'),
  )) {
    promise(!path.startsWith('/') && !path.split('/').includes('..'), `the path ${path}`);
    // One that is damaged does not spoil the others.
    const content = await unpack().catch((error: unknown) => void (refusal = error));
    promise(content === undefined || content.length === sizeBytes, 'a size that is not kept');
  }
  if (refusal !== null) throw refusal as Error;
}

export const ARCHIVE_READERS: readonly Reader[] = [
  {
    name: 'zip',
    kind: 'bytes',
    seeds,
    tokens: TOKENS,
    maxBytes: 16_384,
    refit: refitZip,
    read: readZip,
    budget: BUDGET,
  },
  {
    name: 'hand-over',
    kind: 'bytes',
    seeds,
    tokens: TOKENS,
    maxBytes: 16_384,
    refit: refitZip,
    read: async (bytes) => {
      const collection = await collectRecordings({
        files: [foundFile(new File([bytes], 'set.zip'), 'ward/set.zip')],
        skipped: [],
        handles: [],
      });
      const truth = await truthOf(collection, LABELS);
      promise(
        truth === null || truth.recordings.length <= collection.recordings.length,
        'more truth than recordings',
      );
      for (const file of collection.recordings.slice(0, 3)) await file.read();
    },
    budget: BUDGET,
  },
];
