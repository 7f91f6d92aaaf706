// What has to be said of a model before anybody relies on its answers, wherever it answers. Pure.

import type { RegisteredModel } from '../../state/registered-model.ts';

/** Empty for one that ships with the program. */
export function modelStanding({
  origin,
  hasPassedComparison,
}: Pick<RegisteredModel, 'origin' | 'hasPassedComparison'>): string {
  if (origin === 'bundled') return '';
  if (hasPassedComparison)
    return 'Trained on this device; it has passed the comparison with the model that was in use then.';
  return origin === 'trained'
    ? 'Trained on this device; it has not passed the comparison with the model that was in use then.'
    : 'Imported; it has not passed the comparison here, and its figures are those that it came with.';
}
