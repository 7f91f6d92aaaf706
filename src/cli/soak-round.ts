// One round of a soak: everything that people do with the program, once, and everything that it left is deleted in the
// end. What is to be measured afterwards is an app with nothing in it.

import type { SoakFiles } from './soak-files.ts';
import { PAGE_NAMES, type SoakPage } from './soak-page.ts';

/** Answers after which a batch is cancelled. */
const ANSWERS_BEFORE_CANCEL = 15;

export interface SoakStep {
  /** What is done, in a few words: steps are counted under it. */
  what: string;
  do: (app: SoakPage, files: SoakFiles, round: number) => Promise<void>;
}

/** In the order in which they need each other. */
export const SOAK_STEPS: readonly SoakStep[] = [
  { what: 'pages walked through', do: (app) => walkThrough(app) },
  { what: 'WAV predicted', do: (app, { wav }) => predict(app, wav) },
  {
    what: 'compressed recording predicted',
    do: (app, { compressed }, round) => predict(app, compressed[round % compressed.length] ?? ''),
  },
  { what: 'recorded from the microphone', do: (app) => record(app) },
  { what: 'batch heard', do: (app, { batch }) => hearBatch(app, batch) },
  { what: 'batch cancelled', do: (app, { long }) => cancelBatch(app, long) },
  { what: 'labelled folder evaluated', do: (app, { labelled }) => evaluate(app, labelled) },
  { what: 'collection filled and relabelled', do: (app, { labelled }) => collect(app, labelled.folder) },
  { what: 'head planned, trained and promoted', do: (app) => trainHead(app) },
  { what: 'training cancelled', do: (app) => cancelTraining(app) },
  { what: 'model rolled back, exported, deleted, imported', do: (app) => handleModel(app) },
  { what: 'second tab opened and closed', do: (app, { wav }) => useSecondTab(app, wav) },
  { what: 'tab hidden and shown', do: (app) => app.hideAndShow() },
  { what: 'theme changed and back', do: (app) => changeTheme(app) },
  { what: 'runs deleted', do: (app) => deleteRuns(app) },
  { what: 'recordings deleted', do: (app) => deleteRecordings(app) },
  { what: 'history searched and deleted', do: (app) => deleteHistory(app) },
];

async function walkThrough(app: SoakPage): Promise<void> {
  for (const name of PAGE_NAMES) await app.visit(name);
  await app.visit('Predict');
}

async function predict(app: SoakPage, path: string): Promise<void> {
  await app.visit('Predict');
  await app.drop([path]);
  await app.isAnswered();
  await app.press('Play');
  await app.press('Pause');
  await app.putAway();
}

async function record(app: SoakPage): Promise<void> {
  await app.press('Record');
  await app.page
    .getByRole('timer')
    .filter({ hasText: /^\s*[2-9]\.\d s/ })
    .waitFor();
  await app.press('Stop and listen');
  await app.isAnswered();
  await app.download('Save WAV');
  await app.putAway();
}

async function hearBatch(app: SoakPage, { folder, total }: SoakFiles['batch']): Promise<void> {
  await app.drop([folder]);
  await app.areAnswered(total, total);
  const grid = app.page.getByRole('grid', { name: 'Recordings and their answers' });
  await grid.getByRole('rowheader', { name: 'r-007.wav' }).click();
  await app.isAnswered();
  await grid.getByRole('columnheader').getByRole('button').first().click();
  await app.page.getByRole('combobox', { name: 'Status', exact: true }).selectOption({ label: 'failed' });
  await grid.getByRole('rowheader', { name: 'empty.wav' }).waitFor();
  await app.download('CSV');
  await app.putAway();
}

async function cancelBatch(app: SoakPage, { folder, total }: SoakFiles['long']): Promise<void> {
  await app.drop([folder]);
  await app.areAnswered(total, ANSWERS_BEFORE_CANCEL);
  // By the keyboard: a pointer waits until the button stands still, and on a busy machine the batch does not.
  await app.page.locator('.progress').getByRole('button', { name: 'Cancel', exact: true }).press('Enter');
  await app.button('Hear the rest').waitFor();
  await app.putAway();
}

async function evaluate(app: SoakPage, { folder, total }: SoakFiles['labelled']): Promise<void> {
  await app.drop([folder]);
  await app.areAnswered(total, total);
  await app.download('Evaluation (JSON)');
  await app.putAway();
}

