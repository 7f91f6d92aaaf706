// From labelled recordings to a better model, from the page alone: the plan, the run, the verdict, the new model in
// use; broken off and gone on with; cancelled. All of it also without a network.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestInfo } from 'playwright/test';
import { expect, test } from './app-test.ts';
import { ModelsPage } from './pages/models-page.ts';
import { PredictPage } from './pages/predict-page.ts';
import { RunPage } from './pages/run-page.ts';
import { TrainPage } from './pages/train-page.ts';
import { heartSound } from './recordings.ts';
import { seriousViolations } from './serious-violations.ts';

test.use({ serviceWorkers: 'allow' });

/** So few that none is watched while they train, and all epochs are run. */
const N_PER_CLASS = 10;
/** More epochs than will be waited for. */
const ENDLESS = 400;

/** Simulated hearts, each its own patient, in a folder for each class. */
async function wardFolder(info: TestInfo): Promise<string> {
  const folder = info.outputPath('ward');
  for (const kind of ['normal', 'murmur'] as const)
    for (let seed = 1; seed <= N_PER_CLASS; seed++) {
      const name = `${kind}-${String(seed)}.wav`;
      const path = join(folder, kind, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, heartSound(name, kind === 'normal' ? seed : 100 + seed, kind).buffer);
    }
  return folder;
}

async function collect(train: TrainPage, info: TestInfo): Promise<void> {
  await train.open();
  await train.addFolder(await wardFolder(info));
  await train.confirm();
  await expect(train.outcome).toContainText(`${String(2 * N_PER_CLASS)} recordings added`);
}

test('without a network: a head is planned, trained, judged, used, still there after a reload, and rolled back', async ({
  page,
  context,
}, info) => {
  const [train, run, predict] = [new TrainPage(page), new RunPage(page), new PredictPage(page)];
  await predict.open('backend=wasm');
  await page.getByRole('link', { name: 'Settings' }).click();
  // The rail lies over the page while the pointer is on it.
  await page.getByRole('main').hover();
  await expect(page.getByText('Ready: the program is kept on this device')).toBeVisible();
  await context.setOffline(true);

  await collect(train, info);
  await run.plan();
  await run.choose('New last layer', 5);
  await expect(page.getByText('20 recordings of 20 patients')).toBeVisible();
  await expect(page.getByText(/Training would take about/)).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
  await run.start();
  await run.judged();
  await expect(page.getByRole('img', { name: /^Loss\. training from/ })).toBeVisible();
  expect((await run.log()).join('\n')).toMatch(
    /16 recordings to train on, 0 watched, 4 that judge[^]*Stored as/,
  );
  expect(await seriousViolations(page)).toEqual([]);
  await run.promote();

  const judgedBy = async (): Promise<{ id: string; labels: string[] }> => {
    await page.getByRole('link', { name: 'Predict' }).click();
    await page.getByRole('main').hover();
    await predict.choose(heartSound('new-patient.wav', 999, 'murmur'));
    const { model, probabilities } = await predict.result();
    return { id: model.id, labels: Object.keys(probabilities) };
  };
  const candidate = await judgedBy();
  expect(candidate.labels).toEqual(['normal', 'murmur']);
  expect(candidate.id).toMatch(/^heartbeat-cnn-\d{8}t\d{6}$/);
  await page.reload();
  expect(await judgedBy()).toEqual(candidate);

  await page.getByRole('link', { name: 'Models' }).click();
  await page.getByRole('main').hover();
  const models = new ModelsPage(page);
  await models.rollBack();
  await models.isInUse('CNN trained on physionet2016');
  expect(await judgedBy()).toEqual({ id: 'heartbeat-cnn', labels: ['normal', 'abnormal'] });
});

test('a fine-tuning outlives a reload and the death of its worker, and is stopped with the best so far', async ({
  page,
}, info) => {
  const [train, run] = [new TrainPage(page), new RunPage(page)];
  await collect(train, info);
  await run.plan();
  await run.choose('The whole model', ENDLESS);
  await run.start();
  await run.reachEpoch(3);
  await page.reload();

  await expect(run.unfinished).toContainText(/broken off after epoch \d+ of 400/);
  await run.unfinished.getByRole('button', { name: 'Go on training' }).click();
  await run.reachEpoch(4);
  await run.killWorker();
  await expect.poll(async () => (await run.log()).join('\n')).toMatch(/lost: .* Going on after epoch \d+/);
  await run.reachEpoch(5);
  await page.getByRole('button', { name: 'Stop and keep the best' }).click();
  await run.judged();
  const log = (await run.log()).join('\n');
  expect(log).toContain('Resumed.');
  expect(log).toMatch(/stopped by hand/);
  await run.keep();
});

test('one run at a time over all tabs; what is cancelled leaves nothing but its line in the list', async ({
  page,
  context,
}, info) => {
  const [train, run] = [new TrainPage(page), new RunPage(page)];
  await collect(train, info);
  await run.plan();
  await run.choose('The whole model', ENDLESS);
  await run.start();
  await run.reachEpoch(2);

  const other = new RunPage(await context.newPage());
  await other.page.goto('/?backend=wasm#/train/plan');
  await expect(other.page.getByText('Another tab of this program trains a model')).toBeVisible();
  await expect(other.startButton).toBeDisabled();

  expect(await seriousViolations(page)).toEqual([]);
  await run.cancel();
  await expect(page.getByText('No run is under way.')).toBeVisible();
  await expect(other.startButton).toBeEnabled();
  await page.getByRole('link', { name: 'Models' }).click();
  await expect(page.getByText('fine-tuned on')).toHaveCount(0);
});
