// What is said of a recording when it is added: the same as a prediction says, and the same sound for the same samples.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeBytes } from '../audio/decode.ts';
import { mixdown } from '../audio/mixdown.ts';
import { simulateHeartSound } from '../audio/simulate.ts';
import { encodeWav } from '../audio/wav.ts';
import { draftManifest } from '../training/recipe.ts';
import { hearRecording } from '../pipeline.ts';
import type { MonoAudio } from '../types.ts';
import { surveyRecording } from './survey.ts';

const sha256 = (bytes: ArrayBuffer): Promise<string> =>
  Promise.resolve(createHash('sha256').update(new Uint8Array(bytes)).digest('hex'));
const platform = { now: () => 0, timestamp: () => '2026-01-01T00:00:00Z', sha256 };
const survey = (bytes: ArrayBuffer) => surveyRecording({ kind: 'bytes', bytes }, platform);
const wav = (audio: MonoAudio): ArrayBuffer => encodeWav(audio).buffer as ArrayBuffer;
const flac = (): ArrayBuffer => {
  const bytes = readFileSync(new URL('../../../e2e/fixtures/sound.flac', import.meta.url));
  return new Uint8Array(bytes).buffer;
};

test('length, quality and heart rate are those of a prediction', async () => {
  const bytes = wav(simulateHeartSound('normal', 3));
  const found = await survey(bytes.slice(0));
  const request = {
    fileName: 'a.wav',
    source: { kind: 'bytes' as const, bytes },
    threshold: null,
    withPicture: false,
    appVersion: '0',
  };
  const about = { id: 'x', name: 'x', version: '1.0.0', createdAt: '2026-01-01T00:00:00Z' };
  const manifest = draftManifest(about, ['normal', 'abnormal'], {
    dataset: 'none',
    nRecordings: 0,
    nGroups: 0,
    note: '',
  });
  const { result } = await hearRecording(request, manifest, platform);
  const { durationSec, sampleRateHz, quality, heartRateBpm, sha256: hash } = result;
  expect(found).toMatchObject({ durationSec, sampleRateHz, quality, heartRateBpm, sha256: hash });
  expect(found.fingerprint.length).toBeGreaterThan(100);
});

test('a WAV and a FLAC of the same sound are two files and one sound', async () => {
  const asFlac = await survey(flac());
  const asWav = await survey(wav(mixdown(await decodeBytes(flac()))));
  expect(asWav.sha256).not.toBe(asFlac.sha256);
  expect(asWav.soundSha256).toBe(asFlac.soundSha256);
  expect(asWav.fingerprint).toEqual(asFlac.fingerprint);
});

test('another sound and another rate are other sounds', async () => {
  const audio = simulateHeartSound('normal', 3);
  const { soundSha256 } = await survey(wav(audio));
  const others = [simulateHeartSound('normal', 4), { ...audio, sampleRateHz: 2000 }];
  for (const other of others) expect((await survey(wav(other))).soundSha256).not.toBe(soundSha256);
});

test('what cannot be read is refused with the reason', async () => {
  await expect(survey(new ArrayBuffer(0))).rejects.toMatchObject({ code: 'empty-file' });
  await expect(survey(new TextEncoder().encode('Dear diary').buffer)).rejects.toMatchObject({
    code: 'unsupported-format',
  });
});

test('a cancelled survey ends with an abort', async () => {
  const source = { kind: 'bytes' as const, bytes: wav(simulateHeartSound('normal', 3)) };
  await expect(surveyRecording(source, platform, AbortSignal.abort())).rejects.toMatchObject({
    name: 'AbortError',
  });
});
