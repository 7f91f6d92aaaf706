// IEEE 754 half-precision numbers as Uint16: how the features of thousands of recordings fit in memory.
// 11 significant bits: normalised features keep a relative error below 5e-4. Own code, because
// Float16Array is not in every browser that this program supports.

const DECODED = buildTable();

/** Nearest half, ties to even; beyond ±65504 it is infinity. */
export function encodeHalf(values: ArrayLike<number>): Uint16Array {
  const single = new Float32Array(1);
  const bits = new Uint32Array(single.buffer);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    single[0] = values[i] ?? 0;
    halves[i] = toHalf(bits[0] ?? 0);
  }
  return halves;
}

/** Writes `length` numbers, from halves[from] on, into `target` at `offset`. */
export function decodeHalf(
  halves: Uint16Array,
  from: number,
  length: number,
  target: Float32Array,
  offset: number,
): void {
  for (let i = 0; i < length; i++) target[offset + i] = DECODED[halves[from + i] ?? 0] ?? 0;
}

/** Bits of a single to bits of a half, rounded to nearest even. */
function toHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const mantissa = bits & 0x7fffff;
  if (exponent === 0xff) return sign | (mantissa ? 0x7e00 : 0x7c00);
  const scaled = exponent - 127 + 15;
  if (scaled >= 31) return sign | 0x7c00;
  if (scaled < -10) return sign;
  const shift = scaled > 0 ? 13 : 14 - scaled;
  const full = scaled > 0 ? (scaled << 23) | mantissa : mantissa | 0x800000;
  const kept = full >>> shift;
  const rest = full & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  // A carry out of the mantissa raises the exponent, which is what rounding up means.
  return sign | (kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0));
}

/** Every half's value, by its bits. */
function buildTable(): Float32Array {
  const table = new Float32Array(1 << 16);
  for (let bits = 0; bits < table.length; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >>> 10) & 31;
    const mantissa = bits & 1023;
    if (exponent === 31) table[bits] = mantissa ? NaN : sign * Infinity;
    else if (exponent === 0) table[bits] = sign * mantissa * 2 ** -24;
    else table[bits] = sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
  }
  return table;
}
