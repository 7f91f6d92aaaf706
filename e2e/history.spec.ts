// What was predicted is in the history: found again, looked at, deleted, and still there after a reload.
import { expect, test } from './app-test.ts';
import { HistoryPage } from './pages/history-page.ts';
import { PredictPage } from './pages/predict-page.ts';
import { heartSound } from './recordings.ts';
import { seriousViolations } from './serious-violations.ts';

test('a recording that was predicted is in the history, with the same answer, also after a reload', async ({
  page,
}) => {
  const [predict, history] = [new PredictPage(page), new HistoryPage(page)];
  await predict.open('backend=wasm');
  await predict.choose(heartSound('ward-7.wav'));
  const result = await predict.result();

  await history.visit();
  await expect(history.entries).toHaveCount(1);
  await expect(page.getByText('1 result kept on this device; nothing leaves it.')).toBeVisible();
  await history.openEntry('ward-7.wav');
  expect(await predict.result()).toEqual(result);

  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'ward-7.wav' })).toBeVisible();
  expect(await predict.result()).toEqual(result);
});

test('titles and file names are found, and what is not there is said so', async ({ page }) => {
  const [predict, history] = [new PredictPage(page), new HistoryPage(page)];
  await predict.open('backend=wasm');
  await predict.choose(heartSound('first.wav', 1));
  await predict.drawn();
  await predict.choose([heartSound('one-of-two.wav', 2), heartSound('Two-Of-Two.WAV', 3)]);
  await expect(page.getByText(/2 of 2/).first()).toBeVisible();

  await history.visit();
  await expect(history.entries).toHaveCount(2);
  await history.search.fill('FIRST');
  await expect(history.entries).toHaveCount(1);
  await expect(history.entry('first.wav')).toBeVisible();
  await history.search.fill('two-of');
  await expect(history.entries).toHaveCount(1);
  await expect(history.entries).toContainText('1 file name matches');
  await history.search.fill('nowhere');
  await expect(page.getByText('Nothing here goes by “nowhere”')).toBeVisible();
  await page.getByRole('button', { name: 'Clear the search' }).click();
  await expect(history.entries).toHaveCount(2);
});

test('deleting can be undone, and is final once the page is left', async ({ page }) => {
  const [predict, history] = [new PredictPage(page), new HistoryPage(page)];
  await predict.open('backend=wasm');
  for (const [seed, name] of ['keep.wav', 'drop.wav'].entries()) {
    await predict.choose(heartSound(name, seed + 1));
    await expect(page.getByText(name, { exact: true }).first()).toBeVisible();
    await predict.drawn();
  }
  await history.visit();
  await history.delete('drop.wav');
  await expect(history.entry('drop.wav')).toBeHidden();
  await history.undo();
  await expect(history.entry('drop.wav')).toBeVisible();

  await history.delete('drop.wav');
  await expect(history.entries).toHaveCount(1);
  await page.getByRole('link', { name: 'Predict' }).click();
  await expect(page.getByText('Drop a heart sound here')).toBeVisible();
  await history.open();
  await page.reload();
  await expect(history.entry('keep.wav')).toBeVisible();
  await expect(history.entries).toHaveCount(1);
});

test('an entry that is not there is said so, with the way back', async ({ page }) => {
  const history = new HistoryPage(page);
  await page.goto('/#/history/never-was');
  await expect(page.getByRole('heading', { name: 'This entry is not in the history' })).toBeVisible();
  await page.getByRole('link', { name: 'All entries' }).click();
  await expect(page.getByText('Nothing here yet')).toBeVisible();
  await expect(history.entries).toHaveCount(0);
});

test('the list, the selection and the way to undo have no serious violation', async ({ page }) => {
  const [predict, history] = [new PredictPage(page), new HistoryPage(page)];
  await predict.open('backend=wasm');
  await predict.choose([heartSound('a.wav', 1), heartSound('b.wav', 2)]);
  await expect(page.getByText(/2 of 2/).first()).toBeVisible();
  await history.visit();
  await history.entries.first().getByRole('checkbox').check();
  expect(await seriousViolations(page)).toEqual([]);
  await history.entries.first().getByRole('link').click();
  await expect(page.getByRole('button', { name: 'Delete', exact: true })).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
  await history.visit();
  await history.delete('a.wav + 1');
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
});
