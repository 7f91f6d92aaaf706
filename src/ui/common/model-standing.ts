// What has to be said of a model before anybody relies on its answers, wherever it answers. Pure.

import type { RegisteredModel } from '../../state/registered-model.ts';
import { commonText } from './common-text.ts';

/** Empty for one that ships with the program. */
export function modelStanding({
  origin,
  hasPassedComparison,
}: Pick<RegisteredModel, 'origin' | 'hasPassedComparison'>): string {
  if (origin === 'bundled') return '';
  return hasPassedComparison ? commonText.standing.passed : commonText.standing.unproved[origin];
}
