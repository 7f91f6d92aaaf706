// One channel of one FLAC frame: constant, verbatim, or a predictor with Rice-coded residuals (RFC 9639, 9.2).
// Samples are doubles: the widest sums (32 products of 15-bit coefficients and 33-bit samples) stay below 2^53,
// so every depth from 4 to 32 bits is exact in one code path.

import { DamagedFrame, type BitReader } from './flac-bits.ts';

/** Fixed predictors are linear predictors with these coefficients, newest sample first, by order. */
const FIXED_COEFFICIENTS: readonly (readonly number[])[] = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];

const TYPE_CONSTANT = 0;
const TYPE_VERBATIM = 1;
/** Subframe types from here on are fixed predictors of order `type - 8`. */
const TYPE_FIRST_FIXED = 8;
/** Subframe types from here on are linear predictors of order `type - 31`. */
const TYPE_FIRST_LPC = 32;

const PRECISION_BITS = 4;
const INVALID_PRECISION = 15;
const SHIFT_BITS = 5;
const ESCAPE_WIDTH_BITS = 5;

/** Residuals fit 32 bits. */
const MAX_FOLDED = 2 ** 32 - 1;

/**
 * Reads one subframe.
 * @param sampleBits bits per sample of this channel, one more for a side channel
 * @param out filled whole: its length is the block size
 * @throws DamagedFrame
 */
export function readSubframe(reader: BitReader, sampleBits: number, out: Float64Array): void {
  if (reader.read(1) !== 0) throw new DamagedFrame('a subframe begins with a one');
  const type = reader.read(6);
  const wastedBits = reader.read(1) === 1 ? reader.readUnary() + 1 : 0;
  const bits = sampleBits - wastedBits;
  if (bits < 1) throw new DamagedFrame('no bits are left of a sample');
  if (type === TYPE_CONSTANT) out.fill(reader.readSigned(bits));
  else if (type === TYPE_VERBATIM) readVerbatim(reader, bits, out, out.length);
  else if (type >= TYPE_FIRST_LPC) readLinear(reader, bits, out, type - TYPE_FIRST_LPC + 1);
  else readFixed(reader, bits, out, type - TYPE_FIRST_FIXED);
  if (wastedBits > 0) for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) * 2 ** wastedBits;
}

/** The first `count` samples as they are. */
function readVerbatim(reader: BitReader, bits: number, out: Float64Array, count: number): void {
  if (count > out.length) throw new DamagedFrame('a predictor is longer than its block');
  for (let i = 0; i < count; i++) out[i] = reader.readSigned(bits);
}

function readFixed(reader: BitReader, bits: number, out: Float64Array, order: number): void {
  const coefficients = FIXED_COEFFICIENTS[order];
  if (!coefficients) throw new DamagedFrame('a subframe of a reserved type');
  readVerbatim(reader, bits, out, order);
  readResiduals(reader, out, order);
  if (order > 0) predict(out, Float64Array.from(coefficients), 0);
}

function readLinear(reader: BitReader, bits: number, out: Float64Array, order: number): void {
  readVerbatim(reader, bits, out, order);
  const precision = reader.read(PRECISION_BITS);
  const shift = reader.readSigned(SHIFT_BITS);
  if (precision === INVALID_PRECISION || shift < 0) throw new DamagedFrame('a predictor of a reserved kind');
  const coefficients = new Float64Array(order);
  for (let i = 0; i < order; i++) coefficients[i] = reader.readSigned(precision + 1);
  readResiduals(reader, out, order);
  predict(out, coefficients, shift);
}

/** Adds to each residual what the samples before it predict, in place. */
function predict(out: Float64Array, coefficients: Float64Array, shift: number): void {
  const order = coefficients.length;
  const scale = 2 ** -shift;
  for (let i = order; i < out.length; i++) {
    let sum = 0;
    for (let j = 0; j < order; j++) sum += (coefficients[j] as number) * (out[i - 1 - j] as number);
    out[i] = (out[i] as number) + Math.floor(sum * scale);
  }
}

/** Residuals into `out` from `order` on: partitions of equal length, the first shorter by `order`. */
function readResiduals(reader: BitReader, out: Float64Array, order: number): void {
  const method = reader.read(2);
  if (method > 1) throw new DamagedFrame('residuals of a reserved kind');
  const parameterBits = method === 0 ? 4 : 5;
  const escape = 2 ** parameterBits - 1;
  const nPartitions = 2 ** reader.read(4);
  const length = out.length / nPartitions;
  if (!Number.isInteger(length) || length < order)
    throw new DamagedFrame('partitions that do not fit the block');
  for (let partition = 0, i = order; partition < nPartitions; partition++) {
    const end = (partition + 1) * length;
    const parameter = reader.read(parameterBits);
    if (parameter === escape) {
      const width = reader.read(ESCAPE_WIDTH_BITS);
      for (; i < end; i++) out[i] = width === 0 ? 0 : reader.readSigned(width);
    } else {
      const step = 2 ** parameter;
      for (; i < end; i++) {
        const folded = reader.readUnary() * step + reader.read(parameter);
        if (folded > MAX_FOLDED) throw new DamagedFrame('a residual beyond 32 bits');
        // 0, 1, 2, 3, 4 stand for 0, -1, 1, -2, 2.
        out[i] = (folded >>> 1) ^ -(folded & 1);
      }
    }
  }
}
