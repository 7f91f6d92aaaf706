// Heart-sound files are often sampled at 2 kHz, which no browser plays: this makes a WAV that every browser
// does. Works piece by piece with a breath between, so that an hour of sound does not stop the page.

import { resample } from '../../core/audio/resample.ts';
import { encodeWav } from '../../core/audio/wav.ts';
import type { MonoAudio } from '../../core/types.ts';
import { breathe } from '../charts/slices.ts';

/** The lowest rate that all browsers play. */
const LOWEST_PLAYABLE_HZ = 8_000;
/** Above this some browsers refuse. */
const HIGHEST_PLAYABLE_HZ = 96_000;
/** Length of a piece: a few milliseconds of work. */
const PIECE_SEC = 1;
/** Sound on either side of a piece, longer than the resampler's filter, so that pieces join without a seam. */
const MARGIN_SEC = 0.05;
/** Peaks are brought up to this: heart sounds are quiet. */
const PEAK = 0.9;
/** Silence is not brought up. */
const SMALLEST_PEAK = 1e-3;
const WAV_HEADER_BYTES = 44;
/** Bytes handed to the browser at once. Joining and naming thousands of small parts would block the page. */
const PART_BYTES = 2 ** 20;

/**
 * A 16-bit WAV of the whole recording at a rate that can be played, its loudest sample at 0.9.
 * @param highest largest magnitude in the samples
 * @returns null when the signal ended it early
 */
export async function playableWav(
  audio: MonoAudio,
  highest: number,
  signal?: AbortSignal,
): Promise<Blob | null> {
  const { sampleRateHz } = audio;
  // A whole multiple, so that every piece begins exactly on a sample of the result.
  const factor = Math.max(1, Math.ceil(LOWEST_PLAYABLE_HZ / sampleRateHz));
  const rateHz =
    sampleRateHz > HIGHEST_PLAYABLE_HZ
      ? sampleRateHz / Math.ceil(sampleRateHz / HIGHEST_PLAYABLE_HZ)
      : sampleRateHz * factor;
  const gain = highest > SMALLEST_PEAK ? PEAK / highest : 1;
  const piece = Math.round(PIECE_SEC * sampleRateHz);
  const data = new BlobParts();
  for (let from = 0; from < audio.samples.length; from += piece) {
    const to = Math.min(audio.samples.length, from + piece);
    const samples = pieceAt(audio, from, to, rateHz);
    for (let i = 0; i < samples.length; i++) samples[i] = (samples[i] ?? 0) * gain;
    data.add(encodeWav({ samples, sampleRateHz: rateHz }).subarray(WAV_HEADER_BYTES));
    await breathe();
    if (signal?.aborted) return null;
  }
  const parts = data.finish();
  return new Blob([wavHeader(data.bytes, rateHz), ...parts], { type: 'audio/wav' });
}

/** Gathers bytes into blobs of PART_BYTES: they leave the page's memory, and joining them copies nothing. */
class BlobParts {
  readonly #parts: Blob[] = [];
  readonly #open = new Uint8Array(PART_BYTES);
  #filled = 0;
  /** Added so far. */
  bytes = 0;

  /** @param piece at most PART_BYTES */
  add(piece: Uint8Array): void {
    if (this.#filled + piece.length > PART_BYTES) this.#close();
    this.#open.set(piece, this.#filled);
    this.#filled += piece.length;
    this.bytes += piece.length;
  }

  finish(): Blob[] {
    this.#close();
    return this.#parts;
  }

  #close(): void {
    this.#parts.push(new Blob([this.#open.subarray(0, this.#filled)]));
    this.#filled = 0;
  }
}

function pieceAt(audio: MonoAudio, from: number, to: number, rateHz: number): Float32Array {
  const { samples, sampleRateHz } = audio;
  if (rateHz === sampleRateHz) return samples.slice(from, to);
  const margin = Math.round(MARGIN_SEC * sampleRateHz);
  const start = Math.max(0, from - margin);
  const around = samples.slice(start, Math.min(samples.length, to + margin));
  const ratio = rateHz / sampleRateHz;
  const resampled = resample({ samples: around, sampleRateHz }, rateHz).samples;
  const first = Math.round((from - start) * ratio);
  return resampled.slice(first, first + Math.round((to - from) * ratio));
}

/** The encoder's own header of a silent file, with the lengths of the whole. */
function wavHeader(dataBytes: number, sampleRateHz: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(
    encodeWav({ samples: new Float32Array(0), sampleRateHz }).subarray(0, WAV_HEADER_BYTES),
  );
  const view = new DataView(header.buffer);
  view.setUint32(4, WAV_HEADER_BYTES - 8 + dataBytes, true);
  view.setUint32(40, dataBytes, true);
  return header;
}
