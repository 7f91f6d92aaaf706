// Archives as other programs write them: made here byte by byte, so that fields can be had that fflate never writes.

import { crc32 } from 'node:zlib';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { openZip, type ByteSource } from './zip.ts';

const ZIP64 = 0xffffffff;
const UTF8_FLAG = 0x0800;

interface Packed {
  name: Uint8Array;
  content?: Uint8Array;
  flags?: number;
  /** Sizes and offset go to a zip64 field. */
  isZip64?: boolean;
  extra?: Uint8Array;
  comment?: string;
  /** What the header before the file says otherwise. */
  local?: Partial<Header>;
}

interface Header {
  name: Uint8Array;
  flags: number;
  method: number;
  crc: number;
  packedSize: number;
  size: number;
  extra: Uint8Array;
}

const u16 = (...values: number[]): Buffer => Buffer.from(Uint16Array.from(values).buffer);
const u32 = (...values: number[]): Buffer => Buffer.from(Uint32Array.from(values).buffer);
const u64 = (...values: number[]): Buffer => Buffer.from(BigUint64Array.from(values.map(BigInt)).buffer);

/** A stored entry: its local header with content, and its entry in the table of contents. */
function pack({ name, content = new Uint8Array([1]), ...options }: Packed, offset: number): [Buffer, Buffer] {
  const { flags = 0, isZip64 = false, extra = new Uint8Array(), comment = '' } = options;
  const size = content.length;
  const crc = crc32(content);
  const own: Header = { name, flags, method: 0, crc, packedSize: size, size, extra: new Uint8Array() };
  Object.assign(own, options.local);
  const local = Buffer.concat([
    u32(0x04034b50),
    u16(20, own.flags, own.method, 0, 0),
    u32(own.crc, own.packedSize, own.size),
    u16(own.name.length, own.extra.length),
    own.name,
    own.extra,
  ]);
  const marked = isZip64 ? Buffer.concat([u16(1, 24), u64(size, size, offset)]) : Buffer.alloc(0);
  const sizes = isZip64 ? u32(crc, ZIP64, ZIP64) : u32(crc, size, size);
  const extras = Buffer.concat([extra, marked]);
  const central = Buffer.concat([
    u32(0x02014b50),
    u16(20, 20, flags, 0, 0, 0),
    sizes,
    u16(name.length, extras.length, comment.length, 0, 0),
    u32(0, isZip64 ? ZIP64 : offset),
    name,
    extras,
    Buffer.from(comment),
  ]);
  return [Buffer.concat([local, content]), central];
}

interface Whole {
  isZip64?: boolean;
  comment?: string;
  /** Put before the archive, its offsets left as they are. */
  prefix?: Buffer;
}

function archive(files: readonly Packed[], { isZip64 = false, comment = '', prefix }: Whole = {}): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const [local, central] = pack({ isZip64, ...file }, offset);
    locals.push(local);
    centrals.push(central);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const n = files.length;
  const zip64End = Buffer.concat([
    ...[u32(0x06064b50), u64(44), u16(45, 45), u32(0, 0), u64(n, n, directory.length, offset)],
    ...[u32(0x07064b50, 0), u64(offset + directory.length), u32(1)],
  ]);
  const end = [
    u32(0x06054b50),
    u16(0, 0, isZip64 ? 0xffff : n, isZip64 ? 0xffff : n),
    isZip64 ? u32(ZIP64, ZIP64) : u32(directory.length, offset),
    u16(comment.length),
    Buffer.from(comment),
  ];
  return Buffer.concat([
    ...(prefix ? [prefix] : []),
    ...locals,
    directory,
    ...(isZip64 ? [zip64End] : []),
    ...end,
  ]);
}

const sourceOf = (bytes: Uint8Array): ByteSource => ({
  sizeBytes: bytes.length,
  read: (from, to) => Promise.resolve(Uint8Array.from(bytes.subarray(from, to))),
});
const open = (bytes: Uint8Array): ReturnType<typeof openZip> =>
  openZip(sourceOf(bytes), () => new DecompressionStream('deflate-raw'));
const paths = async (files: Packed[]): Promise<string[]> =>
  (await open(archive(files))).map(({ path }) => path);

