// What speaks against a plan, and what is good to know of it: each note says what is so and why it matters.
// `stop` notes come first, then `warn`, then `tell`. May import: ./plan (types), ./recommend.

import { MIN_JUDGING_GROUPS } from './recommend.ts';
import type { PlanNote, PlannedRecording, TrainingPlan } from './plan.ts';

/** With fewer recordings of a class to judge by, one answer moves its rate by a tenth and more. */
const FEW_JUDGING_RECORDINGS = 10;
/** A network hears little from fewer recordings of a class. */
const FEW_TRAINING_RECORDINGS = 10;
/** Commonest against rarest class of the training side. */
const UNBALANCED_RATIO = 5;
/** Share of noisy recordings. */
const NOISY_FRACTION = 0.25;
/** How many names a sentence lists. */
const SHOWN = 4;

type Plan = Omit<TrainingPlan, 'notes'>;

/** A plan's recordings by side, and what the sentences count. */
interface Sides {
  all: readonly PlannedRecording[];
  labels: readonly string[];
  /** Trained on or watched. */
  training: PlannedRecording[];
  watched: readonly string[];
  validation: PlannedRecording[];
  /** Have taught the model to start from or the one in use. */
  known: readonly PlannedRecording[];
}

/** @param known recordings that have taught the model to start from, or the one to compare with */
export function planNotes(plan: Plan, known: readonly PlannedRecording[]): PlanNote[] {
  const validationIds = new Set(plan.validationIds);
  const sides: Sides = {
    all: plan.recordings,
    labels: plan.labels,
    training: plan.recordings.filter(({ id }) => !validationIds.has(id)),
    watched: plan.watchIds,
    validation: plan.recordings.filter(({ id }) => validationIds.has(id)),
    known,
  };
  const stops = stopTexts(sides);
  const as = (kind: PlanNote['kind'], texts: readonly string[]): PlanNote[] =>
    texts.map((text) => ({ kind, text }));
  if (stops.length > 0) return as('stop', stops);
  return [...as('warn', warnTexts(sides)), ...as('tell', tellTexts(sides))];
}

function stopTexts({ all, labels, training, validation, known }: Sides): string[] {
  if (all.length === 0)
    return ['No recording has a label yet. Training needs recordings of at least two classes.'];
  if (labels.length === 1)
    return [
      `Every recording is labelled ${labels[0] ?? ''}. A model learns to tell classes apart: add recordings of at least one other class.`,
    ];
  if (nGroups(all) === 1)
    return [
      'All recordings come from one patient. What a model learns has to be judged on a patient it has never heard: add recordings of others.',
    ];
  const alone = labels.filter((label) => nGroups(ofLabel(all, label)) < 2);
  if (alone.length > 0)
    return alone.map((label) => {
      const n = ofLabel(all, label).length;
      const what =
        n === 1
          ? `Only one recording is labelled ${label}`
          : `All ${n} recordings of ${label} come from one patient`;
      return `${what}. It takes at least two patients of each class, one to train on and one to judge by: add more, or take the class out.`;
    });
  if (validation.length === 0 && known.length > 0)
    return [
      'No recording is left to judge by: those that have taught the model to start from, or the one in use, know it by heart. Add recordings of other patients.',
    ];
  if (validation.length === 0)
    return [
      'No recording is left to judge by: all are on the training side. Move some of each class to validation, or let the seed decide again.',
    ];
  const untaught = labels.filter((label) => ofLabel(training, label).length === 0);
  if (untaught.length > 0)
    return [
      `No recording of ${listed(untaught)} is on the training side, so it could not be learned. Move some back, or let the seed decide again.`,
    ];
  return [];
}

function warnTexts(sides: Sides): string[] {
  return [
    ...contradictions(sides),
    ...unjudged(sides),
    ...fewToJudge(sides),
    ...fewToTrain(sides),
    ...imbalance(sides),
    ...sourcesThatTell(sides),
    ...noPatients(sides),
    ...noise(sides),
  ];
}

function contradictions({ all }: Sides): string[] {
  const torn = groupsWhere(all, (sides) => sides.has('training') && sides.has('validation'));
  if (torn.length === 0) return [];
  return [
    `Recordings of one patient were put on both sides: ${listed(torn)}. A patient is never cut in two, or the model would be judged on what it has learned by heart: all of them judge.`,
  ];
}

function unjudged({ labels, validation }: Sides): string[] {
  const missing = labels.filter((label) => ofLabel(validation, label).length === 0);
  if (missing.length === 0) return [];
  return [
    `No recording of ${listed(missing)} is kept for validation, so nothing can be said about how well it is recognised. Move some there by hand.`,
  ];
}

function fewToJudge({ labels, validation }: Sides): string[] {
  const few = labels.flatMap((label) => {
    const own = ofLabel(validation, label);
    const groups = nGroups(own);
    const isFew = own.length > 0 && (own.length < FEW_JUDGING_RECORDINGS || groups < MIN_JUDGING_GROUPS);
    return isFew ? [`${label} (${counted(own.length, 'recording')} of ${counted(groups, 'patient')})`] : [];
  });
  if (few.length === 0) return [];
  return [
    `Few recordings judge ${listed(few)}: the figures will swing, and the verdict may be that there is too little to tell. ${FEW_JUDGING_RECORDINGS} recordings of ${MIN_JUDGING_GROUPS} patients of each class are the least.`,
  ];
}

