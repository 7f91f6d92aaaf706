// The registry on a real store over an IndexedDB in memory, with a worker that is told what to answer: what is
// promoted, what is refused, and what answers whatever goes wrong.
import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import type { Golden } from '../core/training/golden.ts';
import { importInvalid, type ModelFolder } from '../core/model/model-folder.ts';
import { Database } from '../storage/db.ts';
import { createModelStore } from '../storage/model-store.ts';
import { hashBytes } from './model-ports.ts';
import { FakeClassifier, FakeStore, FakeTheme, MANIFEST } from './fakes.ts';
import { ModelState } from './model.svelte.ts';
import { fakeBundled, fakeFolder, FakeNews, GOLDEN, trained } from './registry-fakes.ts';
import { RegistryState } from './registry.svelte.ts';
import { SettingsState } from './settings.svelte.ts';

const BUNDLED = 'bundled:tiny';
const NOTHING = { files: [], skipped: [], handles: [] };

/** A tab of the program. */
class Tab {
  readonly classifier = new FakeClassifier();
  /** What the fresh worker, and the page's own, answer to the known questions. */
  answers: Golden | Error = GOLDEN;
  ownAnswers: Golden = GOLDEN;
  isBusy = false;
  handed: ModelFolder | AppError = importInvalid('Nothing there.');
  /** Models that the fresh worker was asked about. */
  readonly asked: string[] = [];
  readonly store = createModelStore(new Database());
  readonly registry: RegistryState;
  readonly model: ModelState;

  constructor(news: FakeNews = new FakeNews()) {
    this.registry = new RegistryState({
      store: this.store,
      bundled: [fakeBundled()],
      hash: hashBytes,
      ask: ({ manifest }) => {
        this.asked.push(manifest.name);
        return this.answers instanceof Error ? Promise.reject(this.answers) : Promise.resolve(this.answers);
      },
      readModel: () =>
        this.handed instanceof AppError ? Promise.reject(this.handed) : Promise.resolve(this.handed),
      zipModel: () => Promise.resolve(new Blob()),
      persist: () => Promise.resolve(),
      news,
      timestamp: () => '2026-03-01T00:00:00Z',
      newId: (createdAt) => `${createdAt}-${++nAdded}`,
      switchModel: (change) => this.model.switchAfter(change),
      isBusy: () => this.isBusy,
      fingerprint: () => Promise.resolve(this.ownAnswers),
    });
    const settings = new SettingsState(new FakeStore(), new FakeTheme());
    this.model = new ModelState(this.classifier, this.registry.answering, settings);
  }

  async add(name = 'Mine'): Promise<string> {
    const { model, parts } = await trained(name);
    return await this.registry.add(model, parts);
  }
}

let nAdded = 0;

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  nAdded = 0;
});

const wrong: Golden = { ...GOLDEN, windows: [{ seed: 1, logits: [9] }] };

test('bundled and stored models are one list, and nobody has to have chosen', async () => {
  const tab = new Tab();
  const [first, second] = [await tab.add('First'), await tab.add('Second')];
  await tab.registry.list();
  expect(tab.registry.models.map(({ key }) => key)).toEqual([BUNDLED, second, first]);
  expect(tab.registry.activeKey).toBe(BUNDLED);
  expect(await tab.model.ready()).toEqual(MANIFEST);
  expect(await tab.registry.entryOf((await trained('First')).model.manifest.sha256)).toMatchObject({
    key: first,
  });
});

test('a promoted model is asked for its known answers first, answers without a reload, and after one', async () => {
  const tab = new Tab();
  await tab.model.ready();
  const key = await tab.add();
  await tab.registry.promote(key);
  expect(tab.asked).toEqual(['Mine']);
  expect(tab.registry.activeKey).toBe(key);
  expect(tab.model.manifest?.name).toBe('Mine');
  expect(tab.registry.models[0]?.key).toBe(key);
  const next = new Tab();
  expect((await next.model.ready()).name).toBe('Mine');
  expect(next.registry.activeKey).toBe(key);
});

test('one press goes back to the model before, and one more forth again', async () => {
  const tab = new Tab();
  await tab.model.ready();
  const key = await tab.add();
  await tab.registry.promote(key);
  expect(tab.registry.previous?.key).toBe(BUNDLED);
  await tab.registry.rollBack();
  expect(tab.model.manifest).toEqual(MANIFEST);
  expect(tab.registry.previous?.key).toBe(key);
  await tab.registry.rollBack();
  expect(tab.registry.activeKey).toBe(key);
});

test('a model that was deleted is none to go back to', async () => {
  const tab = new Tab();
  await tab.model.ready();
  const key = await tab.add();
  await tab.registry.promote(key);
  await tab.registry.rollBack();
  await tab.registry.remove(key);
  expect(tab.registry.previous).toBeNull();
  await expect(tab.registry.rollBack()).rejects.toMatchObject({ code: 'model-missing' });
});

