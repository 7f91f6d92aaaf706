// After the first visit the network is not needed any more: not by the page, not by its workers.
import { expect, test } from './app-test.ts';
import { PredictPage } from './pages/predict-page.ts';
import { heartSound } from './recordings.ts';

test.use({ serviceWorkers: 'allow' });

test('once kept, the program answers without a network, in this visit and in the next', async ({
  page,
  context,
}) => {
  const predict = new PredictPage(page);
  await predict.open('backend=wasm');
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByText('Ready: the program is kept on this device')).toBeVisible();

  await context.setOffline(true);
  await page.getByRole('link', { name: 'History' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'History' })).toBeVisible();
  await page.reload();
  await page.getByRole('link', { name: 'Predict' }).click();
  await predict.choose(heartSound('offline.wav'));
  const { status, backend } = await predict.result();
  expect([status, backend]).toEqual(['ok', 'wasm']);
});
