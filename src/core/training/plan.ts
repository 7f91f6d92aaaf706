// What a training run would do, before it does anything: which recording trains, which decides when to stop, which
// judges, and what speaks against it. The seed deals all groups out as if no hand had moved any; then whole groups
// go where a hand put them, so that moving one leaves all others where they are.
// May import: ./split, ./labels, ./heard, ./plan-notes.

import { HEARD_NOTHING, type Heard } from './heard.ts';
import { labelOrder } from './label-names.ts';
import { planNotes } from './plan-notes.ts';
import { distribute } from './split.ts';

/** A labelled recording as a plan sees it; kept with the run, because the collection changes. */
export interface PlannedRecording {
  id: string;
  fileName: string;
  label: string;
  /** The patient, or the id where no patient is known. */
  group: string;
  source: string;
  /** 1 clean, 0 noisy, null unknown. */
  quality: 0 | 1 | null;
  durationSec: number;
  /** The side that a person put it on; null: the seed decides. */
  side: 'training' | 'validation' | null;
}

export interface PlanNote {
  /** `stop`: training is impossible. `warn`: possible, and the outcome will say little. `tell`: good to know. */
  kind: 'stop' | 'warn' | 'tell';
  /** What it is and why it matters: one or two sentences. */
  text: string;
}

export interface TrainingPlan {
  seed: number;
  validationFraction: number;
  /** In output order. */
  labels: string[];
  /** In order of id. */
  recordings: PlannedRecording[];
  trainIds: string[];
  /** Part of the training side, by group: decides when to stop and calibrates. Empty where there are too few. */
  watchIds: string[];
  validationIds: string[];
  notes: PlanNote[];
}

export const DEFAULT_VALIDATION_FRACTION = 0.2;

/** Of the training side. */
const WATCHED_FRACTION = 0.15;
/** A smaller training side needs every recording to train on. */
const MIN_TRAINING_SIDE_TO_WATCH = 40;
/** With fewer groups of a class among the watched, chance would decide when to stop. */
const MIN_WATCHED_GROUPS = 3;

/** Where each part of a split lies in `distribute`'s answer. */
const PARTS = ['train', 'watch', 'validation'] as const;
type Part = (typeof PARTS)[number];

export interface PlanOptions {
  seed: number;
  /** Of the recordings that the seed may deal out, in (0, 1). */
  validationFraction: number;
  /** By the models that are started from and compared with. */
  heard?: Heard;
}

/**
 * The same plan for the same recordings and options, whatever their order. Never throws: what makes training
 * impossible or pointless is a note.
 * @param recordings labelled ones; each id once
 */
export function planTraining(
  recordings: readonly PlannedRecording[],
  { seed, validationFraction, heard = HEARD_NOTHING }: PlanOptions,
): TrainingPlan {
  const ordered = [...recordings].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const labels = labelOrder(ordered);
  const pins = pinsByGroup(ordered);
  const before = partsBefore(ordered, heard);
  const parts = settle(dealParts(ordered, labels, seed, validationFraction), ordered, pins, before);
  const idsOf = (part: Part): string[] =>
    ordered.filter(({ id }) => parts.get(id) === part).map(({ id }) => id);
  const watches = isWorthWatching(ordered, labels, parts);
  const plan: Omit<TrainingPlan, 'notes'> = {
    seed,
    validationFraction,
    labels,
    recordings: ordered,
    trainIds: watches
      ? idsOf('train')
      : ordered.flatMap(({ id }) => (parts.get(id) === 'validation' ? [] : [id])),
    watchIds: watches ? idsOf('watch') : [],
    validationIds: idsOf('validation'),
  };
  const known = ordered.filter(({ group }) => {
    const part = before.get(group);
    return part === 'train' || part === 'watch';
  });
  return { ...plan, notes: planNotes(plan, known) };
}

/** The side that a hand chose for a group; where it chose both, validation: nothing is judged that was trained on. */
function pinsByGroup(recordings: readonly PlannedRecording[]): Map<string, 'training' | 'validation'> {
  const pins = new Map<string, 'training' | 'validation'>();
  for (const { group, side } of recordings)
    if (side !== null && pins.get(group) !== 'validation') pins.set(group, side);
  return pins;
}

/** By the seed alone. Classes that are spread too thinly over the sources to be on both sides are dealt out by label. */
function dealParts(
  recordings: readonly PlannedRecording[],
  labels: readonly string[],
  seed: number,
  validationFraction: number,
): Map<string, Part> {
  const bySource = deal(recordings, seed, validationFraction);
  if (labels.every((label) => isOnBothSides(recordings, label, bySource))) return bySource;
  const anySource = recordings.map((recording) => ({ ...recording, source: '' }));
  return deal(anySource, seed, validationFraction);
}

function deal(
  recordings: readonly PlannedRecording[],
  seed: number,
  validationFraction: number,
): Map<string, Part> {
  const trainingSide = 1 - validationFraction;
  const watched = trainingSide * WATCHED_FRACTION;
  const dealt = distribute(recordings, [trainingSide - watched, watched, validationFraction], seed);
  return new Map(dealt.flatMap((ids, i) => ids.map((id) => [id, PARTS[i] ?? 'train'] as const)));
}

function isOnBothSides(
  recordings: readonly PlannedRecording[],
  label: string,
  parts: ReadonlyMap<string, Part>,
): boolean {
  const ofLabel = recordings.filter((recording) => recording.label === label);
  const nValidation = ofLabel.filter(({ id }) => parts.get(id) === 'validation').length;
  return nValidation > 0 && nValidation < ofLabel.length;
}

/** The part that a group had in earlier plans: what taught once can neither judge nor decide when to stop. */
function partsBefore(recordings: readonly PlannedRecording[], heard: Heard): Map<string, Part> {
  const [trained, watched, judged] = [heard.trained, heard.watched, heard.judged].map((ids) => new Set(ids));
  const parts = new Map<string, Part>();
  for (const { id, group } of recordings) {
    const before = parts.get(group);
    if (trained?.has(id)) parts.set(group, 'train');
    else if (watched?.has(id) && before !== 'train') parts.set(group, 'watch');
    else if (judged?.has(id) && before === undefined) parts.set(group, 'validation');
  }
  return parts;
}

/** What taught stays where it was; then a hand decides, then the part that a group had before, then the seed. */
function settle(
  dealt: ReadonlyMap<string, Part>,
  recordings: readonly PlannedRecording[],
  pins: ReadonlyMap<string, 'training' | 'validation'>,
  before: ReadonlyMap<string, Part>,
): Map<string, Part> {
  return new Map(
    recordings.map(({ id, group }) => {
      const known = before.get(group);
      if (known === 'train' || known === 'watch') return [id, known];
      const part = known ?? dealt.get(id) ?? 'train';
      const pin = pins.get(group);
      if (pin === 'validation') return [id, 'validation'];
      return [id, pin === 'training' ? 'train' : part];
    }),
  );
}

/** Whether enough is left to train on, and enough watched of every class to decide anything. */
function isWorthWatching(
  recordings: readonly PlannedRecording[],
  labels: readonly string[],
  parts: ReadonlyMap<string, Part>,
): boolean {
  const side = recordings.filter(({ id }) => parts.get(id) !== 'validation');
  if (side.length < MIN_TRAINING_SIDE_TO_WATCH) return false;
  const watched = side.filter(({ id }) => parts.get(id) === 'watch');
  return labels.every((label) => {
    const groups = new Set(watched.filter((r) => r.label === label).map((r) => r.group));
    return groups.size >= MIN_WATCHED_GROUPS;
  });
}
