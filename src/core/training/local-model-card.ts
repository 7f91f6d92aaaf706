// MODEL_CARD.md of a model trained on this device, written from the stored run: what it heard, how it was trained and
// split, how good it is, how it compares, what it forgot, where it fails. Names in it are other people's text and
// escaped. May import: core/model types, core/training.

import type { ModelManifest } from '../model/manifest.ts';
import { escapeMarkdown, escapeReport } from './markdown.ts';
import { localModelCardText as words } from './local-model-card-text.ts';
import { modelCardText } from './model-card-text.ts';
import type { PlannedRecording, TrainingPlan } from './plan.ts';
import { formatDifference, formatEstimate, formatReportMarkdown } from './report-tables.ts';
import { runDocumentsText } from './run-documents-text.ts';
import { methodText, type RunStory } from './run-documents.ts';
import type { Comparison, Forgetting, Verdict } from './verdict.ts';

/** @param verdict null: it was not judged, and the card says so */
export function formatLocalModelCard(
  manifest: ModelManifest,
  story: RunStory,
  verdict: Verdict | null,
): string {
  const labels = manifest.labels.map(escapeMarkdown);
  return `${[
    `# ${escapeMarkdown(manifest.name)}`,
    words.version(escapeMarkdown(manifest.version), manifest.id, manifest.createdAt.slice(0, 10)),
    words.passed(verdict?.recommendation ?? null),
    modelCardText.intendedUse(labels),
    dataSection(story.plan),
    trainingSection(story),
    ...(verdict ? judgedSections(story, verdict) : []),
    limits(story, verdict),
  ].join('\n\n')}\n`;
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
  return `${words.data(recordings.length, Math.round(seconds / 60), nGroups(recordings), sources.map(escapeMarkdown))}

${[
  tableRow(['', words.all, ...labels.map(escapeMarkdown)]),
  tableRow(['---', ...labels.map(() => '---:'), '---:']),
  row(words.trainedOn, trainIds),
  row(words.watched, watchIds),
  row(words.judging, validationIds),
].join('\n')}`;
}

function trainingSection(story: RunStory): string {
  const { plan, settings, parentName, withReplay, epochsDone, bestEpoch, backend, trainingSeconds } = story;
  const moved = plan.recordings.filter(({ side }) => side !== null).length;
  const points = [
    words.way(runDocumentsText.ways[story.way]),
    words.parent(parentName && escapeMarkdown(parentName), story.way === 'scratch'),
    words.split(plan.seed, plan.validationFraction, moved),
    words.replay(withReplay),
    words.epochs(epochsDone, settings.epochs, bestEpoch, trainingSeconds, backend),
    words.settings(settings),
  ];
  return `${words.training}\n\n${listOf(points)}`;
}

function judgedSections(story: RunStory, verdict: Verdict): string[] {
  const { comparison, forgetting, perLabel } = verdict;
  const labels = perLabel.map(({ label, n, nGroups: groups, auroc }) =>
    tableRow([escapeMarkdown(label), String(n), String(groups), formatEstimate(auroc)]),
  );
  return [
    `${modelCardText.howGood}\n\n${methodText(story)}`,
    formatReportMarkdown(escapeReport(verdict.candidate)),
    ...(verdict.candidate.labels.length > 2
      ? [
          `${words.perClass}\n\n${[tableRow(words.perClassColumns), tableRow(['---', '---:', '---:', '---:']), ...labels].join('\n')}`,
        ]
      : []),
    `${words.against}\n\n${comparison ? comparisonText(comparison) : words.notCompared}`,
    `${words.forgetting}\n\n${forgetting ? forgettingText(forgetting) : words.forgettingUnknown}`,
    `${words.recommendation}\n\n${listOf(verdict.reasons.map(escapeMarkdown))}`,
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
  return `${words.comparison(n, groups, labels.map(escapeMarkdown))}

${[
  tableRow(words.comparisonColumns),
  tableRow(['---', '---:', '---:', '---:']),
  figures(words.auroc, 'auroc'),
  figures(words.meanAccuracy, 'meanAccuracy'),
].join('\n')}

${words.mcnemar(mcnemar.onlyActiveRight, mcnemar.onlyCandidateRight, mcnemar.p)}`;
}

function forgettingText({ nWindows, nGroups: groups, active, candidate, difference }: Forgetting): string {
  return words.forgotten(
    nWindows,
    groups,
    formatEstimate(active),
    formatEstimate(candidate),
    formatDifference(difference),
  );
}

function limits({ plan }: RunStory, verdict: Verdict | null): string {
  const sources = new Set(plan.recordings.map(({ source }) => source));
  const points = [
    words.onePerson,
    words.elsewhere,
    ...(sources.size === 1 ? [words.oneSource] : []),
    ...plan.notes.filter(({ kind }) => kind === 'warn').map(({ text }) => escapeMarkdown(text)),
    ...(verdict === null ? [] : [words.heardBefore]),
    modelCardText.narrow,
  ];
  return `${modelCardText.limits}\n\n${listOf(points)}`;
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
