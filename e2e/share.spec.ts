// Sounds that come from outside the page: shared by another program, opened with this one, asked for by a shortcut.
// Each ends as a hand-over like any other, and where it does not, the picker is there.
import type { Page } from 'playwright/test';
import { expect, test } from './app-test.ts';
import { BatchTable } from './pages/batch-table.ts';
import { PredictPage } from './pages/predict-page.ts';
import { heartSound, type TestFile } from './recordings.ts';

test.use({ serviceWorkers: 'allow' });

interface SharedFile {
  name: string;
  base64: string;
}

const shared = ({ name, buffer }: TestFile): SharedFile => ({ name, base64: buffer.toString('base64') });

/** As the system does it: a form is posted to the address that the manifest names, and the page opened on the answer. */
async function share(page: Page, field: string, files: SharedFile[]): Promise<void> {
  await page.evaluate(
    ({ field, files }) => {
      const form = document.createElement('form');
      Object.assign(form, { method: 'post', enctype: 'multipart/form-data', action: './share' });
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
    { field, files },
  );
}

/** Where the service worker has the page in its care. */
async function openKept(page: Page): Promise<void> {
  await page.goto('/#/settings');
  await expect(page.getByText('Ready: the program is kept on this device')).toBeVisible();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

test('a shared sound is heard, once, and nothing of it stays behind; several become a batch', async ({
  page,
}) => {
  await openKept(page);
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST') sent.push(request.url());
  });
  await share(page, 'recordings', [shared(heartSound("Mom's heart #1.wav"))]);
  const predict = new PredictPage(page);
  const { fileName, status } = await predict.result();
  expect([fileName, status]).toEqual(["Mom's heart #1.wav", 'ok']);
  expect(new URL(page.url()).search + new URL(page.url()).hash).toBe('#/predict');
  expect(await page.evaluate(async () => (await (await caches.open('heartbeat.shared')).keys()).length)).toBe(
    0,
  );
  // The post that the service worker answered: the server, which takes none, was not asked.
  expect(sent.every((url) => url.endsWith('/share'))).toBe(true);
  await page.reload();
  await expect(page.getByText('Drop a heart sound here')).toBeVisible();

  const three = [1, 2, 3].map((seed) => shared(heartSound(`${String(seed)}.wav`, seed)));
  await share(page, 'recordings', three);
  const table = new BatchTable(page);
  await table.done(3);
  expect(await table.names()).toEqual(['1.wav', '2.wav', '3.wav']);
});

test('a share without a file, or one that is gone, says so, and the picker is there', async ({ page }) => {
  await openKept(page);
  const predict = new PredictPage(page);
  await share(page, 'something-else', [shared(heartSound())]);
  expect(await predict.problemCode()).toBe('share-lost');
  await expect(predict.problem).toContainText('Choose the file here instead.');
  await page.goto('/?shared=00000000-0000-0000-0000-000000000000#/predict');
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
