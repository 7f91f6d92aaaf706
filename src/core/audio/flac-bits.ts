// Reads FLAC's big-endian bit stream and its checksums, and knows nothing of what the bits mean.

/** A frame that is cut off or contradicts itself. Caught in flac.ts, never seen outside the reader of FLAC. */
export class DamagedFrame extends Error {}

const WORD_BITS = 32;

export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #byte = 0;
  /** Bits of the current byte that are already read, 0..7. */
  #bit = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Offset of the next whole byte. */
  get byteOffset(): number {
    return this.#bit === 0 ? this.#byte : this.#byte + 1;
  }

  /** Goes to the beginning of a byte. */
  seek(byte: number): void {
    this.#byte = byte;
    this.#bit = 0;
  }

  /** Leaves out the bits up to the next byte. */
  alignToByte(): void {
    this.seek(this.byteOffset);
  }

  /** An unsigned number of `count` bits, 0..32. @throws DamagedFrame past the end */
  read(count: number): number {
    if (count === 0) return 0;
    const word = this.#wordAt(this.#byte);
    const end = this.#bit + count;
    const spill = end - WORD_BITS;
    const value =
      spill <= 0
        ? (word << this.#bit) >>> (WORD_BITS - count)
        : (word & (0xffffffff >>> this.#bit)) * 2 ** spill +
          ((this.#bytes[this.#byte + 4] ?? 0) >> (8 - spill));
    this.#advanceTo(end);
    return value;
  }

  /** A number of `count` bits in two's complement, 1..33. @throws DamagedFrame past the end */
  readSigned(count: number): number {
    if (count <= WORD_BITS) {
      const unused = WORD_BITS - count;
      return (this.read(count) << unused) >> unused;
    }
    const sign = this.read(1);
    return this.read(WORD_BITS) - sign * 2 ** WORD_BITS;
  }

  /** The number of zeros before the next one; the one is read too. @throws DamagedFrame past the end */
  readUnary(): number {
    let zeros = 0;
    for (;;) {
      const rest = this.#wordAt(this.#byte) << this.#bit;
      if (rest !== 0) {
        const run = Math.clz32(rest);
        this.#advanceTo(this.#bit + run + 1);
        return zeros + run;
      }
      zeros += WORD_BITS - this.#bit;
      this.#advanceTo(WORD_BITS);
    }
  }

  /** Four bytes, zeros beyond the end. */
  #wordAt(byte: number): number {
    if (byte + 4 <= this.#bytes.length) return this.#view.getInt32(byte);
    let word = 0;
    for (let i = 0; i < 4; i++) word = (word << 8) | (this.#bytes[byte + i] ?? 0);
    return word;
  }

  /** @param bits counted from the beginning of the current byte */
  #advanceTo(bits: number): void {
    this.#byte += bits >> 3;
    this.#bit = bits & 7;
    if (this.byteOffset > this.#bytes.length) throw new DamagedFrame('the stream ends within a frame');
  }
}

function crcTable(width: 8 | 16, polynomial: number): Uint16Array {
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let value = byte << (width - 8);
    for (let bit = 0; bit < 8; bit++)
      value = value & (1 << (width - 1)) ? (value << 1) ^ polynomial : value << 1;
    return value & (2 ** width - 1);
  });
}

/** x⁸ + x² + x + 1, of the frame's header; and x¹⁶ + x¹⁵ + x² + 1, of the frame (RFC 9639, section 9). */
const CRC8 = crcTable(8, 0x07);
const CRC16 = crcTable(16, 0x8005);

/** CRC-8 of the bytes from `start` to before `end`; 0 when they end with their own checksum. */
export function crc8(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let i = start; i < end; i++) crc = CRC8[crc ^ (bytes[i] as number)] as number;
  return crc;
}

/** CRC-16 of the bytes from `start` to before `end`; 0 when they end with their own checksum. */
export function crc16(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let i = start; i < end; i++)
    crc = ((crc << 8) & 0xffff) ^ (CRC16[(crc >> 8) ^ (bytes[i] as number)] as number);
  return crc;
}
