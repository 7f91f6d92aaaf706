// The History page as a person uses it: its entries, the search, what can be done with them.

import { expect, type Locator, type Page } from 'playwright/test';

export class HistoryPage {
  readonly page: Page;
  readonly entries: Locator;
  readonly search: Locator;
  /** How many entries are shown, or selected. */
  readonly status: Locator;

  constructor(page: Page) {
    this.page = page;
    this.entries = page.locator('[data-entry]');
    this.search = page.getByRole('searchbox', { name: 'Search the history' });
    this.status = page.getByRole('search').getByRole('status');
  }

  /** By its address, as a reload or a bookmark would. */
  async open(): Promise<void> {
    await this.page.goto('/#/history');
    await this.#isThere();
  }

  /** By the rail: what the page knows stays. */
  async visit(): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'History' }).click();
    // The rail lies over the page while the pointer is on it.
    await this.page.getByRole('main').hover();
    await this.#isThere();
  }

  entry(title: string): Locator {
    return this.entries.filter({ has: this.page.getByRole('link', { name: title, exact: true }) });
  }

  /** Its own page. */
  async openEntry(title: string): Promise<void> {
    await this.entry(title).getByRole('link', { name: title, exact: true }).click();
    await expect(this.page.getByRole('heading', { level: 1, name: title })).toBeVisible();
  }

  async delete(title: string): Promise<void> {
    await this.entry(title).getByRole('checkbox').check();
    await this.page.getByRole('button', { name: 'Delete', exact: true }).click();
  }

  async undo(): Promise<void> {
    await this.page.getByRole('button', { name: 'Undo' }).click();
  }

  async #isThere(): Promise<void> {
    await expect(this.page.getByRole('heading', { level: 1, name: 'History' })).toBeVisible();
  }
}