describe('the old model answers on where the new one', () => {
  async function refused(prepare: (tab: Tab, key: string) => unknown): Promise<[Tab, unknown]> {
    const tab = new Tab();
    await tab.model.ready();
    const key = await tab.add();
    await prepare(tab, key);
    const reason = await tab.registry.promote(key).catch((error: unknown) => error);
    expect(tab.registry.activeKey).toBe(BUNDLED);
    expect(tab.model.manifest).toEqual(MANIFEST);
    expect(await tab.model.ready()).toEqual(MANIFEST);
    expect(await tab.store.active()).toBeNull();
    expect(tab.registry.error).toBe(reason);
    expect(tab.registry.work).toBeNull();
    return [tab, reason];
  }

  test.each<[what: string, code: string, prepare: (tab: Tab, key: string) => unknown]>([
    ['does not give its known answers', 'model-invalid', (tab) => (tab.answers = wrong)],
    [
      'does not start',
      'model-invalid',
      (tab) => (tab.answers = new AppError('model-invalid', 'The network takes other input.')),
    ],
    ['is gone', 'model-missing', (tab, key) => tab.store.remove(key)],
    ['would take the place of one at work', 'model-busy', (tab) => (tab.isBusy = true)],
    [
      'has other weights in the database',
      'model-invalid',
      async () => {
        const db = await openDB('heartbeat');
        const [sha256] = await db.getAllKeys('model-blobs');
        await db.put('model-blobs', Float32Array.from([6, 6, 6]).buffer, sha256);
        db.close();
      },
    ],
  ])('%s', async (_, code, prepare) => {
    const [, reason] = await refused(prepare);
    expect(reason).toMatchObject({ code });
  });

  test('was overtaken by another tab, which is then shown', async () => {
    const tab = new Tab();
    await tab.model.ready();
    const key = await tab.add();
    const other = new Tab();
    const theirs = await other.add('Theirs');
    await other.registry.promote(theirs);
    await expect(tab.registry.promote(key)).rejects.toMatchObject({ code: 'model-changed' });
    expect(tab.model.manifest).toEqual(MANIFEST);
  });
});

describe('a chosen model that cannot answer', () => {
  async function afterReload(prepare: (key: string, next: Tab) => unknown): Promise<[Tab, string]> {
    const tab = new Tab();
    await tab.model.ready();
    const key = await tab.add();
    await tab.registry.promote(key);
    const next = new Tab();
    await prepare(key, next);
    return [next, key];
  }

  test.each<[what: string, prepare: (key: string, next: Tab) => unknown]>([
    [
      'because its weights are gone',
      async () => {
        const db = await openDB('heartbeat');
        await db.clear('model-blobs');
        db.close();
      },
    ],
    ['because it answers otherwise', (_, next) => (next.ownAnswers = wrong)],
    ['because it does not start', (_, next) => (next.classifier.brokenModel = 'Mine')],
  ])('%s gives way to the bundled one, and nothing is deleted', async (_, prepare) => {
    const [next, key] = await afterReload(prepare);
    expect(await next.model.ready()).toEqual(MANIFEST);
    await next.registry.list();
    expect(next.registry.activeKey).toBe(BUNDLED);
    expect(next.registry.answering.fallback?.key).toBe(key);
    expect((await next.store.active())?.key).toBe(key);
    expect(next.registry.find(key)).not.toBeNull();
    // The bundled one can be chosen for good, and the notice goes.
    await next.registry.promote(BUNDLED);
    expect(next.registry.answering.fallback).toBeNull();
    expect((await next.store.active())?.key).toBe(BUNDLED);
  });

  test('is tried again when it is asked for', async () => {
    const [next, key] = await afterReload((_, tab) => (tab.classifier.brokenModel = 'Mine'));
    await next.model.ready();
    next.classifier.brokenModel = null;
    await next.registry.takeChosen();
    expect(next.registry.answering.fallback).toBeNull();
    expect(next.registry.activeKey).toBe(key);
    expect(next.model.manifest?.name).toBe('Mine');
  });

  test('a storage that cannot be read leaves the bundled one, and says so', async () => {
    const factory = globalThis.indexedDB;
    // @ts-expect-error A private window of some browsers has none.
    delete globalThis.indexedDB;
    const tab = new Tab();
    expect(await tab.model.ready()).toEqual(MANIFEST);
    expect(tab.registry.answering.fallback).toMatchObject({ key: null, error: { code: 'storage-blocked' } });
    await tab.registry.list();
    expect(tab.registry.phase.kind).toBe('failed');
    expect(tab.registry.models.map(({ key }) => key)).toEqual([BUNDLED]);
    globalThis.indexedDB = factory;
  });

  test('nothing takes the place of a backend that is not there', async () => {
    const tab = new Tab();
    tab.classifier.startError = new AppError('backend-unavailable', 'None.');
    await expect(tab.model.ready()).rejects.toMatchObject({ code: 'backend-unavailable' });
  });
});

