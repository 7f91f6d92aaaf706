// One FLAC frame: its header, one subframe per channel, the checksums, and stereo channels that are stored as
// sums and differences (RFC 9639, section 9).

import { BitReader, crc16, crc8, DamagedFrame } from './flac-bits.ts';
import { readSubframe } from './flac-subframe.ts';

/** What every frame of a stream has in common, from STREAMINFO. */
export interface FlacFormat {
  sampleRateHz: number;
  nChannels: number;
  /** Bits per sample, 4..32. */
  sampleBits: number;
}

export const MAX_BLOCK_SIZE = 65_536;

/** Fourteen ones but the last, and a reserved zero. */
const SYNC = 0x7ffc;
const SYNC_BITS = 15;

/** Hertz by the code in a frame's header; 0: as STREAMINFO says. */
const RATE_CODES_HZ = [
  0, 88_200, 176_400, 192_000, 8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000,
] as const;
const RATE_IN_KILOHERTZ = 12;
const RATE_IN_HERTZ = 13;
const RATE_IN_TENS_OF_HERTZ = 14;

/** Bits per sample by the code in a frame's header; 0: as STREAMINFO says. */
const SAMPLE_BITS_CODES = [0, 8, 12, null, 16, 20, 24, 32] as const;

const LEFT_SIDE = 8;
const SIDE_RIGHT = 9;
const MID_SIDE = 10;

const CRC8_BITS = 8;
const CRC16_BITS = 16;

export interface FlacFrame {
  blockSize: number;
  /** Offset of the first byte behind the frame. */
  end: number;
}

/** Reads frames of one stream into buffers of its own, which the next frame overwrites. */
export class FrameReader {
  /** Per channel: the frame's samples as integers, `blockSize` of `MAX_BLOCK_SIZE`. */
  readonly channels: readonly Float64Array[];
  readonly #bytes: Uint8Array;
  readonly #reader: BitReader;
  readonly #format: FlacFormat;

  constructor(bytes: Uint8Array, format: FlacFormat) {
    this.#bytes = bytes;
    this.#reader = new BitReader(bytes);
    this.#format = format;
    this.channels = Array.from({ length: format.nChannels }, () => new Float64Array(MAX_BLOCK_SIZE));
  }

  /** Offset of the next possible beginning of a frame from `from` on; -1 if there is none. */
  findSync(from: number): number {
    for (;;) {
      const at = this.#bytes.indexOf(0xff, from);
      if (at < 0 || ((this.#bytes[at + 1] ?? 0) & 0xfe) === 0xf8) return at;
      from = at + 1;
    }
  }

  /**
   * The frame that begins at `start`; its samples are in `channels` until the next call.
   * @throws DamagedFrame
   */
  read(start: number): FlacFrame {
    const reader = this.#reader;
    reader.seek(start);
    const { blockSize, assignment } = this.#readHeader(start);
    const blocks = this.channels.map((channel) => channel.subarray(0, blockSize));
    for (const [index, block] of blocks.entries()) {
      const isSide =
        ((assignment === LEFT_SIDE || assignment === MID_SIDE) && index === 1) ||
        (assignment === SIDE_RIGHT && index === 0);
      readSubframe(reader, this.#format.sampleBits + (isSide ? 1 : 0), block);
    }
    reader.alignToByte();
    reader.read(CRC16_BITS);
    const end = reader.byteOffset;
    if (crc16(this.#bytes, start, end) !== 0) throw new DamagedFrame('the checksum of a frame is wrong');
    restoreStereo(blocks, assignment);
    assertRange(blocks, this.#format.sampleBits);
    return { blockSize, end };
  }

  #readHeader(start: number): { blockSize: number; assignment: number } {
    const reader = this.#reader;
    const { sampleRateHz, nChannels, sampleBits } = this.#format;
    if (reader.read(SYNC_BITS) !== SYNC) throw new DamagedFrame('no frame begins here');
    reader.read(1); // blocks of one size or of several: each header tells its own
    const blockCode = reader.read(4);
    const rateCode = reader.read(4);
    const assignment = reader.read(4);
    const bitsCode = reader.read(3);
    const reserved = reader.read(1);
    skipCodedNumber(reader);
    const blockSize = readBlockSize(reader, blockCode);
    const rateHz = readRate(reader, rateCode) || sampleRateHz;
    reader.read(CRC8_BITS);
    if (crc8(this.#bytes, start, reader.byteOffset) !== 0)
      throw new DamagedFrame('the checksum of a header is wrong');
    const channelCount = assignment >= LEFT_SIDE ? 2 : assignment + 1;
    const bits = SAMPLE_BITS_CODES[bitsCode];
    if (reserved !== 0 || assignment > MID_SIDE || bits === null)
      throw new DamagedFrame('a header with reserved values');
    if (rateHz !== sampleRateHz || channelCount !== nChannels || (bits || sampleBits) !== sampleBits)
      throw new DamagedFrame('a frame of another stream');
    return { blockSize, assignment };
  }
}

/** The number of the frame or of its first sample, coded like UTF-8 with up to 36 bits. */
function skipCodedNumber(reader: BitReader): void {
  const first = reader.read(8);
  let more = Math.clz32(~(first << 24)) - 1;
  if (more === 0 || more > 6) throw new DamagedFrame('a frame number that is none');
  for (; more > 0; more--) reader.read(8);
}

function readBlockSize(reader: BitReader, code: number): number {
  if (code === 0) throw new DamagedFrame('a block size of a reserved kind');
  if (code === 1) return 192;
  if (code <= 5) return 144 << code;
  if (code === 6) return reader.read(8) + 1;
  if (code === 7) return reader.read(16) + 1;
  return 1 << code;
}

/** Hertz, 0: as STREAMINFO says. */
function readRate(reader: BitReader, code: number): number {
  const known = RATE_CODES_HZ[code];
  if (known !== undefined) return known;
  if (code === RATE_IN_KILOHERTZ) return 1000 * reader.read(8);
  if (code === RATE_IN_HERTZ) return reader.read(16);
  if (code === RATE_IN_TENS_OF_HERTZ) return 10 * reader.read(16);
  throw new DamagedFrame('a sample rate of a reserved kind');
}

/** A predictor that nobody would write grows beyond all numbers. */
function assertRange(blocks: readonly Float64Array[], sampleBits: number): void {
  const end = 2 ** (sampleBits - 1);
  for (const block of blocks)
    for (let i = 0; i < block.length; i++) {
      const value = block[i] as number;
      if (!(value >= -end && value < end)) throw new DamagedFrame('samples wider than the stream');
    }
}

/** Left and right from what was stored, in place. */
function restoreStereo(blocks: Float64Array[], assignment: number): void {
  const [first, second] = blocks;
  if (assignment < LEFT_SIDE || !first || !second) return;
  for (let i = 0; i < first.length; i++) {
    const a = first[i] as number;
    const b = second[i] as number;
    if (assignment === LEFT_SIDE) second[i] = a - b;
    else if (assignment === SIDE_RIGHT) first[i] = a + b;
    else {
      // The mid channel lost its lowest bit, which is that of the side.
      const sum = 2 * a + Math.abs(b % 2);
      first[i] = (sum + b) / 2;
      second[i] = (sum - b) / 2;
    }
  }
}
