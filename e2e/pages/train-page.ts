// The Train page's collection as a person uses it: what is handed over, what is there, what is said of it.

import { expect, type Locator, type Page } from 'playwright/test';
import type { TestFile } from '../recordings.ts';

export class TrainPage {
  readonly page: Page;
  readonly rows: Locator;
  /** What was found in a hand-over, before it is added. */
  readonly preview: Locator;
  /** What came of adding. */
  readonly outcome: Locator;
  readonly sameSound: Locator;

  constructor(page: Page) {
    this.page = page;
    this.rows = page.locator('[data-recording]');
    this.preview = page.getByRole('form', { name: /^Add .* to the collection/ });
    this.outcome = page.locator('.outcome');
    this.sameSound = page.getByRole('checkbox', { name: /^Same sound/ });
  }

  async open(): Promise<void> {
    await this.page.goto('/?backend=wasm#/train');
    await expect(this.page.getByRole('heading', { level: 1, name: 'Train' })).toBeVisible();
  }

  async addFolder(folder: string): Promise<void> {
    await this.#picker('folder').setInputFiles(folder);
    await expect(this.preview).toBeVisible();
  }

  async addFiles(files: TestFile | TestFile[]): Promise<void> {
    await this.#picker('files').setInputFiles(files);
    await expect(this.preview).toBeVisible();
  }

  /** Adds what is shown, and waits until it is in. */
  async confirm(): Promise<void> {
    await this.preview.getByRole('button', { name: /^Add \d/ }).click();
    await expect(this.outcome).toBeVisible();
  }

  async closeOutcome(): Promise<void> {
    await this.outcome.getByRole('button', { name: 'Close' }).click();
  }

  /** By the end of its path. */
  row(name: string): Locator {
    return this.page.locator(`[data-recording$="${name}"]`);
  }

  label(name: string): Locator {
    return this.row(name).getByRole('button', { name: /^Label:/ });
  }

  async relabel(name: string, label: string): Promise<void> {
    await this.label(name).click();
    const field = this.row(name).getByRole('combobox', { name: 'Label' });
    await field.fill(label);
    await field.press('Enter');
  }

  async select(name: string): Promise<void> {
    await this.row(name).getByRole('checkbox').check();
  }

  async delete(): Promise<void> {
    await this.page.getByRole('button', { name: 'Delete', exact: true }).click();
  }

  async undo(): Promise<void> {
    await this.page.getByRole('button', { name: 'Undo' }).click();
  }

  #picker(kind: 'files' | 'folder'): Locator {
    return this.page.locator(`[data-pick="${kind}"] + input`).first();
  }
}
