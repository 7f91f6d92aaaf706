// The registry from the page alone: a model with other classes is imported, answers, survives a reload, gives way
// again, is exported as it came, and deleted; what is no model is refused and changes nothing.
import { unzipSync, zipSync } from 'fflate';
import { readdirSync, readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { expect, test } from './app-test.ts';
import { ModelsPage } from './pages/models-page.ts';
import { PredictPage } from './pages/predict-page.ts';
import { heartSound, type TestFile } from './recordings.ts';
import { tinyModelFiles } from './tiny-model.ts';
import { seriousViolations } from './serious-violations.ts';

const BUNDLED = 'CNN trained on physionet2016';
const FOLDER = new URL('../models/heartbeat-cnn/', import.meta.url);
const LABELS = ['quiet', 'murmur', 'extrastole'];

type Files = Record<string, Uint8Array<ArrayBuffer>>;

function zipOf(files: Files): TestFile {
  return { name: 'model.zip', mimeType: 'application/zip', buffer: Buffer.from(zipSync(files)) };
}

async function importTiny(page: Page, labels = LABELS): Promise<{ models: ModelsPage; files: Files }> {
  const models = new ModelsPage(page);
  const files = await tinyModelFiles(labels);
  await models.open('backend=wasm');
  await models.import(zipOf(files));
  await models.isOpen('Tiny');
  return { models, files };
}

test('an imported model with other classes answers, also after a reload, and gives way in one press', async ({
  page,
}) => {
  const { models } = await importTiny(page);
  const predict = new PredictPage(page);
  await expect(page.getByText(/has not passed the comparison here/)).toBeVisible();
  await models.visit();
  await models.isInUse(BUNDLED);
  await models.activate('Tiny');

  await page.getByRole('link', { name: 'Predict' }).first().click();
  await predict.choose([heartSound('a.wav', 1), heartSound('b.wav', 2)]);
  const result = await predict.result();
  expect(Object.keys(result.probabilities)).toEqual(LABELS);
  expect(result.model.id).toBe('tiny');
  await expect(predict.answer.getByText('extrastole').first()).toBeVisible();
  await expect(page.getByText(/has not passed the comparison here/)).toBeVisible();
  // More than two classes have no threshold to move.
  await expect(page.getByRole('slider', { name: /threshold/i })).toHaveCount(0);

  await page.reload();
  await models.open('backend=wasm');
  await models.isInUse('Tiny');
  await page.getByRole('link', { name: 'History' }).click();
  await page.getByRole('link', { name: /^a\.wav/ }).click();
  await expect(page.getByRole('main').getByText('murmur').first()).toBeVisible();
  await page.getByRole('link', { name: 'Settings' }).first().click();
  await expect(page.getByText('this one has more')).toBeVisible();

  await models.visit();
  await models.rollBack();
  await models.isInUse(BUNDLED);
  await page.getByRole('link', { name: 'Predict' }).first().click();
  await predict.choose(heartSound('c.wav', 3));
  expect((await predict.result()).model.id).toBe('heartbeat-cnn');
});

test('an exported model is what was imported, byte for byte; deleted and imported again it is the same', async ({
  page,
}) => {
  const { models, files } = await importTiny(page);
  const path = await (await models.export()).path();
  const exported = readFileSync(path);
  const unzipped = unzipSync(exported);
  expect(Object.keys(unzipped).sort()).toEqual(Object.keys(files).sort());
  for (const [name, content] of Object.entries(files))
    expect(Buffer.from(unzipped[name] ?? []).equals(content), name).toBe(true);

  await models.rename('Ward 7');
  await models.delete();
  await expect(models.rows).toHaveCount(1);
  await models.import({ name: 'again.zip', mimeType: 'application/zip', buffer: exported });
  await models.isOpen('Tiny');
  expect(readFileSync(await (await models.export()).path()).equals(exported)).toBe(true);
});

test('the active model and the bundled one cannot be deleted', async ({ page }) => {
  const { models } = await importTiny(page);
  await models.visit();
  await models.activate('Tiny');
  await models.openModel('Tiny');
  await expect(page.getByRole('button', { name: 'Delete', exact: true })).toBeDisabled();
  await models.visit();
  await models.openModel(BUNDLED);
  await expect(page.getByRole('button', { name: 'Delete', exact: true })).toHaveCount(0);
});

test('the bundled model is exported whole, and is not taken in a second time', async ({ page }) => {
  const models = new ModelsPage(page);
  await models.open('backend=wasm');
  await models.openModel(BUNDLED);
  const zip = readFileSync(await (await models.export()).path());
  const exported = unzipSync(zip);
  for (const name of readdirSync(FOLDER)) {
    const [kept, given] = [readFileSync(new URL(name, FOLDER)), Buffer.from(exported[name] ?? [])];
    if (name.endsWith('.json'))
      expect(JSON.parse(given.toString()), name).toEqual(JSON.parse(kept.toString()));
    else expect(given.equals(kept), name).toBe(true);
  }
  await models.visit();
  await models.import({ name: 'a.zip', mimeType: 'application/zip', buffer: zip });
  await expect(models.problem).toHaveText(/here already/);
});

test('what is no model is refused with a sentence, and nothing is kept', async ({ page }) => {
  const models = new ModelsPage(page);
  const files = await tinyModelFiles(LABELS);
  const manifest = JSON.parse(new TextDecoder().decode(files['manifest.json'])) as object;
  const changed = (change: Record<string, unknown>): Files => ({
    ...files,
    ...Object.fromEntries(
      Object.entries(change).map(([name, value]) => [name, new TextEncoder().encode(JSON.stringify(value))]),
    ),
  });
  const whole = zipSync(files);
  const flipped = (files['weights.bin'] ?? new Uint8Array()).slice();
  flipped[0] = (flipped[0] ?? 0) ^ 1;
  const golden = {
    schema: 'heartbeat-golden/1',
    inputShape: [32, 20, 1],
    windows: [{ seed: 1, logits: [9, 9, 9] }],
  };
  const cases: [TestFile, RegExp][] = [
    [{ ...zipOf({}), buffer: Buffer.from(whole.slice(0, whole.length / 2)) }, /cut short/],
    [zipOf({ 'a.wav': new Uint8Array(10) }), /no manifest\.json/],
    [zipOf(changed({ 'manifest.json': { ...manifest, schema: 'heartbeat-model/9' } })), /newer version/],
    [zipOf(changed({ 'manifest.json': { ...manifest, labels: ['a', 'b'] } })), /its manifest says/],
    [zipOf(changed({ 'golden.json': golden })), /known answers/],
    [zipOf({ ...files, 'weights.bin': flipped }), /SHA-256/],
    [zipOf({ ...files, '../evil.json': new Uint8Array(1) }), /leads out/],
  ];
  await models.open('backend=wasm');
  for (const [zip, why] of cases) {
    await models.import(zip);
    await expect(models.problem).toHaveText(why);
    await page.getByRole('button', { name: 'Close' }).click();
  }
  await expect(models.rows).toHaveCount(1);
});

test('a model that can no longer be read gives way to the bundled one, and the page says so', async ({
  page,
}) => {
  const { models } = await importTiny(page);
  await models.visit();
  await models.activate('Tiny');
  await page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('heartbeat');
        opening.onerror = () => reject(new Error('no database'));
        opening.onsuccess = () => {
          const db = opening.result;
          const transaction = db.transaction('model-blobs', 'readwrite');
          transaction.objectStore('model-blobs').clear();
          transaction.oncomplete = () => {
            db.close();
            resolve();
          };
        };
      }),
  );
  await models.open('backend=wasm');
  await page.reload();
  await expect(page.getByText(/Tiny cannot answer/)).toBeVisible();
  await models.isInUse(BUNDLED);
  await page.getByRole('button', { name: `Stay with ${BUNDLED}` }).click();
  await expect(page.getByText(/Tiny cannot answer/)).toBeHidden();
});

test('another tab hears of the model that was activated here', async ({ page, context }) => {
  const { models } = await importTiny(page);
  const other = await context.newPage();
  const elsewhere = new ModelsPage(other);
  await elsewhere.open('backend=wasm');
  await models.visit();
  await models.activate('Tiny');
  await expect(other.getByText(/Another tab has activated Tiny/)).toBeVisible();
  await elsewhere.isInUse(BUNDLED);
  await other.getByRole('button', { name: 'Use it here, too' }).click();
  await elsewhere.isInUse('Tiny');
});

test('the list, a card, a problem and the question have no serious violation', async ({ page }) => {
  const { models } = await importTiny(page);
  expect(await seriousViolations(page)).toEqual([]);
  await page.getByText('The whole card').click();
  // Somebody else's text is text.
  await expect(page.getByText('<img src=x onerror=alert(1)>')).toBeVisible();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  expect(await seriousViolations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Keep it' }).click();
  await models.visit();
  await models.import(zipOf({}));
  await expect(models.problem).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
});
