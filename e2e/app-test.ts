// The test function of every spec: around each test stand recorders that fail it when anything was asked of another
// machine, by whichever browser, or when a page asked another origin, broke its own content policy, or reported an
// error.

import { expect, test as base, type BrowserContext } from 'playwright/test';
import { takeOutsideRequests } from './outside.ts';

export const test = base.extend<{ outside: undefined; tolerated: RegExp | null }>({
  /** Errors that a test brings about itself. */
  tolerated: [null, { option: true }],
  outside: [
    async ({}, use) => {
      await use(undefined);
      expect(await takeOutsideRequests(), 'requests to other machines').toEqual([]);
    },
    { auto: true },
  ],
  context: async ({ context, baseURL, tolerated }, use) => {
    const incidents = watch(context, baseURL ?? '', tolerated);
    await use(context);
    // What is still on its way to a page when its test has ended is missed by nobody.
    await Promise.all(context.pages().map((page) => page.unrouteAll({ behavior: 'ignoreErrors' })));
    expect(incidents, 'foreign requests, policy violations and errors').toEqual([]);
  },
});

/** Every page of the context, also those that open later, with their workers. */
function watch(context: BrowserContext, origin: string, tolerated: RegExp | null): string[] {
  const incidents: string[] = [];
  const note = (error: string): void => {
    if (!tolerated?.test(error)) incidents.push(error);
  };
  context.on('request', (request) => {
    if (!isOurs(request.url(), origin)) incidents.push(`request to ${request.url()}`);
  });
  context.on('weberror', (error) => note(`page error: ${error.error().message}`));
  context.on('console', (message) => {
    if (message.type() === 'error') note(`console: ${message.text()}`);
  });
  return incidents;
}

function isOurs(url: string, origin: string): boolean {
  return url.startsWith(`${origin}/`) || url.startsWith('blob:') || url.startsWith('data:');
}

export { expect };
