import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError, type ErrorCode } from '../errors.ts';
import { MAX_DURATION_SEC } from './limits.ts';
import { encodeWav, parseWav } from './wav.ts';

type Chunk = { id: string; body: Uint8Array; size?: number; pad?: boolean };

const RATE_HZ = 2000;
const SECONDS = 2;
const TONE = Float32Array.from({ length: RATE_HZ * SECONDS }, (_, i) => 0.5 * Math.sin(i * 0.3) + 0.1);

function wav(
  chunks: Chunk[],
  { magic = 'RIFF', riffSize }: { magic?: string; riffSize?: number } = {},
): ArrayBuffer {
  const parts: number[] = [];
  for (const { id, body, size, pad = true } of chunks) {
    parts.push(...[...id].map((c) => c.charCodeAt(0)), ...u32(size ?? body.length));
    for (const byte of body) parts.push(byte);
    if (pad && body.length % 2 === 1) parts.push(0);
  }
  const head = [...ascii(magic), ...u32(riffSize ?? parts.length + 4), ...ascii('WAVE')];
  return Uint8Array.from([...head, ...parts]).buffer;
}

const ascii = (text: string): number[] => [...text].map((c) => c.charCodeAt(0));
const u16 = (value: number): number[] => [value & 255, (value >> 8) & 255];
const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(Math.floor(value / 65536) & 0xffff)];

function fmt(
  tag: number,
  bits: number,
  options: { channels?: number; rate?: number; blockAlign?: number } = {},
): Chunk {
  const { channels = 1, rate = RATE_HZ } = options;
  const { blockAlign = (channels * bits) / 8 } = options;
  return {
    id: 'fmt ',
    body: Uint8Array.from([
      ...u16(tag),
      ...u16(channels),
      ...u32(rate),
      ...u32(rate * blockAlign),
      ...u16(blockAlign),
      ...u16(bits),
    ]),
  };
}

/** Samples written one by one through a DataView: an oracle that shares nothing with the reader. */
function data(
  bytes: number,
  write: (view: DataView, offset: number, value: number) => void,
  samples: Float32Array = TONE,
): Chunk {
  const body = new Uint8Array(samples.length * bytes);
  const view = new DataView(body.buffer);
  samples.forEach((value, i) => write(view, i * bytes, value));
  return { id: 'data', body };
}

const pcm16 = data(2, (view, at, value) => view.setInt16(at, Math.round(value * 32768), true));
const list: Chunk = { id: 'LIST', body: Uint8Array.from(ascii('INFOISFT')) };

function maxError(actual: Float32Array | undefined, expected: ArrayLike<number>): number {
  expect(actual?.length).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < expected.length; i++)
    worst = Math.max(worst, Math.abs((actual?.[i] ?? NaN) - (expected[i] ?? NaN)));
  return worst;
}

