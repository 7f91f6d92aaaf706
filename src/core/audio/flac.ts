// FLAC files (RFC 9639) at any rate and depth, read here because browsers refuse sound below 3 kHz. The stream:
// metadata, the frames one after another, what to do with damage. Frames are read in flac-frame.ts.

import { AppError } from '../errors.ts';
import type { PcmAudio } from '../types.ts';
import { audioText } from './audio-text.ts';
import { DamagedFrame } from './flac-bits.ts';
import { FrameReader, type FlacFormat, type FlacFrame } from './flac-frame.ts';
import { allocateChannels, assertLimits, MAX_DURATION_SEC, MAX_SAMPLE_VALUES } from './limits.ts';
import { id3TagLength } from './sniff.ts';

const MAGIC_BYTES = 4;
const BLOCK_HEADER_BYTES = 4;
const STREAMINFO_BYTES = 34;
const MIN_SAMPLE_BITS = 4;

/** Places that look like frames and are not; with more of them than this there is nothing to be rescued. */
const MAX_DAMAGED_FRAMES = 200;

/**
 * Samples of a file for each of its bytes. Sound has some two; silence packs so well that a few thousand bytes could
 * ask for gigabytes, and up to the second bound it may.
 */
const MAX_SAMPLES_PER_BYTE = 256;
const FREE_SAMPLES = 2 ** 24;

/** Samples per channel for which room is made at first if the stream does not tell its length. */
const FIRST_CAPACITY = 2 ** 16;

interface StreamInfo extends FlacFormat {
  /** Samples per channel; 0: the writer did not know. */
  nFrames: number;
}

/**
 * Decodes a whole FLAC file at its own rate. Damaged frames are left out and a truncated file gives what is
 * there, as long as it is not too short.
 * @returns samples divided by 2^(bits - 1), exactly as a WAV file of the same depth gives them
 * @throws AppError `decode-failed`, `too-short`, `too-long`
 */
export function parseFlac(bytes: ArrayBuffer): PcmAudio {
  const flac = new Uint8Array(bytes).subarray(id3TagLength(new Uint8Array(bytes)));
  const info = readStreamInfo(flac);
  if (info.nFrames > 0) assertLimits(info.nFrames, info.nChannels, info.sampleRateHz);
  const sound = new GrowingSound(info, Math.max(FREE_SAMPLES, MAX_SAMPLES_PER_BYTE * flac.length));
  const reader = new FrameReader(flac, info);
  let start = reader.findSync(endOfMetadata(flac));
  let nDamaged = 0;
  while (start >= 0 && !sound.isFull && nDamaged <= MAX_DAMAGED_FRAMES) {
    const frame = tryFrame(reader, start);
    if (frame) sound.append(reader.channels, frame.blockSize);
    else nDamaged++;
    start = reader.findSync(frame ? frame.end : start + 1);
  }
  if (sound.length === 0) throw damaged();
  if (sound.isBomb) throw bomb();
  assertLimits(sound.length, info.nChannels, info.sampleRateHz);
  const flaws: PcmAudio['flaws'] = [
    ...(nDamaged > 0 ? ['damaged' as const] : []),
    ...(sound.length < info.nFrames ? ['incomplete' as const] : []),
  ];
  const channels = sound.finish();
  return { channels, sampleRateHz: info.sampleRateHz, ...(flaws.length > 0 ? { flaws } : {}) };
}

/** STREAMINFO, the first metadata block of every FLAC stream (RFC 9639, section 8.2). */
function readStreamInfo(flac: Uint8Array): StreamInfo {
  const start = MAGIC_BYTES + BLOCK_HEADER_BYTES;
  if (flac.length < start + STREAMINFO_BYTES) throw damaged();
  const view = new DataView(flac.buffer, flac.byteOffset + start, STREAMINFO_BYTES);
  // 20 bits rate, 3 bits channels - 1, 5 bits bits per sample - 1, 36 bits total samples.
  const packed = view.getUint32(10);
  const info = {
    sampleRateHz: packed >>> 12,
    nChannels: ((packed >>> 9) & 7) + 1,
    sampleBits: ((packed >>> 4) & 31) + 1,
    nFrames: (packed & 15) * 2 ** 32 + view.getUint32(14),
  };
  if (info.sampleBits < MIN_SAMPLE_BITS || info.sampleRateHz === 0) throw damaged();
  return info;
}

/** Offset behind the metadata: pictures, tags, seek points and the like are of no use here. */
function endOfMetadata(flac: Uint8Array): number {
  const LAST_BLOCK = 0x80;
  for (let at = MAGIC_BYTES; at + BLOCK_HEADER_BYTES <= flac.length;) {
    const [flags = 0, high = 0, middle = 0, low = 0] = flac.subarray(at, at + BLOCK_HEADER_BYTES);
    at += BLOCK_HEADER_BYTES + ((high << 16) | (middle << 8) | low);
    if (flags & LAST_BLOCK) return at;
  }
  return flac.length;
}

function tryFrame(reader: FrameReader, start: number): FlacFrame | null {
  try {
    return reader.read(start);
  } catch (error) {
    if (error instanceof DamagedFrame) return null;
    throw error;
  }
}

/** Collects samples. Memory follows what was read, not what a header claims. */
class GrowingSound {
  length = 0;
  #channels: Float32Array[];
  readonly #scale: number;
  /** Samples per channel that the stream has, or may have at most plus one, so that too much is noticed. */
  readonly #limit: number;
  /** Samples per channel that a file of this size may have. */
  readonly #plausible: number;

  /** @param mostSamples over all channels, of a file of this size */
  constructor({ nFrames, nChannels, sampleRateHz, sampleBits }: StreamInfo, mostSamples: number) {
    const most = Math.min(MAX_DURATION_SEC * sampleRateHz, Math.floor(MAX_SAMPLE_VALUES / nChannels));
    this.#limit = nFrames || most + 1;
    this.#plausible = Math.floor(mostSamples / nChannels);
    this.#scale = 2 ** (1 - sampleBits);
    this.#channels = allocateChannels(nChannels, Math.min(this.#limit, FIRST_CAPACITY));
  }

  get isFull(): boolean {
    return this.length >= this.#limit || this.isBomb;
  }

  get isBomb(): boolean {
    return this.length > this.#plausible;
  }

  /** @param blocks per channel: integers, of which the first `count` are taken */
  append(blocks: readonly Float64Array[], count: number): void {
    const end = Math.min(this.#limit, this.length + count);
    const capacity = this.#channels[0]?.length ?? 0;
    if (end > capacity) this.#resize(Math.min(this.#limit, Math.max(end, 2 * capacity)));
    for (const [index, channel] of this.#channels.entries()) {
      const block = blocks[index];
      if (!block) continue;
      for (let i = this.length, from = 0; i < end; i++, from++)
        channel[i] = (block[from] as number) * this.#scale;
    }
    this.length = end;
  }

  finish(): Float32Array[] {
    if (this.#channels[0]?.length !== this.length) this.#resize(this.length);
    return this.#channels;
  }

  #resize(capacity: number): void {
    const kept = Math.min(this.length, capacity);
    const resized = allocateChannels(this.#channels.length, capacity);
    for (const [index, channel] of this.#channels.entries()) resized[index]?.set(channel.subarray(0, kept));
    this.#channels = resized;
  }
}

function bomb(): AppError {
  return new AppError('too-long', audioText.flacBomb);
}

function damaged(): AppError {
  return new AppError('decode-failed', audioText.flacDamaged);
}
