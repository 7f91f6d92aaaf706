// What a person chooses before a run: the way, the model to start from, the split and the settings behind
// "Advanced". Plan and settings follow from these and from the collection.

import { mergeHeard, type Heard } from '../core/training/heard.ts';
import { hasSameLabels } from '../core/training/label-names.ts';
import { DEFAULT_VALIDATION_FRACTION, planTraining, type TrainingPlan } from '../core/training/plan.ts';
import { settingsForWay } from '../core/training/recipe.ts';
import { TRAINING_WAYS, type TrainingSettings, type TrainingWay } from '../core/training/types.ts';
import type { RunModels, RunModel, TrainingCollection } from './training-ports.ts';

/** The settings that can be chosen; the others follow from the way and the number of recordings. */
export type AskedSettings = Pick<
  TrainingSettings,
  'epochs' | 'batchSize' | 'learningRate' | 'earlyStoppingPatience' | 'balance' | 'augment'
>;

/** What can be asked for. A larger batch than the largest would not fit small devices. */
export const BATCH_SIZES = [8, 16, 24, 32, 48, 64] as const;
export const LIMITS = {
  epochs: { min: 1, max: 500 },
  patience: { min: 1, max: 500 },
  learningRate: { min: 1e-6, max: 1 },
} as const;

export class TrainingForm {
  readonly #collection: TrainingCollection;
  readonly #models: RunModels;
  #way = $state<TrainingWay>('head');
  #baseKey = $state<string | null>(null);
  #validationFraction = $state(DEFAULT_VALIDATION_FRACTION);
  #seed = $state(1);
  #withReplay = $state(true);
  #asked = $state.raw<Partial<AskedSettings>>({});

  /** By the model that is started from, and by the one that the new one is compared with. */
  readonly #heard: Heard = $derived.by(() => {
    const { models, activeKey } = this.#models;
    const active = models.find(({ key }) => key === activeKey);
    const base = this.way === 'scratch' ? null : this.base;
    return mergeHeard([base, active].flatMap((model) => model?.heard ?? []));
  });

  /** Which recording trains and which judges, as the choices stand. */
  readonly plan: TrainingPlan = $derived.by(() =>
    planTraining(this.#collection.plannedRecordings(), {
      seed: this.#seed,
      validationFraction: this.#validationFraction,
      heard: this.#heard,
    }),
  );

  /** The defaults of the way with what was chosen in their place. */
  readonly settings: TrainingSettings = $derived(this.settingsOf(this.way));

  constructor(collection: TrainingCollection, models: RunModels) {
    this.#collection = collection;
    this.#models = models;
  }

  get way(): TrainingWay {
    return this.ways.includes(this.#way) ? this.#way : (this.ways[0] ?? 'scratch');
  }

  /** Those that the model to start from allows. */
  get ways(): readonly TrainingWay[] {
    const base = this.base;
    return TRAINING_WAYS.filter((way) => {
      if (way === 'scratch') return true;
      return base !== null && (way !== 'head' || base.manifest.embeddingLayer !== null);
    });
  }

  /** The model to start from: the active one where nobody chose, or the chosen one is gone. Null while none is known. */
  get base(): RunModel | null {
    const { models, activeKey } = this.#models;
    const find = (key: string | null): RunModel | undefined => models.find((model) => model.key === key);
    return find(this.#baseKey) ?? find(activeKey) ?? null;
  }

  /** Of the model that answers now. */
  get activeKey(): string {
    return this.#models.activeKey;
  }

  get bases(): readonly RunModel[] {
    return this.#models.models;
  }

  /** Whether the labels are new to the model to start from, so that it gets a new last layer. */
  get needsNewHead(): boolean {
    return this.base !== null && !hasSameLabels(this.base.manifest.labels, this.plan.labels);
  }

  get validationFraction(): number {
    return this.#validationFraction;
  }

  get seed(): number {
    return this.#seed;
  }

  /** Whether windows of what the model was trained on are mixed in. */
  get withReplay(): boolean {
    return this.#withReplay && this.canReplay;
  }

  /** Whether there is something to mix in. */
  get canReplay(): boolean {
    return this.way !== 'scratch' && this.base?.manifest.replaySha256 !== undefined;
  }

  /** Whether anything behind "Advanced" differs from the defaults. */
  get isChanged(): boolean {
    return Object.keys(this.#asked).length > 0 || !this.#withReplay;
  }

  /** Back to the defaults of the way: those of another would not fit. */
  setWay(way: TrainingWay): void {
    if (way === this.#way) return;
    this.#way = way;
    this.#asked = {};
  }

  setBase(key: string): void {
    this.#baseKey = key;
  }

  /** @param fraction in (0, 1) */
  setValidationFraction(fraction: number): void {
    this.#validationFraction = fraction;
  }

  /** @param seed a whole number, 0 or more */
  setSeed(seed: number): void {
    this.#seed = seed;
  }

  setWithReplay(withReplay: boolean): void {
    this.#withReplay = withReplay;
  }

  ask(asked: Partial<AskedSettings>): void {
    this.#asked = { ...this.#asked, ...asked };
  }

  /** The settings behind "Advanced" as they were before anyone touched them. */
  reset(): void {
    this.#asked = {};
    this.#withReplay = true;
  }

  /** Those that a run of the way would have: what was asked for is of the chosen way alone. */
  settingsOf(way: TrainingWay): TrainingSettings {
    const asked = way === this.way ? this.#asked : {};
    const { trainIds, watchIds } = this.plan;
    return settingsForWay(way, trainIds.length, {
      seed: this.#seed,
      isWatched: watchIds.length > 0,
      ...asked,
    });
  }
}
