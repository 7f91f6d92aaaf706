// Readers of sound. May import: core/audio.

import { decodeBytes } from '../core/audio/decode.ts';
import { parseFlac } from '../core/audio/flac.ts';
import { parseWav } from '../core/audio/wav.ts';
import type { PcmAudio } from '../core/types.ts';
import { promise, promiseFinite, type Reader } from './reader.ts';
import { refitFlac } from './refit.ts';
import { containerSeeds, flacSeeds, wavSeeds } from './seeds-sound.ts';

const MIB = 2 ** 20;
const MAX_BYTES = 16_384;
/** The larger ones show nothing that these do not. */
const SMALL_FLAC_BYTES = 4000;
const smallFlacSeeds = (): Uint8Array[] => flacSeeds().filter(({ length }) => length <= SMALL_FLAC_BYTES);

const WAV_TOKENS = [
  'RIFF',
  'RF64',
  'BW64',
  'WAVE',
  'fmt ',
  'data',
  'ds64',
  'LIST',
  'fact',
  'JUNK',
  '\xfe\xff',
  '\xff\xff\xff\xff',
];
const FLAC_TOKENS = ['fLaC', 'ID3', '\xff\xf8', '\xff\xf9', '\xff\xf8\xf8', '\x80\0\0\x22', '\0\0\0\x22'];

function promiseSound({ channels, sampleRateHz }: PcmAudio): void {
  promise(channels.length > 0, 'sound without a channel');
  promise(Number.isFinite(sampleRateHz) && sampleRateHz > 0, `a rate of ${String(sampleRateHz)} Hz`);
  const [first] = channels;
  for (const channel of channels) {
    promise(channel.length === first?.length && channel.length > 0, 'channels of several lengths');
    promiseFinite(channel, 'a channel');
  }
}

export const SOUND_READERS: readonly Reader[] = [
  {
    name: 'wav',
    kind: 'bytes',
    seeds: wavSeeds,
    tokens: WAV_TOKENS,
    maxBytes: MAX_BYTES,
    read: (bytes) => promiseSound(parseWav(bytes.buffer)),
    // Samples of one byte become four.
    budget: { bytes: 1024, perByte: 4 },
  },
  {
    name: 'flac',
    kind: 'bytes',
    seeds: smallFlacSeeds,
    tokens: FLAC_TOKENS,
    maxBytes: MAX_BYTES,
    refit: refitFlac,
    read: (bytes) => promiseSound(parseFlac(bytes.buffer)),
    // Eight blocks of the largest size; silence packs well up to a cap.
    budget: { bytes: 300 * MIB, perByte: 4 },
  },
  {
    name: 'containers',
    kind: 'bytes',
    seeds: containerSeeds,
    tokens: [...WAV_TOKENS, ...FLAC_TOKENS, 'OggS', 'ftyp', '\x1a\x45\xdf\xa3', '\xff\xfb', '\xff\xf1'],
    maxBytes: MAX_BYTES,
    refit: refitFlac,
    read: async (bytes) => promiseSound(await decodeBytes(bytes.buffer)),
    budget: { bytes: 300 * MIB, perByte: 4 },
  },
];
