// What befalls the storage, each fault put in by hand: it ends with a sentence on screen, nothing is lost that was
// there before, and afterwards a prediction is answered and kept.
import { zipSync } from 'fflate';
import type { BrowserContext, Page } from 'playwright/test';
import { expect, test } from './app-test.ts';
import { holdFile } from './held-file.ts';
import { BatchTable } from './pages/batch-table.ts';
import { HistoryPage } from './pages/history-page.ts';
import { ModelsPage } from './pages/models-page.ts';
import { PredictPage } from './pages/predict-page.ts';
import { RunPage } from './pages/run-page.ts';
import { TrainPage } from './pages/train-page.ts';
import {
  bareTab,
  deleteDatabase,
  everythingKept,
  holdDatabase,
  StorageFaults,
} from './pages/storage-faults.ts';
import { heartSound, type TestFile } from './recordings.ts';
import { tinyModelFiles } from './tiny-model.ts';

const NEWER_VERSION = 99;
const FULL = 'The storage is full';

const visit = async (page: Page, name: string): Promise<void> => {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click();
  // The rail lies over the page while the pointer is on it.
  await page.getByRole('main').hover();
};

/** A prediction is answered, and the history has it: the program works and keeps. */
async function works(page: Page, name: string): Promise<void> {
  const [predict, history] = [new PredictPage(page), new HistoryPage(page)];
  await visit(page, 'Predict');
  await predict.choose(heartSound(name, 7));
  await predict.drawn();
  await history.visit();
  await expect(history.entry(name)).toBeVisible();
}

const labelled = (n: number): TestFile[] =>
  Array.from({ length: n }, (_, i) => heartSound(`s${String(i)}.wav`, i, i % 2 === 0 ? 'normal' : 'murmur'));

const tinyZip = async (labels = ['quiet', 'murmur']): Promise<TestFile> => ({
  name: 'model.zip',
  mimeType: 'application/zip',
  buffer: Buffer.from(zipSync(await tinyModelFiles(labels))),
});

