// What speaks against a plan, and what is good to know of it: each note says what is so and why it matters.
// `stop` notes come first, then `warn`, then `tell`. May import: ./plan (types), ./plan-notes-text, ./recommend.

import { planNotesText as words } from './plan-notes-text.ts';
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
  if (all.length === 0) return [words.nothingLabelled];
  if (labels.length === 1) return [words.oneClass(labels[0] ?? '')];
  if (nGroups(all) === 1) return [words.onePatient];
  const alone = labels.filter((label) => nGroups(ofLabel(all, label)) < 2);
  if (alone.length > 0) return alone.map((label) => words.onePatientOf(label, ofLabel(all, label).length));
  if (validation.length === 0) return [known.length > 0 ? words.noneToJudgeButKnown : words.noneToJudge];
  const untaught = labels.filter((label) => ofLabel(training, label).length === 0);
  return untaught.length > 0 ? [words.untaught(untaught)] : [];
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
  return torn.length === 0 ? [] : [words.torn(torn)];
}

function unjudged({ labels, validation }: Sides): string[] {
  const missing = labels.filter((label) => ofLabel(validation, label).length === 0);
  return missing.length === 0 ? [] : [words.unjudged(missing)];
}

function fewToJudge({ labels, validation }: Sides): string[] {
  const few = labels
    .map((label) => {
      const own = ofLabel(validation, label);
      return { label, n: own.length, nGroups: nGroups(own) };
    })
    .filter(({ n, nGroups }) => n > 0 && (n < FEW_JUDGING_RECORDINGS || nGroups < MIN_JUDGING_GROUPS));
  return few.length === 0 ? [] : [words.fewToJudge(few, FEW_JUDGING_RECORDINGS, MIN_JUDGING_GROUPS)];
}

function fewToTrain({ labels, training }: Sides): string[] {
  const few = labels
    .map((label) => ({ label, n: ofLabel(training, label).length }))
    .filter(({ n }) => n < FEW_TRAINING_RECORDINGS);
  return few.length === 0 ? [] : [words.fewToTrain(few)];
}

function imbalance({ labels, training }: Sides): string[] {
  const counts = labels
    .map((label) => ({ label, n: ofLabel(training, label).length }))
    .sort((a, b) => a.n - b.n);
  const [rarest, commonest] = [counts[0], counts.at(-1)];
  if (rarest === undefined || commonest === undefined || commonest.n < UNBALANCED_RATIO * rarest.n) return [];
  return [words.unbalanced(commonest, rarest)];
}

/** A class all of whose recordings come from places that recorded no other class. */
function sourcesThatTell({ all, labels }: Sides): string[] {
  const labelsOf = new Map<string, Set<string>>();
  for (const { source, label } of all) labelsOf.set(source, (labelsOf.get(source) ?? new Set()).add(label));
  if (labelsOf.size < 2) return [];
  const told = labels.filter((label) =>
    ofLabel(all, label).every(({ source }) => labelsOf.get(source)?.size === 1),
  );
  return told.length === 0 ? [] : [words.toldBySource(told)];
}

function noPatients({ all }: Sides): string[] {
  const ids = new Set(all.map(({ id }) => id));
  return all.some(({ group }) => !ids.has(group)) ? [] : [words.noPatients];
}

function noise({ all }: Sides): string[] {
  const n = all.filter(({ quality }) => quality === 0).length;
  return n < all.length * NOISY_FRACTION ? [] : [words.noisy(n, all.length)];
}

function tellTexts({ all, training, watched, known }: Sides): string[] {
  const pinned = groupsWhere(all, (sides) => sides.has('training') || sides.has('validation')).length;
  const anonymous = all.filter(({ id, group }) => id === group).length;
  const texts = [
    watched.length > 0 ? words.watched(watched.length) : words.noneWatched(training.length),
    words.heardBefore,
  ];
  if (known.length > 0) texts.push(words.known(known.length));
  if (pinned > 0) texts.push(words.pinned(pinned));
  if (anonymous > 0 && anonymous < all.length) texts.push(words.anonymous(anonymous, all.length));
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