function codeOf(run: () => unknown): ErrorCode | 'no error' {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('parseWav reads every sample format', () => {
  const write24 = (view: DataView, at: number, value: number): void => {
    const integer = Math.round(value * 2 ** 23);
    view.setUint8(at, integer & 255);
    view.setUint8(at + 1, (integer >> 8) & 255);
    view.setInt8(at + 2, integer >> 16);
  };
  it.each([
    ['8 bit', 1, 8, data(1, (v, at, x) => v.setUint8(at, Math.round(x * 128) + 128)), 2 ** -8],
    ['16 bit', 1, 16, pcm16, 2 ** -16],
    ['24 bit', 1, 24, data(3, write24), 2 ** -23],
    ['32 bit', 1, 32, data(4, (v, at, x) => v.setInt32(at, Math.round(x * 2 ** 31), true)), 2 ** -24],
    ['float 32', 3, 32, data(4, (v, at, x) => v.setFloat32(at, x, true)), 0],
    ['float 64', 3, 64, data(8, (v, at, x) => v.setFloat64(at, x, true)), 0],
  ] as const)('%s', (_name, tag, bits, chunk, tolerance) => {
    const audio = parseWav(wav([fmt(tag, bits), chunk]));
    expect(audio.sampleRateHz).toBe(RATE_HZ);
    expect(maxError(audio.channels[0], TONE)).toBeLessThanOrEqual(tolerance);
  });

  // Code words and values from the tables of ITU-T G.711 (13- and 14-bit values brought to 16 bits).
  it.each([
    ['A-law', 6, { 0xd5: 8, 0x55: -8, 0xaa: 32256, 0x2a: -32256, 0xc5: 264, 0x80: 5504 }],
    ['µ-law', 7, { 0xff: 0, 0x7f: 0, 0x80: 32124, 0x00: -32124, 0xf0: 120, 0xef: 132 }],
  ] as const)('%s', (_name, tag, table) => {
    const codes = Object.keys(table).map(Number);
    const body = Uint8Array.from({ length: RATE_HZ * SECONDS }, (_, i) => codes[i % codes.length] ?? 0);
    const [samples] = parseWav(wav([fmt(tag, 8), { id: 'data', body }])).channels;
    expect([...(samples ?? [])].slice(0, codes.length).map((x) => x * 32768 + 0)).toEqual(
      codes.map((code) => (table as Record<number, number>)[code]),
    );
  });

  it('extensible, 20 valid bits in 3 bytes', () => {
    const extension = [
      ...u16(22),
      ...u16(20),
      ...u32(0),
      ...u16(1),
      ...u16(0),
      0,
      0,
      0x10,
      0,
      0x80,
      0,
      0,
      0xaa,
      0,
      0x38,
      0x9b,
      0x71,
    ];
    const format = fmt(0xfffe, 24);
    const audio = parseWav(
      wav([{ id: 'fmt ', body: Uint8Array.from([...format.body, ...extension]) }, data(3, write24)]),
    );
    expect(maxError(audio.channels[0], TONE)).toBeLessThanOrEqual(2 ** -23);
  });

  it('eight channels, each in its place, at 192 kHz', () => {
    const frames = 192_000;
    const body = new Uint8Array(frames * 16);
    const view = new DataView(body.buffer);
    for (let i = 0; i < frames * 8; i++) view.setInt16(i * 2, (i % 8) * 1000 + (Math.floor(i / 8) % 7), true);
    const { channels, sampleRateHz } = parseWav(wav8(frames, body));
    expect(sampleRateHz).toBe(192_000);
    expect(channels.map((channel) => Math.round((channel[3] ?? 0) * 32768))).toEqual([
      3, 1003, 2003, 3003, 4003, 5003, 6003, 7003,
    ]);
  });

  function wav8(_frames: number, body: Uint8Array): ArrayBuffer {
    const head = new Uint8Array(
      wav([
        fmt(1, 16, { channels: 8, rate: 192_000 }),
        { id: 'data', body: new Uint8Array(0), size: body.length },
      ]),
    );
    const file = new Uint8Array(head.length + body.length);
    file.set(head);
    file.set(body, head.length);
    return file.buffer;
  }
});

describe('parseWav finds the sound whatever the header says', () => {
  const format = fmt(1, 16);
  const odd: Chunk = { id: 'note', body: Uint8Array.from([1, 2, 3]) };
  it.each([
    ['chunks before, between and after', [list, format, odd, pcm16, list]],
    ['sound before its format', [pcm16, format]],
    ['padding forgotten after an odd chunk', [{ ...odd, pad: false }, format, pcm16]],
    ['a data size of 0', [format, { ...pcm16, size: 0 }]],
    ['a data size of 0xFFFFFFFF', [format, { ...pcm16, size: 0xffffffff }]],
    ['a data size beyond the end', [format, { ...pcm16, size: pcm16.body.length + 12345 }]],
    ['a data size that was never corrected', [format, { ...pcm16, size: 36 }]],
    ['a block size that contradicts the bits', [fmt(1, 16, { blockAlign: 0 }), pcm16]],
  ] satisfies [string, Chunk[]][])('%s', (_name, chunks) => {
    expect(maxError(parseWav(wav(chunks)).channels[0], TONE)).toBeLessThanOrEqual(2 ** -16);
  });

  it('a RIFF size that is wrong', () => {
    expect(parseWav(wav([format, pcm16], { riffSize: 7 })).channels[0]?.length).toBe(TONE.length);
  });

  it('RF64 with its size in ds64', () => {
    const ds64: Chunk = {
      id: 'ds64',
      body: Uint8Array.from([
        ...u32(0),
        ...u32(0),
        ...u32(pcm16.body.length),
        ...u32(0),
        ...u32(0),
        ...u32(0),
        ...u32(0),
      ]),
    };
    const file = wav([ds64, format, { ...pcm16, size: 0xffffffff }, list], { magic: 'RF64' });
    expect(maxError(parseWav(file).channels[0], TONE)).toBeLessThanOrEqual(2 ** -16);
  });

  it('a file cut short gives what is there', () => {
    const whole = wav([format, pcm16]);
    const { channels } = parseWav(whole.slice(0, whole.byteLength - 2001));
    expect(channels[0]?.length).toBe(TONE.length - 1001);
  });
});

describe('parseWav refuses with a code what holds no sound to judge', () => {
  const format = fmt(1, 16);
  const float = (values: Float32Array): ArrayBuffer =>
    wav([fmt(3, 32), data(4, (v, at, x) => v.setFloat32(at, x, true), values)]);
  it.each([
    ['nothing', new ArrayBuffer(0), 'decode-failed'],
    [
      'text named .wav',
      new TextEncoder().encode('This is a letter, not a sound.').buffer,
      'unsupported-format',
    ],
    ['a header and no more', wav([format, { id: 'data', body: new Uint8Array(0) }]), 'too-short'],
    ['no data chunk', wav([format, list]), 'decode-failed'],
    ['no format chunk', wav([pcm16]), 'decode-failed'],
    ['a format chunk cut off', wav([{ id: 'fmt ', body: new Uint8Array(6) }, pcm16]), 'decode-failed'],
    ['0 channels', wav([fmt(1, 16, { channels: 0 }), pcm16]), 'decode-failed'],
    ['65,535 channels', wav([fmt(1, 16, { channels: 65_535, blockAlign: 2 }), pcm16]), 'decode-failed'],
    ['0 Hz', wav([fmt(1, 16, { rate: 0 }), pcm16]), 'decode-failed'],
    ['4 GHz', wav([fmt(1, 16, { rate: 0xfffffff0 }), pcm16]), 'decode-failed'],
    ['ADPCM', wav([fmt(2, 4), pcm16]), 'unsupported-format'],
    ['0.2 s', wav([format, { ...pcm16, body: pcm16.body.slice(0, 800) }]), 'too-short'],
    [
      'more than an hour',
      encodeWav({ samples: new Float32Array(1000 * (MAX_DURATION_SEC + 1)), sampleRateHz: 1000 })
        .buffer as ArrayBuffer,
      'too-long',
    ],
    ['2 % of NaN', float(TONE.map((x, i) => (i % 50 === 0 ? NaN : x))), 'decode-failed'],
  ] as [string, ArrayBuffer, ErrorCode][])('%s', (_name, bytes, code) => {
    expect(codeOf(() => parseWav(bytes))).toBe(code);
  });

  it('a few NaN, infinite and absurd samples become silence', () => {
    const values = Float32Array.from(TONE);
    values.set([NaN, Infinity, -Infinity, 3e38], 100);
    const [samples] = parseWav(float(values)).channels;
    expect([...(samples?.subarray(99, 105) ?? [])]).toEqual([TONE[99], 0, 0, 0, 0, TONE[104]]);
  });
});

describe('encodeWav', () => {
  it('gives a file that reads back within half a step, beyond full scale clipped', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -2, max: 2, noNaN: true }), { minLength: 1000, maxLength: 1200 }),
        fc.integer({ min: 1000, max: 1000 }),
        (values, sampleRateHz) => {
          const file = encodeWav({ samples: Float32Array.from(values), sampleRateHz });
          const audio = parseWav(file.buffer as ArrayBuffer);
          const clipped = values.map((x) => Math.max(-1, Math.min(32767 / 32768, x)));
          expect(audio.sampleRateHz).toBe(sampleRateHz);
          expect(maxError(audio.channels[0], clipped)).toBeLessThanOrEqual(2 ** -16 + 1e-9);
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('parseWav never fails but with an AppError', () => {
  const file = new Uint8Array(wav([list, fmt(1, 16), pcm16, list]));
  it('whatever bytes are changed and wherever the file is cut', () => {
    const header = 80;
    const change = fc.tuple(fc.nat(header), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 255, 254)));
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 12 }),
        fc.nat(file.length),
        fc.boolean(),
        (changes, length, cut) => {
          const damaged = file.slice(0, cut ? length : undefined);
          for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value;
          codeOf(() => {
            const { channels } = parseWav(damaged.buffer);
            expect(channels.every((channel) => channel.every(Number.isFinite))).toBe(true);
          });
        },
      ),
      { numRuns: 400 },
    );
  });
});
