// Small real sound files: every sample format of WAV, in every header; FLAC as the reference encoder wrote it; the
// first bytes of other containers. May import: core, Node.

import { readFileSync } from 'node:fs';
import { encodeWav } from '../core/audio/wav.ts';

const RATE_HZ = 1000;
/** A little more than the least that is read. */
const SAMPLES = 1010;

interface WavForm {
  magic?: 'RIFF' | 'RF64' | 'BW64';
  tag: number;
  bits: number;
  nChannels?: number;
  isExtensible?: boolean;
  /** Of the data chunk, where it is not the truth. */
  claimed?: number;
}

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');
const u16 = (...values: number[]): Buffer => Buffer.from(Uint16Array.from(values).buffer);
const u32 = (...values: number[]): Buffer => Buffer.from(Uint32Array.from(values).buffer);

function wavOf({
  magic = 'RIFF',
  tag,
  bits,
  nChannels = 1,
  isExtensible = false,
  claimed,
}: WavForm): Uint8Array {
  const align = (bits / 8) * nChannels;
  const data = Buffer.alloc(SAMPLES * align);
  for (let i = 0; i < data.length; i++) data[i] = tag === 3 ? 0 : (i * 37) & 0xff;
  const sub = isExtensible
    ? Buffer.concat([u16(22, bits), u32(0), u16(tag), Buffer.alloc(14, 0x71)])
    : Buffer.alloc(0);
  const format = Buffer.concat([
    u16(isExtensible ? 0xfffe : tag, nChannels),
    u32(RATE_HZ, RATE_HZ * align),
    u16(align, bits),
    sub,
  ]);
  const ds64 =
    magic === 'RIFF'
      ? Buffer.alloc(0)
      : Buffer.concat([bytesOf('ds64'), u32(28, 0, 0, data.length, 0, 0, 0, 0)]);
  return Buffer.concat([
    bytesOf(magic),
    u32(magic === 'RIFF' ? 36 + data.length : 0xffffffff),
    bytesOf('WAVE'),
    ds64,
    bytesOf('LIST'),
    u32(4),
    bytesOf('INFO'),
    bytesOf('fmt '),
    u32(format.length),
    format,
    bytesOf('data'),
    u32(claimed ?? (magic === 'RIFF' ? data.length : 0xffffffff)),
    data,
  ]);
}

export function wavSeeds(): Uint8Array[] {
  const samples = Float32Array.from({ length: SAMPLES }, (_, i) => Math.sin(i / 7));
  return [
    encodeWav({ samples, sampleRateHz: RATE_HZ }),
    wavOf({ tag: 1, bits: 8 }),
    wavOf({ tag: 1, bits: 24, isExtensible: true }),
    wavOf({ tag: 1, bits: 32, nChannels: 2 }),
    wavOf({ tag: 3, bits: 32 }),
    wavOf({ tag: 3, bits: 64, magic: 'RF64' }),
    wavOf({ tag: 6, bits: 8, nChannels: 3 }),
    wavOf({ tag: 7, bits: 8, magic: 'BW64', isExtensible: true }),
    wavOf({ tag: 1, bits: 16, claimed: 0xffffffff }),
    wavOf({ tag: 0x11, bits: 8 }),
  ];
}

export function flacSeeds(): Uint8Array[] {
  const fixtures = JSON.parse(
    readFileSync(new URL('../core/audio/fixtures/flac.json', import.meta.url), 'utf8'),
  ) as { flac: string }[];
  return fixtures.map(({ flac }) => Uint8Array.from(Buffer.from(flac, 'base64')));
}

/** Beginnings by which containers are told, with a little behind them. */
export function containerSeeds(): Uint8Array[] {
  const some = Buffer.alloc(64, 0x55);
  const [wav = some] = wavSeeds();
  const [flac = some] = flacSeeds();
  return [
    wav,
    flac,
    Buffer.concat([bytesOf('ID3\x03\0\0\0\0\0\x0a'), Buffer.alloc(10), flac]),
    Buffer.concat([bytesOf('ID3\x03\0\0\0\0\x02\x01'), some]),
    Buffer.concat([bytesOf('\xff\xfb\x90\x64'), some]),
    Buffer.concat([bytesOf('\xff\xf1\x50\x80'), some]),
    Buffer.concat([bytesOf('OggS\0\x02'), some]),
    Buffer.concat([bytesOf('\0\0\0\x20ftypM4A '), some]),
    Buffer.concat([bytesOf('\x1a\x45\xdf\xa3'), some]),
    bytesOf('Dear diary, today I listened to a heart.'),
  ];
}
