// Everything from outside is text: names of files and folders, labels, groups, tables, models and their cards may hold
// markup, formulas, turns of direction, or no end. It is shown as it is, nothing of it runs, and the page keeps its
// form, on a phone, too.
import Papa from 'papaparse';
import { zipSync } from 'fflate';
import type { Page } from 'playwright/test';
import { expect, test } from './app-test.ts';
import { BatchTable } from './pages/batch-table.ts';
import { HistoryPage } from './pages/history-page.ts';
import { ModelsPage } from './pages/models-page.ts';
import { PredictPage } from './pages/predict-page.ts';
import { TrainPage } from './pages/train-page.ts';
import { heartSound, type TestFile } from './recordings.ts';
import { tinyModelFiles } from './tiny-model.ts';

const MARKUP = '"><img src=x onerror=hostileRan=1><script>hostileRan=1</script>';
const TURNED = '\u202egnp.\u202c\u2066x';
const LONG = 'm'.repeat(10_000);
const PHONE = { width: 360, height: 740 };
const DESK = { width: 1280, height: 800 };

const bytesOf = ({ buffer }: TestFile): Uint8Array => new Uint8Array(buffer);

function zipFile(name: string, files: Record<string, Uint8Array>): TestFile {
  const zip = zipSync(files, { level: 0 });
  return { name, mimeType: 'application/zip', buffer: Buffer.from(zip) };
}

/** Nothing has run, nothing became an element, no direction is turned, and nothing sticks out, wide or narrow. */
async function isHarmless(page: Page, shot: string): Promise<void> {
  await expect(
    page.locator('img[src="x"], iframe, a[href^="javascript:" i], body script:not([src])'),
  ).toHaveCount(0);
  expect(await page.evaluate(() => Reflect.get(globalThis, 'hostileRan') as unknown)).toBeUndefined();
  const shown = await page.evaluate(() =>
    [
      document.body.textContent,
      document.title,
      ...[...document.querySelectorAll('[title], [aria-label]')].flatMap((element) => [
        element.getAttribute('title'),
        element.getAttribute('aria-label'),
      ]),
    ].join('\n'),
  );
  expect(shown).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b]|\[object |native code/);
  for (const size of [PHONE, DESK]) {
    await page.setViewportSize(size);
    const sticksOut = await page.evaluate(() => {
      const over = document.documentElement.scrollWidth - innerWidth;
      const wide = [...document.querySelectorAll('body *')].filter(
        (element) => element.getBoundingClientRect().right > innerWidth + 1,
      );
      return over <= 0 ? [] : wide.slice(-4).map((element) => element.outerHTML.slice(0, 200));
    });
    expect(sticksOut, `${shot} at ${String(size.width)} px`).toEqual([]);
    if (process.env['SHOTS'])
      await page.screenshot({ path: `${process.env['SHOTS']}/${shot}-${String(size.width)}.png` });
  }
}

