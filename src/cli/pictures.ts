// `npm run pictures`: draws the pictures of the web manifest anew: icons from public/icon.svg, screenshots from the
// built app with sounds that it simulates itself. What it writes is part of the repository.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright';
import { encodeWav } from '../core/audio/wav.ts';
import { simulateHeartSound } from '../core/audio/simulate.ts';
import { launchBrowser } from './browser.ts';
import { DIST, ensureBuilt } from './build.ts';
import { startServer } from './server.ts';

const PUBLIC = fileURLToPath(new URL('../../public/', import.meta.url));

/** The icon's own ground: what a system cuts off of a maskable icon is nothing but this. */
const GROUND = '#14171c';
/** A maskable icon may lose all that is outside a circle of 0.4 of its width; the drawing reaches to 0.41 of it. */
const MASKABLE_SCALE = 0.9;

const ICONS = [
  { file: 'icon-192.png', size: 192, scale: 1, ground: null },
  { file: 'icon-512.png', size: 512, scale: 1, ground: null },
  { file: 'maskable-512.png', size: 512, scale: MASKABLE_SCALE, ground: GROUND },
  // iOS rounds the corners itself, and draws black where an icon has none.
  { file: 'apple-touch-180.png', size: 180, scale: 1, ground: GROUND },
] as const;

const FORMS = {
  wide: { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 },
  narrow: { viewport: { width: 390, height: 780 }, deviceScaleFactor: 2 },
} as const;
const WEBP_QUALITY = 80;
const BATCH_SIZE = 24;
/** Canvases are drawn over some frames after the page is there. */
const DRAWN_MS = 1500;

const browser = await launchBrowser({}, console.error);
try {
  await drawIcons(browser);
  await ensureBuilt(console.error);
  const server = await startServer({ dist: DIST, port: 0 });
  try {
    for (const form of ['wide', 'narrow'] as const) await takeScreenshots(browser, server.origin, form);
  } finally {
    await server.close();
  }
} finally {
  await browser.close();
}

async function drawIcons(from: Browser): Promise<void> {
  const folder = join(PUBLIC, 'icons');
  mkdirSync(folder, { recursive: true });
  const svg = readFileSync(join(PUBLIC, 'icon.svg')).toString('base64');
  const page = await from.newPage();
  for (const { file, size, scale, ground } of ICONS) {
    await page.setViewportSize({ width: size, height: size });
    const width = size * scale;
    await page.setContent(
      `<body style="margin:0;display:grid;place-items:center;height:100vh;background:${ground ?? 'transparent'}">
         <img src="data:image/svg+xml;base64,${svg}" width="${String(width)}" height="${String(width)}">
       </body>`,
      { waitUntil: 'load' },
    );
    await page.screenshot({ path: join(folder, file), omitBackground: ground === null });
  }
  await page.close();
}

async function takeScreenshots(from: Browser, origin: string, form: keyof typeof FORMS): Promise<void> {
  const context = await from.newContext({
    ...FORMS[form],
    baseURL: origin,
    colorScheme: 'light',
    reducedMotion: 'reduce',
    serviceWorkers: 'block',
  });
  const page = await context.newPage();
  await page.goto('/?backend=wasm');
  await page.getByRole('button', { name: /^Murmur/ }).waitFor();
  if (form === 'narrow') await shoot(page, form, 'start');
  await page.getByRole('button', { name: /^Murmur/ }).click();
  await page.locator('summary', { hasText: 'Technical details' }).waitFor();
  await shoot(page, form, 'predict');
  if (form === 'wide') {
    await page.locator('[data-pick="files"] + input').first().setInputFiles(simulatedBatch());
    await page
      .getByText(`${String(BATCH_SIZE)} of ${String(BATCH_SIZE)}`)
      .first()
      .waitFor();
    await shoot(page, form, 'batch');
  }
  await context.close();
}

function simulatedBatch() {
  return Array.from({ length: BATCH_SIZE }, (_, index) => {
    const kind = index % 3 === 0 ? 'murmur' : 'normal';
    const bytes = Buffer.from(encodeWav(simulateHeartSound(kind, index + 1)));
    return {
      name: `simulated-${String(index + 1).padStart(2, '0')}.wav`,
      mimeType: 'audio/wav',
      buffer: bytes,
    };
  });
}

async function shoot(page: Page, form: keyof typeof FORMS, name: string): Promise<void> {
  // Away from the rail, which opens under a pointer, and from every row.
  await page.mouse.move(FORMS[form].viewport.width, 0);
  await page.waitForTimeout(DRAWN_MS);
  const session = await page.context().newCDPSession(page);
  const { viewport, deviceScaleFactor } = FORMS[form];
  // Playwright itself writes no WebP.
  const { data } = await session.send('Page.captureScreenshot', {
    format: 'webp',
    quality: WEBP_QUALITY,
    clip: { x: 0, y: 0, ...viewport, scale: deviceScaleFactor },
  });
  await session.detach();
  writeFileSync(join(PUBLIC, 'screenshots', `${form}-${name}.webp`), Buffer.from(data, 'base64'));
}
