// Models in the database: a record for the list, its topology, and the bytes of weights and replay set under their
// own hash. Writes are single transactions: a model is there whole or not at all, and so is the choice of the active
// one. Two models with the same bytes share them.

import { AppError } from '../core/errors.ts';
import type { Database, StoreName, WriteTransaction } from './db.ts';
import type { ActiveModel, ModelParts, ModelStore, StoredModel } from './model-record.ts';
import { storageText } from './storage-text.ts';

const MODEL_STORES: StoreName[] = ['models', 'model-topologies', 'model-blobs', 'active-model'];
const ACTIVE = 'current';
const LOCAL_PREFIX = 'local:';
/** Earlier choices that are kept; a way back further than this nobody goes. */
const MAX_PREVIOUS = 50;

/** @param database opened when it is first used; see `ModelStore` for what each method promises */
export function createModelStore(database: Database): ModelStore {
  return {
    add: (model, parts) => add(database, model, parts),
    list: () => database.read((db) => db.getAll('models')),
    read: (key) => read(database, key),
    rename: (key, name) => change(database, key, { name }),
    markPassed: (key) => change(database, key, { hasPassedComparison: true }),
    remove: (key) => remove(database, key),
    active: async () => (await database.read((db) => db.get('active-model', ACTIVE))) ?? null,
    activate: (key, before, at) => activate(database, key, before, at),
  };
}

function add(
  database: Database,
  model: StoredModel,
  { modelJson, weights, replay }: ModelParts,
): Promise<void> {
  return database.write(
    ['models', 'model-topologies', 'model-blobs'],
    async (transaction, requests) => {
      const models = transaction.objectStore('models');
      const there = await models.get(model.key);
      // Done before, and the connection lost before that was heard.
      if (there && isSame(there, model)) return;
      const blobs = transaction.objectStore('model-blobs');
      requests.push(blobs.put(weights, model.manifest.sha256));
      if (replay && model.replaySha256 !== null) requests.push(blobs.put(replay, model.replaySha256));
      requests.push(transaction.objectStore('model-topologies').put(modelJson, model.key));
      // Of a key that is there already nothing is overwritten.
      requests.push(models.add(model));
    },
    'strict',
  );
}

/** Of the same key; whatever it was called since. */
function isSame(one: StoredModel, other: StoredModel): boolean {
  return (
    one.createdAt === other.createdAt &&
    one.manifest.sha256 === other.manifest.sha256 &&
    one.replaySha256 === other.replaySha256
  );
}

async function read(
  database: Database,
  key: string,
): Promise<{ model: StoredModel; parts: ModelParts } | null> {
  return await database.read(async (db) => {
    const transaction = db.transaction(['models', 'model-topologies', 'model-blobs']);
    const model = await transaction.objectStore('models').get(key);
    if (!model) return null;
    const blobs = transaction.objectStore('model-blobs');
    const [modelJson, weights, replay] = await Promise.all([
      transaction.objectStore('model-topologies').get(key),
      blobs.get(model.manifest.sha256),
      model.replaySha256 === null ? null : blobs.get(model.replaySha256),
    ]);
    if (modelJson === undefined || !weights) return null;
    return { model, parts: { modelJson, weights, replay: replay ?? null } };
  });
}

/** One that was removed meanwhile stays removed. */
function change(
  database: Database,
  key: string,
  facts: Partial<Pick<StoredModel, 'name' | 'hasPassedComparison'>>,
): Promise<void> {
  return database.write(['models'], async (transaction, requests) => {
    const models = transaction.objectStore('models');
    const model = await models.get(key);
    if (model) requests.push(models.put({ ...model, ...facts }));
  });
}

function remove(database: Database, key: string): Promise<void> {
  return database.write(MODEL_STORES, async (transaction, requests) => {
    const models = transaction.objectStore('models');
    const [model, active, all] = await Promise.all([
      models.get(key),
      transaction.objectStore('active-model').get(ACTIVE),
      models.getAll(),
    ]);
    if (active?.key === key) throw new AppError('model-in-use', storageText.activeModel);
    if (!model) return;
    const others = all.filter((other) => other.key !== key);
    const isShared = (sha256: string): boolean =>
      others.some(({ manifest, replaySha256 }) => manifest.sha256 === sha256 || replaySha256 === sha256);
    requests.push(models.delete(key));
    requests.push(transaction.objectStore('model-topologies').delete(key));
    for (const sha256 of [model.manifest.sha256, model.replaySha256])
      if (sha256 !== null && !isShared(sha256))
        requests.push(transaction.objectStore('model-blobs').delete(sha256));
  });
}

async function activate(database: Database, key: string, before: string, at: string): Promise<ActiveModel> {
  const outcome: { active: ActiveModel | null } = { active: null };
  await database.write(
    MODEL_STORES,
    async (transaction, requests) => {
      const pointer = transaction.objectStore('active-model');
      const [current, isWhole] = await Promise.all([pointer.get(ACTIVE), isThere(transaction, key)]);
      // Where nobody has ever chosen, the caller knows best which bundled model answers. The choice may be made already,
      // here before the connection was lost, or in another tab.
      if (current && current.key !== before && current.key !== key)
        throw new AppError('model-changed', storageText.activatedElsewhere);
      if (!isWhole) throw new AppError('model-missing', storageText.modelGone);
      const active = next(current, key, before, at);
      requests.push(pointer.put(active, ACTIVE));
      outcome.active = active;
    },
    'strict',
  );
  if (!outcome.active) throw new AppError('internal', storageText.activatedNothing);
  return outcome.active;
}

/** Record, topology and weights of a local model; a bundled one comes with the app. */
async function isThere(transaction: WriteTransaction, key: string): Promise<boolean> {
  if (!key.startsWith(LOCAL_PREFIX)) return true;
  const model = await transaction.objectStore('models').get(key);
  if (!model) return false;
  const [topology, weights] = await Promise.all([
    transaction.objectStore('model-topologies').getKey(key),
    transaction.objectStore('model-blobs').getKey(model.manifest.sha256),
  ]);
  return topology !== undefined && weights !== undefined;
}

function next(current: ActiveModel | undefined, key: string, before: string, at: string): ActiveModel {
  if (current?.key === key) return current;
  const left = { key: before, since: current?.since ?? at, until: at };
  return { key, since: at, previous: [left, ...(current?.previous ?? [])].slice(0, MAX_PREVIOUS) };
}
