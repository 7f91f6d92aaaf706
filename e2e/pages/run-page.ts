// Planning and running a training as a person does it: the choices, the run under way, the verdict, the decision.

import { expect, type Locator, type Page } from 'playwright/test';

export type Way = 'New last layer' | 'Last blocks' | 'The whole model' | 'From scratch';

/** Training takes its time on a slow machine. */
const RUN_TIMEOUT_MS = 60_000;

export class RunPage {
  readonly page: Page;
  readonly startButton: Locator;
  /** What the run under way is at. */
  readonly stage: Locator;
  readonly verdict: Locator;
  /** A run of an earlier visit. */
  readonly unfinished: Locator;

  constructor(page: Page) {
    this.page = page;
    this.startButton = page.getByRole('button', { name: 'Start training' });
    this.stage = page.locator('p.stage');
    this.verdict = page.getByRole('region', { name: /model|Too little/ });
    this.unfinished = page.getByRole('region', { name: 'Unfinished training run' });
  }

  /** By the step's link: what the page knows stays. */
  async plan(): Promise<void> {
    await this.#step('Plan');
    await expect(this.page.getByRole('heading', { name: 'What would happen' })).toBeVisible();
  }

  async choose(way: Way, epochs?: number): Promise<void> {
    await this.page.getByRole('radio', { name: new RegExp(`^${way}`) }).check();
    if (epochs === undefined) return;
    const field = this.page.getByRole('spinbutton', { name: /^Epochs/ });
    if (!(await field.isVisible())) await this.page.getByText('Advanced', { exact: true }).click();
    await field.fill(String(epochs));
    await field.press('Tab');
  }

  async start(): Promise<void> {
    await this.startButton.click();
    await expect(this.stage).toBeVisible();
  }

  /** Until the epoch with that number has begun. */
  async reachEpoch(epoch: number): Promise<void> {
    await expect
      .poll(async () => Number(/^\d+/.exec(await this.#figure('epoch'))?.[0] ?? 0), {
        timeout: RUN_TIMEOUT_MS,
      })
      .toBeGreaterThanOrEqual(epoch);
  }

  /** Until it is judged. */
  async judged(): Promise<void> {
    await expect(this.verdict).toBeVisible({ timeout: RUN_TIMEOUT_MS });
  }

  async promote(): Promise<void> {
    await this.verdict.getByRole('button', { name: /^Use / }).click();
    await expect(this.page.getByText('It answers from now on.')).toBeVisible();
  }

  async keep(): Promise<void> {
    await this.verdict.getByRole('button', { name: /^Keep / }).click();
    await expect(this.page.getByText('Nothing has changed.')).toBeVisible();
  }

  async cancel(): Promise<void> {
    await this.page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await this.page.getByRole('button', { name: 'Cancel the run' }).click();
  }

  /** As a browser does when memory ends: the worker is gone in the middle of its work. */
  async killWorker(): Promise<void> {
    const killed = await Promise.all(
      this.page.workers().map((worker) =>
        worker.evaluate(() => {
          if (self.name !== 'training') return false;
          setTimeout(() => {
            throw new Error('killed');
          });
          return true;
        }),
      ),
    );
    if (!killed.includes(true)) throw new Error('no training worker is alive');
  }

  /** The lines of the log, without their times. */
  async log(): Promise<string[]> {
    const lines = this.page.locator('details', { hasText: 'Log' }).locator('tbody td');
    if (!(await lines.first().isVisible())) await this.page.getByText('Log', { exact: true }).click();
    return await lines.allTextContents();
  }

  async #step(name: string): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Steps' }).getByRole('link', { name }).click();
  }

  async #figure(name: string): Promise<string> {
    const figure = this.page.locator('dl > div', { has: this.page.getByText(name, { exact: true }) });
    return (
      (await figure
        .locator('dd')
        .textContent({ timeout: 1000 })
        .catch(() => '')) ?? ''
    );
  }
}
