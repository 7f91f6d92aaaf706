// The table of a batch and what surrounds it, as a person uses it.

import { readFileSync } from 'node:fs';
import { expect, type Locator, type Page } from 'playwright/test';
import type { RecordingResult } from '../../src/core/types.ts';

export class BatchTable {
  readonly page: Page;
  readonly batch: Locator;
  readonly grid: Locator;
  /** Rows that are drawn: those around the visible ones. */
  readonly rows: Locator;
  /** How many are heard, of how many. */
  readonly count: Locator;
  /** How many are shown, of how many. */
  readonly shown: Locator;
  readonly cancelButton: Locator;

  constructor(page: Page) {
    this.page = page;
    this.batch = page.getByRole('region', { name: 'Recordings' });
    this.grid = page.getByRole('grid', { name: 'Recordings and their answers' });
    this.rows = this.grid.getByRole('row').filter({ has: page.getByRole('rowheader') });
    this.count = this.batch.locator('.progress').getByRole('status');
    this.shown = this.batch.locator('.shown');
    this.cancelButton = this.batch.getByRole('button', { name: 'Cancel', exact: true }).first();
  }

  /** Waits until all are heard. */
  async done(total: number): Promise<void> {
    const words = total.toLocaleString('en');
    await expect(this.count).toHaveText(`${words} of ${words}`);
    await expect(this.cancelButton).toBeHidden();
  }

  /** How many are heard so far; 0 before there is a count. */
  async nDone(): Promise<number> {
    if ((await this.count.count()) === 0) return 0;
    const [done = '0'] = ((await this.count.textContent()) ?? '').split(' of ');
    return Number(done.replaceAll(',', ''));
  }

  /** Names of the drawn rows, from top to bottom. */
  async names(): Promise<string[]> {
    return (await this.grid.getByRole('rowheader').allTextContents()).map((name) => name.trim());
  }

  row(name: string): Locator {
    return this.rows.filter({ has: this.page.getByRole('rowheader', { name, exact: true }) });
  }

  async open(name: string): Promise<void> {
    await this.row(name).getByRole('rowheader').click();
  }

  /** By its column's head: ascending, then descending, then as they came. */
  async sortBy(column: string): Promise<void> {
    await this.grid.getByRole('columnheader', { name: column, exact: true }).getByRole('button').click();
  }

  async filter(by: 'Class' | 'Status' | 'Quality', choice: string): Promise<void> {
    await this.batch.getByRole('combobox', { name: by, exact: true }).selectOption({ label: choice });
  }

  async find(text: string): Promise<void> {
    await this.batch.getByRole('searchbox', { name: 'Find by name' }).fill(text);
  }

  async scrollToEnd(): Promise<void> {
    await this.grid.evaluate((grid) => (grid.scrollTop = grid.scrollHeight));
  }

  /** The text of a download. */
  async download(format: 'CSV' | 'JSON'): Promise<string> {
    const started = this.page.waitForEvent('download');
    await this.batch.getByRole('button', { name: format, exact: true }).click();
    return readFileSync(await (await started).path(), 'utf8');
  }

  async downloadResults(): Promise<RecordingResult[]> {
    return (JSON.parse(await this.download('JSON')) as { results: RecordingResult[] }).results;
  }
}