describe('names', () => {
  it('are UTF-8 whether they say so or not', async () => {
    const name = strToU8('köhler/心音.WAV');
    expect(await paths([{ name }, { name, flags: UTF8_FLAG }])).toEqual([
      'köhler/心音.WAV',
      'köhler/心音.WAV',
    ]);
  });

  it('are in the letters of DOS where they are no UTF-8', async () => {
    // "Köhler Übung ½.wav", "naïve é.wav" in code page 437.
    const names = [
      [
        0x4b, 0x94, 0x68, 0x6c, 0x65, 0x72, 0x20, 0x9a, 0x62, 0x75, 0x6e, 0x67, 0x20, 0xab, 0x2e, 0x77, 0x61,
        0x76,
      ],
      [0x6e, 0x61, 0x8b, 0x76, 0x65, 0x20, 0x82, 0x2e, 0x77, 0x61, 0x76],
    ];
    expect(await paths(names.map((name) => ({ name: Uint8Array.from(name) })))).toEqual([
      'Köhler Übung ½.wav',
      'naïve é.wav',
    ]);
  });

  it('are taken from the field with the UTF-8 name, if it belongs to the name', async () => {
    const name = Uint8Array.from([0x3f, 0x3f, 0x2e, 0x77, 0x61, 0x76]);
    const field = (crc: number): Buffer => {
      const utf8 = Buffer.from('心音.wav');
      return Buffer.concat([u16(0x7075, 5 + utf8.length), Buffer.from([1]), u32(crc), utf8]);
    };
    expect(await paths([{ name, extra: field(crc32(name)) }])).toEqual(['心音.wav']);
    expect(await paths([{ name, extra: field(123) }])).toEqual(['??.wav']);
  });

  it('may be as long as the format allows, and equal', async () => {
    const long = `${'x/'.repeat(30_000)}a.wav`;
    const files = [long, 'a/1.wav', 'b/1.wav', 'b/1.wav'].map((name) => ({ name: strToU8(name) }));
    expect(await paths(files)).toEqual([long, 'a/1.wav', 'b/1.wav', 'b/1.wav']);
  });

  it('have forward slashes when Windows wrote them', async () => {
    expect(await paths([{ name: strToU8('ward\\a.wav') }])).toEqual(['ward/a.wav']);
  });
});

describe('the table of contents', () => {
  const files = [1, 2, 3].map((n) => ({
    name: strToU8(`${String(n)}.wav`),
    content: new Uint8Array(n).fill(n),
  }));
  const contents = async (bytes: Uint8Array): Promise<number[][]> => {
    const entries = await open(bytes);
    return Promise.all(entries.map(async ({ unpack }) => [...(await unpack())]));
  };

  it('is read in zip64, and behind bytes that come before the archive', async () => {
    for (const isZip64 of [false, true])
      for (const prefix of [Buffer.alloc(0), Buffer.alloc(321, 7)])
        expect(await contents(archive(files, { isZip64, prefix }))).toEqual([[1], [2, 2], [3, 3, 3]]);
  });

  it('may be followed by a comment of any length, and entries may have their own', async () => {
    const commented = files.map((file) => ({ ...file, comment: 'heard twice' }));
    for (const comment of ['x', 'c'.repeat(65_535)])
      expect(await contents(archive(commented, { comment }))).toHaveLength(3);
  });

  it('may name more files than 16 bits count, with and without zip64', async () => {
    const N_FILES = 70_000;
    const many = Array.from({ length: N_FILES }, (_, i) => ({ name: strToU8(`ward/${String(i)}.wav`) }));
    for (const isZip64 of [false, true]) {
      const entries = await open(archive(many, { isZip64 }));
      expect(entries).toHaveLength(N_FILES);
      expect(entries.at(-1)?.path).toBe('ward/69999.wav');
      expect(await entries[40_000]?.unpack()).toHaveLength(1);
    }
  });

  it('may lie beyond 4 GiB', async () => {
    // The archive's beginning is a hole of 5 GiB that nobody reads.
    const HOLE_BYTES = 5 * 2 ** 30;
    const content = strToU8('far away');
    const name = strToU8('far.wav');
    const [local] = pack({ name, content }, 0);
    const [, central] = pack({ name, content, isZip64: true }, HOLE_BYTES);
    const end = Buffer.concat([
      ...[u32(0x06064b50), u64(44), u16(45, 45), u32(0, 0)],
      u64(1, 1, central.length, HOLE_BYTES + local.length),
      ...[u32(0x07064b50, 0), u64(HOLE_BYTES + local.length + central.length), u32(1)],
      ...[u32(0x06054b50), u16(0, 0, 1, 1), u32(central.length, ZIP64), u16(0)],
    ]);
    const tail = Buffer.concat([local, central, end]);
    const source: ByteSource = {
      sizeBytes: HOLE_BYTES + tail.length,
      read: (from, to) => {
        const bytes = new Uint8Array(to - from);
        const at = Math.max(from, HOLE_BYTES);
        bytes.set(tail.subarray(at - HOLE_BYTES, Math.max(0, to - HOLE_BYTES)), at - from);
        return Promise.resolve(bytes);
      },
    };
    const [entry] = await openZip(source, () => new DecompressionStream('deflate-raw'));
    expect(Buffer.from((await entry?.unpack()) ?? []).toString()).toBe('far away');
  });

  it('that counts other than it lists is damaged', async () => {
    const bytes = archive(files);
    bytes.writeUInt16LE(4, bytes.length - 12);
    await expect(open(bytes)).rejects.toMatchObject({ code: 'archive-invalid' });
  });

  it('is read as fflate writes it, with 20,000 files', async () => {
    const entries = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, i) => [`${String(i % 100)}/${String(i)}.wav`, new Uint8Array(0)]),
    );
    expect((await open(zipSync(entries))).map(({ path }) => path)).toEqual(Object.keys(entries));
  });
});