test.describe('no room', () => {
  let page: Page;
  let faults: StorageFaults;

  test.beforeEach(async ({ page: opened }) => {
    page = opened;
    faults = new StorageFaults(page);
    await faults.install();
    await page.goto('/?backend=wasm');
  });

  test('for a choice in Settings, a single answer, answers of a batch and its threshold', async () => {
    await visit(page, 'Settings');
    await faults.fill('localStorage');
    await page.getByRole('radio', { name: 'Dark' }).check();
    await expect(page.getByText('The browser did not keep this choice')).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await faults.fill();
    await page.getByRole('radio', { name: 'Light' }).check();
    await expect(page.getByText('The browser did not keep this choice')).toBeHidden();

    const [predict, batch, history] = [new PredictPage(page), new BatchTable(page), new HistoryPage(page)];
    const again = page.getByRole('button', { name: 'Keep the results again' });
    const answers: [store: string, name: string, files: TestFile[]][] = [
      ['batches', 'alone.wav', [heartSound('alone.wav', 1)]],
      ['batch-files', 'b.wav + 1', [heartSound('b.wav', 2), heartSound('c.wav', 3)]],
      ['batch-names', 'd.wav + 1', [heartSound('d.wav', 4), heartSound('e.wav', 5)]],
      ['batch-results', 'f.wav + 1', [heartSound('f.wav', 6), heartSound('g.wav', 7)]],
    ];
    await visit(page, 'Predict');
    for (const [store, , files] of answers) {
      await faults.fill(store);
      await predict.choose(files);
      await expect(page.getByText(files[0]?.name ?? '').first()).toBeVisible();
      await predict.drawn();
      await expect(page.getByRole('alert').filter({ hasText: FULL }), store).toBeVisible();
      // Nothing is lost: it is on the screen and in memory, and kept when there is room.
      if (files.length > 1) expect(await batch.downloadResults()).toHaveLength(files.length);
      await again.click();
      await expect(page.getByRole('alert').filter({ hasText: FULL }), store).toBeVisible();
      await faults.fill();
      await again.click();
      await expect(again, store).toBeHidden();
    }
    await page.reload();
    await history.visit();
    for (const [, name] of answers) await expect(history.entry(name)).toBeVisible();
    await history.openEntry('f.wav + 1');
    await batch.done(2);
    expect(await batch.downloadResults()).toHaveLength(2);
    await works(page, 'after.wav');
  });

  test('for recordings of the collection, a label, a model, its choice and its name', async () => {
    const [train, models] = [new TrainPage(page), new ModelsPage(page)];
    await train.open();
    const full = page.getByRole('alert').filter({ hasText: FULL });
    for (const store of ['recordings', 'recording-bytes']) {
      await faults.fill(store);
      await train.addFiles(heartSound('first.wav', 1));
      await train.confirm();
      await expect(train.outcome).toContainText(FULL);
      await train.closeOutcome();
    }
    await faults.fill();
    await train.addFiles(heartSound('first.wav', 1));
    await train.preview.getByLabel('Label of the one without').fill('normal');
    await train.confirm();
    await train.closeOutcome();
    await faults.fill('recordings');
    await train.relabel('first.wav', 'murmur');
    await expect(full).toBeVisible();
    await expect(train.label('first.wav')).toHaveText('normal');
    await page.getByRole('button', { name: 'Close', exact: true }).click();

    await models.visit();
    const zip = await tinyZip();
    for (const store of ['model-blobs', 'model-topologies', 'models']) {
      await faults.fill(store);
      await models.import(zip);
      await expect(full, store).toBeVisible();
      await page.getByRole('button', { name: 'Close', exact: true }).click();
      await expect(models.rows).toHaveCount(1);
    }
    await faults.fill();
    await models.import(zip);
    await models.isOpen('Tiny');
    await models.visit();
    await faults.fill('active-model');
    await page.getByRole('button', { name: 'Activate Tiny' }).click();
    await expect(full).toBeVisible();
    await expect(models.row('Tiny').getByText('In use')).toBeHidden();
    await models.openModel('Tiny');
    await faults.fill('models');
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Other');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(full.last()).toBeVisible();
    await models.isOpen('Tiny');

    await faults.fill();
    await models.visit();
    await models.activate('Tiny');
    await works(page, 'after.wav');
    await train.open();
    await page.reload();
    await expect(train.rows).toHaveCount(1);
  });

  test('for a training run, its checkpoints, its model and its verdict; another tab knows, and adds all the same', async ({
    context,
  }) => {
    const [train, run] = [new TrainPage(page), new RunPage(page)];
    // One that leaves the processor to the page while it trains.
    const models = new ModelsPage(page);
    await models.visit();
    await models.import(await tinyZip(['normal', 'murmur']));
    await models.isOpen('Tiny');
    await models.visit();
    await models.activate('Tiny');
    const other = new TrainPage(await context.newPage());
    await train.open();
    await other.open();
    const sounds = labelled(16);
    const labels = sounds.map(({ name }, i) => `${name},${i % 2 === 0 ? 'normal' : 'murmur'}`);
    const table = Buffer.from(['file,label', ...labels].join('\n'));
    await train.addFiles([...sounds, { name: 'labels.csv', mimeType: 'text/csv', buffer: table }]);
    await train.confirm();
    await expect(train.rows).toHaveCount(16);
    const full = page.getByRole('alert').filter({ hasText: FULL });

    await run.plan();
    // More epochs than will be waited for; of so few recordings none is watched, and all epochs are run.
    await run.choose('The whole model', 400);
    await faults.fill('runs', 'run-details');
    await run.start();
    await expect(full).toContainText('The latest state of this run could not be stored');
    await faults.fill();
    await run.reachEpoch(2);
    await expect(full).toBeHidden();
    await faults.fill('checkpoints');
    await expect(full).toBeVisible();
    await faults.fill('models');
    await expect(full).toBeHidden();

    await visit(other.page, 'Settings');
    await other.page.getByRole('button', { name: 'Delete everything…' }).click();
    await expect(other.page.getByText(/Something is under way in another tab/)).toBeVisible();
    await visit(page, 'Settings');
    await page.getByRole('button', { name: 'Delete everything…' }).click();
    await expect(page.getByText(/Something is under way here/)).toBeVisible();
    await page.goBack();
    await visit(other.page, 'Train');
    await other.addFiles(heartSound('late.wav', 99));
    await other.confirm();
    await expect(other.rows).toHaveCount(17);

    await page.getByRole('button', { name: 'Stop and keep the best' }).click();
    await expect(full).toBeVisible({ timeout: 60_000 });
    await faults.fill();
    await page.getByRole('button', { name: 'Try to go on' }).click();
    await run.judged();

    await faults.fill('runs');
    await run.verdict.getByRole('button', { name: /^Keep / }).click();
    await expect(full).toBeVisible();
    await faults.fill();
    await run.keep();
    await works(page, 'after.wav');
    await models.visit();
    await expect(models.rows).toHaveCount(3);
  });
});

