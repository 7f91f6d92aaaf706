// The models by time with the figures they came with. Pure.

import type { SubsetFigures } from '../../core/training/figures.ts';
import type { RegisteredModel } from '../../state/registered-model.ts';
import { evaluationOf } from '../models/model-figures.ts';

export interface VersionRow {
  model: RegisteredModel;
  isActive: boolean;
  /** Of its evaluation, all recordings together; null: it comes without one. */
  figures: Pick<SubsetFigures, 'n' | 'auroc' | 'meanAccuracy'> | null;
}

/** Newest first. */
export function versionRows(models: readonly RegisteredModel[], activeKey: string): VersionRow[] {
  return models
    .map((model) => ({
      model,
      isActive: model.key === activeKey,
      figures: evaluationOf(model)?.pooled ?? null,
    }))
    .sort(({ model: a }, { model: b }) =>
      a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0,
    );
}
