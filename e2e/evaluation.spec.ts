// A dropped folder that holds its labels is also an evaluation, and its figures are those of the command line.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EvaluationDocument } from '../src/core/training/evaluation-document.ts';
import { expect, test } from './app-test.ts';
import { drag, DROP } from './drag.ts';
import { BatchTable } from './pages/batch-table.ts';
import { EvaluationPanel } from './pages/evaluation-panel.ts';
import { PredictPage } from './pages/predict-page.ts';
import { heartSound } from './recordings.ts';
import { seriousViolations } from './serious-violations.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** `npm run evaluate -- folder --json FILE` without npm's own start-up. */
function evaluate(folder: string, json: string): Promise<number | null> {
  return new Promise((resolve) => {
    const script = join(ROOT, 'src/cli/evaluate.ts');
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', script, folder, '--json', json, '--backend', 'wasm'],
      {
        cwd: ROOT,
        stdio: 'ignore',
      },
    );
    child.on('close', resolve);
  });
}

const N = 10;
/** Every other one is simulated as a murmur; two are labelled against what they are. */
const MISLABELLED = [4, 7];
const sound = (i: number): Buffer => heartSound('', i + 1, i % 2 === 0 ? 'normal' : 'murmur').buffer;
const isAbnormal = (i: number): boolean => (i % 2 === 1) !== MISLABELLED.includes(i);
const labelOf = (i: number): string => (isAbnormal(i) ? 'abnormal' : 'normal');
const sourceOf = (i: number): string => (i < 6 ? 'east' : 'west');

interface Kind {
  what: string;
  files: [path: string, content: Buffer | string][];
  nLabelled: number;
  nFailed: number;
  sources: string[];
  about: RegExp;
}

const each = (path: (i: number) => string): Kind['files'] =>
  Array.from({ length: N }, (_, i) => [path(i), sound(i)]);
const rows = (line: (i: number) => string): string => Array.from({ length: N }, (_, i) => line(i)).join('\n');

const KINDS: Kind[] = [
  {
    what: 'class folders, one of whose files is damaged',
    files: [...each((i) => `${labelOf(i)}/r${String(i)}.wav`), ['normal/bad.wav', 'no sound at all']],
    nLabelled: N + 1,
    nFailed: 1,
    sources: ['all'],
    about: /10 of 11 labelled recordings .* 1 has no answer/,
  },
  {
    what: 'a REFERENCE.csv in the folder of each source',
    files: [
      ...each((i) => `${sourceOf(i)}/r${String(i)}.wav`),
      ...['east', 'west'].map((source): [string, string] => [
        `${source}/REFERENCE.csv`,
        rows((i) => (sourceOf(i) === source ? `r${String(i)},${isAbnormal(i) ? '1' : '-1'}` : ''))
          .split('\n')
          .filter((line) => line !== '')
          .join('\n'),
      ]),
    ],
    nLabelled: N,
    nFailed: 0,
    sources: ['east', 'west'],
    about: /All 10 labelled recordings/,
  },
  {
    what: 'a table with groups and sources, and a recording that it does not name',
    files: [
      ...each((i) => `r${String(i)}.wav`),
      ['unknown.wav', sound(N)],
      [
        'labels.csv',
        `file,label,group,source\n${rows((i) => `r${String(i)}.wav,${labelOf(i)},p${String(i >> 1)},${sourceOf(i)}`)}\n`,
      ],
    ],
    nLabelled: N,
    nFailed: 0,
    sources: ['east', 'west'],
    about: /All 10 labelled .* One recording has no label/,
  },
];

