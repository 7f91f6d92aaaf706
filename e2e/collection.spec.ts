// The labelled collection: folders become labels, everything said of a recording is still there after a reload, and
// what goes wrong is told and costs nothing that was there before.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestInfo } from 'playwright/test';
import { decodeBytes } from '../src/core/audio/decode.ts';
import { mixdown } from '../src/core/audio/mixdown.ts';
import { encodeWav } from '../src/core/audio/wav.ts';
import { expect, test } from './app-test.ts';
import { DROP, drag } from './drag.ts';
import { PredictPage } from './pages/predict-page.ts';
import { TrainPage } from './pages/train-page.ts';
import { heartSound, wavFile, type TestFile } from './recordings.ts';
import { seriousViolations } from './serious-violations.ts';

/** Files in a folder of the test's own. */
async function folderOf(info: TestInfo, files: Record<string, TestFile | string>): Promise<string> {
  const folder = info.outputPath('ward');
  for (const [path, file] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), typeof file === 'string' ? file : file.buffer);
  }
  return folder;
}

const classFolders = (info: TestInfo): Promise<string> =>
  folderOf(info, {
    'normal/a.wav': heartSound('a.wav', 1),
    'normal/b.wav': heartSound('b.wav', 2),
    'AS/c.wav': heartSound('c.wav', 3, 'murmur'),
  });

test('class folders become labels; what is said of a recording is there after a reload, and can be undone', async ({
  page,
}, info) => {
  const train = new TrainPage(page);
  await train.open();
  await expect(page.getByText('Drop labelled recordings here')).toBeVisible();
  await train.addFolder(await classFolders(info));
  await expect(train.preview).toContainText('2 normal');
  await expect(train.preview).toContainText('1 AS');
  await train.confirm();
  await expect(train.outcome).toContainText('3 recordings added');
  await train.closeOutcome();
  await expect(page.getByRole('link', { name: 'Plan a run' })).toBeVisible();

  await train.relabel('a.wav', 'MR');
  await expect(train.label('a.wav')).toHaveText('MR');
  await train.undo();
  await expect(train.label('a.wav')).toHaveText('normal');
  await train.relabel('b.wav', 'murmur');
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();

  await page.reload();
  await expect(train.rows).toHaveCount(3);
  await expect(train.label('a.wav')).toHaveText('normal');
  await expect(train.label('b.wav')).toHaveText('murmur');
  await expect(train.label('c.wav')).toHaveText('AS');
});

test('many are changed at once, a deletion can be undone and is final once the page is left', async ({
  page,
}, info) => {
  const train = new TrainPage(page);
  await train.open();
  await train.addFolder(await classFolders(info));
  await train.confirm();
  await train.select('a.wav');
  await train.select('b.wav');
  const fields = page.getByRole('group', { name: /2 recordings selected/ });
  await fields.getByLabel('Patient').fill('p7');
  await fields.getByLabel('Patient').press('Enter');
  await expect(train.row('a.wav')).toContainText('p7');
  await fields.getByLabel('Site').selectOption('mitral');
  await expect(train.row('b.wav')).toContainText('mitral');

  await train.delete();
  await expect(train.rows).toHaveCount(1);
  await train.undo();
  await expect(train.rows).toHaveCount(3);
  await train.select('c.wav');
  await train.delete();
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Predict' }).click();
  await expect(page.getByText('Drop a heart sound here')).toBeVisible();
  await train.open();
  await expect(train.rows).toHaveCount(2);
  await expect(train.row('a.wav')).toContainText('p7');
});

test('what is dropped on the Train page is for the collection, and unlabelled files are asked about once', async ({
  page,
}, info) => {
  const train = new TrainPage(page);
  await train.open();
  const files = { 'x.wav': heartSound('x.wav', 1), 'y.wav': heartSound('y.wav', 2) };
  const folder = await folderOf(info, files);
  const paths = Object.keys(files).map((name) => join(folder, name));
  await drag(page, paths, ['dragEnter', 'dragOver']);
  await expect(page.getByText('add it to the collection')).toBeVisible();
  await drag(page, paths, DROP);
  await expect(train.preview).toContainText('2 without a label');
  await train.preview.getByLabel('Label of the 2 without').fill('MVP');
  await train.preview.getByLabel('Source').fill('clinic 1');
  await train.confirm();
  await expect(train.label('x.wav')).toHaveText('MVP');
  await expect(train.row('y.wav')).toContainText('clinic 1');

  // Listened to and seen like any recording. Which of two came in first is open: they are read side by side.
  await page.getByRole('columnheader', { name: 'Recording', exact: true }).getByRole('button').click();
  await expect(page.getByRole('rowheader').filter({ hasText: '.wav' }).first()).toHaveText('x.wav');
  await train.row('x.wav').getByRole('rowheader').click();
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
  await page.keyboard.press('j');
  await expect(page.getByRole('region', { name: 'y.wav' })).toBeVisible();
});

