// Simulated heart sounds for demos and tests: made from a seed, no recording of a person in them.
// S1 and S2 are bursts of damped resonances of valves and vessels, a murmur is band-limited noise between them,
// and beats vary with breathing as in life. For the ear and the signal path, not a model of physiology.

import { butterworth } from '../dsp/biquad.ts';
import { Random } from '../random.ts';
import type { MonoAudio } from '../types.ts';

export type SimulatedKind = 'normal' | 'murmur' | 'noisy' | 'short';

/** Hertz; as electronic stethoscopes record. */
const SAMPLE_RATE_HZ = 4000;

const DURATION_SEC = 12;
/** Long enough to be decoded, too short to be judged. */
const SHORT_DURATION_SEC = 1.5;

const MEAN_BEAT_SEC = 0.84;
/** Breathing moves the beat by this fraction, at this rate (respiratory sinus arrhythmia), chance by the other. */
const BREATHING_DEPTH = 0.04;
const BREATHING_HZ = 0.23;
const BEAT_JITTER = 0.01;
/** Systole, S1 to S2, at the mean rate; it changes less with the rate than diastole does. */
const SYSTOLE_SEC = 0.31;
const SYSTOLE_RATE_SHARE = 0.25;

/** Peak of the loudest sample of a clean recording, full scale = 1. */
const PEAK = 0.6;

interface Resonance {
  frequencyHz: number;
  /** Time constant of the decay. */
  decaySec: number;
  amplitude: number;
  /** After the sound's beginning: the second valve closes a little later than the first. */
  delaySec: number;
}

/** Mitral and tricuspid closure: low and long. */
const S1: readonly Resonance[] = [
  { frequencyHz: 38, decaySec: 0.03, amplitude: 0.9, delaySec: 0 },
  { frequencyHz: 62, decaySec: 0.022, amplitude: 0.7, delaySec: 0.008 },
  { frequencyHz: 105, decaySec: 0.014, amplitude: 0.3, delaySec: 0.02 },
];

/** Aortic and pulmonary closure: higher and shorter. */
const S2: readonly Resonance[] = [
  { frequencyHz: 55, decaySec: 0.02, amplitude: 0.55, delaySec: 0 },
  { frequencyHz: 88, decaySec: 0.014, amplitude: 0.5, delaySec: 0.003 },
  { frequencyHz: 150, decaySec: 0.009, amplitude: 0.2, delaySec: 0.018 },
];

/** Time in which a resonance swells to its height. */
const ATTACK_SEC = 0.006;
const SOUND_LENGTH_SEC = 0.16;

const MURMUR_BAND_HZ = [60, 380] as const;
/** Against the root mean square 1 of the noise it is cut from; S1 has a peak of about 1.5. */
const MURMUR_AMPLITUDE = 0.5;
/** Pansystolic, as of mitral regurgitation: it swells and fades within this fraction of systole, level between. */
const MURMUR_RAMP_FRACTION = 0.12;
/** It begins and ends just clear of S1 and S2. */
const MURMUR_GAP_SEC = 0.03;

/** Root mean square of the noise of room and skin, as loud as in a recording made at a bedside. */
const BACKGROUND = 0.1;
/** Hiss and rubbing that drown the heart: against a peak of about 1.5 of S1. */
const DROWNING_HISS = 3;
const DROWNING_RUB = 2.5;

/**
 * A recording of its kind, 4 kHz. The same kind and seed give the same samples.
 * `normal` and `murmur` are 12 s of about 71 beats per minute, `noisy` is a heart under hiss and rubbing that
 * is too much for a judgement, `short` is 1.5 s of a normal one.
 */
export function simulateHeartSound(kind: SimulatedKind, seed: number): MonoAudio {
  const random = new Random(seed);
  const length = Math.round((kind === 'short' ? SHORT_DURATION_SEC : DURATION_SEC) * SAMPLE_RATE_HZ);
  const samples = new Float32Array(length);
  const murmurNoise = noise(length, random, ...MURMUR_BAND_HZ);
  for (const beat of beats(length / SAMPLE_RATE_HZ, random)) {
    addSound(samples, S1, beat.startSec, beat.loudness, random);
    addSound(samples, S2, beat.startSec + beat.systoleSec, beat.loudness, random);
    if (kind === 'murmur') addMurmur(samples, murmurNoise, beat);
  }
  addNoise(samples, noise(length, random, 30, 600), BACKGROUND);
  if (kind === 'noisy') drown(samples, random);
  scaleToPeak(samples, kind === 'noisy' ? 1 : PEAK);
  return { samples, sampleRateHz: SAMPLE_RATE_HZ };
}

