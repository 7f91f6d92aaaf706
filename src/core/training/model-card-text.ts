// Everything that the card of a model says, of one trained by the command and of one trained on a device alike. Markdown;
// names and figures come escaped and written already. Texts only.

function classes(labels: readonly string[]): string {
  return labels.map((label) => `**${label}**`).join(' or ');
}

export const modelCardText = {
  version: (version: string, id: string, nParameters: number, day: string): string =>
    `Version ${version}, id \`${id}\`, ${nParameters.toLocaleString('en')} parameters, made ${day}.`,
  intendedUse: (labels: readonly string[]): string =>
    `## Intended use\n\nResearch and teaching: to hear how closely a recording resembles recordings labelled ${classes(labels)} in its training data. It diagnoses nothing and does not rule out disease. It has not been tested in any clinical setting.`,

  data: (nRecordings: number, nGroups: number, dataset: string, note: string): string =>
    `## Data\n\nTrained on ${nRecordings} recordings of ${nGroups} groups of \`${dataset}\`. ${note}`,
  sourceColumns: ['source', 'judged recordings', 'groups'],
  replay:
    '`replay.bin` holds coarse spectrogram windows of a sample of recordings, without names: of those that this model, or the one it began with, was trained on. With them it can be trained further and forget little, and what it forgets shows.',

  howGood: '## How good it is',
  madeBy: (command: string, backend: string, minutes: number): string =>
    `## Made by\n\n\`\`\`\n${command}\n\`\`\`\n\nTrained on the ${backend} backend; all runs together took ${minutes} minutes. The same seed gives the same splits; weights agree to rounding on the same backend.`,

  limits: '## Limits',
  flatters: (meanAuroc: string, weakest: string, weakestAuroc: string): string =>
    `The pooled figures flatter: part of what separates the classes is where and how the recordings were made. Inside single sources the AUC is ${meanAuroc} on average, and lowest in ${weakest}: ${weakestAuroc}.`,
  noSkill: (source: string, auroc: string): string =>
    `In ${source} the AUC is ${auroc}: so near 1 that the two classes must differ there by how they were recorded. That is not skill.`,
  unseen: (auroc: string, meanAccuracy: string, worst: string): string =>
    `On a source it has never heard, the AUC is ${auroc} and the MAcc ${meanAccuracy} on average. Expect this, not the pooled figures, with another stethoscope, place or population.${worst}`,
  worstUnseen: (source: string, auroc: string, isWorseThanGuessing: boolean): string =>
    ` The worst is ${source} with ${auroc}${isWorseThanGuessing ? ', worse than guessing' : ''}.`,
  tooSmall: (sources: readonly string[]): string => `Too small to judge alone: ${sources.join(', ')}.`,
  inconclusive: (low: number, high: number): string =>
    `Calibrated probabilities between ${low.toFixed(3)} and ${high.toFixed(3)} are answered "inconclusive". The figures above count every recording, also those.`,
  narrow:
    'Intervals of rates count recordings as independent, though patients gave several: they are somewhat too narrow.',
  unbalanced: 'Age, sex, body site and disease are not balanced in the data, and not known for most of it.',
} as const;
