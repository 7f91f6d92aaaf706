// Whatever goes wrong ends with a sentence on screen, loses nothing, and leaves a program that works. Faults are
// brought about in the built app, from outside; each test looks at what was there before, and again after a reload.
//
// | fault                                        | shown by                                                            |
// | -------------------------------------------- | ------------------------------------------------------------------- |
// | worker crash: prediction, batch, evaluation  | here: "a worker that crashes or hangs …"                            |
// | worker crash: training                       | training-faults.spec: "a training run outlives …"; training.spec    |
// | worker hang; a page that only stood still    | here: "a worker that crashes or hangs …"; worker-host.test          |
// | GPU device lost: prediction, training        | training-faults.spec, gpu-loss.test                                 |
// | out of memory: arrays, decoder, WASM, size   | here: "what there is no memory for …"                               |
// | errors and rejections that nobody waited for | here: "what nobody waited for …"; mishaps.test                      |
// | clock going backwards: batch, history, undo  | here: "a clock that goes back …"; new-id.test, batch-pace.test      |
// | clock going backwards: training              | training-faults.spec: "a training run outlives …"                   |
// | network off from the first second visit      | network-faults.spec: "the second visit …"; offline.spec             |
// | network dying in the middle of the first     | network-faults.spec: "a network that dies …"                        |
// | tab hidden for long, frozen: training        | training-faults.spec: "a training run outlives …"                   |
// | tab hidden for long, frozen: batch           | here: "a batch goes on in a hidden tab"                             |
// | tab hidden for long, frozen: recording       | microphone.spec: "a recording goes on in a hidden tab …"            |
// | quota exceeded at each kind of write         | storage.spec                                                        |
// | IndexedDB blocked, or closed underneath      | storage.spec                                                        |
// | storage cleared while open                   | storage.spec                                                        |
// | service worker update in mid-training        | update.spec                                                         |
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright/test';
import { expect, test } from './app-test.ts';
import { drag, DROP } from './drag.ts';
import { BatchTable } from './pages/batch-table.ts';
import { EvaluationPanel } from './pages/evaluation-panel.ts';
import { HistoryPage } from './pages/history-page.ts';
import { freeze, hide, show } from './page-life.ts';
import { PredictPage } from './pages/predict-page.ts';
import { heartSound, minuteOfTone, type TestFile } from './recordings.ts';
import { sabotage } from './sabotage.ts';

const CRASHED = 'The computing part stopped unexpectedly';
const STALLED = 'The computing part stopped answering';
const NO_MEMORY = 'There was not enough memory';
const TOO_LONG = 'The recording is too long';
const SOUND_MP3 = fileURLToPath(new URL('fixtures/sound.mp3', import.meta.url));

/** Like `heartSound`, and of a size that no other has. */
function odd(name: string, seed: number): TestFile {
  const file = heartSound(name, seed);
  return { ...file, buffer: Buffer.concat([file.buffer, Buffer.alloc(2 * seed)]) };
}

/** What the history holds, newest first. */
async function kept(page: Page): Promise<string[]> {
  const history = new HistoryPage(page);
  await history.visit();
  const titles = await history.entries.getByRole('link').allTextContents();
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Predict' }).click();
  await page.getByRole('main').hover();
  return titles.map((title) => title.trim());
}

async function problem(predict: PredictPage, sentence: string): Promise<void> {
  await expect(predict.problem.getByText(sentence, { exact: true })).toBeVisible();
}

async function again(predict: PredictPage): Promise<void> {
  await predict.problem.getByRole('button', { name: 'Try again' }).click();
  expect((await predict.result()).error).toBeNull();
}

