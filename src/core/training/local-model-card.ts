// MODEL_CARD.md of a model trained on this device, written from the stored run: what it heard, how it was trained and
// split, how good it is, how it compares, what it forgot, where it fails. Names in it are other people's text and
// escaped. May import: core/model types, core/training.

import type { ModelManifest } from '../model/manifest.ts';
import { escapeMarkdown, escapeReport } from './markdown.ts';
import { intendedUse } from './model-card.ts';
import type { PlannedRecording, TrainingPlan } from './plan.ts';
import { formatDifference, formatEstimate, formatReportMarkdown } from './report-text.ts';
import { methodText, wayText, type RunStory } from './run-documents.ts';
import type { TrainingSettings } from './types.ts';
import type { Comparison, Recommendation, Verdict } from './verdict.ts';

/** @param verdict null: it was not judged, and the card says so */
export function formatLocalModelCard(
  manifest: ModelManifest,
  story: RunStory,
  verdict: Verdict | null,
): string {
  const labels = manifest.labels.map(escapeMarkdown);
  return `${[
    `# ${escapeMarkdown(manifest.name)}`,
    `Version ${escapeMarkdown(manifest.version)}, id \`${manifest.id}\`, made on this device on ${manifest.createdAt.slice(0, 10)}.`,
    passedText(verdict),
    intendedUse({ labels }),
    dataSection(story.plan),
    trainingSection(story),
    ...(verdict ? judgedSections(story, verdict) : []),
    limits(story, verdict),
  ].join('\n\n')}\n`;
}

function passedText(verdict: Verdict | null): string {
  if (verdict === null) return '**It was not judged: nothing is known of how good it is.**';
  const passed: Record<Recommendation, string> = {
    promote: 'It has passed the comparison with the model that was in use.',
    keep: 'It has not passed the comparison with the model that was in use.',
    'too-little-data':
      'It has not passed the comparison with the model that was in use: there was too little data to tell.',
  };
  return `**${passed[verdict.recommendation]}**`;
}

function dataSection({ recordings, labels, trainIds, watchIds, validationIds }: TrainingPlan): string {
  const byId = new Map(recordings.map((recording) => [recording.id, recording]));
  const row = (name: string, ids: readonly string[]): string => {
    const side = ids.flatMap((id) => byId.get(id) ?? []);
    const perLabel = labels.map((label) => countText(side.filter((recording) => recording.label === label)));
    return tableRow([name, countText(side), ...perLabel]);
  };
  const sources = [...new Set(recordings.map(({ source }) => source))].sort();
  const seconds = recordings.reduce((sum, { durationSec }) => sum + durationSec, 0);
  return `## Data

${recordings.length} labelled recordings (${Math.round(seconds / 60)} minutes) of ${nGroups(recordings)} patients from the collection on the device. Sources: ${sources.map(escapeMarkdown).join(', ')}. Recordings, and patients in brackets:

${[
  tableRow(['', 'all', ...labels.map(escapeMarkdown)]),
  tableRow(['---', ...labels.map(() => '---:'), '---:']),
  row('trained on', trainIds),
  row('watched', watchIds),
  row('kept for validation', validationIds),
].join('\n')}`;
}

function trainingSection(story: RunStory): string {
  const { plan, settings, parentName, withReplay, epochsDone, bestEpoch, backend, trainingSeconds } = story;
  const moved = plan.recordings.filter(({ side }) => side !== null).length;
  const points = [
    `Way: ${wayText(story.way)}.`,
    parentName === null
      ? 'Parent model: none.'
      : `Parent model: ${escapeMarkdown(parentName)}${story.way === 'scratch' ? ' (its features only)' : ''}.`,
    `Split: by patient, stratified by source and class, seed ${plan.seed}, ${Math.round(plan.validationFraction * 100)} % for validation; ${moved} recordings were put on a side by hand.`,
    withReplay
      ? 'Windows of what the parent was made from were mixed in, against forgetting.'
      : 'Nothing of what the parent was made from was mixed in.',
    `${epochsDone} of at most ${settings.epochs} epochs${bestEpoch === null ? '' : `, the weights of epoch ${bestEpoch} kept`}, in ${Math.max(1, Math.round(trainingSeconds))} s on the ${backend} backend.`,
    `Settings: ${settingsText(settings)}.`,
  ];
  return `## How it was trained\n\n${listOf(points)}`;
}