describe('while a model is being exchanged', () => {
  test('whoever asks for one waits and gets the new one', async () => {
    const tab = new Tab();
    await tab.model.ready();
    const key = await tab.add();
    const promoted = tab.registry.promote(key);
    const asked: Promise<string>[] = [];
    while (tab.model.phase.kind === 'ready') await new Promise((resolve) => setImmediate(resolve));
    asked.push(tab.model.ready().then(({ name }) => name));
    await promoted;
    expect(await Promise.all(asked)).toEqual(['Mine']);
  });

  test('a second exchange is refused', async () => {
    const tab = new Tab();
    await tab.model.ready();
    const key = await tab.add();
    const first = tab.registry.promote(key);
    await expect(tab.registry.promote(BUNDLED)).rejects.toMatchObject({ code: 'model-busy' });
    await first;
    expect(tab.registry.activeKey).toBe(key);
  });
});

describe('two tabs', () => {
  test('hear of each other’s models, and say which one is active elsewhere', async () => {
    const news = new FakeNews();
    const [here, there] = [new Tab(news), new Tab(news)];
    await Promise.all([here.model.ready(), there.model.ready()]);
    await Promise.all([here.registry.list(), there.registry.list()]);
    const key = await there.add('Theirs');
    await there.registry.promote(key);
    await news.settled();
    expect(here.registry.models.map((model) => model.name)).toContain('Theirs');
    expect(here.registry.activeKey).toBe(BUNDLED);
    expect(here.registry.chosenElsewhere?.key).toBe(key);
    expect(there.registry.chosenElsewhere).toBeNull();
    // Another backend is no reason to exchange the model.
    here.model.restart();
    expect(await here.model.ready()).toEqual(MANIFEST);
    await here.registry.takeChosen();
    expect(here.model.manifest?.name).toBe('Theirs');
    expect(here.registry.chosenElsewhere).toBeNull();
  });
});

describe('import', () => {
  test('is checked, kept, and has passed nothing here', async () => {
    const tab = new Tab();
    tab.handed = await fakeFolder('Foreign');
    const key = await tab.registry.import(NOTHING);
    expect(tab.registry.find(key)).toMatchObject({
      origin: 'imported',
      name: 'Foreign',
      hasPassedComparison: false,
      golden: GOLDEN,
    });
    expect(tab.registry.activeKey).toBe(BUNDLED);
    expect(await tab.registry.replayOf(key)).toBeNull();
  });

  test('a model without known answers is given its own', async () => {
    const tab = new Tab();
    tab.handed = { ...(await fakeFolder('Foreign')), golden: null };
    expect(tab.registry.find(await tab.registry.import(NOTHING))?.golden).toEqual(GOLDEN);
  });

  test.each<[what: string, code: string, prepare: (tab: Tab, folder: ModelFolder) => unknown]>([
    ['what cannot be read', 'import-invalid', (tab) => (tab.handed = importInvalid('Damaged.'))],
    ['other answers than it came with', 'model-invalid', (tab) => (tab.answers = wrong)],
    [
      'weights of another model',
      'model-invalid',
      (_, folder) => (folder.weights = Float32Array.from([8]).buffer),
    ],
    ['a model that is here', 'import-invalid', (tab) => tab.registry.import(NOTHING)],
  ])('%s is refused, and nothing is kept', async (_, code, prepare) => {
    const tab = new Tab();
    const folder = await fakeFolder('Foreign');
    tab.handed = folder;
    await prepare(tab, folder);
    const before = (await tab.store.list()).length;
    await expect(tab.registry.import(NOTHING)).rejects.toMatchObject({ code });
    expect(await tab.store.list()).toHaveLength(before);
    expect(tab.registry.error?.code).toBe(code);
  });
});

test('the active model is not deleted; a name and a passed comparison are kept', async () => {
  const tab = new Tab();
  await tab.model.ready();
  const key = await tab.add();
  await tab.registry.rename(key, '  Ward 7 ');
  await tab.registry.rename(key, ' ');
  await tab.registry.markPassed(key);
  expect(tab.registry.find(key)).toMatchObject({ name: 'Ward 7', hasPassedComparison: true });
  await tab.registry.promote(key);
  await expect(tab.registry.remove(key)).rejects.toMatchObject({ code: 'model-in-use' });
  await tab.registry.rollBack();
  await tab.registry.remove(key);
  expect(tab.registry.find(key)).toBeNull();
});

test('weights that are not the manifest’s are not kept', async () => {
  const tab = new Tab();
  const { model, parts } = await trained('Mine');
  await expect(tab.registry.add(model, { ...parts, weights: new ArrayBuffer(4) })).rejects.toMatchObject({
    code: 'model-invalid',
  });
  expect(await tab.store.list()).toEqual([]);
});
