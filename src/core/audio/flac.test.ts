import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { decodeBytes } from './decode.ts';

// A FLAC writer (RFC 9639) in which every choice is the test's: an oracle that shares nothing with the reader.

class Bits {
  readonly bytes: number[] = [];
  #filled = 0;

  put(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) {
      if (this.#filled % 8 === 0) this.bytes.push(0);
      const last = this.bytes.length - 1;
      const one = Math.abs(Math.floor(value / 2 ** bit) % 2);
      this.bytes[last] = (this.bytes[last] ?? 0) | (one << (7 - (this.#filled % 8)));
      this.#filled++;
    }
  }
}

function crc(bytes: number[], width: 8 | 16, polynomial: number): number {
  let value = 0;
  for (const byte of bytes) {
    value ^= byte << (width - 8);
    for (let bit = 0; bit < 8; bit++)
      value = value & (1 << (width - 1)) ? (value << 1) ^ polynomial : value << 1;
  }
  return value & (2 ** width - 1);
}

/** Writes one subframe, header included. */
type Subframe = (out: Bits, samples: number[], bits: number) => void;

const verbatim: Subframe = (out, samples, bits) => {
  out.put(0b00000010, 8);
  for (const value of samples) out.put(value, bits);
};

const constant: Subframe = (out, samples, bits) => {
  out.put(0, 8);
  out.put(samples[0] ?? 0, bits);
};

const wasted =
  (count: number): Subframe =>
  (out, samples, bits) => {
    out.put(0b00000011, 8);
    out.put(1, count);
    for (const value of samples) out.put(value / 2 ** count, bits - count);
  };

/** How residuals are written: the Rice parameter of 4 or 5 bits, or an escape with so many bits for each. */
type Coding = { parameterBits: 4 | 5; parameter?: number; escapeBits?: number; partitionOrder?: number };

function putResiduals(out: Bits, residuals: number[], order: number, coding: Coding): void {
  const { parameterBits, parameter = 0, escapeBits, partitionOrder = 0 } = coding;
  out.put(parameterBits - 4, 2);
  out.put(partitionOrder, 4);
  const length = (residuals.length + order) / 2 ** partitionOrder;
  residuals.forEach((value, i) => {
    if (i === 0 || (i + order) % length === 0) {
      out.put(escapeBits === undefined ? parameter : 2 ** parameterBits - 1, parameterBits);
      if (escapeBits !== undefined) out.put(escapeBits, 5);
    }
    if (escapeBits !== undefined) {
      out.put(value, escapeBits);
      return;
    }
    const folded = value >= 0 ? 2 * value : -2 * value - 1;
    for (let zeros = Math.floor(folded / 2 ** parameter); zeros > 0; zeros--) out.put(0, 1);
    out.put(1, 1);
    out.put(folded % 2 ** parameter, parameter);
  });
}

const residualsOf = (samples: number[], coefficients: number[], shift: number): number[] =>
  samples
    .slice(coefficients.length)
    .map(
      (value, i) =>
        value -
        Math.floor(
          coefficients.reduce((sum, c, j) => sum + c * (samples[i + coefficients.length - 1 - j] ?? 0), 0) /
            2 ** shift,
        ),
    );

const FIXED = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];

const fixed =
  (order: number, coding: Coding): Subframe =>
  (out, samples, bits) => {
    out.put((8 + order) << 1, 8);
    for (const value of samples.slice(0, order)) out.put(value, bits);
    putResiduals(out, residualsOf(samples, FIXED[order] ?? [], 0), order, coding);
  };

const linear =
  (coefficients: number[], precision: number, shift: number, coding: Coding): Subframe =>
  (out, samples, bits) => {
    out.put((31 + coefficients.length) << 1, 8);
    for (const value of samples.slice(0, coefficients.length)) out.put(value, bits);
    out.put(precision - 1, 4);
    out.put(shift, 5);
    for (const value of coefficients) out.put(value, precision);
    putResiduals(out, residualsOf(samples, coefficients, shift), coefficients.length, coding);
  };

/** The marker, STREAMINFO and a block of 6 bytes. */
const METADATA_BYTES = 4 + 4 + 34 + 4 + 6;

interface Writing {
  sampleRateHz?: number;
  bits?: number;
  /** 1000 samples a frame unless told. */
  blockSize?: number;
  /** Samples per channel that STREAMINFO claims. */
  totalFrames?: number;
  subframe?: Subframe;
  /** Code of the channels' arrangement; side channels have one bit more. */
  assignment?: number;
  /** Codes of rate and depth; 0: as STREAMINFO says. */
  rateCode?: number;
  bitsCode?: number;
}

/** @param channels as they are stored: with an assignment above 7 one of them is a side channel */
function encodeFlac(channels: number[][], writing: Writing = {}): Uint8Array<ArrayBuffer> {
  const { sampleRateHz = 2000, bits = 16, blockSize = 1000, subframe = verbatim } = writing;
  const { assignment = channels.length - 1, rateCode = 0b1101, bitsCode = 0 } = writing;
  const nFrames = channels[0]?.length ?? 0;
  const info = new Bits();
  for (const char of 'fLaC') info.put(char.charCodeAt(0), 8);
  info.put(0x00, 8);
  info.put(34, 24);
  info.put(blockSize, 16);
  info.put(blockSize, 16);
  info.put(0, 48);
  info.put(sampleRateHz, 20);
  info.put(channels.length - 1, 3);
  info.put(bits - 1, 5);
  info.put(writing.totalFrames ?? nFrames, 36);
  info.put(0, 128);
  // A block that nobody asked for, and full of what begins a frame.
  info.put(0x82, 8);
  info.put(6, 24);
  for (let i = 0; i < 3; i++) info.put(0xfff8, 16);
  const file = [...info.bytes];
  for (let start = 0, index = 0; start < nFrames; start += blockSize, index++) {
    const length = Math.min(blockSize, nFrames - start);
    const frame = new Bits();
    frame.put(0xfff8, 16);
    frame.put(0b0111, 4); // block size follows in 16 bits
    frame.put(rateCode, 4);
    frame.put(assignment, 4);
    frame.put(bitsCode, 3);
    frame.put(0, 1);
    if (index < 128) frame.put(index, 8);
    else frame.put(0xc080 + ((index >> 6) << 8) + (index & 63), 16);
    frame.put(length - 1, 16);
    if (rateCode === 0b1100) frame.put(sampleRateHz / 1000, 8);
    if (rateCode === 0b1101) frame.put(sampleRateHz, 16);
    if (rateCode === 0b1110) frame.put(sampleRateHz / 10, 16);
    frame.put(crc(frame.bytes, 8, 0x07), 8);
    channels.forEach((channel, c) => {
      const isSide = c === 1 ? assignment === 8 || assignment === 10 : assignment === 9;
      subframe(frame, channel.slice(start, start + length), bits + (isSide ? 1 : 0));
    });
    const padded = [...frame.bytes];
    file.push(...padded, crc(padded, 16, 0x8005) >> 8, crc(padded, 16, 0x8005) & 255);
  }
  return Uint8Array.from(file);
}

const tone = (step: number, peak = 32767, length = 4000): number[] =>
  Array.from({ length }, (_, i) => Math.round(peak * Math.sin(i * step)));

async function integers(flac: Uint8Array<ArrayBuffer>, bits = 16): Promise<number[][]> {
  const { channels } = await decodeBytes(flac.buffer);
  return channels.map((channel) => Array.from(channel, (x) => x * 2 ** (bits - 1)));
}

async function codeOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  try {
    await decodeBytes(bytes.buffer);
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('FLAC, sample by sample', () => {
  const rice: Coding = { parameterBits: 4, parameter: 9 };
  it.each<[string, number[], Writing]>([
    ['verbatim', tone(0.1), {}],
    ['constant', tone(0, 0).fill(-77), { subframe: constant }],
    ['wasted bits', tone(0.1, 1000).map((x) => x * 8), { subframe: wasted(3) }],
    ...[0, 1, 2, 3, 4].map((order): [string, number[], Writing] => [
      `fixed predictor of order ${order}`,
      tone(0.05, 9000),
      { subframe: fixed(order, rice) },
    ]),
    ['linear predictor', tone(0.1), { subframe: linear([1023, -512], 11, 9, rice) }],
    [
      'linear predictor of order 32',
      tone(0.1),
      { subframe: linear(Array<number>(32).fill(-3), 3, 5, { ...rice, parameter: 14 }) },
    ],
    ['8 partitions', tone(0.1), { subframe: fixed(2, { ...rice, partitionOrder: 3 }) }],
    ['Rice parameters of 5 bits', tone(0.1), { subframe: fixed(1, { parameterBits: 5, parameter: 17 }) }],
    ['long runs of zeros', tone(0.1, 200), { subframe: fixed(0, { parameterBits: 4, parameter: 0 }) }],
    ['escaped residuals', tone(0.1), { subframe: fixed(2, { parameterBits: 4, escapeBits: 13 }) }],
    [
      'escaped residuals of 0 bits',
      tone(0, 0).fill(5),
      { subframe: fixed(1, { parameterBits: 5, escapeBits: 0 }) },
    ],
    ['rate and depth of STREAMINFO alone', tone(0.1, 32767, 3100), { rateCode: 0, sampleRateHz: 3001 }],
    ['a rate in kilohertz', tone(0.1), { rateCode: 12 }],
    ['a rate in tens of hertz', tone(0.1), { rateCode: 14 }],
    ['a rate by its code', tone(0.1, 9, 8000), { rateCode: 4, sampleRateHz: 8000, bitsCode: 4 }],
    ['unknown length', tone(0.1), { totalFrames: 0 }],
    ['frame numbers of two bytes', tone(0.1), { blockSize: 16 }],
    ['4 bits', tone(0.1, 7), { bits: 4 }],
    ['8 bits', tone(0.1, 127), { bits: 8, bitsCode: 1 }],
    ['12 bits', tone(0.1, 2047), { bits: 12, bitsCode: 2 }],
    ['20 bits', tone(0.1, 2 ** 19 - 1), { bits: 20, bitsCode: 5 }],
    ['24 bits', tone(0.1, 2 ** 23 - 1), { bits: 24, bitsCode: 6 }],
  ])('%s', async (_name, samples, writing) => {
    expect(await integers(encodeFlac([samples], writing), writing.bits)).toEqual([samples.map((x) => x + 0)]);
  });

  it('stereo stored as difference', async () => {
    const [left, right] = [tone(0.1), tone(0.31)];
    const side = left.map((x, i) => x - (right[i] ?? 0));
    const mid = left.map((x, i) => Math.floor((x + (right[i] ?? 0)) / 2));
    expect(await integers(encodeFlac([left, side], { assignment: 8 }))).toEqual([left, right]);
    expect(await integers(encodeFlac([side, right], { assignment: 9 }))).toEqual([left, right]);
    expect(await integers(encodeFlac([mid, side], { assignment: 10 }))).toEqual([left, right]);
    expect(await integers(encodeFlac([left, right]))).toEqual([left, right]);
  });

  interface Fixture {
    name: string;
    bits: number;
    nChannels: number;
    sampleRateHz: number;
    nFrames: number;
    noisyFrames: number;
    flac: string;
  }
  const fixtures = JSON.parse(
    readFileSync(new URL('fixtures/flac.json', import.meta.url), 'utf8'),
  ) as Fixture[];

  /** The integers that went into the fixtures: a triangle with noise and both rails, then a constant. */
  function written({ bits, nFrames, noisyFrames }: Fixture, channel: number): number[] {
    const full = 2 ** (bits - 1);
    let state = 12345n + BigInt(channel);
    return Array.from({ length: nFrames }, (_, i) => {
      state = (state * 1103515245n + 12345n) % 2n ** 31n;
      const ramp = (i + 37 * channel) % 200;
      const triangle = (ramp < 100 ? ramp : 200 - ramp) - 50;
      const noise = (Number(state >> 16n) % 7) - 3;
      if (i === 10) return -full;
      if (i === 11) return full - 1;
      const value =
        i < noisyFrames ? triangle * Math.floor(full / 64) + noise * Math.floor(full / 128) : 5 * channel - 3;
      return Math.max(-full, Math.min(full - 1, value));
    });
  }

  it.each(fixtures)('of the reference encoder: $name', async (fixture) => {
    const flac = Uint8Array.from(Buffer.from(fixture.flac, 'base64'));
    const { channels, sampleRateHz } = await decodeBytes(flac.buffer);
    expect(sampleRateHz).toBe(fixture.sampleRateHz);
    expect(channels.length).toBe(fixture.nChannels);
    const scale = 2 ** (fixture.bits - 1);
    channels.forEach((channel, c) =>
      expect(channel).toEqual(Float32Array.from(written(fixture, c), (value) => value / scale)),
    );
  });
});

describe('FLAC that is not as it should be', () => {
  const samples = tone(0.1);
  const flac = encodeFlac([samples]);

  it('is read behind an ID3 tag', async () => {
    const tag = [...'ID3'].map((c) => c.charCodeAt(0)).concat(4, 0, 0, 0, 0, 0, 5, 1, 2, 3, 4, 5);
    expect(await integers(Uint8Array.from([...tag, ...flac]))).toEqual([samples]);
  });

  it('is read up to the last whole frame when cut short', async () => {
    expect(await integers(flac.slice(0, -700))).toEqual([samples.slice(0, 3000)]);
  });

  it('is read without the frame that is damaged', async () => {
    const hurt = flac.slice();
    hurt[3000] = (hurt[3000] ?? 0) ^ 1;
    expect(await integers(hurt)).toEqual([[...samples.slice(0, 1000), ...samples.slice(2000)]]);
  });

  it('ends where STREAMINFO says', async () => {
    expect(await integers(encodeFlac([samples], { totalFrames: 2500 }))).toEqual([samples.slice(0, 2500)]);
  });

  it('is refused with a code', async () => {
    expect(await codeOf(flac.slice(0, 20))).toBe('decode-failed');
    expect(await codeOf(flac.slice(0, 60))).toBe('decode-failed');
    expect(await codeOf(encodeFlac([samples], { totalFrames: 2000 * 3 * 3600 }))).toBe('too-long');
    expect(await codeOf(encodeFlac([samples.slice(0, 400)]))).toBe('too-short');
    expect(await codeOf(new Uint8Array(0))).toBe('empty-file');
    expect(await codeOf(Uint8Array.from([0x4f, 0x67, 0x67, 0x53, 0, 0, 0, 0]))).toBe('unsupported-format');
  });

  it('is refused when constant frames of a small file would fill the memory', async () => {
    const one = encodeFlac([Array<number>(65_536).fill(1)], {
      blockSize: 65_536,
      totalFrames: 0,
      subframe: constant,
    });
    const frame = one.slice(METADATA_BYTES);
    const hours = Uint8Array.from([...one, ...Array.from({ length: 130 }, () => [...frame]).flat()]);
    expect(hours.length).toBeLessThan(3000);
    expect(await codeOf(hours)).toBe('too-long');
  });

  it('is refused when a few frames would fill the memory in a few minutes of sound', async () => {
    const silence = Array.from({ length: 8 }, () => Array<number>(65_536).fill(0));
    const one = encodeFlac(silence, {
      sampleRateHz: 44_100,
      rateCode: 0,
      blockSize: 65_536,
      totalFrames: 0,
      subframe: constant,
    });
    const frame = one.slice(METADATA_BYTES);
    const minutes = Uint8Array.from([...one, ...Array.from({ length: 40 }, () => [...frame]).flat()]);
    expect(minutes.length).toBeLessThan(3000);
    expect(await codeOf(minutes)).toBe('too-long');
  });

  it('is read without a frame whose predictor grows beyond all numbers', async () => {
    const growing: Subframe = (out, values, bits) => {
      out.put((31 + 2) << 1, 8);
      for (const value of values.slice(0, 2)) out.put(value, bits);
      out.put(14, 4);
      out.put(0, 5);
      for (const value of [16_383, 16_383]) out.put(value, 15);
      putResiduals(out, Array<number>(values.length - 2).fill(0), 2, { parameterBits: 4 });
    };
    const sound = await decodeBytes(
      Uint8Array.from([
        ...encodeFlac([samples], { totalFrames: 0 }),
        ...encodeFlac([samples.map(() => 1)], { subframe: growing }).slice(METADATA_BYTES),
      ]).buffer,
    );
    expect(sound.flaws).toContain('damaged');
    expect(sound.channels[0]).toHaveLength(samples.length);
    expect(sound.channels[0]?.every((value) => Math.abs(value) <= 1)).toBe(true);
  });

  it('gives sound or a code, whatever bytes are changed', async () => {
    const small = encodeFlac([tone(0.1, 500, 2100), tone(0.2, 500, 2100)], {
      subframe: linear([1023, -512], 11, 9, { parameterBits: 4, parameter: 4, partitionOrder: 2 }),
      blockSize: 700,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(small.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        fc.nat(small.length),
        fc.boolean(),
        async (changes, length, cut) => {
          const mutated = cut ? small.slice(0, length) : small.slice();
          for (const [at, byte] of changes) if (at < mutated.length) mutated[at] = byte;
          await codeOf(mutated);
        },
      ),
      { numRuns: 300 },
    );
  });
});
