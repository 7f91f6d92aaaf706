// Small zip archives as several programs write them. May import: client-zip, fflate, Node.

import { makeZip } from 'client-zip';
import { strToU8, zipSync, type Zippable } from 'fflate';
import { crc32 } from 'node:zlib';

const u16 = (...values: number[]): Buffer => Buffer.from(Uint16Array.from(values).buffer);
const u32 = (...values: number[]): Buffer => Buffer.from(Uint32Array.from(values).buffer);
const u64 = (...values: number[]): Buffer => Buffer.from(BigUint64Array.from(values.map(BigInt)).buffer);

const MARK = 0xffffffff;

/** One stored file whose sizes and offset lie in zip64 fields, and whose name is there once more in UTF-8. */
export function zip64Archive(name: string, content: Uint8Array): Uint8Array {
  const [letters, crc, size] = [Buffer.from(name), crc32(content), content.length];
  const local = Buffer.concat([
    u32(0x04034b50),
    u16(45, 0, 0, 0, 0),
    u32(crc, size, size),
    u16(letters.length, 0),
    letters,
    content,
  ]);
  const path = Buffer.concat([
    u16(0x7075, 5 + letters.length),
    Buffer.from([1]),
    u32(crc32(letters)),
    letters,
  ]);
  const extra = Buffer.concat([u16(1, 24), u64(size, size, 0), path]);
  const central = Buffer.concat([
    u32(0x02014b50),
    u16(45, 45, 0, 0, 0, 0),
    u32(crc, MARK, MARK),
    u16(letters.length, extra.length, 0, 0, 0),
    u32(0, MARK),
    letters,
    extra,
  ]);
  return Buffer.concat([
    local,
    central,
    ...[u32(0x06064b50), u64(44), u16(45, 45), u32(0, 0), u64(1, 1, central.length, local.length)],
    ...[u32(0x07064b50, 0), u64(local.length + central.length), u32(1)],
    ...[u32(0x06054b50), u16(0, 0, 0xffff, 0xffff), u32(MARK, MARK), u16(0)],
  ]);
}

/** As this program writes archives. */
export async function streamedArchive(
  files: readonly { name: string; input: string | Uint8Array }[],
): Promise<Uint8Array> {
  return new Uint8Array(
    await new Response(
      makeZip(
        files.map(({ name, input }) => ({
          name,
          input: new Blob([input as BlobPart]),
          lastModified: new Date(0),
        })),
      ),
    ).arrayBuffer(),
  );
}

/** @param sound short bytes of a sound file */
export async function archiveSeeds(sound: Uint8Array, table: string): Promise<Uint8Array[]> {
  const stored: Zippable = {
    'normal/a1.wav': [sound, { level: 0 }],
    'abnormal/b1.wav': [sound.slice(0, 400), { level: 0 }],
    'labels.csv': [strToU8(table), { level: 0 }],
  };
  return [
    zipSync(stored, { mtime: 1e12 }),
    zipSync(
      { 'a/köhler.wav': [sound, { level: 9 }], 'REFERENCE.csv': [strToU8('a1,-1\nb1,1\n'), { level: 9 }] },
      { mtime: 1e12 },
    ),
    zipSync(
      { 'a.wav': [new Uint8Array(30_000), { level: 9 }], 'inner.zip': zipSync({ x: new Uint8Array(3) }) },
      { mtime: 1e12 },
    ),
    zip64Archive('normal/心音.wav', sound.slice(0, 300)),
    await streamedArchive([
      { name: 'normal/a1.wav', input: sound.slice(0, 300) },
      { name: 'labels.csv', input: table },
    ]),
    zipSync({}),
  ];
}
