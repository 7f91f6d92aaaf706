// From a file's bytes to sound, for the containers that are read without a browser's decoder and therefore
// at any rate: browsers refuse files below 3 kHz, and heart-sound archives are 2 kHz.

import { AppError } from '../errors.ts';
import type { PcmAudio } from '../types.ts';
import { audioText } from './audio-text.ts';
import { parseFlac } from './flac.ts';
import { sniffContainer } from './sniff.ts';
import { parseWav } from './wav.ts';

/**
 * Decodes a WAV or FLAC file at its own rate, all channels.
 * @throws AppError `empty-file`, `unsupported-format`, `decode-failed`, `too-short`, `too-long`
 */
// eslint-disable-next-line @typescript-eslint/require-await -- every error is a rejection, and callers stay as they are should a decoder be loaded only when it is needed
export async function decodeBytes(bytes: ArrayBuffer): Promise<PcmAudio> {
  if (bytes.byteLength === 0) throw new AppError('empty-file', audioText.empty);
  const container = sniffContainer(new Uint8Array(bytes));
  if (container === 'wav') return parseWav(bytes);
  if (container === 'flac') return parseFlac(bytes);
  throw new AppError(
    'unsupported-format',
    container === null ? audioText.noSound : audioText.browserOnly(container),
  );
}
