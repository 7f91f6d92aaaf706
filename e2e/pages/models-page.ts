// The Models page as a person uses it: the list, a model's own page, what can be done with them.

import { expect, type Download, type Locator, type Page } from 'playwright/test';
import type { TestFile } from '../recordings.ts';

export class ModelsPage {
  readonly page: Page;
  readonly rows: Locator;
  /** What went wrong with the latest change, in its own words. */
  readonly problem: Locator;

  constructor(page: Page) {
    this.page = page;
    this.rows = page.locator('[data-model]');
    this.problem = page.getByRole('alert').locator('.why');
  }

  /** By its address, as a reload or a bookmark would. */
  async open(query = ''): Promise<void> {
    await this.page.goto(`/${query === '' ? '' : `?${query}`}#/models`);
    await this.#isThere();
  }

  /** By the way between the pages: what the page knows stays. */
  async visit(): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Models' }).click();
    // The rail lies over the page while the pointer is on it.
    await this.page.getByRole('main').hover();
    await this.#isThere();
  }

  row(name: string): Locator {
    return this.rows.filter({ has: this.page.getByRole('link', { name, exact: true }) });
  }

  /** A zip, and waits for the page of the model or for the problem. */
  async import(zip: TestFile): Promise<void> {
    await this.page.locator('[data-pick="files"] + input').setInputFiles(zip);
  }

  /** The model's own page. */
  async openModel(name: string): Promise<void> {
    await this.row(name).getByRole('link', { name, exact: true }).click();
    await this.isOpen(name);
  }

  async isOpen(name: string): Promise<void> {
    await expect(this.page.getByRole('heading', { level: 1, name })).toBeVisible();
  }

  async activate(name: string): Promise<void> {
    await this.page.getByRole('button', { name: `Activate ${name}` }).click();
    await this.isInUse(name);
  }

  async isInUse(name: string): Promise<void> {
    await expect(this.row(name).getByText('In use')).toBeVisible();
  }

  async rollBack(): Promise<void> {
    await this.page.getByRole('button', { name: /^Roll back to/ }).click();
  }

  /** On a model's own page. */
  async export(): Promise<Download> {
    const [saved] = await Promise.all([
      this.page.waitForEvent('download'),
      this.page.getByRole('button', { name: 'Export' }).click(),
    ]);
    return saved;
  }

  /** On a model's own page. */
  async rename(name: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Rename' }).click();
    await this.page.getByRole('textbox', { name: 'Name' }).fill(name);
    await this.page.getByRole('button', { name: 'Save' }).click();
    await this.isOpen(name);
  }

  /** On a model's own page. */
  async delete(): Promise<void> {
    await this.page.getByRole('button', { name: 'Delete', exact: true }).click();
    await this.page.getByRole('button', { name: 'Delete for good' }).click();
    await this.#isThere();
  }

  async #isThere(): Promise<void> {
    await expect(this.page.getByRole('heading', { level: 1, name: 'Models' })).toBeVisible();
    await expect(this.rows.first()).toBeVisible();
  }
}
