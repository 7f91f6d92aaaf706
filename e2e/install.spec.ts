// The program as something to install: Chromium finds nothing that keeps it from being installed, the manifest names
// what is there, and Settings offers it or says where it is found.
import { chromium, type CDPSession } from 'playwright/test';
import { browserArguments } from '../src/cli/browser.ts';
import { expect, test } from './app-test.ts';

interface Picture {
  src: string;
  sizes: string;
  type: string;
  purpose?: string;
  form_factor?: string;
  label?: string;
}
interface Manifest {
  start_url: string;
  scope: string;
  icons: Picture[];
  screenshots: Picture[];
  shortcuts: { name: string; url: string }[];
  share_target: { action: string; params: { files: { name: string }[] } };
  file_handlers: { action: string; accept: Record<string, string[]> }[];
}

/** Installing is not offered in private windows, as tests have them: a profile on disk is. */
const installable = test.extend({
  context: async ({ baseURL }, use, info) => {
    const context = await chromium.launchPersistentContext(info.outputPath('profile'), {
      ...(process.env['CHROMIUM_PATH'] !== undefined && { executablePath: process.env['CHROMIUM_PATH'] }),
      ...(baseURL !== undefined && { baseURL }),
      args: browserArguments(),
      serviceWorkers: 'allow',
    });
    await use(context);
    await context.close();
  },
});

async function manifestOf(session: CDPSession): Promise<Manifest> {
  const { data, errors } = await session.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  return JSON.parse(data ?? '') as Manifest;
}

installable('Chromium would install it, under an identity of its own', async ({ page, context, baseURL }) => {
  await page.goto('/#/settings');
  await expect(page.getByText('Ready: the program is kept on this device')).toBeVisible();
  const session = await context.newCDPSession(page);
  expect((await session.send('Page.getInstallabilityErrors')).installabilityErrors).toEqual([]);
  // No `id` in the manifest: it would be taken from the origin, and two copies under two prefixes would be one program.
  expect(await session.send('Page.getAppId')).toMatchObject({ appId: `${baseURL ?? ''}/` });
});

test('the manifest names pictures that are there, of the sizes it says, and pages that exist', async ({
  page,
  context,
  baseURL,
}) => {
  await page.goto('/');
  const manifest = await manifestOf(await context.newCDPSession(page));
  const sizeOf = (src: string): Promise<string> =>
    page.evaluate(async (address) => {
      const image = new Image();
      image.src = address;
      await image.decode();
      return `${String(image.naturalWidth)}x${String(image.naturalHeight)}`;
    }, src);
  for (const { src, sizes, type } of [...manifest.icons, ...manifest.screenshots]) {
    const response = await page.request.get(new URL(src, baseURL).href);
    expect(response.headers()['content-type'], src).toBe(type);
    expect((await response.body()).length, src).toBeLessThan(80_000);
    if (sizes !== 'any') expect(await sizeOf(src), src).toBe(sizes);
  }
  expect(manifest.icons.map(({ sizes, purpose }) => `${sizes} ${purpose ?? ''}`)).toEqual(
    expect.arrayContaining(['192x192 any', '512x512 any', '512x512 maskable']),
  );
  expect(new Set(manifest.screenshots.map((each) => each.form_factor))).toEqual(new Set(['wide', 'narrow']));
  expect(
    await sizeOf(
      await page.locator('link[rel="apple-touch-icon"]').evaluate((link: HTMLLinkElement) => link.href),
    ),
  ).toBe('180x180');
  for (const { name, url } of manifest.shortcuts) {
    await page.goto(new URL(url, baseURL).href);
    // Record is a thing to do on the Predict page.
    const title = name === 'Record' ? 'Predict' : name;
    await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
  }
});

test('everything in the manifest is relative, so that it holds under any prefix', async ({
  page,
  context,
}) => {
  await page.goto('/');
  const { start_url, scope, icons, screenshots, shortcuts, share_target, file_handlers } = await manifestOf(
    await context.newCDPSession(page),
  );
  const addresses = [
    start_url,
    scope,
    share_target.action,
    ...[...icons, ...screenshots].map(({ src }) => src),
    ...shortcuts.map(({ url }) => url),
    ...file_handlers.map(({ action }) => action),
  ];
  expect(addresses.filter((address) => /^(\/|[a-z]+:)/.test(address))).toEqual([]);
  expect([share_target.action, share_target.params.files[0]?.name]).toEqual(['./share', 'recordings']);
  const extensions = file_handlers.flatMap(({ accept }) => Object.values(accept).flat());
  for (const extension of ['.wav', '.flac', '.mp3', '.ogg', '.m4a', '.webm', '.zip'])
    expect(extensions).toContain(extension);
});

test('Settings puts the browser’s question where it is offered, and else says where to look', async ({
  page,
}) => {
  await page.goto('/#/settings');
  await expect(page.getByText('In the browser’s address bar or menu, choose Install.')).toBeVisible();
  await page.evaluate(() => {
    const offer = new Event('beforeinstallprompt', { cancelable: true });
    Object.assign(offer, { prompt: () => Promise.resolve({ outcome: 'accepted' }) });
    dispatchEvent(offer);
  });
  await page.getByRole('button', { name: 'Install', exact: true }).click();
  await expect(page.getByText('It is installed on this device')).toBeVisible();
});
