// Every page can be used without a mouse and read without eyes: axe finds nothing serious in either theme,
// and the main job is done with the keyboard alone.
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './app-test.ts';
import { PredictPage } from './pages/predict-page.ts';
import { heartSound } from './recordings.ts';

const ROUTES = ['predict', 'train', 'models', 'history', 'monitor', 'settings'];

async function seriousViolations(axe: AxeBuilder): Promise<string[]> {
  const { violations } = await axe.analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}`));
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const route of ROUTES)
    test(`${route} has no serious violation in ${colorScheme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.goto(`/#/${route}`);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      expect(await seriousViolations(new AxeBuilder({ page }))).toEqual([]);
    });

  test(`a result and a problem have no serious violation in ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    const predict = new PredictPage(page);
    await predict.open();
    await predict.choose([
      heartSound('a.wav'),
      { name: 'empty.wav', mimeType: 'audio/wav', buffer: Buffer.alloc(0) },
    ]);
    await predict.result();
    expect(await seriousViolations(new AxeBuilder({ page }))).toEqual([]);
    await page.getByRole('button', { name: 'empty.wav' }).click();
    await expect(predict.problem).toBeVisible();
    expect(await seriousViolations(new AxeBuilder({ page }))).toEqual([]);
  });
}

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
