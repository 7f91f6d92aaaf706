// Sample formats of WAV files: from interleaved bytes to one Float32Array per channel, and nothing about headers.

import { AppError } from '../errors.ts';
import { audioText } from './audio-text.ts';
import { allocateChannels } from './limits.ts';

/** How one sample is stored. PCM of 8 bits is unsigned, wider PCM is signed; all little endian. */
export type SampleFormat = 'pcm8' | 'pcm16' | 'pcm24' | 'pcm32' | 'float32' | 'float64' | 'alaw' | 'mulaw';

export const BYTES_PER_SAMPLE: Record<SampleFormat, number> = {
  pcm8: 1,
  pcm16: 2,
  pcm24: 3,
  pcm32: 4,
  float32: 4,
  float64: 8,
  alaw: 1,
  mulaw: 1,
};

/** Fraction of float samples that may be damaged (NaN, infinite, absurd) before the file is given up. */
const MAX_DAMAGED_FRACTION = 0.01;

/** Float samples are nominally within ±1, some writers keep 32-bit integer scale; beyond that it is damage. */
const MAX_MAGNITUDE = 2 ** 31;

const PCM16_SCALE = 2 ** -15;
const PCM32_SCALE = 2 ** -31;

/** ITU-T G.711 µ-law code words as -1..1. */
const MULAW = Float32Array.from({ length: 256 }, (_, code) => {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84;
  return (bits & 0x80 ? -magnitude : magnitude) * PCM16_SCALE;
});

/** ITU-T G.711 A-law code words as -1..1. */
const ALAW = Float32Array.from({ length: 256 }, (_, code) => {
  const bits = code ^ 0x55;
  const segment = (bits >> 4) & 7;
  const mantissa = ((bits & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? mantissa : (mantissa + 0x100) << (segment - 1);
  return (bits & 0x80 ? magnitude : -magnitude) * PCM16_SCALE;
});

type ReadSample = (view: DataView, offset: number) => number;

const READERS: Record<SampleFormat, ReadSample> = {
  pcm8: (view, offset) => (view.getUint8(offset) - 128) / 128,
  pcm16: (view, offset) => view.getInt16(offset, true) * PCM16_SCALE,
  // Three bytes as the upper part of 32 bits, so that the sign takes care of itself.
  pcm24: (view, offset) =>
    ((view.getUint8(offset) << 8) | (view.getInt16(offset + 1, true) << 16)) * PCM32_SCALE,
  pcm32: (view, offset) => view.getInt32(offset, true) * PCM32_SCALE,
  float32: (view, offset) => view.getFloat32(offset, true),
  float64: (view, offset) => view.getFloat64(offset, true),
  alaw: (view, offset) => ALAW[view.getUint8(offset)] as number,
  mulaw: (view, offset) => MULAW[view.getUint8(offset)] as number,
};

/**
 * @param view the interleaved samples, at least `nFrames * nChannels` of them
 * @returns one Float32Array of `nFrames` per channel, and how many float samples were damaged and are now 0
 * @throws AppError `out-of-memory`; `decode-failed` when more than 1 % of float samples are not numbers
 */
export function deinterleave(
  view: DataView,
  format: SampleFormat,
  nChannels: number,
  nFrames: number,
): { channels: Float32Array[]; nDamaged: number } {
  const channels = allocateChannels(nChannels, nFrames);
  const stride = BYTES_PER_SAMPLE[format];
  for (const [index, channel] of channels.entries())
    readChannel(view, format, index * stride, stride * nChannels, channel);
  const isFloat = format === 'float32' || format === 'float64';
  return { channels, nDamaged: isFloat ? repair(channels, nFrames * nChannels) : 0 };
}

/** One loop per common format: a shared loop over `READERS` is several times slower than a monomorphic one. */
function readChannel(
  view: DataView,
  format: SampleFormat,
  start: number,
  step: number,
  into: Float32Array,
): void {
  if (format === 'pcm16') {
    for (let i = 0, offset = start; i < into.length; i++, offset += step)
      into[i] = view.getInt16(offset, true) * PCM16_SCALE;
    return;
  }
  const read = READERS[format];
  for (let i = 0, offset = start; i < into.length; i++, offset += step) into[i] = read(view, offset);
}

function repair(channels: Float32Array[], nValues: number): number {
  let damaged = 0;
  for (const channel of channels)
    for (let i = 0; i < channel.length; i++) {
      // Written so that NaN, too, is caught.
      if (!(Math.abs(channel[i] as number) <= MAX_MAGNITUDE)) {
        channel[i] = 0;
        damaged++;
      }
    }
  if (damaged > MAX_DAMAGED_FRACTION * nValues)
    throw new AppError('decode-failed', audioText.wav.noNumbers(Math.round((100 * damaged) / nValues)));
  return damaged;
}
