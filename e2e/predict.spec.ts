// The main job: a recording goes in, an answer comes out.
import { expect, test } from './app-test.ts';
import { BatchTable } from './pages/batch-table.ts';
import { PredictPage } from './pages/predict-page.ts';
import { heartSound } from './recordings.ts';

test('a 2 kHz recording, which browsers refuse to decode, gets its answer', async ({ page }) => {
  const predict = new PredictPage(page);
  await predict.open('backend=wasm');
  await predict.choose(heartSound());
  const result = await predict.result();
  expect(result.status).not.toBe('error');
  expect(result).toMatchObject({ fileName: 'heart.wav', sampleRateHz: 2000, backend: 'wasm', error: null });
  expect(Object.values(result.probabilities).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 6);
  expect(result.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(result.windows.length).toBeGreaterThan(0);
});

for (const demo of ['Normal', 'Murmur'] as const)
  test(`the demo sound "${demo}" is answered and marked as simulated`, async ({ page }) => {
    const predict = new PredictPage(page);
    await predict.open();
    await predict.tryDemo(demo);
    expect(Object.keys((await predict.result()).probabilities)).toHaveLength(2);
    await expect(page.getByText('Simulated', { exact: true })).toBeVisible();
  });

test('the demo sound "Too noisy" is inconclusive, with the reason', async ({ page }) => {
  const predict = new PredictPage(page);
  await predict.open();
  await predict.tryDemo('Too noisy');
  const result = await predict.result();
  expect(result.status).toBe('inconclusive');
  expect(result.inconclusiveReasons).toContain('poor-quality');
  await expect(predict.answer).toContainText('Inconclusive');
});

test('the demo sound "Too short" is refused or inconclusive, with the reason', async ({ page }) => {
  const predict = new PredictPage(page);
  await predict.open();
  await predict.tryDemo('Too short');
  await expect(predict.answer.or(predict.problem)).toContainText(/short|poor/i);
});

test('several recordings give a list, and each can be opened', async ({ page }) => {
  const predict = new PredictPage(page);
  await predict.open();
  await predict.choose([1, 2, 3].map((seed) => heartSound(`number-${String(seed)}.wav`, seed)));
  await new BatchTable(page).done(3);
  await page.getByRole('button', { name: 'number-2.wav' }).click();
  expect((await predict.result()).fileName).toBe('number-2.wav');
});
