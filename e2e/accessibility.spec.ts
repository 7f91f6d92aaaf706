// Every page can be used without a mouse and read without eyes: axe finds nothing serious in either theme,
// and the main job is done with the keyboard alone.
import { expect, test } from './app-test.ts';
import { PredictPage } from './pages/predict-page.ts';
import { heartSound } from './recordings.ts';
import { seriousViolations } from './serious-violations.ts';

const PAGES = ['Predict', 'Train', 'Models', 'History', 'Monitor', 'Settings'];

test('no page has a serious violation, empty as they all are at first', async ({ page }) => {
  for (const name of PAGES) {
    await page.goto(`/#/${name.toLowerCase()}`);
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
    expect(await seriousViolations(page), name).toEqual([]);
  }
});

test('a result and a problem have no serious violation', async ({ page }) => {
  const predict = new PredictPage(page);
  await predict.open();
  await predict.choose([
    heartSound('a.wav'),
    { name: 'empty.wav', mimeType: 'audio/wav', buffer: Buffer.alloc(0) },
  ]);
  await predict.result();
  expect(await seriousViolations(page)).toEqual([]);
  await page.getByRole('button', { name: 'empty.wav' }).click();
  await expect(predict.problem).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
});

test('a demo sound is opened, read and closed with the keyboard alone', async ({ page }) => {
  const predict = new PredictPage(page);
  await predict.open();
  /** Presses a key until what has the focus is called so. */
  const reach = (key: string, name: RegExp): Promise<void> =>
    expect(async () => {
      await page.keyboard.press(key);
      const focused = await page.evaluate(() => {
        const { activeElement } = document;
        if (activeElement === null || activeElement === document.body) return '';
        return activeElement.getAttribute('aria-label') ?? activeElement.textContent.trim();
      });
      expect(focused).toMatch(name);
    }).toPass({ intervals: [0], timeout: 20_000 });
  await reach('Tab', /^Normal/);
  await page.keyboard.press('Enter');
  await predict.drawn();
  await reach('Tab', /^Technical details/);
  await page.keyboard.press('Enter');
  await expect(page.getByText('"schema": "heartbeat-results/1"')).toBeVisible();
  await reach('Shift+Tab', /^Close$/);
  await page.keyboard.press('Enter');
  await expect(page.getByText('Drop a heart sound here')).toBeVisible();
});
