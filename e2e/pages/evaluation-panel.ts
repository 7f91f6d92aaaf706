// The evaluation of a batch with labels, as a person reads and uses it.

import { readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright/test';
import type { EvaluationDocument } from '../../src/core/training/evaluation-document.ts';

export class EvaluationPanel {
  readonly page: Page;
  readonly panel: Locator;
  /** What the figures are about: how many recordings are in them and how many are not. */
  readonly about: Locator;
  /** That the model has heard these recordings before. */
  readonly warning: Locator;
  readonly saveButton: Locator;

  constructor(page: Page) {
    this.page = page;
    this.panel = page.getByRole('region', { name: 'Against the labels' });
    this.about = this.panel.locator('.about');
    this.warning = this.panel.getByRole('note');
    this.saveButton = this.panel.getByRole('button', { name: 'Evaluation (JSON)' });
  }

  /** Value and interval of a figure, as they are written. */
  async figure(name: string): Promise<string[]> {
    const row = this.panel
      .getByRole('table', { name: 'Figures' })
      .getByRole('row')
      .filter({ has: this.page.getByRole('rowheader', { name }) });
    return row.locator('td.number').allTextContents();
  }

  /** A cell of the confusion matrix. */
  cell(label: string, predicted: string): Locator {
    return this.panel.getByRole('button', { name: new RegExp(`labelled ${label}, heard as ${predicted}:`) });
  }

  /** The document as it is downloaded. */
  async download(): Promise<EvaluationDocument> {
    const started = this.page.waitForEvent('download');
    await this.saveButton.click();
    return JSON.parse(readFileSync(await (await started).path(), 'utf8')) as EvaluationDocument;
  }
}