async function collect(app: SoakPage, folder: string): Promise<void> {
  await app.visit('Train');
  await app.drop([folder]);
  const outcome = app.page.locator('.outcome');
  await app.press(/^Add \d/);
  await outcome.waitFor();
  await outcome.getByRole('button', { name: 'Close' }).click();
  const row = app.page.locator('[data-recording$="n-1.wav"]');
  await row.getByRole('rowheader').click();
  await app.button('Play').waitFor();
  await row.getByRole('button', { name: /^Label:/ }).click();
  const field = row.getByRole('combobox', { name: 'Label' });
  await field.fill('abnormal');
  await field.press('Enter');
  await app.press('Undo');
  await row.getByRole('button', { name: 'Label: normal' }).waitFor();
}

/** Chosen on the page of the plan, with the number of epochs. */
async function plan(app: SoakPage, way: string, epochs: number): Promise<void> {
  await app.page.getByRole('navigation', { name: 'Steps' }).getByRole('link', { name: 'Plan' }).click();
  await app.page.getByRole('heading', { name: 'What would happen' }).waitFor();
  await app.page.getByRole('radio', { name: new RegExp(`^${way}`) }).check();
  const advanced = app.page.locator('details').filter({ hasText: /^\s*Advanced/ });
  if ((await advanced.getAttribute('open')) === null) await advanced.locator('summary').click();
  const field = app.page.getByRole('spinbutton', { name: /^Epochs/ });
  await field.fill(String(epochs));
  await field.press('Tab');
}

async function trainHead(app: SoakPage): Promise<void> {
  await plan(app, 'New last layer', 3);
  await app.press('Start training');
  await app.press(/^Use /);
  await app.text('It answers from now on.').waitFor();
  await app.press('Plan another run');
}

async function cancelTraining(app: SoakPage): Promise<void> {
  await plan(app, 'The whole model', 40);
  await app.press('Start training');
  await app.press('Cancel');
  await app.press('Cancel the run');
  await app.text('No run is under way.').waitFor();
}

async function handleModel(app: SoakPage): Promise<void> {
  await app.visit('Models');
  await app.press(/^Roll back to/);
  await app.page.locator('[data-model^="bundled:"]').filter({ hasText: 'In use' }).waitFor();
  await app.page.locator('[data-model]:not([data-model^="bundled:"])').getByRole('link').click();
  const zip = await app.download('Export');
  await deleteModel(app);
  await app.drop([await zip.path()]);
  await app.button('Rename').waitFor();
  await deleteModel(app);
  await zip.delete();
}

/** The one that is open. */
async function deleteModel(app: SoakPage): Promise<void> {
  await app.press('Delete');
  await app.press('Delete for good');
  await app.heading('Models').waitFor();
}

async function useSecondTab(app: SoakPage, wav: string): Promise<void> {
  const other = await app.another();
  await predict(other, wav);
  await walkThrough(other);
  await other.reload();
  await other.close();
}

async function changeTheme(app: SoakPage): Promise<void> {
  await app.visit('Settings');
  for (const theme of ['Dark', 'Light', 'As the system'])
    await app.page.getByRole('radio', { name: theme, exact: true }).check();
}

async function deleteRuns(app: SoakPage): Promise<void> {
  await app.visit('Monitor');
  const runs = app.page.locator('[data-run]');
  await runs.first().getByRole('link').click();
  await app.heading(/^Training run/).waitFor();
  await app.page.getByRole('link', { name: 'All runs' }).click();
  await runs.first().waitFor();
  for (let left = await runs.count(); left > 0; left = await runs.count()) {
    await runs
      .first()
      .getByRole('button', { name: /^Delete/ })
      .click();
    await runs.nth(left - 1).waitFor({ state: 'detached' });
  }
}

async function deleteRecordings(app: SoakPage): Promise<void> {
  await app.visit('Train');
  await app.page.getByRole('checkbox', { name: 'Select all that are shown' }).check();
  await app.press('Delete');
  await app.text('Drop labelled recordings here').waitFor();
}

async function deleteHistory(app: SoakPage): Promise<void> {
  await app.visit('History');
  const entries = app.page.locator('[data-entry]');
  const search = app.page.getByRole('searchbox', { name: 'Search the history' });
  await search.fill('r-013');
  await app.text('1 file name matches').waitFor();
  await search.fill('');
  await app.text(/^\s*\d+ entries$/).waitFor();
  await entries.first().getByRole('checkbox').check();
  await app.press(/^Select all/);
  await app.press('Delete');
  await app.text('Nothing here yet').waitFor();
}