test('a worker that crashes or hangs costs the recording that killed it and nothing else', async ({
  page,
}, info) => {
  const [predict, table, panel] = [new PredictPage(page), new BatchTable(page), new EvaluationPanel(page)];
  const killer = odd('killer.wav', 3);
  const setFault = await sabotage(page);
  setFault(
    { worker: 'inference', kind: 'crash', sizeBytes: killer.buffer.length },
    { worker: 'evaluation', kind: 'crash' },
  );
  const ward = info.outputPath('ward');
  for (const label of ['normal', 'abnormal']) {
    mkdirSync(join(ward, label), { recursive: true });
    for (let i = 0; i < 5; i++)
      writeFileSync(join(ward, label, `${String(i)}.wav`), heartSound('', 10 + i).buffer);
  }
  writeFileSync(join(ward, 'normal', killer.name), killer.buffer);

  await page.clock.install();
  await predict.open('backend=wasm');
  await drag(page, [ward], DROP);
  await table.done(11);
  const results = await table.downloadResults();
  expect(
    results.filter(({ error }) => error !== null).map(({ fileName, error }) => [fileName, error?.code]),
  ).toEqual([['ward/normal/killer.wav', 'worker-crashed']]);
  await table.open('ward/normal/killer.wav');
  await expect(predict.problem.filter({ hasText: killer.name }).getByText(CRASHED)).toBeVisible();

  // The evaluation of the same batch: its worker died, too, and is asked again.
  await expect(panel.panel.getByText(CRASHED)).toBeVisible();
  setFault();
  await panel.panel.getByRole('button', { name: 'Try again' }).click();
  await expect(panel.about).toHaveText(/10 of 11 labelled recordings/);
  await expect(panel.saveButton).toBeEnabled();

  // Alone it hangs. An hour in which the page stood still is no silence; a minute of its own life is.
  await predict.close();
  setFault({ worker: 'inference', kind: 'hang', sizeBytes: killer.buffer.length });
  await page.reload();
  await predict.choose(killer);
  await expect(page.locator('.working')).toBeVisible();
  await page.clock.fastForward('01:00:00');
  await expect(page.locator('.working')).toBeVisible();
  setFault();
  await page.clock.runFor('01:01');
  await problem(predict, STALLED);
  await again(predict);

  expect(await kept(page)).toEqual(['killer.wav', 'ward']);
  await page.reload();
  expect(await kept(page)).toEqual(['killer.wav', 'ward']);
  const history = new HistoryPage(page);
  await history.visit();
  await history.openEntry('ward');
  await table.done(11);
});

test('what there is no memory for is said, and what there is memory for is answered', async ({
  page,
}, info) => {
  const predict = new PredictPage(page);
  const [first, large, last] = [heartSound('first.wav', 1), odd('large.wav', 2), minuteOfTone('last.wav')];
  const setFault = await sabotage(page);
  setFault({ worker: 'inference', kind: 'no-memory', sizeBytes: large.buffer.length });
  await predict.open('backend=wasm');
  await predict.choose(first);
  expect((await predict.result()).error).toBeNull();

  // In the worker: an array.
  await predict.choose(large);
  await problem(predict, NO_MEMORY);
  await again(predict);

  // On the page: the decoder.
  await page.evaluate(() => {
    const { prototype } = OfflineAudioContext;
    const whole = Object.getOwnPropertyDescriptor(BaseAudioContext.prototype, 'decodeAudioData') ?? {};
    prototype.decodeAudioData = () => {
      Object.defineProperty(prototype, 'decodeAudioData', whole);
      return Promise.reject(new RangeError('Array buffer allocation failed'));
    };
  });
  await predict.choose(SOUND_MP3);
  await problem(predict, NO_MEMORY);
  await again(predict);

  // A file that is larger than a tab can bear is not even tried.
  const huge = info.outputPath('huge.wav');
  writeFileSync(huge, first.buffer);
  truncateSync(huge, 1_100_000_000);
  await predict.choose(huge);
  await problem(predict, TOO_LONG);

  // The memory of WebAssembly.
  setFault({ worker: 'inference', kind: 'no-growth', sizeBytes: last.buffer.length });
  await page.reload();
  await predict.choose(last);
  await problem(predict, NO_MEMORY);
  setFault();
  await page.reload();
  await predict.choose(last);
  expect((await predict.result()).error).toBeNull();

  const titles = ['last.wav', 'last.wav', 'huge.wav', 'sound.mp3', 'large.wav', 'first.wav'];
  expect(await kept(page)).toEqual(titles);
  await page.reload();
  expect(await kept(page)).toEqual(titles);
});