test('the same sound is found under another name, as another file and encoded with loss', async ({
  page,
}) => {
  const fixture = (name: string): Promise<Buffer> => readFile(new URL(`fixtures/${name}`, import.meta.url));
  const flac = await fixture('sound.flac');
  const decoded = await decodeBytes(new Uint8Array(flac).buffer);
  const train = new TrainPage(page);
  await train.open();
  await train.addFiles([
    { name: 'sound.flac', mimeType: 'audio/flac', buffer: flac },
    { name: 'same file.flac', mimeType: 'audio/flac', buffer: flac },
    wavFile('as wav.wav', encodeWav(mixdown(decoded))),
    { name: 'as mp3.mp3', mimeType: 'audio/mpeg', buffer: await fixture('sound.mp3') },
    { name: 'as ogg.ogg', mimeType: 'audio/ogg', buffer: await fixture('sound.ogg') },
    heartSound('another.wav', 9),
  ]);
  await train.confirm();
  await expect(train.outcome).toContainText('5 recordings added');
  await expect(train.outcome).toContainText('1 was there already');
  await expect(train.sameSound).toHaveAccessibleName('Same sound (4)');
  await train.sameSound.check();
  await expect(train.rows).toHaveCount(4);
  await train.select('as wav.wav');
  await page.getByRole('button', { name: 'Keep this one' }).click();
  await expect(train.sameSound).toHaveAccessibleName('Same sound (0)');
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect(train.rows).toHaveCount(2);
});

test('a recording that was predicted is kept for training with one press', async ({ page }) => {
  const [predict, train] = [new PredictPage(page), new TrainPage(page)];
  await predict.open('backend=wasm');
  await predict.choose(heartSound('ward-7.wav'));
  await predict.drawn();
  await page.getByRole('button', { name: 'Keep for training' }).click();
  await train.preview.getByLabel('Label of the one without').fill('normal');
  await train.confirm();
  await expect(train.label('ward-7.wav')).toHaveText('normal');
});

test('a bad file is told with its reason, and the rest goes on', async ({ page }) => {
  const train = new TrainPage(page);
  await train.open();
  await train.addFiles([
    heartSound('good.wav', 1),
    wavFile('empty.wav', new Uint8Array()),
    wavFile('text.wav', Buffer.from('Dear diary, today I listened to a heart.')),
  ]);
  await train.confirm();
  await expect(train.outcome).toContainText('1 recording added');
  await expect(train.outcome).toContainText('2 files could not be read');
  await expect(train.outcome).toContainText('This file is empty');
  await expect(train.rows).toHaveCount(1);
});

test('full storage is told, what was in stays, and nothing is half-written', async ({ page }) => {
  const train = new TrainPage(page);
  await train.open();
  await train.addFiles(heartSound('first.wav', 1));
  await train.confirm();
  await train.closeOutcome();
  await page.evaluate(() => {
    const put: unknown = Reflect.get(IDBObjectStore.prototype, 'put');
    IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...parts) {
      if (this.name === 'recording-bytes') throw new DOMException('No room.', 'QuotaExceededError');
      return (put as IDBObjectStore['put']).apply(this, parts);
    };
  });
  await train.addFiles([heartSound('second.wav', 2), heartSound('third.wav', 3)]);
  await train.confirm();
  await expect(train.outcome).toContainText('The storage is full');
  await expect(train.outcome).toContainText('2 recordings not added');
  await page.reload();
  await expect(train.rows).toHaveCount(1);
  await expect(train.row('first.wav')).toBeVisible();
});

test('the collection has no serious violation', async ({ page }) => {
  const train = new TrainPage(page);
  await train.open();
  expect(await seriousViolations(page)).toEqual([]);
  await train.addFiles([heartSound('a.wav', 1), heartSound('b.wav', 2)]);
  expect(await seriousViolations(page)).toEqual([]);
  await train.confirm();
  await train.row('a.wav').getByRole('rowheader').click();
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
  await train.select('b.wav');
  expect(await seriousViolations(page)).toEqual([]);
});
