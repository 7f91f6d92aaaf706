// The backup section of the Settings page as a person uses it: a backup is made, another is looked at and restored.

import { readFile } from 'node:fs/promises';
import { expect, type Locator, type Page } from 'playwright/test';
import type { TestFile } from '../recordings.ts';

export class BackupPanel {
  readonly page: Page;
  /** What a backup holds against what is here. */
  readonly offer: Locator;
  /** Why a file was refused, in its own words. */
  readonly refusal: Locator;
  /** On every page, after a restore. */
  readonly news: Locator;

  constructor(page: Page) {
    this.page = page;
    this.offer = page.getByRole('region', { name: /^Backup of/ });
    this.refusal = page.getByRole('alert').locator('.why');
    this.news = page.getByText(/^The backup of .* is restored/);
  }

  /** By the way between the pages: what the page knows stays. */
  async visit(): Promise<void> {
    await this.page
      .getByRole('navigation', { name: 'Pages' })
      .getByRole('link', { name: 'Settings' })
      .click();
    // The rail lies over the page while the pointer is on it.
    await this.page.getByRole('main').hover();
    await expect(this.page.getByRole('heading', { name: 'Backup', exact: true })).toBeVisible();
  }

  /** As browsers without a file picker for saving do it: as a download. */
  async makeAsDownload(): Promise<TestFile> {
    await this.page.evaluate(() => Reflect.deleteProperty(window, 'showSaveFilePicker'));
    const [saved] = await Promise.all([this.page.waitForEvent('download'), this.#make()]);
    await expect(this.page.getByText('The backup is complete')).toBeVisible();
    const buffer = await readFile(await saved.path());
    return { name: saved.suggestedFilename(), mimeType: 'application/zip', buffer };
  }

  /** Straight into a file, as far as a test can lend one. */
  async makeAsFile(): Promise<TestFile> {
    await this.page.evaluate(() => {
      const lend = async (): Promise<FileSystemFileHandle> => {
        const folder = await navigator.storage.getDirectory();
        return await folder.getFileHandle('backup.zip', { create: true });
      };
      Reflect.set(window, 'showSaveFilePicker', lend);
    });
    await this.#make();
    await expect(this.page.getByText('The backup is complete')).toBeVisible();
    const bytes = await this.page.evaluate(async () => {
      const folder = await navigator.storage.getDirectory();
      const file = await (await folder.getFileHandle('backup.zip')).getFile();
      return Array.from(new Uint8Array(await file.arrayBuffer()));
    });
    return { name: 'backup.zip', mimeType: 'application/zip', buffer: Buffer.from(bytes) };
  }

  async open(file: TestFile): Promise<void> {
    await this.page.locator('[data-pick="backup"]').setInputFiles(file);
  }

  /** How many of a kind are here and in the backup. */
  async counts(kind: string): Promise<[here: string, there: string]> {
    await expect(this.offer).toBeVisible();
    const row = this.offer.getByRole('row').filter({ has: this.page.getByRole('rowheader', { name: kind }) });
    const [here = '', there = ''] = await row.getByRole('cell').allTextContents();
    return [here, there];
  }

  /** Restores what was opened, waits until the page was loaded anew and says so, and closes that. */
  async restore(mode: 'Add what is missing' | 'Replace everything here'): Promise<void> {
    await this.begin(mode);
    await expect(this.news).toBeVisible();
    await this.page.getByRole('main').getByRole('button', { name: 'Close' }).first().click();
    await expect(this.news).toBeHidden();
  }

  /** Has what was opened restored. */
  async begin(mode: 'Add what is missing' | 'Replace everything here'): Promise<void> {
    await this.offer.getByRole('radio', { name: new RegExp(`^${mode}`) }).check();
    await this.offer.getByRole('button', { name: 'Restore' }).click();
    const sure = this.page.getByRole('dialog', { name: 'Replace everything' });
    if (mode === 'Replace everything here' && (await sure.isVisible()))
      await sure.getByRole('button', { name: 'Replace' }).click();
  }

  async #make(): Promise<void> {
    await this.page.getByRole('button', { name: 'Make a backup' }).click();
  }
}
