// The models by time with the figures they came with. Pure. Figures of a stored model are not to be believed unread.

import type { Estimate } from '../../core/metrics/intervals.ts';
import type { RegisteredModel } from '../../state/registered-model.ts';
import { asEvaluation } from '../evaluation/figure-rows.ts';

type ModelVersion = Pick<RegisteredModel, 'key' | 'name' | 'createdAt' | 'metrics' | 'manifest'>;

export interface VersionRow extends ModelVersion {
  isActive: boolean;
  /** Recordings of its evaluation; null: it comes without one. */
  n: number | null;
  auroc: Estimate | null;
  meanAccuracy: Estimate | null;
}

/** Newest first. */
export function versionRows(models: readonly ModelVersion[], activeKey: string | null): VersionRow[] {
  return models
    .map((model): VersionRow => {
      const pooled = asEvaluation(model.metrics)?.pooled as Partial<Record<string, unknown>> | undefined;
      return {
        ...model,
        isActive: model.key === activeKey,
        n: typeof pooled?.['n'] === 'number' ? pooled['n'] : null,
        auroc: asEstimate(pooled?.['auroc']),
        meanAccuracy: asEstimate(pooled?.['meanAccuracy']),
      };
    })
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0));
}

function asEstimate(found: unknown): Estimate | null {
  if (typeof found !== 'object' || found === null) return null;
  const { value, low, high, n } = found as Partial<Record<keyof Estimate, unknown>>;
  if (typeof value !== 'number' || typeof n !== 'number') return null;
  return {
    value,
    low: typeof low === 'number' ? low : null,
    high: typeof high === 'number' ? high : null,
    n,
  };
}
