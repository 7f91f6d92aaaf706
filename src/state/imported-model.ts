// A model that was handed over, as the registry keeps it: checked, started, and asked for its known answers.

import { AppError } from '../core/errors.ts';
import type { ModelFolder } from '../core/model/model-folder.ts';
import { HEARD_NOTHING } from '../core/training/heard.ts';
import type { ModelParts } from '../storage/model-record.ts';
import type { ModelShelf } from './model-shelf.ts';
import type { NewModel, RegisteredModel } from './registered-model.ts';
import { stateText } from './state-text.ts';

/**
 * @param models that are here already
 * @throws AppError for whatever is wrong with it
 */
export async function importedModel(
  folder: ModelFolder,
  models: readonly RegisteredModel[],
  shelf: ModelShelf,
): Promise<{ model: NewModel; parts: ModelParts }> {
  const { manifest, modelJson, weights, metrics, card, replay } = folder;
  await shelf.assertHashes(manifest, weights, replay);
  refuseTwin(folder, models);
  const golden = await shelf.assertAnswers({ manifest, modelJson, weights }, folder.golden);
  const model: NewModel = {
    origin: 'imported',
    name: manifest.name,
    manifest,
    metrics,
    card,
    golden: folder.golden ?? golden,
    parentKey: null,
    runId: null,
    heard: HEARD_NOTHING,
    hasPassedComparison: false,
  };
  return { model, parts: { modelJson, weights, replay } };
}

/** The same bytes under the same description are the same model. */
function refuseTwin({ manifest }: ModelFolder, models: readonly RegisteredModel[]): void {
  const text = JSON.stringify(manifest);
  const twin = models.find((model) => JSON.stringify(model.manifest) === text);
  if (twin) throw new AppError('import-invalid', stateText.models.twin(twin.name));
}
