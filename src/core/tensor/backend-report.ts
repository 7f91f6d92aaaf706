// What is asked of the choice of a tensor backend, and what it answers: plain data that a worker
// posts to the page, so that the backend in use and the reason for it are visible.

import type { BackendInUse, BackendName } from '../types.ts';
import { backendReportText } from './backend-report-text.ts';

/** A backend by name, or the first of webgpu, webgl, wasm, cpu that passes. */
export type BackendPreference = BackendName | 'auto';

/** One backend that was looked at, in order, and what became of it. */
export interface BackendTrial {
  name: BackendName;
  outcome: 'chosen' | 'unavailable' | 'software' | 'self-test-failed' | 'lost' | 'not-tried';
  /** One sentence for the screen: adapter name, or why it was passed over. */
  detail: string;
}

export interface BackendReport {
  name: BackendName;
  trials: BackendTrial[];
}

/** The backend of a report with its reason, as every result carries it. */
export function backendInUse({ name, trials }: BackendReport): BackendInUse {
  const chosen = trials.find(({ outcome }) => outcome === 'chosen')?.detail ?? '';
  const passedOver = trials
    .filter(({ outcome }) => outcome !== 'chosen' && outcome !== 'not-tried')
    .map((trial) => backendReportText.reason(trial.name, trial.detail));
  const reason = [
    chosen,
    ...(passedOver.length > 0 ? [backendReportText.passedOver, ...passedOver] : []),
  ].join(' ');
  return { name, reason };
}
