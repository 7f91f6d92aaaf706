// The table of a batch: sorted, filtered, selected and walked through; the threshold moved after the fact; what it
// costs the page's thread.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './app-test.ts';
import { BatchTable } from './pages/batch-table.ts';
import { PredictPage } from './pages/predict-page.ts';
import { heartSound, type TestFile } from './recordings.ts';

const EMPTY: TestFile = { name: 'empty.wav', mimeType: 'audio/wav', buffer: Buffer.alloc(0) };
const FILES = [heartSound('a10.wav', 1), heartSound('a9.wav', 2), heartSound('b.wav', 3), EMPTY];

test.beforeEach(async ({ page }) => {
  const predict = new PredictPage(page);
  await predict.open('backend=wasm');
  await predict.choose(FILES);
  await new BatchTable(page).done(FILES.length);
});

test('rows come in the order of a column, up, down and as they were', async ({ page }) => {
  const table = new BatchTable(page);
  expect(await table.names()).toEqual(['a9.wav', 'a10.wav', 'b.wav', 'empty.wav']);
  await table.sortBy('File');
  await expect(page.getByRole('columnheader', { name: 'File', exact: true })).toHaveAttribute(
    'aria-sort',
    'ascending',
  );
  expect(await table.names()).toEqual(['a9.wav', 'a10.wav', 'b.wav', 'empty.wav']);
  await table.sortBy('File');
  expect(await table.names()).toEqual(['empty.wav', 'b.wav', 'a10.wav', 'a9.wav']);
  const results = (await table.downloadResults()).filter(({ status }) => status !== 'error');
  const byProbability = results
    .toSorted((a, b) => (a.probabilities['abnormal'] ?? 0) - (b.probabilities['abnormal'] ?? 0))
    .map(({ fileName }) => fileName);
  await table.sortBy('P(abnormal)');
  // A row without a value comes last in both directions.
  expect(await table.names()).toEqual([...byProbability, 'empty.wav']);
  await table.sortBy('P(abnormal)');
  expect(await table.names()).toEqual([...byProbability.toReversed(), 'empty.wav']);
});

test('a part of the totals shows its recordings, and failed ones are tried again', async ({ page }) => {
  const table = new BatchTable(page);
  await page.getByRole('button', { name: 'failed: 1 recording. Show only these' }).click();
  await expect(table.rows).toHaveCount(1);
  await expect(table.row('empty.wav')).toContainText('This file is empty');
  await page.getByRole('button', { name: 'Try the failed one again' }).click();
  await table.done(FILES.length);
  await expect(table.row('empty.wav')).toContainText('This file is empty');
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect(table.rows).toHaveCount(FILES.length);
});

test('the keyboard walks, opens and selects, and what is selected is what is downloaded', async ({
  page,
}) => {
  const table = new BatchTable(page);
  await table.grid.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(table.row('a10.wav')).toHaveAttribute('aria-current', 'true');
  expect((await new PredictPage(page).result()).fileName).toBe('a10.wav');
  await page.keyboard.press('j');
  await expect(table.row('b.wav')).toHaveAttribute('aria-current', 'true');
  await table.grid.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press(' ');
  await page.keyboard.press('Shift+ArrowDown');
  await expect(table.batch.getByText(/^2 selected/)).toBeVisible();
  expect((await table.downloadResults()).map(({ fileName }) => fileName)).toEqual(['a9.wav', 'a10.wav']);
  await page.keyboard.press('Escape');
});

test('a moved threshold is followed by classes, totals, the open answer and downloads', async ({ page }) => {
  const table = new BatchTable(page);
  const before = await table.downloadResults();
  const slider = page.getByRole('slider', { name: /From this probability of abnormal on/ });
  await slider.fill('0.99');
  await expect(table.batch.getByRole('status').filter({ hasText: '0.99' })).toBeVisible();
  const after = await table.downloadResults();
  expect(after.map(({ threshold }) => threshold)).toEqual(before.map(() => 0.99));
  expect(after.map(({ probabilities }) => probabilities)).toEqual(
    before.map(({ probabilities }) => probabilities),
  );
  const nNormal = after.filter(
    ({ status, predictedClass }) => status === 'ok' && predictedClass === 'normal',
  ).length;
  await expect(
    page.getByRole('button', { name: new RegExp(`^normal: ${String(nNormal)} recording`) }),
  ).toBeVisible();
  expect((await new PredictPage(page).result()).threshold).toBe(0.99);
  await page.getByRole('button', { name: /^Back to the model’s own/ }).click();
  expect(await table.downloadResults()).toEqual(before);
});

test('a label that names the truth has a column, and wrong answers can be looked at', async ({
  page,
}, testInfo) => {
  const folder = testInfo.outputPath('ward');
  for (const label of ['normal', 'abnormal']) mkdirSync(join(folder, label), { recursive: true });
  writeFileSync(join(folder, 'normal', 'a.wav'), heartSound('', 1).buffer);
  writeFileSync(join(folder, 'abnormal', 'b.wav'), heartSound('', 2).buffer);
  const predict = new PredictPage(page);
  await predict.close();
  await predict.chooseFolder(folder);
  const table = new BatchTable(page);
  await table.done(2);
  await expect(page.getByRole('columnheader', { name: 'Label', exact: true })).toBeVisible();
  const [b, a] = await table.downloadResults();
  const wrong = [
    { name: 'ward/abnormal/b.wav', isWrong: b?.predictedClass !== 'abnormal' },
    { name: 'ward/normal/a.wav', isWrong: a?.predictedClass !== 'normal' },
  ];
  for (const { name, isWrong } of wrong)
    await expect(table.row(name)).toContainText(isWrong ? 'wrong' : 'right');
  await table.batch.getByRole('checkbox', { name: 'Wrong only' }).check();
  expect(await table.names()).toEqual(wrong.filter(({ isWrong }) => isWrong).map(({ name }) => name));
});
