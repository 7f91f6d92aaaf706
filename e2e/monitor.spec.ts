// What was trained and predicted on this device is on the Monitor page, and can be taken along.
import { readFile } from 'node:fs/promises';
import type { Download } from 'playwright/test';
import { expect, test } from './app-test.ts';
import type { ModelManifest } from '../src/core/model/manifest.ts';
import { keepAnswers, keptRun } from './kept-runs.ts';
import { MonitorPage } from './pages/monitor-page.ts';
import { PredictPage } from './pages/predict-page.ts';
import { heartSound } from './recordings.ts';
import { seriousViolations } from './serious-violations.ts';

const bytesOf = async (download: Download): Promise<Buffer> => await readFile(await download.path());

test('a device that has done nothing says what will be here, and where to begin', async ({ page }) => {
  const monitor = new MonitorPage(page);
  await monitor.open();
  await expect(page.getByRole('link', { name: 'Go to Train' })).toHaveAttribute('href', '#/train');
  await expect(page.getByText('Nothing has been predicted yet')).toBeVisible();
  await expect(monitor.part('How good the models are')).toContainText('In use');
  await expect(monitor.part('This device')).toContainText(/Storage used.* of /);
});

test('every run is told in words, with what can be done about it', async ({ page }) => {
  const monitor = new MonitorPage(page);
  const error = { code: 'gpu-lost', message: 'The device was lost.' } as const;
  await monitor.openWith([
    keptRun('1', { recommendation: 'promote', decision: 'promoted' }),
    keptRun('2', { recommendation: 'too-little-data', decision: 'kept' }),
    keptRun('3', { state: 'cancelled', recommendation: null, epochsDone: 2 }),
    keptRun('4', { state: 'running', recommendation: null, epochsDone: 5, way: 'last-blocks' }),
    keptRun('5', { state: 'failed', recommendation: null, epochsDone: 0, backend: 'webgpu', error }),
  ]);
  const told = await monitor.runs.allInnerTexts();
  for (const [i, words] of [
    ['Failed', '0 of 12 epochs', 'WEBGPU'],
    ['Last blocks', 'Broken off', '5 of 12 epochs'],
    ['Cancelled', '2 of 12 epochs'],
    ['Too little data to tell', 'old one kept'],
    ['New last layer', 'Better than the one in use', 'promoted', '60 recordings', '12 epochs', 'WASM'],
  ].entries())
    for (const word of words) expect(told[i]).toContain(word);

  await monitor.openRun('4');
  await expect(page.getByText('it can go on after epoch 5')).toBeVisible();
  await page.getByRole('link', { name: 'All runs' }).click();
  await monitor.openRun('5');
  await expect(page.getByRole('alert')).toContainText('gpu-lost');
  await expect(page.getByText('No epoch has ended.')).toBeVisible();
});

