// The Predict page as a person uses it: what can be clicked and what can be read.

import { expect, type Locator, type Page } from 'playwright/test';
import type { RecordingResult } from '../../src/core/types.ts';
import type { TestFile } from '../recordings.ts';

export type Demo = 'Normal' | 'Murmur' | 'Too noisy' | 'Too short';

export class PredictPage {
  readonly page: Page;
  /** The answer, a class or "Inconclusive"; there while nothing else is. */
  readonly answer: Locator;
  /** What went wrong, why, and what to do. */
  readonly problem: Locator;
  /** What opens the technical details: the last thing that is drawn of a result. */
  readonly details: Locator;

  constructor(page: Page) {
    this.page = page;
    this.answer = page.locator('section.answer');
    this.problem = page.getByRole('alert');
    this.details = page.locator('summary').filter({ hasText: 'Technical details' });
  }

  /** @param query settings of the address, such as `backend=wasm` */
  async open(query = ''): Promise<void> {
    await this.page.goto(`/${query === '' ? '' : `?${query}`}`);
    await expect(this.page.getByRole('heading', { level: 1, name: 'Predict' })).toBeVisible();
  }

  /** Files on disk (paths), or made by the test. */
  async choose(files: TestFile | TestFile[] | string | string[]): Promise<void> {
    await this.#picker('files').setInputFiles(files);
  }

  async chooseFolder(folder: string): Promise<void> {
    await this.#picker('folder').setInputFiles(folder);
  }

  async tryDemo(demo: Demo): Promise<void> {
    await this.page.getByRole('button', { name: new RegExp(`^${demo}`) }).click();
  }

  /** Back to the empty page. */
  async close(): Promise<void> {
    await this.page.getByRole('button', { name: 'Close', exact: true }).first().click();
    await expect(this.page.getByText('Drop a heart sound here')).toBeVisible();
  }

  /** Waits until the answer and all that belongs to it are drawn. */
  async drawn(): Promise<void> {
    await expect(this.answer).toBeVisible();
    await expect(this.details).toBeVisible();
  }

  /** The technical details of the one result shown, once it is there; opens them. */
  async result(): Promise<RecordingResult> {
    await this.drawn();
    const json = this.page.locator('pre[aria-label^="Technical details"]');
    if (!(await json.isVisible())) await this.details.click();
    const { results } = JSON.parse((await json.textContent()) ?? '') as { results: RecordingResult[] };
    const [result] = results;
    if (!result) throw new Error('the technical details hold no result');
    return result;
  }

  /** The code in the particulars of the problem shown. */
  async problemCode(): Promise<string> {
    await expect(this.problem).toBeVisible();
    return (await this.problem.locator('code').first().textContent()) ?? '';
  }

  #picker(kind: 'files' | 'folder'): Locator {
    return this.page.locator(`[data-pick="${kind}"] + input`).first();
  }
}
