// What each stage of the signal path costs: the functions of core/pipeline.ts one by one, over whole recordings.
// Runs in a worker. May import core.

import { decodeBytes } from '../core/audio/decode.ts';
import { estimateHeartRate } from '../core/audio/heart-rate.ts';
import { mixdown } from '../core/audio/mixdown.ts';
import { assessQuality } from '../core/audio/quality.ts';
import { resample } from '../core/audio/resample.ts';
import { createLogMel } from '../core/dsp/log-mel.ts';
import type { Classifier } from '../core/model/classifier.ts';
import { recordingFeatures } from '../core/model/model-input.ts';
import type { MonoAudio } from '../core/types.ts';
import { timeInterleaved } from './interleaved.ts';
import { STAGES, type Stage, type StageCosts } from './stage-names.ts';

/** Rates that recordings come in besides the model's own: electronic stethoscopes, and everything else. */
const STETHOSCOPE_HZ = 4_000;
const SOUND_CARD_HZ = 44_100;

/** What the worker lends. */
export interface BenchPlatform {
  now: () => number;
  sha256: (bytes: ArrayBuffer) => Promise<string>;
}

/** @param files whole recordings, WAV or FLAC */
export async function timeStages(
  files: readonly ArrayBuffer[],
  classifier: Classifier,
  rounds: number,
  { now, sha256 }: BenchPlatform,
): Promise<StageCosts> {
  const { manifest } = classifier;
  const decode = async (bytes: ArrayBuffer): Promise<MonoAudio> => mixdown(await decodeBytes(bytes));
  const decoded: MonoAudio[] = [];
  for (const bytes of files) decoded.push(await decode(bytes));
  const at = (rateHz: number): MonoAudio[] => decoded.map((sound) => resample(sound, rateHz));
  const [sounds, fromStethoscope, fromSoundCard] = [
    at(manifest.sampleRateHz),
    at(STETHOSCOPE_HZ),
    at(SOUND_CARD_HZ),
  ];
  const features = (sound: MonoAudio) => recordingFeatures(sound, manifest, false);
  const inputs = sounds.map(features);
  const logMel = createLogMel(manifest.features, manifest.sampleRateHz);
  const toModelRate = (sound: MonoAudio): MonoAudio => resample(sound, manifest.sampleRateHz);
  const contestants: Record<Stage, () => unknown> = {
    hash: () => Promise.all(files.map(sha256)),
    decode: () => Promise.all(files.map(decode)),
    'resample from 4 kHz': () => fromStethoscope.forEach(toModelRate),
    'resample from 44.1 kHz': () => fromSoundCard.forEach(toModelRate),
    'quality and heart rate': () =>
      sounds.forEach((sound) => assessQuality(sound, estimateHeartRate(sound).periodicity)),
    'log-mel': () => sounds.forEach(({ samples }) => logMel.compute(samples)),
    features: () => sounds.forEach(features),
    network: () => classifier.predictAll(inputs),
  };
  const timings = await timeInterleaved(contestants, rounds, now);
  const soundSec = decoded.reduce((sum, { samples, sampleRateHz }) => sum + samples.length / sampleRateHz, 0);
  return Object.fromEntries(STAGES.map((stage) => [stage, timings[stage].ms / soundSec])) as StageCosts;
}