test('a clock that goes back takes neither the order of things nor anything else along', async ({
  page,
}, info) => {
  const N = 30;
  const [predict, table, history] = [new PredictPage(page), new BatchTable(page), new HistoryPage(page)];
  const setFault = await sabotage(page);
  setFault({ worker: 'inference', kind: 'clock-back' });
  const ward = info.outputPath('ward');
  mkdirSync(ward);
  for (let i = 0; i < N; i++) writeFileSync(join(ward, `${String(i)}.wav`), heartSound('', i).buffer);
  await page.clock.install();
  await predict.open('backend=wasm');
  await predict.choose(heartSound('before.wav'));
  await predict.result();
  await page.evaluate(() => {
    const said = new Set<string>();
    const note = (): void => void said.add(document.querySelector('.progress')?.textContent ?? '');
    new MutationObserver(note).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
    });
    Object.assign(window, { said });
  });

  const goBack = (days: number): Promise<void> => page.clock.setSystemTime(Date.now() - days * 86_400_000);
  await drag(page, [ward], DROP);
  await expect.poll(() => table.nDone()).toBeGreaterThan(1);
  await goBack(1000);
  await table.done(N);
  const said = await page.evaluate(() => [...(window as unknown as { said: Set<string> }).said].join('\n'));
  expect(said).toContain(`of ${String(N)}`);
  expect(said).not.toMatch(/NaN|Infinity|[-−]\d/);
  expect((await table.downloadResults()).map(({ fileName }) => fileName)).toHaveLength(N);

  await goBack(2000);
  await predict.choose(heartSound('after.wav'));
  await predict.result();
  expect(await kept(page)).toEqual(['after.wav', 'ward', 'before.wav']);

  // What was deleted can be had back for its time, whatever the clock says, and no longer.
  await history.visit();
  await history.delete('before.wav');
  await goBack(3000);
  await history.undo();
  await expect(history.entries).toHaveCount(3);
  await history.delete('before.wav');
  await goBack(4000);
  await page.clock.runFor('00:11');
  await page.reload();
  await expect(history.entries).toHaveCount(2);
  expect(await kept(page)).toEqual(['after.wav', 'ward']);
});

test('a batch goes on in a hidden tab, and is whole after the tab was frozen', async ({ page }, info) => {
  const N = 100;
  const [predict, table] = [new PredictPage(page), new BatchTable(page)];
  const ward = info.outputPath('ward');
  mkdirSync(ward);
  for (let i = 0; i < N; i++) writeFileSync(join(ward, `${String(i)}.wav`), heartSound('', i).buffer);
  await page.clock.install();
  await predict.open('backend=wasm');
  await drag(page, [ward], DROP);
  await expect(table.cancelButton).toBeVisible();
  // No timer runs any more: the batch comes to its end by messages alone.
  await hide(page);
  await table.done(N);
  await freeze(page, '05:00:00');
  await show(page);
  const results = await table.downloadResults();
  expect(results.map(({ error }) => error)).toEqual(Array.from({ length: N }, () => null));
  await page.reload();
  expect(await kept(page)).toEqual(['ward']);
  await predict.choose(heartSound('after.wav'));
  expect((await predict.result()).error).toBeNull();
});

test.describe('what nobody waited for', () => {
  test.use({ tolerated: /stray|showModal|padStart/ });

  test('ends in a sentence, said once, and a page that cannot be drawn leaves the others', async ({
    page,
  }) => {
    const [predict, history] = [new PredictPage(page), new HistoryPage(page)];
    const notice = page.getByRole('status').filter({ hasText: 'Something went wrong in this program' });
    await predict.open('backend=wasm');
    await predict.choose(heartSound('heart.wav'));
    await predict.result();
    const stray = (): Promise<void> => page.evaluate(() => void Promise.reject(new Error('stray')));
    await stray();
    await expect(notice).toContainText('what you have kept is not touched');
    await notice.getByText('Technical details', { exact: true }).click();
    await expect(notice.locator('pre')).toContainText('Error: stray');
    await notice.getByRole('button', { name: 'Close' }).click();
    await stray();
    await expect(notice).toBeHidden();
    await page.evaluate(() => Object.assign(HTMLDialogElement.prototype, { showModal: undefined }));
    await page.keyboard.press('?');
    await expect(notice).toBeVisible();

    await page.evaluate(() => {
      const whole = Object.getOwnPropertyDescriptor(String.prototype, 'padStart') ?? {};
      Object.assign(window, { repair: () => Object.defineProperty(String.prototype, 'padStart', whole) });
      Object.assign(String.prototype, { padStart: undefined });
    });
    await page.getByRole('link', { name: 'History' }).click();
    await expect(page.getByRole('alert')).toContainText('This page stopped while it was drawn');
    await page.getByRole('link', { name: 'Settings' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
    await page.evaluate(() => (window as unknown as { repair: () => void }).repair());
    await history.visit();
    await expect(history.entry('heart.wav')).toBeVisible();
  });
});
