import fc from 'fast-check';
import { strToU8, zipSync, type Zippable } from 'fflate';
import { describe, expect, it } from 'vitest';
import { AppError, type ErrorCode } from '../errors.ts';
import { MAX_ENTRY_BYTES, MAX_RATIO, openZip, RATIO_FREE_BYTES, type ByteSource } from './zip.ts';

const sample = zip({
  'normal/a0001.wav': new Uint8Array([1, 2, 3]),
  'köhler/心音.wav': [new Uint8Array(5000), { level: 9 }],
  'stored.bin': [new Uint8Array([7, 7, 7, 7]), { level: 0 }],
  'empty.txt': new Uint8Array(0),
  'inner.zip': zipSync({ 'x.wav': new Uint8Array([9]) }),
  'folder/': new Uint8Array(0),
  '__MACOSX/._a0001.wav': new Uint8Array([0]),
});

function zip(entries: Zippable): Uint8Array<ArrayBuffer> {
  return new Uint8Array(zipSync(entries));
}

/** Refuses what the reader must not ask for, and counts what it asks for. */
class Source implements ByteSource {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  nRead = 0;
  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
  }
  get sizeBytes(): number {
    return this.#bytes.length;
  }
  read(from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
    if (!(0 <= from && from <= to && to <= this.sizeBytes))
      throw new Error(`read ${String(from)} to ${String(to)}`);
    this.nRead += to - from;
    // At an odd place in a larger buffer, as a reader's bytes may lie.
    const shifted = new Uint8Array(to - from + 3);
    shifted.set(this.#bytes.subarray(from, to), 3);
    return Promise.resolve(shifted.subarray(3));
  }
}

const open = (bytes: Uint8Array<ArrayBuffer>, source = new Source(bytes)): ReturnType<typeof openZip> =>
  openZip(source, () => new DecompressionStream('deflate-raw'));

/** Everything that is in an archive. */
async function readAll(bytes: Uint8Array<ArrayBuffer>): Promise<[path: string, bytes: number[]][]> {
  const entries = await open(bytes);
  return Promise.all(
    entries.map(async ({ path, unpack }): Promise<[string, number[]]> => [path, [...(await unpack())]]),
  );
}

