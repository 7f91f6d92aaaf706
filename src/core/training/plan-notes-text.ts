// Everything that is said of a plan before anything runs, and of a split that cannot be made. Texts only.

/** How many names a sentence lists. */
const SHOWN = 4;

function recordings(n: number): string {
  return n === 1 ? '1 recording' : `${n} recordings`;
}

function patients(n: number): string {
  return n === 1 ? '1 patient' : `${n} patients`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN);
  if (names.length > SHOWN) return `${shown.join(', ')} and ${names.length - SHOWN} more`;
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`;
}

export const planNotesText = {
  fewGroups: (folds: number): string => `${folds} folds need at least ${folds} groups; add recordings.`,
  fewRecordings: (n: number, validationFraction: number): string =>
    `${n} recordings are too few to keep ${Math.round(validationFraction * 100)} % back for validation; add recordings.`,

  nothingLabelled: 'No recording has a label yet. Training needs recordings of at least two classes.',
  oneClass: (label: string): string =>
    `Every recording is labelled ${label}. A model learns to tell classes apart: add recordings of at least one other class.`,
  onePatient:
    'All recordings come from one patient. What a model learns has to be judged on a patient it has never heard: add recordings of others.',
  /** @param n recordings of the class, all of one patient */
  onePatientOf: (label: string, n: number): string =>
    `${n === 1 ? `Only one recording is labelled ${label}` : `All ${n} recordings of ${label} come from one patient`}. It takes at least two patients of each class, one to train on and one to judge by: add more, or take the class out.`,
  noneToJudgeButKnown:
    'No recording is left to judge by: those that have taught the model to start from, or the one in use, know it by heart. Add recordings of other patients.',
  noneToJudge:
    'No recording is left to judge by: all are on the training side. Move some of each class to validation, or let the seed decide again.',
  untaught: (labels: readonly string[]): string =>
    `No recording of ${listed(labels)} is on the training side, so it could not be learned. Move some back, or let the seed decide again.`,

  torn: (groups: readonly string[]): string =>
    `Recordings of one patient were put on both sides: ${listed(groups)}. A patient is never cut in two, or the model would be judged on what it has learned by heart: all of them judge.`,
  unjudged: (labels: readonly string[]): string =>
    `No recording of ${listed(labels)} is kept for validation, so nothing can be said about how well it is recognised. Move some there by hand.`,
  fewToJudge: (
    few: readonly { label: string; n: number; nGroups: number }[],
    leastRecordings: number,
    leastPatients: number,
  ): string => {
    const named = few.map(({ label, n, nGroups }) => `${label} (${recordings(n)} of ${patients(nGroups)})`);
    return `Few recordings judge ${listed(named)}: the figures will swing, and the verdict may be that there is too little to tell. ${leastRecordings} recordings of ${leastPatients} patients of each class are the least.`;
  },
  fewToTrain: (few: readonly { label: string; n: number }[]): string =>
    `Few recordings teach ${listed(few.map(({ label, n }) => `${label} (${n})`))}: the model may learn these recordings by heart, and not the class.`,
  unbalanced: (commonest: { label: string; n: number }, rarest: { label: string; n: number }): string =>
    `${commonest.label} (${commonest.n}) is ${Math.floor(commonest.n / rarest.n)} times as frequent as ${rarest.label} (${rarest.n}) on the training side. Where the classes are drawn equally often, its few recordings are heard over and over and soon known by heart; where they are not, it counts for little.`,
  toldBySource: (labels: readonly string[]): string =>
    `${labels.length === 1 ? `All recordings of ${listed(labels)} come` : `The recordings of ${listed(labels)} each come`} from sources that have no other class. The model may learn to recognise the stethoscope or the room instead of the heart, and the figures cannot show the difference.`,
  noPatients:
    'No recording names its patient, so recordings of one person may lie on both sides, and the figures may flatter. Give the patients pseudonyms if you know them.',
  noisy: (n: number, of: number): string =>
    `${n} of ${of} recordings are noisy. A model learns noise, too, where one class has more of it; and noisy recordings are hard to judge by.`,

  watched: (n: number): string =>
    `${recordings(n)} of the training side only ${n === 1 ? 'watches' : 'watch'}: by them the run decides when to stop and which epoch to keep (from scratch all epochs are run), and calibrates its probabilities. The validation side decides nothing, so that it can judge.`,
  noneWatched: (nTraining: number): string =>
    `The training side (${recordings(nTraining)}) is too small to keep some aside for deciding when to stop: all epochs are run, and the new model is calibrated as the one it starts from where the classes are the same, else not at all.`,
  heardBefore:
    'Whether the model has heard some of these recordings before, when it was made, cannot be detected. If it has, its figures flatter it.',
  known: (n: number): string =>
    `${recordings(n)} taught the model to start from, or the one in use, in an earlier run here: they stay on the training side, because a model is not judged by what it has learned. Recordings that judged before go on judging.`,
  pinned: (nPatients: number): string =>
    `You chose the side of ${patients(nPatients)}; the seed decides about all others, and they stay where they are when you move one.`,
  anonymous: (n: number, of: number): string =>
    `${n} of ${of} recordings name no patient; each counts as a patient of its own.`,
} as const;
