import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { decodeBytes } from './decode.ts';

// A FLAC writer of the simplest kind (RFC 9639: fixed block size, verbatim subframes), as an oracle of its own.

class Bits {
  readonly bytes: number[] = [];
  #filled = 0;

  put(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) {
      if (this.#filled % 8 === 0) this.bytes.push(0);
      const last = this.bytes.length - 1;
      const one = Math.floor(value / 2 ** bit) % 2 === 0 ? 0 : 1;
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

const BLOCK = 1000;

function encodeFlac(
  channels: Int16Array[],
  sampleRateHz: number,
  totalFrames?: number,
): Uint8Array<ArrayBuffer> {
  const nFrames = channels[0]?.length ?? 0;
  const info = new Bits();
  for (const char of 'fLaC') info.put(char.charCodeAt(0), 8);
  info.put(0x80, 8);
  info.put(34, 24);
  info.put(BLOCK, 16);
  info.put(BLOCK, 16);
  info.put(0, 48);
  info.put(sampleRateHz, 20);
  info.put(channels.length - 1, 3);
  info.put(15, 5);
  info.put(totalFrames ?? nFrames, 36);
  info.put(0, 128);
  const file = [...info.bytes];
  for (let start = 0, index = 0; start < nFrames; start += BLOCK, index++) {
    const length = Math.min(BLOCK, nFrames - start);
    const frame = new Bits();
    frame.put(0xfff8, 16);
    frame.put(0b0111, 4); // block size follows in 16 bits
    frame.put(0b1101, 4); // rate follows in 16 bits, hertz
    frame.put(channels.length - 1, 4);
    frame.put(0b1000, 4); // 16 bits, reserved bit
    frame.put(index, 8);
    frame.put(length - 1, 16);
    frame.put(sampleRateHz, 16);
    frame.put(crc(frame.bytes, 8, 0x07), 8);
    for (const channel of channels) {
      frame.put(0b00000010, 8); // verbatim
      for (const value of channel.subarray(start, start + length)) frame.put(value & 0xffff, 16);
    }
    frame.put(crc(frame.bytes, 16, 0x8005), 16);
    file.push(...frame.bytes);
  }
  return Uint8Array.from(file);
}

const tone = (step: number): Int16Array =>
  Int16Array.from({ length: 2 * 2000 + 123 }, (_, i) => Math.round(32767 * Math.sin(i * step)));

async function codeOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  try {
    await decodeBytes(bytes.buffer);
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('decodeBytes reads FLAC', () => {
  it('of 2 kHz, which browsers refuse, sample by sample and channel by channel', async () => {
    const channels = [tone(0.1), tone(0.31)];
    const audio = await decodeBytes(encodeFlac(channels, 2000).buffer);
    expect(audio.sampleRateHz).toBe(2000);
    expect(audio.channels.map((channel) => Int16Array.from(channel, (x) => x * 32768))).toEqual(channels);
  });

  it('behind an ID3 tag', async () => {
    const flac = encodeFlac([tone(0.1)], 4000);
    const tagged = Uint8Array.from(
      [...'ID3'].map((c) => c.charCodeAt(0)).concat(4, 0, 0, 0, 0, 0, 5, 1, 2, 3, 4, 5, ...flac),
    );
    expect((await decodeBytes(tagged.buffer)).sampleRateHz).toBe(4000);
  });

  it('cut short, up to the last whole frame', async () => {
    const flac = encodeFlac([tone(0.1)], 2000);
    const { channels } = await decodeBytes(flac.slice(0, -700).buffer);
    expect(channels[0]?.length).toBeGreaterThanOrEqual(3000);
  });

  it('and refuses the rest with a code', async () => {
    const flac = encodeFlac([tone(0.1)], 2000);
    expect(await codeOf(flac.slice(0, 20))).toBe('decode-failed');
    expect(await codeOf(flac.slice(0, 60))).toBe('decode-failed');
    expect(await codeOf(encodeFlac([tone(0.1)], 2000, 2000 * 3 * 3600))).toBe('too-long');
    expect(await codeOf(encodeFlac([tone(0.1).subarray(0, 400)], 2000))).toBe('too-short');
    expect(await codeOf(new Uint8Array(0))).toBe('empty-file');
    expect(await codeOf(Uint8Array.from([0x4f, 0x67, 0x67, 0x53, 0, 0, 0, 0]))).toBe('unsupported-format');
  });
});
