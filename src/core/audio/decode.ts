// From a file's bytes to sound, for the containers that are read without a browser's decoder and therefore
// at any rate: browsers refuse files below 3 kHz, and heart-sound archives are 2 kHz.

import { AppError } from '../errors.ts';
import type { PcmAudio } from '../types.ts';
import { parseFlac } from './flac.ts';
import { sniffContainer } from './sniff.ts';
import { parseWav } from './wav.ts';

/**
 * Decodes a WAV or FLAC file at its own rate, all channels.
 * @throws AppError `empty-file`, `unsupported-format`, `decode-failed`, `too-short`, `too-long`
 */
// eslint-disable-next-line @typescript-eslint/require-await -- every error is a rejection, and callers stay as they are should a decoder be loaded only when it is needed
export async function decodeBytes(bytes: ArrayBuffer): Promise<PcmAudio> {
  if (bytes.byteLength === 0)
    throw new AppError('empty-file', 'The file is empty; it holds no bytes at all.');
  const container = sniffContainer(new Uint8Array(bytes));
  if (container === 'wav') return parseWav(bytes);
  if (container === 'flac') return parseFlac(bytes);
  throw new AppError(
    'unsupported-format',
    container === null
      ? 'The file is not a sound recording that can be read; use WAV, FLAC, MP3, Ogg, M4A or WebM.'
      : `The file is ${container}, which only the browser's own decoder reads; open it in the app or convert it to WAV.`,
  );
}
