// Nothing leaves the device: the page asks no other origin (the guard around every test sees to that), and
// if some code ever did, the browser would refuse it on the page and in its workers.
import { expect, test } from 'playwright/test';

test('the content policy refuses requests to other origins, from the page and from a worker', async ({
  page,
  baseURL,
}) => {
  const response = await page.goto('/');
  expect(response?.headers()['content-security-policy']).toContain("default-src 'none'");
  const refused = await page.evaluate(async () => {
    const violation = new Promise<string>((resolve) => {
      addEventListener('securitypolicyviolation', (event) => {
        resolve(event.effectiveDirective);
      });
    });
    const outcome = await fetch('https://example.com/').then(
      () => 'answered',
      () => 'refused',
    );
    return [outcome, await violation];
  });
  expect(refused).toEqual(['refused', 'connect-src']);

  const script = await page.waitForFunction(() =>
    performance
      .getEntriesByType('resource')
      .map((entry) => entry.name)
      .find((name) => name.includes('.worker-')),
  );
  const workerScript = await script.jsonValue();
  const headers = (await page.request.get(workerScript ?? `${baseURL ?? ''}/`)).headers();
  expect(headers['content-security-policy']).toContain("connect-src 'self' blob:");
});

test('no script can be put into the page', async ({ page }) => {
  await page.goto('/');
  const ran = await page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.injected = true';
    document.head.append(script);
    await new Promise((resolve) => setTimeout(resolve, 50));
    let evaluated = true;
    try {
      (0, eval)('1');
    } catch {
      evaluated = false;
    }
    return { injected: 'injected' in globalThis, evaluated };
  });
  expect(ran).toEqual({ injected: false, evaluated: false });
});
