// Heart-sound files are often sampled at 2 kHz, which no browser plays: this makes a WAV that every browser
// does. Works piece by piece with a breath between, so that an hour of sound does not stop the page.

import { resample } from '../../core/audio/resample.ts';
import type { MonoAudio } from '../../core/types.ts';
import { breathe } from '../../input/breathe.ts';
import { WavBlob } from '../../input/wav-blob.ts';

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
  const wav = new WavBlob(rateHz);
  for (let from = 0; from < audio.samples.length; from += piece) {
    const to = Math.min(audio.samples.length, from + piece);
    const samples = pieceAt(audio, from, to, rateHz);
    for (let i = 0; i < samples.length; i++) samples[i] = (samples[i] ?? 0) * gain;
    wav.add(samples);
    await breathe();
    if (signal?.aborted) return null;
  }
  return wav.finish();
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