test('two tabs that add recordings at once, some of them the same, have all of them', async ({
  page,
  context,
}) => {
  const [train, other] = [new TrainPage(page), new TrainPage(await context.newPage())];
  await train.open();
  await other.open();
  const sounds = labelled(6);
  await train.addFiles(sounds.slice(0, 4));
  await train.preview.getByLabel(/^Label of the/).fill('normal');
  await other.addFiles(sounds.slice(2));
  await other.preview.getByLabel(/^Label of the/).fill('normal');
  await Promise.all([train.confirm(), other.confirm()]);
  await page.reload();
  await expect(train.rows).toHaveCount(6);
});

test('a tab that holds an older version is said to be in the way, and the program goes on by itself without it', async ({
  page,
  context,
}) => {
  const other = await bareTab(context);
  await holdDatabase(other, 1);
  const predict = new PredictPage(page);
  await predict.open('backend=wasm');
  await expect(page.getByText(/Another tab has an older version of this program open/)).toBeVisible();
  await predict.choose(heartSound('meanwhile.wav', 2));
  await predict.drawn();
  await other.close();
  await expect(page.getByText(/Another tab has an older version of this program open/)).toBeHidden();
  await works(page, 'after.wav');
  // What was answered meanwhile was in memory, and is kept now.
  await expect(new HistoryPage(page).entry('meanwhile.wav')).toBeVisible();
});

test('a newer version in another tab takes the storage: this one says so, answers on, and is loaded anew', async ({
  page,
  context,
}) => {
  const predict = new PredictPage(page);
  await predict.open('backend=wasm');
  const newer = await bareTab(context);
  await holdDatabase(newer, NEWER_VERSION);
  await expect(page.getByText(/A newer version of this program/)).toBeVisible();
  await predict.choose(heartSound('between.wav', 2));
  await predict.drawn();
  await page.getByRole('button', { name: 'Load anew' }).click();
  // The program is still the old one here: it is told again, and not only once.
  await expect(page.getByText(/A newer version of this program/)).toBeVisible();
  await newer.close();
  const bare = await bareTab(context);
  await deleteDatabase(bare);
  await page.getByRole('button', { name: 'Load anew' }).click();
  await expect(page.getByText(/A newer version of this program/)).toBeHidden();
  await works(page, 'after.wav');
});

test('a connection that the browser closes is opened again in silence; only a failure of that is told', async ({
  page,
}) => {
  const faults = new StorageFaults(page);
  await faults.install();
  await new PredictPage(page).open('backend=wasm');
  await faults.close();
  await works(page, 'between.wav');
  await expect(page.getByText(/The browser has closed the storage/)).toBeHidden();

  await faults.forbid(true);
  await faults.close();
  await expect(page.getByText(/The browser has closed the storage/)).toBeVisible();
  await faults.forbid(false);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByText(/The browser has closed the storage/)).toBeHidden();
  await works(page, 'after.wav');
  await expect(new HistoryPage(page).entry('between.wav')).toBeVisible();
});

test('where nothing can be kept the program says so, answers all the same, and keeps from when it can', async ({
  page,
}) => {
  const faults = new StorageFaults(page);
  await faults.install(true);
  const predict = new PredictPage(page);
  await predict.open('backend=wasm');
  await expect(page.getByText(/does not let the program keep anything/)).toBeVisible();
  await predict.choose(heartSound('private.wav', 2));
  await predict.drawn();
  await faults.forbid(false);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByText(/does not let the program keep anything/)).toBeHidden();
  await works(page, 'after.wav');
  await expect(new HistoryPage(page).entry('private.wav')).toBeVisible();
});

/** As the browser does it when room is short, or a person in its settings. */
async function clearSite(page: Page, context: BrowserContext): Promise<void> {
  const session = await context.newCDPSession(page);
  await session.send('Storage.clearDataForOrigin', {
    origin: new URL(page.url()).origin,
    storageTypes: 'all',
  });
  await session.detach();
}

const CLEARED = /Everything that was kept here was deleted while this page was open/;

