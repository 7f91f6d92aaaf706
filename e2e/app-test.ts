// The test function of every spec: around each test stands a recorder that fails it when the page asked
// another origin for anything, broke its own content policy, or reported an error.

import { expect, test as base } from 'playwright/test';

export const test = base.extend<{ guard: undefined }>({
  guard: [
    async ({ context, page, baseURL }, use) => {
      const incidents: string[] = [];
      context.on('request', (request) => {
        if (!isOurs(request.url(), baseURL ?? '')) incidents.push(`request to ${request.url()}`);
      });
      page.on('pageerror', (error) => incidents.push(`page error: ${error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error') incidents.push(`console: ${message.text()}`);
      });
      await use(undefined);
      expect(incidents, 'foreign requests, policy violations and errors').toEqual([]);
    },
    { auto: true },
  ],
});

function isOurs(url: string, origin: string): boolean {
  return url.startsWith(`${origin}/`) || url.startsWith('blob:') || url.startsWith('data:');
}

export { expect };
