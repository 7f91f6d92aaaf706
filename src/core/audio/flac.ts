// FLAC at any rate through libFLAC compiled to WebAssembly, loaded when the first FLAC file arrives.
// Runs in a worker and in Node; needs 'wasm-unsafe-eval' of the content security policy and nothing more.

import { AppError } from '../errors.ts';
import type { PcmAudio } from '../types.ts';
import { assertLimits } from './limits.ts';
import { id3TagLength } from './sniff.ts';

const MAGIC_BYTES = 4;
const BLOCK_HEADER_BYTES = 4;
const STREAMINFO_BYTES = 34;

interface StreamInfo {
  sampleRateHz: number;
  nChannels: number;
  /** Samples per channel; 0: the writer did not know. */
  nFrames: number;
}

/** STREAMINFO, the first metadata block of every FLAC stream (RFC 9639, section 8.2). */
function readStreamInfo(flac: Uint8Array): StreamInfo {
  const start = MAGIC_BYTES + BLOCK_HEADER_BYTES;
  if (flac.length < start + STREAMINFO_BYTES) throw damaged();
  const view = new DataView(flac.buffer, flac.byteOffset + start, STREAMINFO_BYTES);
  // 20 bits rate, 3 bits channels - 1, 5 bits bits per sample - 1, 36 bits total samples.
  const packed = view.getUint32(10);
  return {
    sampleRateHz: packed >>> 12,
    nChannels: ((packed >>> 9) & 7) + 1,
    nFrames: (view.getUint8(13) & 15) * 2 ** 32 + view.getUint32(14),
  };
}

function damaged(cause?: unknown): AppError {
  return new AppError(
    'decode-failed',
    'The FLAC file is damaged and holds no sound that can be read; export it again.',
    {
      cause,
    },
  );
}

/**
 * Decodes a whole FLAC file at its own rate. A truncated file gives what is there.
 * @throws AppError `decode-failed`, `too-short`, `too-long`
 */
export async function parseFlac(bytes: ArrayBuffer): Promise<PcmAudio> {
  const flac = new Uint8Array(bytes, id3TagLength(new Uint8Array(bytes)));
  const info = readStreamInfo(flac);
  if (info.nFrames > 0) assertLimits(info.nFrames, info.nChannels, info.sampleRateHz);
  const { FLACDecoder } = await import('@wasm-audio-decoders/flac');
  const decoder = new FLACDecoder();
  try {
    await decoder.ready;
    const { channelData, samplesDecoded, sampleRate, bitDepth } = await decoder.decodeFile(flac);
    if (samplesDecoded === 0 || channelData.length === 0) throw damaged();
    assertLimits(samplesDecoded, channelData.length, sampleRate);
    for (const channel of channelData) rescale(channel, bitDepth);
    return { channels: channelData, sampleRateHz: sampleRate };
  } catch (error) {
    throw error instanceof AppError ? error : damaged(error);
  } finally {
    decoder.free();
  }
}

/**
 * The decoder divides by 2^(bits-1) - 1, WAV readers divide by 2^(bits-1): brought to the latter, so that a
 * recording gives the same numbers in either container.
 */
function rescale(channel: Float32Array, bitDepth: number): void {
  const fullScale = 2 ** (bitDepth - 1);
  for (let i = 0; i < channel.length; i++)
    channel[i] = Math.round((channel[i] as number) * (fullScale - 1)) / fullScale;
}
