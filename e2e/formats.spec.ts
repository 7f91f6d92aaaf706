// Every kind of sound file that the empty page promises to read. The fixtures are six seconds (flac: two) of
// the simulated normal heart sound, encoded by ffmpeg.
import { fileURLToPath } from 'node:url';
import { expect, test } from './app-test.ts';
import { PredictPage } from './pages/predict-page.ts';

const FORMATS = [
  { name: 'sound.flac', durationSec: 2, sampleRateHz: 2000 },
  { name: 'sound.mp3', durationSec: 6, sampleRateHz: 48_000 },
  { name: 'sound.ogg', durationSec: 6, sampleRateHz: 48_000 },
  { name: 'sound.opus', durationSec: 6, sampleRateHz: 48_000 },
  { name: 'sound.webm', durationSec: 6, sampleRateHz: 48_000 },
  { name: 'sound.m4a', durationSec: 6, sampleRateHz: 48_000, isPatented: true },
  { name: 'sound.aac', durationSec: 6, sampleRateHz: 48_000, isPatented: true },
];

/** Encoders put silence before and after. */
const PADDING_SEC = 0.25;

for (const { name, durationSec, sampleRateHz, isPatented = false } of FORMATS)
  test(`${name} is heard`, async ({ page }) => {
    const predict = new PredictPage(page);
    await predict.open('backend=wasm');
    const canDecode = await page.evaluate(() => new Audio().canPlayType('audio/mp4; codecs="mp4a.40.2"'));
    test.skip(isPatented && canDecode === '', 'this browser was built without AAC');
    await predict.choose(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)));
    const result = await predict.result();
    expect(result).toMatchObject({ fileName: name, error: null, sampleRateHz });
    expect(Math.abs((result.durationSec ?? 0) - durationSec)).toBeLessThan(PADDING_SEC);
    expect(result.windows.length).toBeGreaterThan(0);
  });
