import fc from 'fast-check';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { AppError, type ErrorCode } from '../errors.ts';
import { MAX_RATIO, RATIO_FREE_BYTES, readZip } from './zip.ts';

const sample = zipSync({
  'normal/a0001.wav': new Uint8Array([1, 2, 3]),
  'köhler/心音.wav': [new Uint8Array(5000), { level: 9 }],
  'stored.bin': [new Uint8Array([7, 7, 7, 7]), { level: 0 }],
  'empty.txt': new Uint8Array(0),
  'inner.zip': zipSync({ 'x.wav': new Uint8Array([9]) }),
  'folder/': new Uint8Array(0),
  '__MACOSX/._a0001.wav': new Uint8Array([0]),
});

function codeOf(run: () => unknown): ErrorCode | 'no error' {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'no error';
}

/** Offset of the first central directory entry's field. */
function centralField(zip: Uint8Array, field: number): number {
  const end = zip.length - 22;
  return new DataView(zip.buffer, zip.byteOffset).getUint32(end + 16, true) + field;
}

describe('readZip', () => {
  it('gives every file with its path and bytes, and leaves folders and macOS metadata out', () => {
    const entries = readZip(sample);
    expect(entries.map(({ path, bytes }) => [path, bytes.length])).toEqual([
      ['normal/a0001.wav', 3],
      ['köhler/心音.wav', 5000],
      ['stored.bin', 4],
      ['empty.txt', 0],
      ['inner.zip', expect.any(Number)],
    ]);
    expect([...(entries[0]?.bytes ?? [])]).toEqual([1, 2, 3]);
    expect(readZip(entries[4]?.bytes ?? new Uint8Array())[0]?.path).toBe('x.wav');
  });

  it('reads an archive with bytes before it', () => {
    const shifted = new Uint8Array(100 + sample.length);
    shifted.set(sample, 100);
    expect(readZip(shifted)).toEqual(readZip(sample));
  });

  it('refuses a protected archive with its own code', () => {
    const zip = zipSync({ 'a.wav': new Uint8Array([1]) });
    zip[centralField(zip, 8)] = 1;
    expect(codeOf(() => readZip(zip))).toBe('archive-encrypted');
  });

  it.each(['../evil.wav', '/etc/passwd', 'a/../../b', 'C:/x', '..\\evil'])('refuses the path %s', (path) => {
    expect(codeOf(() => readZip(zipSync({ [path]: new Uint8Array([1]) })))).toBe('archive-invalid');
  });

  it('refuses a bomb before unpacking it', () => {
    const bomb = zipSync({ 'zeros.wav': [new Uint8Array(RATIO_FREE_BYTES + 1), { level: 9 }] });
    expect(bomb.length * MAX_RATIO).toBeLessThan(RATIO_FREE_BYTES);
    expect(codeOf(() => readZip(bomb))).toBe('archive-invalid');
  });

  it('refuses an entry that unpacks to more than its table of contents says', () => {
    const zip = zipSync({ 'a.wav': [new Uint8Array(100_000), { level: 9 }] });
    new DataView(zip.buffer).setUint32(centralField(zip, 24), 10, true);
    expect(codeOf(() => readZip(zip))).toBe('archive-invalid');
  });

  it('refuses what is empty, text, cut short or altered', () => {
    const altered = Uint8Array.from(sample);
    altered[40] = (altered[40] ?? 0) ^ 0xff;
    for (const bytes of [
      new Uint8Array(0),
      strToU8('hello, not a zip'),
      sample.subarray(0, -30),
      sample.subarray(9),
    ])
      expect(codeOf(() => readZip(bytes))).toBe('archive-invalid');
    expect(
      codeOf(() => readZip(zipSync({ 'a.wav': new Uint8Array(9) }, { level: 0 }).map((b) => b ^ 1))),
    ).toBe('archive-invalid');
  });

  it('answers any damage with entries or an AppError', () => {
    const damage = fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(damage, fc.nat(sample.length), (changes, length) => {
        const zip = sample.slice(0, Math.max(length, 4));
        for (const [at, value] of changes) if (at < zip.length) zip[at] = value;
        codeOf(() => readZip(zip));
        const whole = Uint8Array.from(sample);
        for (const [at, value] of changes) whole[at] = value;
        codeOf(() => readZip(whole));
      }),
      { numRuns: 300 },
    );
  });
});
