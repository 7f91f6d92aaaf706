// Sounds that come from outside the page: shared by another program, opened with this one, asked for by a shortcut.
// Each ends as a hand-over like any other, one that was shared with a tab when a person has said so; and where it does
// not, the picker is there.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Locator, Page } from 'playwright/test';
import { expect, test } from './app-test.ts';
import { holdFile } from './held-file.ts';
import { BatchTable } from './pages/batch-table.ts';
import { PredictPage } from './pages/predict-page.ts';
import { asInstalled } from './page-life.ts';
import { heartSound, type TestFile } from './recordings.ts';

test.use({ serviceWorkers: 'allow' });

/** Of a batch that is under way while something is shared. */
const N_MANY = 6;

interface SharedFile {
  name: string;
  base64: string;
}

const shared = ({ name, buffer }: TestFile): SharedFile => ({ name, base64: buffer.toString('base64') });

/** A form with files is posted, as the system posts it, from whatever page is open. */
async function share(page: Page, action: string, field: string, files: SharedFile[]): Promise<void> {
  await page.evaluate(
    ({ action, field, files }) => {
      const form = document.createElement('form');
      Object.assign(form, { method: 'post', enctype: 'multipart/form-data', action });
      const input = document.createElement('input');
      Object.assign(input, { type: 'file', name: field, multiple: true });
      const transfer = new DataTransfer();
      for (const { name, base64 } of files)
        transfer.items.add(
          new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type: 'audio/wav' }),
        );
      input.files = transfer.files;
      form.append(input);
      document.body.append(form);
      form.submit();
    },
    { action, field, files },
  );
}

/** Where the service worker has the page in its care. */
async function openKept(page: Page, origin = ''): Promise<void> {
  await page.goto(`${origin}/#/settings`);
  await expect(page.getByText('Ready: the program is kept on this device')).toBeVisible();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

class Question {
  readonly region: Locator;

  constructor(page: Page) {
    this.region = page.getByRole('region', { name: 'Shared with this program' });
  }

  async names(): Promise<string[]> {
    await expect(this.region).toBeVisible();
    return await this.region.getByRole('listitem').allTextContents();
  }

  async answer(word: 'Listen' | 'Discard'): Promise<void> {
    await this.region.getByRole('button', { name: word }).click();
    await expect(this.region).toBeHidden();
  }
}

const nWaiting = (page: Page): Promise<number> =>
  page.evaluate(async () => (await (await caches.open('heartbeat.shared')).keys()).length);

test('a shared sound waits for a word in a tab, is heard once, and nothing of it stays; several become a batch, at once where the program is installed', async ({
  page,
  context,
  baseURL,
}) => {
  await openKept(page);
  await page.close();
  // No window of the program is open: the system opens one.
  const opened = await context.newPage();
  const sent: string[] = [];
  context.on('request', (request) => {
    if (request.method() === 'POST') sent.push(request.url());
  });
  await share(opened, `${baseURL ?? ''}/share`, 'recordings', [shared(heartSound("Mom's heart #1.wav"))]);
  const question = new Question(opened);
  expect(await question.names()).toEqual(["Mom's heart #1.wav"]);
  expect(new URL(opened.url()).search + new URL(opened.url()).hash).toBe('#/predict');
  // A page that is loaded anew asks once more; nothing was heard so far.
  await opened.reload();
  expect(await question.names()).toEqual(["Mom's heart #1.wav"]);
  await expect(opened.getByText('Drop a heart sound here')).toBeVisible();
  await question.answer('Listen');
  const predict = new PredictPage(opened);
  const { fileName, status } = await predict.result();
  expect([fileName, status]).toEqual(["Mom's heart #1.wav", 'ok']);
  expect(await nWaiting(opened)).toBe(0);
  // The post that the service worker answered: the server, which takes none, was not asked.
  expect(sent.every((url) => url.endsWith('/share'))).toBe(true);
  await opened.reload();
  await expect(opened.getByText('Drop a heart sound here')).toBeVisible();
  await expect(question.region).toBeHidden();

  const three = [1, 2, 3].map((seed) => shared(heartSound(`${String(seed)}.wav`, seed)));
  await share(opened, './share', 'recordings', three);
  await question.answer('Discard');
  await asInstalled(opened);
  await opened.reload();
  await expect(opened.getByText('Drop a heart sound here')).toBeVisible();
  await share(opened, './share', 'recordings', three);
  const table = new BatchTable(opened);
  await table.done(3);
  expect(await table.names()).toEqual(['1.wav', '2.wav', '3.wav']);
});

test('a share into a window with work under way breaks nothing off', async ({ page }) => {
  const letGo = await holdFile(page, '5.wav');
  await openKept(page);
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Predict' }).click();
  const predict = new PredictPage(page);
  const table = new BatchTable(page);
  const many = Array.from({ length: N_MANY }, (_, i) => heartSound(`${String(i)}.wav`, i % 5));
  await predict.choose(many);
  await expect.poll(() => table.nDone()).toBeGreaterThan(0);
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Models' }).click();
  await page.evaluate(() => Object.assign(globalThis, { isSame: true }));
  await share(page, './share', 'recordings', [shared(heartSound('later.wav'))]);
  const question = new Question(page);
  expect(await question.names()).toEqual(['later.wav']);
  await expect(question.region).toContainText('ends the batch that is under way');
  expect(await table.nDone()).toBeLessThan(N_MANY);
  await letGo();
  await table.done(N_MANY);
  expect(await page.evaluate(() => 'isSame' in globalThis)).toBe(true);
  await question.answer('Discard');
  expect(await nWaiting(page)).toBe(0);
  await table.done(N_MANY);
});

test('files that a website sends are not kept; where it hides what it is, nothing is heard without a word', async ({
  browser,
  baseURL,
}) => {
  const website = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html').end('<title>Elsewhere</title><body>');
  });
  await new Promise<void>((resolve) => website.listen(0, '127.0.0.1', resolve));
  const elsewhere = `http://127.0.0.1:${String((website.address() as AddressInfo).port)}`;
  // Not the test's own: a request to another origin would fail it.
  const context = await browser.newContext({ serviceWorkers: 'allow', reducedMotion: 'reduce' });
  const page = await context.newPage();
  const action = `${baseURL ?? ''}/share`;
  const question = new Question(page);
  const predict = new PredictPage(page);
  await openKept(page, baseURL);

  await page.goto(elsewhere);
  await share(page, action, 'recordings', [shared(heartSound('sent.wav'))]);
  expect(await predict.problemCode()).toBe('share-foreign');
  await expect(predict.problem).toContainText('A website sent files to this program');
  await expect(question.region).toBeHidden();
  expect(await nWaiting(page)).toBe(0);

  await page.goto(elsewhere);
  await page.evaluate(() =>
    document.head.append(
      Object.assign(document.createElement('meta'), { name: 'referrer', content: 'no-referrer' }),
    ),
  );
  await share(page, action, 'recordings', [shared(heartSound('hidden.wav'))]);
  expect(await question.names()).toEqual(['hidden.wav']);
  await question.answer('Discard');
  expect(await nWaiting(page)).toBe(0);
  await page.goto(`${baseURL ?? ''}/#/history`);
  await expect(page.getByText('Nothing here yet')).toBeVisible();
  await context.close();
  website.close();
});