test('names of files and folders, in the batch, its exports, the history and the monitor', async ({
  page,
}) => {
  const names = [
    `${MARKUP}.wav`,
    `normal/${TURNED}.wav`,
    "=cmd|' /C calc'!A1.wav",
    `${LONG}.wav`,
    '__proto__.wav',
    'two\nlines\u0000.wav',
    'javascript:hostileRan=1.wav',
    'שלום/صوت القلب.wav',
  ];
  const sound = bytesOf(heartSound());
  const table = `file,label\n${names[4] ?? ''},${MARKUP.replaceAll('"', '')}\n`;
  const zip = zipFile(`a..\\${MARKUP.replaceAll(/[/"]/g, '')}${TURNED}.zip`, {
    ...Object.fromEntries(names.map((name) => [name, sound])),
    'labels.csv': new TextEncoder().encode(table),
  });
  const predict = new PredictPage(page);
  const batch = new BatchTable(page);
  await predict.open('backend=wasm');
  await predict.choose(zip);
  await batch.done(names.length);
  await expect(batch.grid).toContainText('<img src=x onerror=hostileRan=1>');
  await isHarmless(page, 'batch');

  const csv = await batch.download('CSV');
  const { data } = Papa.parse<string[]>(csv.trimEnd());
  expect(data).toHaveLength(names.length + 1);
  expect(new Set(data.map((row) => row.length)).size).toBe(1);
  for (const [cell = ''] of data.slice(1)) expect(cell).not.toMatch(/^[=+\-@\t\r]|[\n\p{Bidi_Control}]/u);
  const results = await batch.downloadResults();
  expect(results.filter(({ status }) => status === 'error')).toEqual([]);

  await batch.rows.filter({ hasText: '</script>.wav' }).getByRole('rowheader').click();
  await predict.drawn();
  await isHarmless(page, 'result');

  const history = new HistoryPage(page);
  await history.visit();
  await expect(history.entries).toHaveCount(1);
  await isHarmless(page, 'history');
  await history.search.fill('<script>');
  await expect(history.entries).toHaveCount(1);
  await history.entries.getByRole('link').first().click();
  await expect(page.getByRole('grid')).toBeVisible();
  const started = page.waitForEvent('download');
  await batch.batch.getByRole('button', { name: 'CSV', exact: true }).click();
  expect((await started).suggestedFilename()).toMatch(/^[^/\\:*?"<>|\p{Cc}]{1,200}\.csv$/u);
  await isHarmless(page, 'entry');
  await history.visit();
  await history.entries.getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();
  await isHarmless(page, 'deleted');
  await page.getByRole('button', { name: 'Undo' }).click();

  await page.goto('/?backend=wasm#/monitor');
  await expect(page.getByRole('heading', { level: 1, name: 'Monitor' })).toBeVisible();
  await isHarmless(page, 'monitor');
});

test('labels, groups and sources of a table, in the collection and the plan', async ({ page }) => {
  const labels = ['__proto__', `constructor ${MARKUP.replaceAll('"', '')}`];
  const rows = Array.from(
    { length: 8 },
    (_, i) => `${String(i)}.wav,${labels[i % 2] ?? ''},"<b>p${String(i)}\n${TURNED}",=1+1,=cmd()`,
  );
  const files = Object.fromEntries(
    rows.map((_, i) => [`${String(i)}.wav`, bytesOf(heartSound(`${String(i)}.wav`, i + 1))]),
  );
  const table = new TextEncoder().encode(`file,label,group,source,site\n${rows.join('\n')}\n`);
  const train = new TrainPage(page);
  await train.open();
  await train.addFiles(zipFile('set.zip', { ...files, 'labels.csv': table }));
  await expect(train.preview).toContainText('__proto__');
  await isHarmless(page, 'preview');
  await train.confirm();
  await expect(train.rows).toHaveCount(8);
  await expect(train.label('1.wav')).toContainText('<script>hostileRan=1');
  await isHarmless(page, 'collection');
  await page.getByRole('link', { name: 'Plan a run' }).click();
  await expect(page.getByRole('main')).toContainText('__proto__');
  await isHarmless(page, 'plan');

  // A name is not longer than a name, and the line that has one is told.
  await train.open();
  const long = new TextEncoder().encode(`file,label\n0.wav,${LONG}\n1.wav,normal\n`);
  const picked = zipFile('long.zip', { ...files, 'labels.csv': long });
  await page.locator('[data-pick="files"] + input').first().setInputFiles(picked);
  await expect(page.getByText(/line 2: its label is longer than 200 letters/).first()).toBeAttached();
  await isHarmless(page, 'long label');
});

test('a model with hostile words is shown as it is written, answers, and goes out under a harmless name', async ({
  page,
}) => {
  const labels = ['__proto__', 'constructor'];
  const name = `${MARKUP} ../../${'w'.repeat(100)}`;
  const trainedOn = {
    dataset: MARKUP,
    nRecordings: 1,
    nGroups: 1,
    note: `${LONG} [x](javascript:hostileRan=1)`,
  };
  const files = await tinyModelFiles(labels, { name, version: '=cmd()', trainedOn });
  const card = `# ${MARKUP}\n\n[press](javascript:hostileRan=1) ${LONG}\n${TURNED}\n`;
  const estimate = { value: 0.5, low: 0.4, high: 0.6, n: 9, count: 3 };
  const pooled = {
    n: 9,
    nGroups: 9,
    auroc: estimate,
    meanAccuracy: estimate,
    sensitivity: estimate,
    specificity: estimate,
    accuracy: estimate,
  };
  const sources = [MARKUP, 'constructor', LONG].map(
    (source) => `${JSON.stringify(source)}:${JSON.stringify(pooled)}`,
  );
  const metrics = `{"schema":"heartbeat-evaluation/1","labels":${JSON.stringify(labels)},"n":9,"nGroups":9,"pooled":${JSON.stringify(pooled)},"perSource":{"__proto__":${JSON.stringify(pooled)},${sources.join(',')}},"method":{"kind":"${LONG}","description":${JSON.stringify(MARKUP)},"settings":{"__proto__":"=1"}}}`;
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
  const whole = { ...files, 'MODEL_CARD.md': utf8(card), 'metrics.json': utf8(metrics) };

  const models = new ModelsPage(page);
  await models.open('backend=wasm');
  // Refused before there is room for any of it.
  const dense = (i: number): object => ({
    class_name: 'Dense',
    config: {
      name: `d${String(i)}`,
      units: 65_536,
      ...(i === 0 ? { batch_input_shape: [null, 16, 20, 1] } : {}),
    },
  });
  const json = JSON.parse(Buffer.from(files['model.json'] ?? []).toString()) as { modelTopology: object };
  json.modelTopology = {
    class_name: 'Sequential',
    config: { name: 'greedy', layers: Array.from({ length: 240 }, (_, i) => dense(i)) },
  };
  await models.import(zipFile('greedy.zip', { ...files, 'model.json': utf8(JSON.stringify(json)) }));
  await expect(models.problem).toContainText('ask for more weights than it has');
  const turned = JSON.stringify({
    ...(JSON.parse(Buffer.from(files['manifest.json'] ?? []).toString()) as object),
    name: TURNED,
  });
  await models.import(zipFile('turned.zip', { ...files, 'manifest.json': utf8(turned) }));
  await expect(models.problem).toContainText('"name" is missing or out of range');

  await models.import(zipFile('model.zip', whole));
  await models.isOpen(name);
  await page
    .getByText('The model card', { exact: false })
    .first()
    .click()
    .catch(() => undefined);
  await isHarmless(page, 'model');
  expect((await models.export()).suggestedFilename()).toMatch(/^[^/\\:*?"<>|\p{Cc}]{1,200}\.zip$/u);
  await models.visit();
  await isHarmless(page, 'models');
  await models.activate(name);

  const predict = new PredictPage(page);
  const batch = new BatchTable(page);
  await page.getByRole('link', { name: 'Predict' }).first().click();
  await predict.choose([heartSound('a.wav', 1), heartSound('b.wav', 2)]);
  await batch.done(2);
  await isHarmless(page, 'batch of the model');
  const [header = []] = Papa.parse<string[]>(await batch.download('CSV')).data;
  expect(header).toContain('probability___proto__');
  const results = await batch.downloadResults();
  for (const { probabilities } of results) expect(Object.keys(probabilities)).toEqual(labels);
  await page.goto('/?backend=wasm#/monitor');
  await expect(page.getByRole('heading', { level: 1, name: 'Monitor' })).toBeVisible();
  await isHarmless(page, 'monitor of the model');
  await new HistoryPage(page).open();
  await isHarmless(page, 'history of the model');
});