function settingsText(settings: TrainingSettings): string {
  const { batchSize, stepsPerEpoch, learningRate, weightDecay, schedule, earlyStoppingPatience } = settings;
  return [
    `batches of ${batchSize}, ${stepsPerEpoch} steps an epoch`,
    `learning rate ${learningRate}, ${schedule === 'one-cycle' ? 'one cycle' : `halved after ${settings.plateauPatience} epochs without progress`}`,
    `weight decay ${weightDecay}`,
    earlyStoppingPatience === null
      ? 'no early stopping'
      : `stopped after ${earlyStoppingPatience} epochs without progress`,
    settings.balance === 'none'
      ? 'classes as they come'
      : `classes balanced${settings.balance === 'class' ? '' : ' inside each source'}`,
    settings.augment ? 'augmented' : 'not augmented',
  ].join('; ');
}

function judgedSections(story: RunStory, verdict: Verdict): string[] {
  const { comparison, forgetting, perLabel } = verdict;
  const labels = perLabel.map(({ label, n, nGroups: groups, auroc }) =>
    tableRow([escapeMarkdown(label), String(n), String(groups), formatEstimate(auroc)]),
  );
  return [
    `## How good it is\n\n${methodText(story)}`,
    formatReportMarkdown(escapeReport(verdict.candidate)),
    ...(verdict.candidate.labels.length > 2
      ? [
          `### Each class against the rest\n\n${[tableRow(['', 'n', 'patients', 'AUC']), tableRow(['---', '---:', '---:', '---:']), ...labels].join('\n')}`,
        ]
      : []),
    `## Against the model that was in use\n\n${comparison ? comparisonText(comparison) : 'The two could not be compared.'}`,
    `## What it has forgotten\n\n${
      forgetting
        ? `On ${forgetting.nWindows} reference windows of ${forgetting.nGroups} patients, which nobody trained on here, the AUC of the model that was in use is ${formatEstimate(forgetting.active)}, of this one ${formatEstimate(forgetting.candidate)}: ${formatDifference(forgetting.difference)}.`
        : 'Not measured: there is no reference set that fits its classes.'
    }`,
    `## Recommendation\n\n${listOf(verdict.reasons.map(escapeMarkdown))}`,
  ];
}

function comparisonText({
  labels,
  n,
  nGroups: groups,
  active,
  candidate,
  difference,
  mcnemar,
}: Comparison): string {
  const figures = (name: string, pick: 'auroc' | 'meanAccuracy'): string =>
    tableRow([
      name,
      formatEstimate(active.pooled[pick]),
      formatEstimate(candidate.pooled[pick]),
      formatDifference(difference[pick]),
    ]);
  return `On the same ${n} recordings of ${groups} patients, in the question ${labels.map(escapeMarkdown).join(' or ')}; differences by a paired bootstrap by patient, 95 %.

${[
  tableRow(['', 'in use', 'this one', 'difference']),
  tableRow(['---', '---:', '---:', '---:']),
  figures('AUC', 'auroc'),
  figures('MAcc', 'meanAccuracy'),
].join('\n')}

Only the model in use was right about ${mcnemar.onlyActiveRight} recordings, only this one about ${mcnemar.onlyCandidateRight} (McNemar's exact test, p = ${mcnemar.p.toFixed(3)}).`;
}

function limits({ plan }: RunStory, verdict: Verdict | null): string {
  const sources = new Set(plan.recordings.map(({ source }) => source));
  const points = [
    'It was made by one person from one collection; nobody else has checked the labels or the figures.',
    'Expect less with another stethoscope, place or population than it was trained on.',
    ...(sources.size === 1
      ? ['All recordings come from one source: how it does elsewhere is not known.']
      : []),
    ...plan.notes.filter(({ kind }) => kind === 'warn').map(({ text }) => escapeMarkdown(text)),
    ...(verdict === null
      ? []
      : ['Whether its parent had heard some of these recordings cannot be detected.']),
    'Intervals of rates count recordings as independent, though patients gave several: they are somewhat too narrow.',
  ];
  return `## Limits\n\n${listOf(points)}`;
}

function countText(recordings: readonly PlannedRecording[]): string {
  return `${recordings.length} (${nGroups(recordings)})`;
}

function nGroups(recordings: readonly PlannedRecording[]): number {
  return new Set(recordings.map(({ group }) => group)).size;
}

function listOf(points: readonly string[]): string {
  return points.map((point) => `- ${point}`).join('\n');
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
