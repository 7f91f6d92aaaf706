// What `npm install` runs at its end: a browser is found or installed, so that the tests and the command line
// need no network afterwards. It never fails an install. Plain JavaScript, because an install without the
// development dependencies has nothing that runs TypeScript, and nothing that needs a browser either.

import console from 'node:console';
import { env } from 'node:process';

const isUnwanted = Boolean(env['PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD']);

async function findOrInstall() {
  const { register } = await import('tsx/esm/api').catch(() => ({ register: null }));
  if (register === null) return;
  register();
  const { ensureBrowser } = await import('./browser.ts');
  ensureBrowser((line) => {
    console.error(line);
  });
}

try {
  if (!isUnwanted) await findOrInstall();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
}