interface SimulatedBeat {
  startSec: number;
  systoleSec: number;
  loudness: number;
}

function beats(durationSec: number, random: Random): SimulatedBeat[] {
  const list: SimulatedBeat[] = [];
  let startSec = 0.1 + 0.3 * random.uniform();
  const phase = 2 * Math.PI * random.uniform();
  while (startSec < durationSec) {
    const breath = Math.sin(2 * Math.PI * BREATHING_HZ * startSec + phase);
    const lengthSec = MEAN_BEAT_SEC * (1 + BREATHING_DEPTH * breath + BEAT_JITTER * random.normal());
    const systoleSec = SYSTOLE_SEC + SYSTOLE_RATE_SHARE * (lengthSec - MEAN_BEAT_SEC);
    list.push({ startSec, systoleSec, loudness: 1 + 0.12 * breath + 0.05 * random.normal() });
    startSec += lengthSec;
  }
  return list;
}

/** Each beat's resonances differ a little in pitch and height, or the ear hears a machine. */
function addSound(
  samples: Float32Array,
  sound: readonly Resonance[],
  startSec: number,
  loudness: number,
  random: Random,
): void {
  for (const { frequencyHz, decaySec, amplitude, delaySec } of sound) {
    const height = amplitude * loudness * (1 + 0.08 * random.normal());
    const pitch = 2 * Math.PI * frequencyHz * (1 + 0.03 * random.normal());
    const first = Math.round((startSec + delaySec) * SAMPLE_RATE_HZ);
    const last = Math.min(samples.length, first + Math.round(SOUND_LENGTH_SEC * SAMPLE_RATE_HZ));
    for (let i = first; i < last; i++) {
      const t = (i - first) / SAMPLE_RATE_HZ;
      const swell = 1 - Math.exp(-t / ATTACK_SEC);
      samples[i] = (samples[i] as number) + height * swell * Math.exp(-t / decaySec) * Math.sin(pitch * t);
    }
  }
}

/** Level noise from S1 to S2. */
function addMurmur(samples: Float32Array, murmurNoise: Float32Array, beat: SimulatedBeat): void {
  const first = Math.round((beat.startSec + MURMUR_GAP_SEC) * SAMPLE_RATE_HZ);
  const length = Math.round((beat.systoleSec - 2 * MURMUR_GAP_SEC) * SAMPLE_RATE_HZ);
  const last = Math.min(samples.length, first + length);
  for (let i = first; i < last; i++) {
    const position = (i - first) / length;
    const swell = Math.min(1, Math.min(position, 1 - position) / MURMUR_RAMP_FRACTION);
    samples[i] =
      (samples[i] as number) + MURMUR_AMPLITUDE * beat.loudness * swell * (murmurNoise[i] as number);
  }
}

/** White noise between two corners, root mean square 1. */
function noise(length: number, random: Random, lowHz: number, highHz: number): Float32Array {
  const values = Float32Array.from({ length }, () => random.normal());
  for (let section = 0; section < 2; section++) {
    butterworth(values, 'high-pass', lowHz, SAMPLE_RATE_HZ);
    butterworth(values, 'low-pass', highHz, SAMPLE_RATE_HZ);
  }
  const rms = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / Math.max(1, length));
  return values.map((value) => value / (rms || 1));
}

function addNoise(samples: Float32Array, added: Float32Array, amplitude: number): void {
  for (let i = 0; i < samples.length; i++)
    samples[i] = (samples[i] as number) + amplitude * (added[i] as number);
}

/** Broad hiss all the time, and strokes of cloth or skin over the membrane at irregular moments. */
function drown(samples: Float32Array, random: Random): void {
  addNoise(samples, noise(samples.length, random, 350, 1500), DROWNING_HISS);
  const rubbing = noise(samples.length, random, 60, 1500);
  let at = 0;
  while (at < samples.length) {
    const strokeLength = Math.round((0.15 + 0.6 * random.uniform()) * SAMPLE_RATE_HZ);
    const height = DROWNING_RUB * (0.3 + 0.7 * random.uniform());
    for (let i = 0; i < strokeLength && at + i < samples.length; i++) {
      const swell = Math.sin((Math.PI * i) / strokeLength) ** 2;
      samples[at + i] = (samples[at + i] as number) + height * swell * (rubbing[at + i] as number);
    }
    at += strokeLength + Math.round((0.05 + 0.5 * random.uniform()) * SAMPLE_RATE_HZ);
  }
}

function scaleToPeak(samples: Float32Array, peak: number): void {
  const highest = samples.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  const scale = peak / (highest || 1);
  for (let i = 0; i < samples.length; i++) samples[i] = (samples[i] as number) * scale;
}