function writeAll(folder: string, files: Kind['files']): void {
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

for (const { what, files, nLabelled, nFailed, sources, about } of KINDS)
  test(`${what}: the figures are those of the command line`, async ({ page }, testInfo) => {
    const folder = testInfo.outputPath('ward');
    const json = testInfo.outputPath('told.json');
    writeAll(folder, files);
    const told = evaluate(folder, json);

    const panel = new EvaluationPanel(page);
    await new PredictPage(page).open('backend=wasm');
    await drag(page, [folder], DROP);
    await expect(panel.about).toHaveText(about);
    await expect(panel.saveButton).toBeEnabled();
    const seen = await panel.download();
    expect(await told).toBe(nFailed > 0 ? 1 : 0);
    const document = JSON.parse(readFileSync(json, 'utf8')) as EvaluationDocument;

    expect(document).toMatchObject({ n: nLabelled - nFailed, nFailed, trainedOnTheseRecordings: false });
    expect(Object.keys(document.perSource)).toEqual(sources);
    expect(seen).toEqual(document);
    const { auroc, meanAccuracy, sensitivity } = document.pooled;
    expect((await panel.figure('AUROC, all together'))[0]).toBe(auroc.value?.toFixed(3));
    expect((await panel.figure('MAcc'))[0]).toBe(meanAccuracy.value?.toFixed(3));
    const [value, interval, n] = await panel.figure('Sensitivity');
    expect(value).toBe(sensitivity?.value?.toFixed(3));
    expect(interval).toContain(
      `${sensitivity?.low?.toFixed(3) ?? ''}–${sensitivity?.high?.toFixed(3) ?? ''}`,
    );
    expect(n).toBe(`${String(sensitivity?.count)}/${String(sensitivity?.n)}`);
    for (const [truth, label] of document.labels.entries())
      for (const [k, predicted] of document.labels.entries())
        await expect(panel.cell(label, predicted)).toContainText(
          String(document.pooled.confusion[truth]?.[k]),
        );
  });

test('a cell of the confusion matrix shows its recordings, and the wrong ones are a click away', async ({
  page,
}, testInfo) => {
  const folder = testInfo.outputPath('ward');
  writeAll(folder, KINDS[0]?.files ?? []);
  const panel = new EvaluationPanel(page);
  const table = new BatchTable(page);
  await new PredictPage(page).open('backend=wasm');
  await drag(page, [folder], DROP);
  await expect(panel.saveButton).toBeEnabled();
  const { pooled, labels } = await panel.download();
  for (const [truth, label] of labels.entries())
    for (const [k, predicted] of labels.entries()) {
      const n = pooled.confusion[truth]?.[k] ?? 0;
      if (n === 0) continue;
      await panel.cell(label, predicted).click();
      await expect(table.rows).toHaveCount(n);
    }
  const nWrong = pooled.accuracy.n - pooled.accuracy.count;
  expect(nWrong, 'a test without a wrong answer shows nothing').toBeGreaterThan(0);
  await panel.panel.getByRole('button', { name: /heard otherwise/ }).click();
  await expect(table.rows).toHaveCount(nWrong);
});

test('the figures follow a moved threshold', async ({ page }, testInfo) => {
  const folder = testInfo.outputPath('ward');
  writeAll(folder, KINDS[0]?.files ?? []);
  const panel = new EvaluationPanel(page);
  await new PredictPage(page).open('backend=wasm');
  await drag(page, [folder], DROP);
  await expect(panel.saveButton).toBeEnabled();
  const before = await panel.download();
  await page.getByRole('slider', { name: /From this probability of abnormal on/ }).fill('0.99');
  const results = await new BatchTable(page).downloadResults();
  const nFound = results.filter(
    ({ fileName, probabilities }) =>
      fileName.startsWith('ward/abnormal/') && (probabilities['abnormal'] ?? 0) >= 0.99,
  ).length;
  expect(nFound).toBeLessThan(before.pooled.sensitivity?.count ?? 0);
  await expect
    .poll(async () => (await panel.figure('Sensitivity'))[2])
    .toBe(`${String(nFound)}/${String(before.pooled.sensitivity?.n)}`);
  await expect(panel.saveButton).toBeEnabled();
  const after = await panel.download();
  expect(after.pooled.sensitivity?.count).toBe(nFound);
  expect(after.pooled.auroc).toEqual(before.pooled.auroc);
});

test('a folder that bears the name of the training data is warned of', async ({ page }, testInfo) => {
  const folder = testInfo.outputPath('physionet2016');
  writeAll(folder, KINDS[0]?.files ?? []);
  const json = testInfo.outputPath('told.json');
  const told = evaluate(folder, json);
  const panel = new EvaluationPanel(page);
  await new PredictPage(page).open('backend=wasm');
  await drag(page, [folder], DROP);
  await expect(panel.warning).toContainText('was trained on these recordings');
  const seen = await panel.download();
  await told;
  const document = JSON.parse(readFileSync(json, 'utf8')) as EvaluationDocument;
  expect(seen).toEqual(document);
  expect(seen.trainedOnTheseRecordings).toBe(true);
});

test('an evaluation has no serious violation, and is as wide as a phone', async ({ page }, testInfo) => {
  const folder = testInfo.outputPath('ward');
  writeAll(folder, KINDS[2]?.files ?? []);
  const panel = new EvaluationPanel(page);
  await new PredictPage(page).open('backend=wasm');
  await drag(page, [folder], DROP);
  await expect(panel.saveButton).toBeEnabled();
  for (const summary of await panel.panel.locator('summary').all()) await summary.click();
  expect(await seriousViolations(page, 'section[aria-labelledby]')).toEqual([]);
  await page.setViewportSize({ width: 320, height: 700 });
  // A drawing takes its new width when it is told of it, a frame later.
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
});