test('a run is opened with its curves, verdict, split, settings and log', async ({ page }) => {
  const monitor = new MonitorPage(page);
  await monitor.openWith([keptRun('run-1')]);
  await monitor.openRun('run-1');
  await expect(page.getByRole('img', { name: 'Loss. Training from 0.700 to 0.150' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Use the new model' })).toBeVisible();
  await expect(monitor.part('Who trained and who judged')).toContainText('abnormal');
  await expect(monitor.part('Settings')).toContainText('CNN trained on physionet2016');
  await expect(monitor.part('Log')).toContainText('Begun on WASM.');
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Use the new model' })).toBeVisible();
});

test('figures, curves and confusion matrix are downloaded, also with labels that mean harm', async ({
  page,
}) => {
  const monitor = new MonitorPage(page);
  const labels = ['=HYPERLINK("x")', `<b>${'very long label '.repeat(30)}`, '\u202elamron'];
  await monitor.openWith([keptRun('2026-03-28T13:05', { labels })]);
  await monitor.openRun('2026-03-28T13:05');

  const metrics = await monitor.download('Figures (metrics.json)');
  expect(metrics.suggestedFilename()).toBe('run-2026-03-28-13-05-metrics.json');
  const document = JSON.parse((await bytesOf(metrics)).toString()) as {
    method: { kind: string; recordingsSha256: string };
  };
  expect(document).toMatchObject({
    schema: 'heartbeat-evaluation/1',
    labels,
    n: 90,
    method: { kind: 'validation-split' },
    verdict: { recommendation: 'promote' },
  });
  expect(document.method.recordingsSha256).toMatch(/^[0-9a-f]{64}$/);

  const history = (await bytesOf(await monitor.download('Curves (history.csv)'))).toString();
  expect(history.trim().split('\r\n')).toHaveLength(13);
  expect(history).toContain('validation_auroc');

  const png = await bytesOf(await monitor.download('Confusion matrix (PNG)'));
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  // Twice its size, and no label makes it wider than its cells do.
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  expect(width).toBeGreaterThan(800);
  expect(width).toBeLessThan(1400);
  expect(height).toBeGreaterThan(600);
});

test('deleting a run can be undone, and is final once the page is left', async ({ page }) => {
  const monitor = new MonitorPage(page);
  await monitor.openWith([keptRun('1', { way: 'all' }), keptRun('2')]);
  await monitor
    .run('1')
    .getByRole('button', { name: /^Delete/ })
    .click();
  await expect(monitor.runs).toHaveCount(1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(monitor.runs).toHaveCount(2);

  await monitor.openRun('1');
  await page.getByRole('button', { name: 'Delete' }).click();
  await expect(monitor.runs).toHaveCount(1);
  await page.getByRole('link', { name: 'Predict' }).click();
  await expect(page.getByText('Drop a heart sound here')).toBeVisible();
  await monitor.open();
  await page.reload();
  await expect(monitor.run('2')).toBeVisible();
  await expect(monitor.runs).toHaveCount(1);
  await page.goto('/#/monitor/1');
  await expect(page.getByRole('heading', { level: 1, name: 'This run is not here' })).toBeVisible();
});

test('what was predicted is counted and timed', async ({ page }) => {
  const [predict, monitor] = [new PredictPage(page), new MonitorPage(page)];
  await predict.open('backend=wasm');
  await predict.choose([
    heartSound('a.wav', 1),
    heartSound('b.wav', 2),
    { name: 'c.wav', mimeType: 'audio/wav', buffer: Buffer.alloc(0) },
  ]);
  await expect(page.getByText(/3 of 3/).first()).toBeVisible();
  await page.getByRole('link', { name: 'Monitor' }).click();
  const use = monitor.part('Predictions over time');
  await expect(use).toContainText('3 recordings on 1 day');
  await expect(use).toContainText('33 % failed');
  await expect(monitor.part('Scores now and in the evaluation')).toContainText(
    '2 scores of the model in use so far',
  );
  const device = monitor.part('This device');
  await expect(device.getByRole('row', { name: /^WASM/ })).toContainText(/ms/);
  await expect(device).toContainText(/in \d+ tensors/);
});

test('scores that lie elsewhere than those of the evaluation are told from chance, and latency from its backend', async ({
  page,
}) => {
  const monitor = new MonitorPage(page);
  const manifest = JSON.parse(await readFile('models/heartbeat-cnn/manifest.json', 'utf8')) as ModelManifest;
  await monitor.open();
  await expect(page.getByText('Nothing has been predicted yet')).toBeVisible();
  await keepAnswers(
    page,
    manifest,
    Array.from({ length: 50 }, (_, i) => 0.4 + i / 100),
    250,
  );
  await page.reload();
  const scores = monitor.part('Scores now and in the evaluation');
  await expect(scores).toContainText(
    'The latest 50 scores of CNN trained on physionet2016, against the 2,533',
  );
  await expect(scores).toContainText('They differ by more than chance explains.');
  await expect(monitor.part('This device').getByRole('row', { name: /^WEBGL/ })).toContainText('250 ms');
  await expect(monitor.part('Predictions over time')).toContainText('50 recordings on 1 day');
});

test('list, run and the sheet of phones have no serious violation', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 720 });
  const monitor = new MonitorPage(page);
  await monitor.openWith([keptRun('1'), keptRun('2', { state: 'cancelled', recommendation: null })]);
  await page.getByRole('button', { name: 'More' }).click();
  expect(await seriousViolations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await monitor.openRun('1');
  for (const details of await page.getByText('The figures as a table').all()) await details.click();
  expect(await seriousViolations(page)).toEqual([]);
});

test('on phones five places are on the bar, and the rest is behind More, by keyboard, too', async ({
  page,
}) => {
  await page.setViewportSize({ width: 320, height: 640 });
  const monitor = new MonitorPage(page);
  await monitor.open();
  const bar = page.getByRole('navigation', { name: 'Pages' });
  const more = bar.getByRole('button', { name: 'More' });
  await expect(bar.getByRole('link')).toHaveText(['Predict', 'Train', 'Models', 'History']);
  await expect(more).toHaveAttribute('aria-current', 'page');
  await more.press('Enter');
  await expect(more).toHaveAttribute('aria-expanded', 'true');
  await expect(bar.getByRole('link', { name: 'Monitor' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(more).toHaveAttribute('aria-expanded', 'false');
  await expect(more).toBeFocused();
  await more.press('Enter');
  await expect(bar.getByRole('link', { name: 'Monitor' })).toBeFocused();
  await bar.getByRole('link', { name: 'Settings' }).press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeFocused();
  await expect(more).toHaveAttribute('aria-expanded', 'false');
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);

  await page.setViewportSize({ width: 1440, height: 900 });
  await expect(bar.getByRole('link')).toHaveText([
    'HeartBeat AI',
    'Predict',
    'Train',
    'Models',
    'History',
    'Monitor',
    'Settings',
  ]);
});
