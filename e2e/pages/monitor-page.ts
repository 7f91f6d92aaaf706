// The Monitor page as a person uses it: its runs, what was predicted, this device.

import { expect, type Download, type Locator, type Page } from 'playwright/test';
import { keepRuns, type KeptRun } from '../kept-runs.ts';

export class MonitorPage {
  readonly page: Page;
  readonly runs: Locator;

  constructor(page: Page) {
    this.page = page;
    this.runs = page.locator('[data-run]');
  }

  async open(): Promise<void> {
    await this.page.goto('/#/monitor');
    await expect(this.page.getByRole('heading', { level: 1, name: 'Monitor' })).toBeVisible();
  }

  /** With runs as an earlier visit left them. */
  async openWith(runs: readonly KeptRun[]): Promise<void> {
    await this.open();
    // Then the database is there.
    await expect(this.page.getByRole('heading', { name: 'No training run yet' })).toBeVisible();
    await keepRuns(this.page, runs);
    await this.page.reload();
    await expect(this.runs).toHaveCount(runs.length);
  }

  run(id: string): Locator {
    return this.page.locator(`[data-run="${id}"]`);
  }

  async openRun(id: string): Promise<void> {
    await this.run(id).getByRole('link').click();
    await expect(this.page.getByRole('heading', { level: 1, name: /^Training run/ })).toBeVisible();
  }

  /** One part of the page, by its heading. */
  part(heading: string): Locator {
    return this.page.locator('section').filter({ has: this.page.getByRole('heading', { name: heading }) });
  }

  async download(button: string): Promise<Download> {
    const started = this.page.waitForEvent('download');
    await this.page.getByRole('button', { name: button }).click();
    return await started;
  }
}