function fewToTrain({ labels, training }: Sides): string[] {
  const few = labels
    .map((label) => ({ label, n: ofLabel(training, label).length }))
    .filter(({ n }) => n < FEW_TRAINING_RECORDINGS);
  if (few.length === 0) return [];
  return [
    `Few recordings teach ${listed(few.map(({ label, n }) => `${label} (${n})`))}: the model may learn these recordings by heart, and not the class.`,
  ];
}

function imbalance({ labels, training }: Sides): string[] {
  const counts = labels
    .map((label) => ({ label, n: ofLabel(training, label).length }))
    .sort((a, b) => a.n - b.n);
  const [rarest, commonest] = [counts[0], counts.at(-1)];
  if (rarest === undefined || commonest === undefined || commonest.n < UNBALANCED_RATIO * rarest.n) return [];
  return [
    `${commonest.label} (${commonest.n}) is ${Math.floor(commonest.n / rarest.n)} times as frequent as ${rarest.label} (${rarest.n}) on the training side. Where the classes are drawn equally often, its few recordings are heard over and over and soon known by heart; where they are not, it counts for little.`,
  ];
}

/** A class all of whose recordings come from places that recorded no other class. */
function sourcesThatTell({ all, labels }: Sides): string[] {
  const labelsOf = new Map<string, Set<string>>();
  for (const { source, label } of all) labelsOf.set(source, (labelsOf.get(source) ?? new Set()).add(label));
  if (labelsOf.size < 2) return [];
  const told = labels.filter((label) =>
    ofLabel(all, label).every(({ source }) => labelsOf.get(source)?.size === 1),
  );
  if (told.length === 0) return [];
  return [
    `${told.length === 1 ? `All recordings of ${listed(told)} come` : `The recordings of ${listed(told)} each come`} from sources that have no other class. The model may learn to recognise the stethoscope or the room instead of the heart, and the figures cannot show the difference.`,
  ];
}

function noPatients({ all }: Sides): string[] {
  const ids = new Set(all.map(({ id }) => id));
  if (all.some(({ group }) => !ids.has(group))) return [];
  return [
    'No recording names its patient, so recordings of one person may lie on both sides, and the figures may flatter. Give the patients pseudonyms if you know them.',
  ];
}

function noise({ all }: Sides): string[] {
  const n = all.filter(({ quality }) => quality === 0).length;
  if (n < all.length * NOISY_FRACTION) return [];
  return [
    `${n} of ${all.length} recordings are noisy. A model learns noise, too, where one class has more of it; and noisy recordings are hard to judge by.`,
  ];
}

function tellTexts({ all, training, watched, known }: Sides): string[] {
  const texts = [
    'Whether the model has heard some of these recordings before, when it was made, cannot be detected. If it has, its figures flatter it.',
  ];
  const pinned = groupsWhere(all, (sides) => sides.has('training') || sides.has('validation')).length;
  const anonymous = all.filter(({ id, group }) => id === group).length;
  if (watched.length > 0)
    texts.unshift(
      `${counted(watched.length, 'recording')} of the training side only ${watched.length === 1 ? 'watches' : 'watch'}: by them the run decides when to stop and which epoch to keep (from scratch all epochs are run), and calibrates its probabilities. The validation side decides nothing, so that it can judge.`,
    );
  else
    texts.unshift(
      `The training side (${counted(training.length, 'recording')}) is too small to keep some aside for deciding when to stop: all epochs are run, and the new model is calibrated as the one it starts from where the classes are the same, else not at all.`,
    );
  if (known.length > 0)
    texts.push(
      `${counted(known.length, 'recording')} taught the model to start from, or the one in use, in an earlier run here: they stay on the training side, because a model is not judged by what it has learned. Recordings that judged before go on judging.`,
    );
  if (pinned > 0)
    texts.push(
      `You chose the side of ${counted(pinned, 'patient')}; the seed decides about all others, and they stay where they are when you move one.`,
    );
  if (anonymous > 0 && anonymous < all.length)
    texts.push(
      `${anonymous} of ${all.length} recordings name no patient; each counts as a patient of its own.`,
    );
  return texts;
}

function ofLabel(recordings: readonly PlannedRecording[], label: string): PlannedRecording[] {
  return recordings.filter((recording) => recording.label === label);
}

function nGroups(recordings: readonly PlannedRecording[]): number {
  return new Set(recordings.map(({ group }) => group)).size;
}

/** Groups in which the sides that hands chose are as asked for. */
function groupsWhere(
  recordings: readonly PlannedRecording[],
  isAsked: (sides: ReadonlySet<PlannedRecording['side']>) => boolean,
): string[] {
  const sides = new Map<string, Set<PlannedRecording['side']>>();
  for (const { group, side } of recordings) sides.set(group, (sides.get(group) ?? new Set()).add(side));
  return [...sides].filter(([, chosen]) => isAsked(chosen)).map(([group]) => group);
}

function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN);
  if (names.length > SHOWN) return `${shown.join(', ')} and ${names.length - SHOWN} more`;
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`;
}
