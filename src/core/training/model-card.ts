// MODEL_CARD.md of a trained model: what it is for, what it heard, how good it is and where it fails, and the
// command that makes it again. Written by the training command, never by hand. May import: core/training, core/model and core/metrics types.

import type { Estimate } from '../metrics/intervals.ts';
import type { ModelManifest } from '../model/manifest.ts';
import type { EvaluationReport } from './evaluate.ts';
import { formatEstimate, formatReportMarkdown } from './report-text.ts';
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
    `Version ${manifest.version}, id \`${manifest.id}\`, ${nParameters.toLocaleString('en')} parameters, made ${manifest.createdAt.slice(0, 10)}.`,
    intendedUse(manifest),
    dataSection(manifest, metrics, attributions),
    `## How good it is\n\n${method.description}`,
    formatReportMarkdown(metrics),
    limits(manifest, metrics),
    `## Made by\n\n\`\`\`\n${method.command}\n\`\`\`\n\nTrained on the ${method.backend} backend; all runs together took ${Math.round(method.trainingSeconds / 60)} minutes. The same seed gives the same splits; weights agree to rounding on the same backend.`,
  ].join('\n\n')}\n`;
}

/** @param manifest its labels escaped where a person chose them */
export function intendedUse(manifest: Pick<ModelManifest, 'labels'>): string {
  return `## Intended use

Research and teaching: to hear how closely a recording resembles recordings labelled ${manifest.labels.map((label) => `**${label}**`).join(' or ')} in its training data. It diagnoses nothing and does not rule out disease. It has not been tested in any clinical setting.`;
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
    `| source | judged recordings | groups | ${metrics.labels.join(' | ')} |`,
    `| --- | ---: | ---: |${' ---: |'.repeat(metrics.labels.length)}`,
    ...rows,
  ].join('\n');
  return [
    `## Data\n\nTrained on ${nRecordings} recordings of ${nGroups} groups of \`${dataset}\`. ${note}`,
    table,
    ...(manifest.replaySha256 ? [REPLAY_NOTE] : []),
    ...attributions,
  ].join('\n\n');
}

const REPLAY_NOTE =
  '`replay.bin` holds coarse spectrogram windows of a sample of recordings, without names: of those that this model, or the one it began with, was trained on. With them it can be trained further and forget little, and what it forgets shows.';

/** An AUC from here on says that the classes were recorded differently, not that they were heard. */
const SUSPICIOUS_AUROC = 0.98;

function limits(manifest: ModelManifest, metrics: ModelMetrics): string {
  const points: string[] = [];
  const bySource = Object.entries(metrics.perSource).filter(([, figures]) => figures.auroc.value !== null);
  if (bySource.length > 1) {
    const weakest = bySource.reduce((a, b) => ((b[1].auroc.value ?? 1) < (a[1].auroc.value ?? 1) ? b : a));
    points.push(
      `The pooled figures flatter: part of what separates the classes is where and how the recordings were made. Inside single sources the AUC is ${formatEstimate(metrics.meanSourceAuroc)} on average, and lowest in ${weakest[0]}: ${formatEstimate(weakest[1].auroc)}.`,
    );
  }
  for (const [source, { auroc }] of bySource)
    if ((auroc.value ?? 0) >= SUSPICIOUS_AUROC)
      points.push(
        `In ${source} the AUC is ${formatEstimate(auroc)}: so near 1 that the two classes must differ there by how they were recorded. That is not skill.`,
      );
  if (metrics.leaveOneSourceOut)
    points.push(
      `On a source it has never heard, the AUC is ${formatEstimate(metrics.leaveOneSourceOut.meanAuroc)} and the MAcc ${formatEstimate(metrics.leaveOneSourceOut.meanMeanAccuracy)} on average. Expect this, not the pooled figures, with another stethoscope, place or population.${worstUnseen(metrics)}`,
    );
  const small = bySource
    .filter(([, figures]) => Math.min(...figures.nPerLabel) < 20)
    .map(([source]) => source);
  if (small.length > 0) points.push(`Too small to judge alone: ${small.join(', ')}.`);
  if (manifest.inconclusiveBand)
    points.push(
      `Calibrated probabilities between ${manifest.inconclusiveBand.low.toFixed(3)} and ${manifest.inconclusiveBand.high.toFixed(3)} are answered "inconclusive". The figures above count every recording, also those.`,
    );
  points.push(
    'Intervals of rates count recordings as independent, though patients gave several: they are somewhat too narrow.',
  );
  points.push('Age, sex, body site and disease are not balanced in the data, and not known for most of it.');
  return `## Limits\n\n${points.map((point) => `- ${point}`).join('\n')}`;
}

function worstUnseen({ leaveOneSourceOut }: ModelMetrics): string {
  const sources = Object.entries(leaveOneSourceOut?.perSource ?? {});
  const [worst] = sources
    .map(([source, { auroc }]): [string, Estimate] => [source, auroc])
    .sort(([, a], [, b]) => (a.value ?? 1) - (b.value ?? 1));
  if (!worst || sources.length < 2) return '';
  const [source, auroc] = worst;
  return ` The worst is ${source} with ${formatEstimate(auroc)}${(auroc.high ?? 1) < 0.5 ? ', worse than guessing' : ''}.`;
}
