// A batch on the page, with real drag and drop: many files, cancelling, going on after a reload, the threshold
// after the fact, and what is kept.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeWav } from '../src/core/audio/wav.ts';
import { simulateHeartSound } from '../src/core/audio/simulate.ts';
import { expect, test } from './app-test.ts';
import { drag, DROP } from './drag.ts';
import { holdFile } from './held-file.ts';
import { BatchTable } from './pages/batch-table.ts';
import { PredictPage } from './pages/predict-page.ts';
import { everythingKept } from './pages/storage-faults.ts';

const CLIP_SEC = 6;
const N_KINDS = 12;
const N_HELD = 60;
/** The last of each ward is not read before the test lets it be. */
const HELD = 'n29.wav';

/** A folder of so many recordings, in two wards of equal names, some of which are no recordings. */
function hospital(folder: string, n: number): string {
  const clips = Array.from({ length: N_KINDS }, (_, i) => {
    const { samples, sampleRateHz } = simulateHeartSound(i % 3 === 0 ? 'murmur' : 'normal', i);
    return encodeWav({ samples: samples.subarray(0, CLIP_SEC * sampleRateHz), sampleRateHz });
  });
  for (const ward of ['east', 'west']) mkdirSync(join(folder, ward), { recursive: true });
  for (let i = 0; i < n; i++) {
    const path = join(
      folder,
      i % 2 === 0 ? 'east' : 'west',
      `n${String(i >> 1)}.${i % 4 === 0 ? 'WAV' : 'wav'}`,
    );
    writeFileSync(path, i === 5 ? 'no sound' : (clips[i % N_KINDS] as Uint8Array));
  }
  return folder;
}

test('a batch that the reload of its page broke off goes on where it stopped', async ({ page }, testInfo) => {
  const folder = hospital(testInfo.outputPath('hospital'), N_HELD);
  const predict = new PredictPage(page);
  const table = new BatchTable(page);
  const letGo = await holdFile(page, HELD);
  await predict.open('backend=wasm');
  await drag(page, [folder], DROP);
  await expect.poll(() => everythingKept(page)).toHaveProperty('batch-results');
  await page.reload();
  const reloadedAt = Date.now();

  const offer = page.getByRole('region', { name: 'A batch that stopped half way' });
  await expect(offer).toContainText('hospital');
  const [, before = ''] = /stopped at (\d+) of 60/.exec((await offer.textContent()) ?? '') ?? [];
  const nBefore = Number(before);
  expect(nBefore).toBeGreaterThan(0);
  await offer.getByRole('button', { name: 'Go on' }).click();
  // Where the browser lends nothing, or is not allowed to, the folder is handed over once more.
  const picker = page.locator('section.offer [data-pick="folder"] + input');
  await expect(picker.or(table.count)).toBeAttached();
  if ((await picker.count()) > 0) await picker.setInputFiles(folder);
  await letGo();
  await table.done(N_HELD);
  const results = await table.downloadResults();
  expect(results).toHaveLength(N_HELD);
  expect(new Set(results.map(({ fileName }) => fileName)).size).toBe(N_HELD);
  expect(results.filter(({ status }) => status === 'error')).toHaveLength(1);
  // What was answered before the reload was not computed again.
  const nKept = results.filter(({ timestamp }) => Date.parse(timestamp) < reloadedAt).length;
  expect(nKept).toBeGreaterThanOrEqual(nBefore);
});

test('the threshold moves classes, counts and downloads without computing anything', async ({
  page,
}, testInfo) => {
  const folder = hospital(testInfo.outputPath('hospital'), 40);
  const predict = new PredictPage(page);
  const table = new BatchTable(page);
  await predict.open('backend=wasm');
  await drag(page, [folder], DROP);
  await table.done(40);
  const before = await table.downloadResults();
  const slider = page.getByRole('region', { name: 'Threshold' }).getByRole('slider');
  await slider.fill('0.9');
  const after = await table.downloadResults();
  for (const [i, result] of after.entries()) {
    expect(result.threshold).toBeCloseTo(0.9, 6);
    expect(result.probabilities).toEqual(before[i]?.probabilities);
    expect(result.timestamp).toBe(before[i]?.timestamp);
    const p = result.probabilities['abnormal'];
    if (p !== undefined) expect(result.predictedClass).toBe(p >= 0.9 ? 'abnormal' : 'normal');
  }
  const csv = (await table.download('CSV')).trimEnd().split('\r\n');
  expect(csv).toHaveLength(41);
  expect(csv[1]).toContain(',0.9,');
});

test('a click on Cancel ends a batch: what was answered stays, and nothing comes after it', async ({
  page,
}, testInfo) => {
  const folder = hospital(testInfo.outputPath('hospital'), N_HELD);
  const predict = new PredictPage(page);
  const table = new BatchTable(page);
  const letGo = await holdFile(page, HELD);
  await predict.open('backend=wasm');
  await drag(page, [folder], DROP);
  await expect.poll(async () => await table.nDone()).toBeGreaterThan(2);
  await table.cancelButton.click();
  await expect(table.cancelButton).toBeHidden();
  const done = await table.nDone();
  expect(done).toBeLessThan(N_HELD);
  await letGo();
  await page.waitForTimeout(500);
  expect(await table.nDone()).toBe(done);
  expect(await table.downloadResults()).toHaveLength(done);
});
