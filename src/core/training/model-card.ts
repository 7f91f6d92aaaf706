// MODEL_CARD.md of a trained model: what it is for, what it heard, how good it is and where it fails, and the
// command that makes it again. Written by the training command, never by hand. May import: core/training, core/model and core/metrics types.

import type { Estimate } from '../metrics/intervals.ts';
import type { ModelManifest } from '../model/manifest.ts';
import type { EvaluationReport } from './evaluate.ts';
import { modelCardText as words } from './model-card-text.ts';
import { formatEstimate, formatReportMarkdown } from './report-tables.ts';
import type { TrainingSettings } from './types.ts';

/** How the figures of a model were come by; stored beside them in metrics.json. */
export interface EvaluationMethod {
  kind: 'cross-validation' | 'validation-split';
  /** One sentence. */
  description: string;
  settings: TrainingSettings;
  /** Of the folds, where it differs. */
  foldSettings: TrainingSettings | null;
  dataset: string;
  /** Of the ids and labels of the recordings: tells whether another evaluation is on the same ones. */
  recordingsSha256: string;
  backend: string;
  /** Time spent training, all runs together. */
  trainingSeconds: number;
  command: string;
}

/** What metrics.json holds. */
export type ModelMetrics = EvaluationReport & { method: EvaluationMethod };

/** @param attributions sentences that the data's licences ask for; none for data of one's own */
export function formatModelCard(
  manifest: ModelManifest,
  metrics: ModelMetrics,
  nParameters: number,
  attributions: readonly string[],
): string {
  const { method } = metrics;
  return `${[
    `# ${manifest.name}`,
    words.version(manifest.version, manifest.id, nParameters, manifest.createdAt.slice(0, 10)),
    words.intendedUse(manifest.labels),
    dataSection(manifest, metrics, attributions),
    `${words.howGood}\n\n${method.description}`,
    formatReportMarkdown(metrics),
    limits(manifest, metrics),
    words.madeBy(method.command, method.backend, Math.round(method.trainingSeconds / 60)),
  ].join('\n\n')}\n`;
}

function dataSection(
  manifest: ModelManifest,
  metrics: ModelMetrics,
  attributions: readonly string[],
): string {
  const { dataset, nRecordings, nGroups, note } = manifest.trainedOn;
  const rows = Object.entries(metrics.perSource).map(
    ([source, figures]) =>
      `| ${source} | ${figures.n} | ${figures.nGroups} | ${figures.nPerLabel.join(' | ')} |`,
  );
  const table = [
    `| ${[...words.sourceColumns, ...metrics.labels].join(' | ')} |`,
    `| --- | ---: | ---: |${' ---: |'.repeat(metrics.labels.length)}`,
    ...rows,
  ].join('\n');
  return [
    words.data(nRecordings, nGroups, dataset, note),
    table,
    ...(manifest.replaySha256 ? [words.replay] : []),
    ...attributions,
  ].join('\n\n');
}

/** An AUC from here on says that the classes were recorded differently, not that they were heard. */
const SUSPICIOUS_AUROC = 0.98;

function limits(manifest: ModelManifest, metrics: ModelMetrics): string {
  const points: string[] = [];
  const bySource = Object.entries(metrics.perSource).filter(([, figures]) => figures.auroc.value !== null);
  if (bySource.length > 1) {
    const weakest = bySource.reduce((a, b) => ((b[1].auroc.value ?? 1) < (a[1].auroc.value ?? 1) ? b : a));
    points.push(
      words.flatters(formatEstimate(metrics.meanSourceAuroc), weakest[0], formatEstimate(weakest[1].auroc)),
    );
  }
  for (const [source, { auroc }] of bySource)
    if ((auroc.value ?? 0) >= SUSPICIOUS_AUROC) points.push(words.noSkill(source, formatEstimate(auroc)));
  if (metrics.leaveOneSourceOut) {
    const { meanAuroc, meanMeanAccuracy } = metrics.leaveOneSourceOut;
    points.push(
      words.unseen(formatEstimate(meanAuroc), formatEstimate(meanMeanAccuracy), worstUnseen(metrics)),
    );
  }
  const small = bySource
    .filter(([, figures]) => Math.min(...figures.nPerLabel) < 20)
    .map(([source]) => source);
  if (small.length > 0) points.push(words.tooSmall(small));
  if (manifest.inconclusiveBand)
    points.push(words.inconclusive(manifest.inconclusiveBand.low, manifest.inconclusiveBand.high));
  points.push(words.narrow, words.unbalanced);
  return `${words.limits}\n\n${points.map((point) => `- ${point}`).join('\n')}`;
}

function worstUnseen({ leaveOneSourceOut }: ModelMetrics): string {
  const sources = Object.entries(leaveOneSourceOut?.perSource ?? {});
  const [worst] = sources
    .map(([source, { auroc }]): [string, Estimate] => [source, auroc])
    .sort(([, a], [, b]) => (a.value ?? 1) - (b.value ?? 1));
  if (!worst || sources.length < 2) return '';
  const [source, auroc] = worst;
  return words.worstUnseen(source, formatEstimate(auroc), (auroc.high ?? 1) < 0.5);
}