for (const [how, clear] of [
  ['by the browser', clearSite],
  [
    'from another tab',
    async (_page: Page, context: BrowserContext) => deleteDatabase(await bareTab(context)),
  ],
] as const)
  test(`cleared while open ${how}: it is told, lists are read anew, and what is on screen is kept again`, async ({
    page,
    context,
  }) => {
    const [train, predict, history] = [new TrainPage(page), new PredictPage(page), new HistoryPage(page)];
    await train.open();
    await train.addFiles(heartSound('first.wav', 1));
    await train.confirm();
    await train.closeOutcome();
    await visit(page, 'Predict');
    await predict.choose(heartSound('on-screen.wav', 2));
    await predict.drawn();
    await clear(page, context);
    await expect(page.getByText(CLEARED)).toBeVisible();
    await history.visit();
    await expect(history.entry('on-screen.wav')).toBeVisible();
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await expect(page.getByText(CLEARED)).toBeHidden();
    await visit(page, 'Train');
    await expect(page.getByText('Drop labelled recordings here')).toBeVisible();
    await train.addFiles(heartSound('second.wav', 3));
    await train.confirm();
    await expect(train.rows).toHaveCount(1);
    await works(page, 'after.wav');
    await page.reload();
    await expect(history.entries).toHaveCount(2);
  });

test('cleared in the middle of a batch: at its end all of it is kept', async ({ page, context }) => {
  const [predict, batch, history] = [new PredictPage(page), new BatchTable(page), new HistoryPage(page)];
  const letGo = await holdFile(page, '29.wav');
  await predict.open('backend=wasm');
  const files = Array.from({ length: 30 }, (_, i) => heartSound(`${String(i)}.wav`, i));
  await predict.choose(files);
  await expect.poll(() => everythingKept(page)).toHaveProperty('batch-results');
  await clearSite(page, context);
  await expect(page.getByText(CLEARED)).toBeVisible();
  await letGo();
  await batch.done(files.length);
  await expect(page.getByRole('alert')).toBeHidden();
  expect(await batch.downloadResults()).toHaveLength(files.length);
  await page.reload();
  await history.visit();
  await history.openEntry('0.wav + 29');
  await batch.done(files.length);
  expect(await batch.downloadResults()).toHaveLength(files.length);
});

test('everything is deleted: nothing is found afterwards, other tabs know, and the program begins anew', async ({
  page,
  context,
}) => {
  const [train, models] = [new TrainPage(page), new ModelsPage(page)];
  await train.open();
  await train.addFiles([heartSound('a.wav', 1), heartSound('b.wav', 2)]);
  await train.confirm();
  await models.visit();
  await models.import(await tinyZip());
  await models.isOpen('Tiny');
  await models.visit();
  await models.activate('Tiny');
  await works(page, 'old.wav');
  // What this tab still shows is not to be kept again from its memory.
  const other = new TrainPage(await context.newPage());
  await other.page.goto('/?backend=wasm');
  await works(other.page, 'there.wav');
  await visit(other.page, 'Train');
  await expect(other.rows).toHaveCount(2);
  await page.evaluate(async () => {
    sessionStorage.setItem('heartbeat.visit', '1');
    await (await caches.open('heartbeat.shared')).put('/shared', new Response('a sound'));
  });
  await visit(page, 'Settings');
  await page.getByRole('radio', { name: 'Dark' }).check();
  const rowOf = (name: string) => page.getByRole('row', { name });
  await expect(rowOf('Recordings of the collection')).toContainText('2');
  await expect(rowOf('Models, trained or imported')).toContainText('1');
  await expect(rowOf('Results in the history')).toContainText('2');
  const before = await everythingKept(page);
  expect(Object.keys(before)).toEqual(
    expect.arrayContaining([
      'batches',
      'recordings',
      'models',
      'active-model',
      'localStorage',
      'heartbeat.shared',
    ]),
  );

  await page.getByRole('button', { name: 'Delete everything…' }).click();
  const dialog = page.getByRole('dialog');
  for (const words of ['2 recordings', '1 model', '2 results', '0 training runs'])
    await expect(dialog).toContainText(words);
  await dialog.getByRole('button', { name: 'Keep it all' }).click();
  expect(await everythingKept(page)).toEqual(before);
  await page.getByRole('button', { name: 'Delete everything…' }).click();
  await dialog.getByRole('button', { name: 'Delete everything for good' }).click();

  await expect(page.getByRole('heading', { level: 1, name: 'Predict' })).toBeVisible();
  await expect(
    other.page.getByText('Everything that was kept here was deleted in another tab.'),
  ).toBeVisible();
  await expect(other.rows).toHaveCount(0);
  expect(await everythingKept(page)).toEqual({});
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await models.visit();
  await expect(models.rows).toHaveCount(1);
  await works(page, 'new.wav');
});
