// Recording from the microphone, with Chromium's own pretended one, which beeps.
import { browserArguments } from '../src/cli/browser.ts';
import { expect, test } from './app-test.ts';
import { asInstalled, freeze, hide, show } from './page-life.ts';
import { PredictPage } from './pages/predict-page.ts';

test.use({
  permissions: ['microphone'],
  launchOptions: {
    ...(process.env['CHROMIUM_PATH'] !== undefined && { executablePath: process.env['CHROMIUM_PATH'] }),
    args: browserArguments({ microphone: true }),
  },
});

test('what is recorded is heard like a file, at the rate of the device', async ({ page }) => {
  const predict = new PredictPage(page);
  await predict.open('backend=wasm');
  await page.getByRole('button', { name: 'Record' }).click();
  await expect(page.getByRole('timer')).toContainText(/^\s*[2-9]\.\d s/);
  await page.getByRole('button', { name: 'Stop and listen' }).click();
  const result = await predict.result();
  expect(result.fileName).toMatch(/^recording-[\d-]+\.wav$/);
  expect(result.durationSec).toBeGreaterThan(1.9);
  expect(result.sampleRateHz).toBeGreaterThanOrEqual(44_100);
  const started = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save WAV' }).click();
  expect((await started).suggestedFilename()).toBe(result.fileName);
});

test('one graph listens to all recordings of a page: the browser would keep each of them', async ({
  page,
}) => {
  await page.addInitScript(() => {
    let count = 0;
    globalThis.AudioContext = class extends AudioContext {
      constructor(options?: AudioContextOptions) {
        super(options);
        document.documentElement.dataset['contexts'] = String(++count);
      }
    };
  });
  const predict = new PredictPage(page);
  await predict.open('backend=wasm');
  for (let n = 0; n < 2; n++) {
    await page.getByRole('button', { name: 'Record' }).click();
    await expect(page.getByRole('timer')).toContainText(/^\s*[1-9]\.\d s/);
    await page.getByRole('button', { name: 'Stop and listen' }).click();
    expect((await predict.result()).durationSec).toBeGreaterThan(0.9);
    await predict.close();
  }
  await expect(page.locator('html')).toHaveAttribute('data-contexts', '1');
});

test('a recording goes on in a hidden tab; when the system puts the tab to sleep it ends, and is kept and heard', async ({
  page,
}) => {
  await page.clock.install();
  const predict = new PredictPage(page);
  await predict.open('backend=wasm');
  await page.getByRole('button', { name: 'Record' }).click();
  const timer = page.getByRole('timer');
  await expect(timer).toContainText(/^\s*[1-9]\.\d s/);
  await hide(page);
  await expect(timer).toContainText(/^\s*[3-9]\.\d s/);
  await freeze(page, '02:00:00');
  await show(page);
  await expect(page.getByText('The microphone stopped by itself')).toBeVisible();
  expect((await predict.result()).durationSec).toBeGreaterThan(2.9);
  await expect(page.getByRole('button', { name: 'Save WAV' })).toBeVisible();

  await page.getByRole('button', { name: 'Record', exact: true }).click();
  await expect(timer).toContainText(/^\s*[1-9]\.\d s/);
  await page.getByRole('button', { name: 'Stop and listen' }).click();
  await expect(page.getByText('The microphone stopped by itself')).toBeHidden();
  expect((await predict.result()).error).toBeNull();
});

test('a recording of less than a second is refused, and one that is thrown away leaves nothing', async ({
  page,
}) => {
  const predict = new PredictPage(page);
  await predict.open('backend=wasm');
  await page.getByRole('button', { name: 'Record' }).click();
  await page.getByRole('button', { name: 'Stop and listen' }).click();
  expect(await predict.problemCode()).toBe('too-short');
  await predict.problem.getByRole('button', { name: 'Record' }).click();
  await page.getByRole('button', { name: 'Throw away' }).click();
  await expect(page.getByText('Drop a heart sound here')).toBeVisible();
});

test('a page that may not use the microphone says what to do', async ({ page }) => {
  // As a browser answers after a person's no; the pretended one always says yes.
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
  });
  const predict = new PredictPage(page);
  await predict.open('backend=wasm');
  await page.getByRole('button', { name: 'Record' }).click();
  expect(await predict.problemCode()).toBe('microphone-denied');
});

test('the shortcut of the installed program records at once; a reload does not record again', async ({
  page,
}) => {
  await asInstalled(page);
  await page.goto('/#/predict/record');
  await expect(page.getByRole('timer')).toContainText(/^\s*[1-9]\.\d s/);
  await page.getByRole('button', { name: 'Throw away' }).click();
  await page.reload();
  await expect(page.getByText('Drop a heart sound here')).toBeVisible();
  await expect(page.getByRole('timer')).toBeHidden();
});
