// Reads and writes WAV files without asking a browser. Real files lie about themselves, so the reader takes
// from the header what it must and from the bytes what it can: chunks in any order, sizes that are wrong or
// missing, padding that was forgotten, a file cut short. Imports limits, sample formats and errors.

import { AppError } from '../errors.ts';
import type { MonoAudio, PcmAudio } from '../types.ts';
import { audioText } from './audio-text.ts';
import { assertLimits } from './limits.ts';
import { BYTES_PER_SAMPLE, deinterleave, type SampleFormat } from './wav-samples.ts';

const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
const FORMAT_BYTES = 16;
/** Offset of the real format tag inside the fmt chunk of WAVE_FORMAT_EXTENSIBLE. */
const SUBFORMAT_OFFSET = 24;

const TAG_PCM = 1;
const TAG_FLOAT = 3;
const TAG_ALAW = 6;
const TAG_MULAW = 7;
const TAG_EXTENSIBLE = 0xfffe;

/** Chunks that follow one another in real files: how the reader finds its way when padding was forgotten. */
const KNOWN_CHUNKS = new Set(
  'fmt |data|LIST|fact|bext|ds64|JUNK|junk|PAD |FLLR|cue |smpl|inst|iXML|PEAK|id3 |ID3 |_PMX|chna|axml|acid|DISP|note'.split(
    '|',
  ),
);

/** What writers that stream leave in place of a size. */
const UNKNOWN_SIZE = 0xffffffff;

interface Span {
  start: number;
  size: number;
}

interface Chunks {
  format: Span | null;
  data: Span | null;
  /** The header promises more sound than there is. */
  isCutOff: boolean;
}

interface Layout {
  format: SampleFormat;
  nChannels: number;
  sampleRateHz: number;
}

function chunkId(view: DataView, offset: number): string {
  if (offset + CHUNK_HEADER_BYTES > view.byteLength) return '';
  return String.fromCharCode(
    view.getUint8(offset),
    view.getUint8(offset + 1),
    view.getUint8(offset + 2),
    view.getUint8(offset + 3),
  );
}

/** Chunks begin at even offsets, except in files of writers that forgot. */
function nextChunk(view: DataView, end: number): number {
  if (end % 2 === 0) return end;
  return !KNOWN_CHUNKS.has(chunkId(view, end + 1)) && KNOWN_CHUNKS.has(chunkId(view, end)) ? end : end + 1;
}

/** Printable id and a size that fits: the bytes at `offset` may well be a chunk. */
function looksLikeChunk(view: DataView, offset: number): boolean {
  return (
    /^[ -~]{4}$/.test(chunkId(view, offset)) &&
    view.getUint32(offset + 4, true) <= view.byteLength - offset - CHUNK_HEADER_BYTES
  );
}

/**
 * How many bytes of sound really follow, whatever the header says: writers that stream leave 0 or 0xFFFFFFFF,
 * others forget to go back and correct the size, and copies get cut.
 */
function dataSize(view: DataView, start: number, claimed: number): number {
  const rest = view.byteLength - start;
  if (claimed === 0 || claimed >= rest) return rest;
  const behind = rest - claimed;
  const next = nextChunk(view, start + claimed);
  // More unexplained bytes behind the sound than sound: the size was written before the sound was.
  return behind > claimed && !looksLikeChunk(view, next) ? rest : claimed;
}

function findChunks(view: DataView): Chunks {
  const chunks: Chunks = { format: null, data: null, isCutOff: false };
  let offset = RIFF_HEADER_BYTES;
  let size64: number | null = null;
  while (offset + CHUNK_HEADER_BYTES <= view.byteLength) {
    const id = chunkId(view, offset);
    const start = offset + CHUNK_HEADER_BYTES;
    let size = Math.min(view.getUint32(offset + 4, true), view.byteLength - start);
    if (id === 'ds64' && size >= 16) size64 = Number(view.getBigUint64(start + 8, true));
    if (id === 'data') {
      const claimed = view.getUint32(offset + 4, true);
      const told = claimed === UNKNOWN_SIZE && size64 !== null ? size64 : claimed;
      size = dataSize(view, start, told);
      chunks.isCutOff = told !== UNKNOWN_SIZE && told > size;
      chunks.data ??= { start, size };
    }
    if (id === 'fmt ') chunks.format ??= { start, size };
    if (chunks.data && chunks.format) break;
    offset = nextChunk(view, start + size);
  }
  return chunks;
}

function sampleFormat(tag: number, bytesPerSample: number): SampleFormat {
  const formats: Record<number, SampleFormat[]> = {
    [TAG_PCM]: ['pcm8', 'pcm16', 'pcm24', 'pcm32'],
    [TAG_FLOAT]: ['float32', 'float64'],
    [TAG_ALAW]: ['alaw'],
    [TAG_MULAW]: ['mulaw'],
  };
  const found = formats[tag]?.find((format) => BYTES_PER_SAMPLE[format] === bytesPerSample);
  if (found) return found;
  const { bits, codec, codecs, foreign } = audioText.wav;
  const what = codecs[tag] ?? (formats[tag] ? bits(bytesPerSample * 8) : codec(tag));
  throw new AppError('unsupported-format', foreign(what));
}