describe('the header before a file', () => {
  const name = strToU8('a.wav');
  const content = new Uint8Array(1000).fill(3);
  const zip64 = (...sizes: number[]): Buffer => Buffer.concat([u16(1, 8 * sizes.length), u64(...sizes)]);
  const marked = { packedSize: ZIP64, size: ZIP64 };
  const unpackAll = async (files: Packed[]): Promise<unknown[]> => {
    const entries = await open(archive(files));
    return Promise.all(
      entries.map(({ unpack }) =>
        unpack().then(
          (bytes) => bytes.length,
          (error: unknown) => error,
        ),
      ),
    );
  };

  it.each<[string, Partial<Header>]>([
    ['another name', { name: strToU8('b.wav') }],
    ['a longer name', { name: strToU8('a.wav.exe') }],
    ['no name', { name: new Uint8Array() }],
    ['another method', { method: 8 }],
    ['another checksum', { crc: 1 }],
    ['another packed size', { packedSize: 999 }],
    ['another size', { size: 1001 }],
    ['sizes of 0', { packedSize: 0, size: 0 }],
    ['a password', { flags: 1 }],
    ['another size in zip64', { ...marked, extra: zip64(1001, 1000) }],
    ['another packed size in zip64', { packedSize: ZIP64, extra: zip64(1000, 999) }],
    ['another name and sizes that follow', { name: strToU8('b.wav'), flags: 8 }],
    ['another method and sizes that follow', { method: 8, flags: 8 }],
  ])('that says %s than the table of contents is refused, and no other', async (_, local) => {
    expect(await unpackAll([{ name: strToU8('0.wav') }, { name, content, local }])).toEqual([
      1,
      expect.objectContaining({
        code: 'archive-invalid',
        message: 'The zip archive cannot be read: "a.wav" does not agree with its table of contents.',
      }),
    ]);
  });

  it.each<[string, Partial<Header>, Partial<Packed>?]>([
    ['sizes that follow the file', { flags: 8, crc: 0, packedSize: 0, size: 0 }, { flags: 8 }],
    ['sizes that follow, of which one is there', { flags: 8, crc: 0, size: 0 }, { flags: 8 }],
    ['sizes that follow, which the table does not repeat', { flags: 8, crc: 0, packedSize: 0, size: 0 }],
    [
      'sizes that follow, as the table alone says',
      { flags: 0, crc: 0, packedSize: 0, size: 0 },
      { flags: 8 },
    ],
    ['64-bit sizes that follow', { flags: 8, crc: 0, ...marked, extra: zip64(0, 0) }, { flags: 8 }],
    ['64-bit sizes', { ...marked, extra: zip64(1000, 1000) }],
    ['64-bit sizes in both', { ...marked, extra: zip64(1000, 1000) }, { isZip64: true }],
    ['one 64-bit size of two', { packedSize: ZIP64, extra: zip64(7, 1000) }],
    [
      '64-bit sizes behind another field',
      { ...marked, extra: Buffer.concat([u16(9, 2, 1), zip64(1000, 1000)]) },
    ],
    ['sizes marked without need', marked],
    ['64-bit sizes cut short', { ...marked, extra: zip64(1000) }],
    ['padding of zeros', { extra: new Uint8Array(4001) }],
    ['padding that is no field', { extra: new Uint8Array(333).fill(255) }],
    ['that its name is UTF-8', { flags: UTF8_FLAG }],
    ['nothing of UTF-8', { flags: 0 }, { flags: UTF8_FLAG }],
  ])('may say %s', async (_, local, others) => {
    expect(await unpackAll([{ name, content, local, ...others }])).toEqual([1000]);
  });

  it.each([
    [
      'in the letters of DOS',
      'köhler.wav',
      Uint8Array.from([0x6b, 0x94, 0x68, 0x6c, 0x65, 0x72, 0x2e, 0x77, 0x61, 0x76]),
    ],
    ['with the slashes of Windows', 'ward/a.wav', strToU8('ward\\a.wav')],
  ])('may spell the name %s', async (_, there, here) => {
    expect(await unpackAll([{ name: strToU8(there), content, local: { name: here } }])).toEqual([1000]);
  });

  it('has the name that the table has, not the one in the UTF-8 field beside it', async () => {
    const dos = strToU8('??.wav');
    const utf8 = Buffer.from('心音.wav');
    const extra = Buffer.concat([u16(0x7075, 5 + utf8.length), Buffer.from([1]), u32(crc32(dos)), utf8]);
    expect(await unpackAll([{ name: dos, content, extra }])).toEqual([1000]);
  });
});
