// Files that the specs hand to the app: simulated heart sounds, and every kind of bad input. Made here by the
// program's own encoder or byte by byte; no recording of anyone is in this project.

import { strToU8, zipSync } from 'fflate';
import { simulateHeartSound } from '../src/core/audio/simulate.ts';
import { encodeWav } from '../src/core/audio/wav.ts';
import type { MonoAudio } from '../src/core/types.ts';

/** What a file chooser takes. */
export interface TestFile {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

export function wavFile(name: string, bytes: Uint8Array): TestFile {
  return { name, mimeType: 'audio/wav', buffer: Buffer.from(bytes) };
}

/** A simulated heart sound at 2 kHz, the rate of heart-sound archives that browsers refuse to decode. */
export function heartSound(name = 'heart.wav', seed = 1, kind: 'normal' | 'murmur' = 'normal'): TestFile {
  const { samples, sampleRateHz } = simulateHeartSound(kind, seed);
  const step = sampleRateHz / 2000;
  if (!Number.isInteger(step)) throw new Error(`cannot thin out ${String(sampleRateHz)} Hz to 2 kHz`);
  // Every step-th sample: heart sounds lie far below the new half rate.
  const thinned = Float32Array.from(
    { length: Math.floor(samples.length / step) },
    (_, i) => samples[i * step] ?? 0,
  );
  return wavFile(name, encodeWav({ samples: thinned, sampleRateHz: 2000 }));
}

const RATE_HZ = 2000;

/** Seconds of a 100 Hz tone. */
function tone(durationSec: number): MonoAudio {
  const samples = Float32Array.from(
    { length: Math.round(durationSec * RATE_HZ) },
    (_, i) => 0.5 * Math.sin((2 * Math.PI * 100 * i) / RATE_HZ),
  );
  return { samples, sampleRateHz: RATE_HZ };
}

/** So many windows that the network works on a whole batch of them. */
export const minuteOfTone = (name: string): TestFile => wavFile(name, encodeWav(tone(60)));

interface WavHeader {
  /** 1 integers, 3 floats. */
  format: number;
  channels: number;
  rateHz: number;
  bits: number;
  /** What the header says, which need not be true. */
  dataBytes?: number;
}

/** A WAV with any header around any bytes. */
function rawWav({ format, channels, rateHz, bits, dataBytes }: WavHeader, data: Uint8Array): Uint8Array {
  const wav = Buffer.alloc(44 + data.length);
  wav.write('RIFF', 0);
  wav.writeUInt32LE((36 + (dataBytes ?? data.length)) >>> 0, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(format, 20);
  wav.writeUInt16LE(channels, 22);
  wav.writeUInt32LE(rateHz, 24);
  wav.writeUInt32LE((rateHz * channels * bits) / 8, 28);
  wav.writeUInt16LE((channels * bits) / 8, 32);
  wav.writeUInt16LE(bits, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(dataBytes ?? data.length, 40);
  wav.set(data, 44);
  return wav;
}

const pcm16 = { format: 1, channels: 1, rateHz: RATE_HZ, bits: 16 };

/** 8 channels, each a tone louder than the one before. */
export function eightChannels(): TestFile {
  const frames = 10 * RATE_HZ;
  const data = new Int16Array(frames * 8);
  for (let i = 0; i < frames; i++)
    for (let c = 0; c < 8; c++)
      data[i * 8 + c] = (c + 1) * 1000 * Math.sin((2 * Math.PI * 100 * i) / RATE_HZ);
  return wavFile('eight-channels.wav', rawWav({ ...pcm16, channels: 8 }, new Uint8Array(data.buffer)));
}

/** Float samples with NaN and both infinities among a heart sound's. */
export function notANumber(): TestFile {
  const { samples } = tone(10);
  samples.set([NaN, Infinity, -Infinity], 500);
  return wavFile('nan.wav', rawWav({ ...pcm16, format: 3, bits: 32 }, new Uint8Array(samples.buffer)));
}

export const silence = (): TestFile =>
  wavFile('silence.wav', encodeWav({ samples: new Float32Array(10 * RATE_HZ), sampleRateHz: RATE_HZ }));

/** The audio is there, the file ends in the middle of it. */
export const truncated = (): TestFile => {
  const whole = encodeWav(tone(20));
  return wavFile('truncated.wav', whole.slice(0, whole.length / 2));
};

/** The header promises four gigabytes. */
export const lyingHeader = (): TestFile =>
  wavFile('lying.wav', rawWav({ ...pcm16, dataBytes: 0xffff_fff0 }, encodeWav(tone(10)).slice(44)));

/** Recordings that get no answer, with the code of their error. */
export function badFiles(): { file: TestFile; code: string }[] {
  return [
    { file: wavFile('empty.wav', new Uint8Array()), code: 'empty-file' },
    {
      file: wavFile('text.wav', strToU8('Dear diary, today I listened to a heart.')),
      code: 'unsupported-format',
    },
    { file: wavFile('cut-in-header.wav', encodeWav(tone(10)).slice(0, 30)), code: 'decode-failed' },
    { file: wavFile('short.wav', encodeWav(tone(0.2))), code: 'too-short' },
    { file: wavFile('three-hours.wav', threeHours()), code: 'too-long' },
    {
      file: wavFile('no-channels.wav', rawWav({ ...pcm16, channels: 0 }, new Uint8Array(8000))),
      code: 'decode-failed',
    },
  ];
}

/** 3 hours at 8 bits and 1 kHz: the smallest WAV that lasts so long. */
function threeHours(): Uint8Array {
  return rawWav({ format: 1, channels: 1, rateHz: 1000, bits: 8 }, new Uint8Array(3 * 3600 * 1000).fill(128));
}

const ENCRYPTED_FLAG = 1;
/** Offsets of the flags in a zip's local file header and in its central directory entry. */
const LOCAL_FLAGS = 6;
const CENTRAL_FLAGS = 8;

/** A zip whose one entry says that it is encrypted. */
export function lockedZip(): TestFile {
  const zip = Buffer.from(zipSync({ 'heart.wav': new Uint8Array(encodeWav(tone(5))) }));
  const central = zip.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'));
  zip.writeUInt16LE(zip.readUInt16LE(LOCAL_FLAGS) | ENCRYPTED_FLAG, LOCAL_FLAGS);
  zip.writeUInt16LE(zip.readUInt16LE(central + CENTRAL_FLAGS) | ENCRYPTED_FLAG, central + CENTRAL_FLAGS);
  return { name: 'locked.zip', mimeType: 'application/zip', buffer: zip };
}