function readLayout(view: DataView, { start, size }: Span): Layout {
  if (size < FORMAT_BYTES) throw damaged(audioText.wav.why.formatCutOff);
  let tag = view.getUint16(start, true);
  const nChannels = view.getUint16(start + 2, true);
  const sampleRateHz = view.getUint32(start + 4, true);
  const blockAlign = view.getUint16(start + 12, true);
  const bits = view.getUint16(start + 14, true);
  if (tag === TAG_EXTENSIBLE)
    tag = size >= SUBFORMAT_OFFSET + 2 ? view.getUint16(start + SUBFORMAT_OFFSET, true) : TAG_PCM;
  // Samples may sit left-aligned in a wider container (20 bits in 3 bytes, 24 in 4): the block size tells.
  const container = blockAlign / nChannels;
  const needed = Math.ceil(bits / 8);
  const bytesPerSample =
    Number.isInteger(container) && container >= needed && container <= 8 ? container : needed;
  if (nChannels === 0) throw damaged(audioText.wav.why.noChannels);
  if (sampleRateHz === 0) throw damaged(audioText.wav.why.noRate);
  if (bytesPerSample === 0) throw damaged(audioText.wav.why.noBits);
  return { format: sampleFormat(tag, bytesPerSample), nChannels, sampleRateHz };
}

function damaged(reason: string): AppError {
  return new AppError('decode-failed', audioText.wav.damaged(reason));
}

/**
 * Reads PCM of 8, 16, 24 and 32 bits, float of 32 and 64 bits, A-law and µ-law, plain or extensible, in RIFF,
 * RF64 and BW64. What is there of a truncated file is read; the last, incomplete frame is dropped.
 * @returns all channels at the file's own rate
 * @throws AppError `unsupported-format` (not WAV, or a codec that is not read), `decode-failed` (header or
 * samples make no sense), `too-short`, `too-long`
 */
export function parseWav(bytes: ArrayBuffer): PcmAudio {
  const view = new DataView(bytes);
  if (bytes.byteLength < RIFF_HEADER_BYTES) throw damaged(audioText.wav.why.headerCutOff);
  const [magic, kind] = [readText(view, 0), readText(view, 8)];
  if (!['RIFF', 'RF64', 'BW64'].includes(magic) || kind !== 'WAVE')
    throw new AppError('unsupported-format', audioText.wav.noWav);
  const { format, data, isCutOff } = findChunks(view);
  if (!format) throw damaged(audioText.wav.why.noFormat);
  if (!data) throw damaged(audioText.wav.why.noSound);
  const layout = readLayout(view, format);
  const nFrames = Math.floor(data.size / (BYTES_PER_SAMPLE[layout.format] * layout.nChannels));
  assertLimits(nFrames, layout.nChannels, layout.sampleRateHz);
  const samples = new DataView(bytes, data.start, data.size);
  const { channels, nDamaged } = deinterleave(samples, layout.format, layout.nChannels, nFrames);
  const flaws: PcmAudio['flaws'] = [
    ...(nDamaged > 0 ? ['damaged' as const] : []),
    ...(isCutOff ? ['incomplete' as const] : []),
  ];
  return { channels, sampleRateHz: layout.sampleRateHz, ...(flaws.length > 0 ? { flaws } : {}) };
}

function readText(view: DataView, offset: number): string {
  return String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + offset, 4));
}

/**
 * A 16-bit PCM WAV file of one channel. Samples beyond -1..1 are clipped; what `parseWav` gives back differs
 * by at most half a step (2^-16).
 */
export function encodeWav(audio: MonoAudio): Uint8Array {
  const BYTES = 2;
  const HEADER = RIFF_HEADER_BYTES + CHUNK_HEADER_BYTES + FORMAT_BYTES + CHUNK_HEADER_BYTES;
  const { samples, sampleRateHz } = audio;
  const dataBytes = samples.length * BYTES;
  const file = new Uint8Array(HEADER + dataBytes);
  const view = new DataView(file.buffer);
  const text = (offset: number, value: string) => {
    for (let i = 0; i < value.length; i++) view.setUint8(offset + i, value.charCodeAt(i));
  };
  text(0, 'RIFF');
  view.setUint32(4, HEADER - CHUNK_HEADER_BYTES + dataBytes, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, FORMAT_BYTES, true);
  view.setUint16(20, TAG_PCM, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * BYTES, true);
  view.setUint16(32, BYTES, true);
  view.setUint16(34, BYTES * 8, true);
  text(36, 'data');
  view.setUint32(40, dataBytes, true);
  const FULL_SCALE = 2 ** 15;
  for (let i = 0; i < samples.length; i++) {
    const value = Math.round((samples[i] as number) * FULL_SCALE);
    view.setInt16(HEADER + i * BYTES, Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, value)), true);
  }
  return file;
}
