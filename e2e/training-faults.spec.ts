// Training through whatever may happen to its worker, its tab, its clock and its GPU: no epoch is lost, and the end
// is a model. With a tiny network, on which a software GPU takes no longer than on a real one. See faults.spec.ts.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import type { Page, TestInfo } from 'playwright/test';
import { expect, test } from './app-test.ts';
import { freeze, hide, show } from './page-life.ts';
import { ModelsPage } from './pages/models-page.ts';
import { PredictPage } from './pages/predict-page.ts';
import { RunPage } from './pages/run-page.ts';
import { TrainPage } from './pages/train-page.ts';
import { heartSound } from './recordings.ts';
import { loseDevices, sabotage } from './sabotage.ts';
import { tinyModelFiles } from './tiny-model.ts';

const N_PER_CLASS = 12;
/** More epochs than will be waited for. */
const ENDLESS = 400;
/** A software GPU compiles its shaders slowly. */
const SLOW_SHADERS_MS = 120_000;

/** A page with the tiny model in use and a collection to train on. */
async function ward(page: Page, info: TestInfo): Promise<{ run: RunPage; train: TrainPage }> {
  const [models, train, run] = [new ModelsPage(page), new TrainPage(page), new RunPage(page)];
  const files = await tinyModelFiles(['normal', 'murmur']);
  await models.open('backend=wasm');
  await models.import({
    name: 'tiny.zip',
    mimeType: 'application/zip',
    buffer: Buffer.from(zipSync(files)),
  });
  await models.isOpen('Tiny');
  await models.visit();
  await models.activate('Tiny');
  const folder = info.outputPath('ward');
  for (const [k, kind] of (['normal', 'murmur'] as const).entries()) {
    mkdirSync(join(folder, kind), { recursive: true });
    for (let i = 0; i < N_PER_CLASS; i++)
      writeFileSync(join(folder, kind, `${kind}-${String(i)}.wav`), heartSound('', 100 * k + i, kind).buffer);
  }
  await train.open();
  await train.addFolder(folder);
  await train.confirm();
  await run.plan();
  return { run, train };
}

async function logOf(run: RunPage): Promise<string> {
  return (await run.log()).join('\n');
}

test('a training run outlives its workers, a hidden tab and a clock that goes back', async ({
  page,
}, info) => {
  await page.clock.install();
  const { run } = await ward(page, info);
  await run.choose('The whole model', ENDLESS);
  await run.start();
  for (const n of [1, 2, 3]) {
    await run.reachEpoch(2 * n + 1);
    await run.killWorker();
    if (n < 3) await expect.poll(async () => (await logOf(run)).split('worker was lost').length).toBe(n + 1);
  }
  await expect(page.getByText('The computing part stopped unexpectedly')).toBeVisible();
  await page.reload();
  await expect(run.unfinished).toContainText(/broken off after epoch ([5-9]|\d\d+) of 400/);
  await run.unfinished.getByRole('button', { name: 'Go on training' }).click();
  await run.reachEpoch(8);

  // Nothing of the run waits for a timer or a frame, of which a hidden tab has few, and a frozen one none.
  await hide(page);
  await run.reachEpoch(12);
  await freeze(page, '02:00:00');
  await show(page);
  await run.reachEpoch(14);
  await page.getByRole('button', { name: 'Stop and keep the best' }).click();
  await run.judged();
  expect(await logOf(run)).toMatch(/Resumed\.[^]*stopped by hand/);
  await run.keep();

  // Ten years ago another run is made: it is the latest all the same.
  await page.clock.setSystemTime(Date.now() - 10 * 365 * 86_400_000);
  await run.plan();
  await run.choose('New last layer', 3);
  await run.start();
  await run.judged();
  await page.reload();
  await run.judged();
  await run.keep();
  await page.getByRole('link', { name: 'Monitor' }).click();
  await expect(
    page
      .getByRole('main')
      .getByText(/New last layer/i)
      .first(),
  ).toBeVisible();
});

test('a GPU that goes away in the middle costs time and nothing else', async ({ page }, info) => {
  test.setTimeout(SLOW_SHADERS_MS * 2);
  const setFault = await sabotage(page);
  const { run } = await ward(page, info);
  const predict = new PredictPage(page);
  const sound = heartSound('patient.wav', 7);
  const answer = async (): Promise<[number, string]> => {
    const { backend, probabilities, error } = await predict.result();
    expect(error).toBeNull();
    return [probabilities['murmur'] ?? NaN, backend ?? ''];
  };
  await predict.open('backend=wasm');
  await predict.choose(sound);
  const [expected] = await answer();

  setFault({ worker: 'inference', kind: 'loses-device' }, { worker: 'training', kind: 'loses-device' });
  await predict.open('backend=webgpu');
  await predict.choose(sound);
  await expect(predict.answer).toBeVisible({ timeout: SLOW_SHADERS_MS });
  const [onGpu, gpu] = await answer();
  expect(gpu).toBe('webgpu');
  expect(onGpu).toBeCloseTo(expected, 3);
  await predict.choose(sound);
  await loseDevices(page);
  // The answer may have been there before the loss; never is it one of zeros.
  const [during] = await answer();
  expect(during).toBeCloseTo(expected, 3);
  await predict.choose(sound);
  const [after, other] = await answer();
  expect(other).toBe('wasm');
  expect(after).toBeCloseTo(expected, 6);
  await expect(page.getByText('The graphics device was lost: the driver crashed.').first()).toBeVisible();

  await page.goto('/?backend=webgpu#/train/plan');
  await run.choose('New last layer', ENDLESS);
  await run.start();
  await run.reachEpoch(3);
  await loseDevices(page);
  await run.reachEpoch(6);
  await page.getByRole('button', { name: 'Stop and keep the best' }).click();
  await run.judged();
  expect(await logOf(run)).toMatch(
    /ready on webgpu[^]*The graphics device was lost[^]*on wasm \(stopped by hand\)/,
  );
});