test('a share without a file, or one that is gone, says so, and the picker is there', async ({ page }) => {
  await openKept(page);
  const predict = new PredictPage(page);
  await share(page, './share', 'something-else', [shared(heartSound())]);
  expect(await predict.problemCode()).toBe('share-lost');
  await expect(predict.problem).toContainText('Choose the file here instead.');
  await page.goto('/?shared=waiting#/predict');
  expect(await predict.problemCode()).toBe('share-lost');
  await predict.choose(heartSound('instead.wav'));
  expect((await predict.result()).fileName).toBe('instead.wav');
});

test('files opened with the program are heard in the window that is open', async ({ page }) => {
  await page.addInitScript(() => {
    const queue = { setConsumer: (consume: unknown) => Object.assign(globalThis, { consume }) };
    Object.defineProperty(globalThis, 'launchQueue', { value: queue });
  });
  const launch = (files: SharedFile[], targetURL: string): Promise<void> =>
    page.evaluate(
      ({ files, targetURL }) => {
        const handles = files.map(({ name, base64 }) => ({
          kind: 'file',
          name,
          getFile: () =>
            base64 === ''
              ? Promise.reject(new DOMException('', 'NotFoundError'))
              : Promise.resolve(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name)),
        }));
        (globalThis as unknown as { consume(params: unknown): void }).consume({ files: handles, targetURL });
      },
      { files, targetURL },
    );
  const predict = new PredictPage(page);
  await page.goto('/#/models');
  await expect(page.getByRole('heading', { level: 1, name: 'Models' })).toBeVisible();
  await launch([shared(heartSound('opened.wav'))], page.url());
  expect((await predict.result()).fileName).toBe('opened.wav');
  await launch([], new URL('/#/train', page.url()).href);
  await expect(page.getByRole('heading', { level: 1, name: 'Train' })).toBeVisible();
  await launch([{ name: 'gone.wav', base64: '' }], page.url());
  expect(await predict.problemCode()).toBe('file-unreadable');
});