async function codeOf(run: () => Promise<unknown>): Promise<ErrorCode | 'no error'> {
  try {
    await run();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'no error';
}

/** Offset of the first central directory entry's field. */
function centralField(bytes: Uint8Array, field: number): number {
  const end = bytes.length - 22;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(end + 16, true) + field;
}

/** Offset of the size in the first file's own header. */
const LOCAL_SIZE = 22;

describe('openZip', () => {
  it('gives every file with its path and bytes, and leaves folders and macOS metadata out', async () => {
    const entries = await open(sample);
    expect(entries.map(({ path, sizeBytes }) => [path, sizeBytes])).toEqual([
      ['normal/a0001.wav', 3],
      ['köhler/心音.wav', 5000],
      ['stored.bin', 4],
      ['empty.txt', 0],
      ['inner.zip', expect.any(Number)],
    ]);
    for (const { sizeBytes, unpack } of entries) expect(await unpack()).toHaveLength(sizeBytes);
    expect([...((await entries[0]?.unpack()) ?? [])]).toEqual([1, 2, 3]);
    expect([...((await entries[2]?.unpack()) ?? [])]).toEqual([7, 7, 7, 7]);
    const inner = (await entries[4]?.unpack()) ?? new Uint8Array();
    expect(await readAll(inner)).toEqual([['x.wav', [9]]]);
  });

  it('gives back whatever was packed, in any size and order of reading', async () => {
    const entry = fc.record({
      bytes: fc.uint8Array({ maxLength: 3000 }),
      repeat: fc.constantFrom(1, 1, 1, 400),
      level: fc.constantFrom(0 as const, 1 as const, 9 as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 5 }), async (files) => {
        const contents = files.map(({ bytes, repeat }) => {
          const content = new Uint8Array(bytes.length * repeat);
          for (let i = 0; i < repeat; i++) content.set(bytes, i * bytes.length);
          return content;
        });
        const packed = zip(
          Object.fromEntries(
            files.map(({ level }, i) => [`${String(i)}.wav`, [contents[i] ?? sample, { level }]]),
          ),
        );
        const entries = await open(packed);
        const unpacked = await Promise.all(entries.toReversed().map(({ unpack }) => unpack()));
        expect(unpacked).toHaveLength(contents.length);
        for (const [i, bytes] of unpacked.toReversed().entries())
          expect(Buffer.compare(bytes, contents[i] ?? sample)).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it('reads the table of contents and the file that is asked for, nothing else', async () => {
    const SIZE_BYTES = 3_000_000;
    const packed = zip(
      Object.fromEntries(
        ['a.wav', 'b.wav', 'c.wav'].map((name) => [name, [new Uint8Array(SIZE_BYTES).fill(5), { level: 0 }]]),
      ),
    );
    const source = new Source(packed);
    const entries = await open(packed, source);
    expect(source.nRead).toBeLessThan(200_000);
    expect(await entries[1]?.unpack()).toHaveLength(SIZE_BYTES);
    expect(source.nRead).toBeLessThan(SIZE_BYTES * 1.1);
  });

  it('reads an archive with bytes before it', async () => {
    const shifted = new Uint8Array(100 + sample.length);
    shifted.set(sample, 100);
    expect(await readAll(shifted)).toEqual(await readAll(sample));
  });

  it('refuses a protected archive with its own code', async () => {
    const locked = zip({ 'a.wav': new Uint8Array([1]) });
    locked[centralField(locked, 8)] = 1;
    expect(await codeOf(() => open(locked))).toBe('archive-encrypted');
  });

  it.each(['../evil.wav', '/etc/passwd', 'a/../../b', 'C:/x', '..\\evil'])(
    'refuses the path %s',
    async (path) => {
      expect(await codeOf(() => open(zip({ [path]: new Uint8Array([1]) })))).toBe('archive-invalid');
    },
  );

  it('refuses a bomb before unpacking it, and gives the others', async () => {
    const bomb = zip({
      'zeros.wav': [new Uint8Array(RATIO_FREE_BYTES + 1), { level: 9 }],
      'b.wav': new Uint8Array([1]),
    });
    expect(bomb.length * MAX_RATIO).toBeLessThan(RATIO_FREE_BYTES);
    const source = new Source(bomb);
    const [zeros, other] = await open(bomb, source);
    const before = source.nRead;
    expect(await codeOf(() => zeros?.unpack() ?? Promise.resolve())).toBe('archive-invalid');
    expect(source.nRead).toBe(before);
    expect(await other?.unpack()).toHaveLength(1);
  });

  it('refuses a file that says it is larger than any recording', async () => {
    const huge = zip({ 'a.wav': new Uint8Array([1]) });
    const view = new DataView(huge.buffer);
    view.setUint32(centralField(huge, 24), MAX_ENTRY_BYTES + 1, true);
    view.setUint32(centralField(huge, 20), MAX_ENTRY_BYTES, true);
    expect(await codeOf(() => readAll(huge))).toBe('archive-invalid');
  });

  it.each([
    ['less', 10],
    ['more', 200_000],
  ])('refuses a file that says it is %s than it unpacks to', async (_, size) => {
    const lying = zip({ 'a.wav': [new Uint8Array(100_000), { level: 9 }] });
    const view = new DataView(lying.buffer);
    for (const at of [centralField(lying, 24), LOCAL_SIZE]) view.setUint32(at, size, true);
    expect(await codeOf(() => readAll(lying))).toBe('archive-invalid');
  });

  it('passes on why the archive cannot be read any more, and does not call it damaged', async () => {
    for (const level of [0, 9] as const) {
      const packed = zip({ 'a.wav': [new Uint8Array(1000), { level }] });
      const source = new Source(packed);
      const entries = await open(packed, source);
      source.read = () => Promise.reject(new AppError('file-unreadable', 'It is gone.'));
      expect(await codeOf(() => entries[0]?.unpack() ?? Promise.resolve())).toBe('file-unreadable');
    }
  });

  it('passes it on, too, in the middle of a large file', async () => {
    let state = 1;
    const noise = Uint8Array.from({ length: 2_000_000 }, () => {
      for (const shift of [13, -17, 5]) state ^= shift > 0 ? state << shift : state >>> -shift;
      return state;
    });
    const packed = zip({ 'a.wav': [noise, { level: 1 }] });
    const source = new Source(packed);
    const entries = await open(packed, source);
    const read = source.read.bind(source);
    let nReads = 0;
    source.read = (from, to) =>
      ++nReads > 2 ? Promise.reject(new AppError('file-unreadable', 'It is gone.')) : read(from, to);
    expect(await codeOf(() => entries[0]?.unpack() ?? Promise.resolve())).toBe('file-unreadable');
    expect(nReads).toBe(3);
  });

  it('refuses what is empty, text, cut short or altered', async () => {
    const altered = Uint8Array.from(sample);
    const FIRST_BYTE = 30 + 'normal/a0001.wav'.length;
    altered[FIRST_BYTE] = (altered[FIRST_BYTE] ?? 0) ^ 0xff;
    for (const bytes of [
      new Uint8Array(0),
      strToU8('hello, not a zip'),
      sample.slice(0, -30),
      sample.slice(9),
      altered,
      zip({ 'a.wav': [new Uint8Array(9), { level: 0 }] }).map((byte) => byte ^ 1),
    ])
      expect(await codeOf(() => readAll(bytes))).toBe('archive-invalid');
  });

  it('answers any damage with entries or an AppError', async () => {
    const damage = fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(sample.length), async (changes, length) => {
        const part = sample.slice(0, Math.max(length, 4));
        const whole = Uint8Array.from(sample);
        for (const bytes of [part, whole]) {
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          await codeOf(() => readAll(bytes));
        }
      }),
      { numRuns: 300 },
    );
  });
});
