// What a person has chosen: theme, colour map, threshold, backend. Kept through a key-value store.
// Values from the store were written by any version, or by hand: each is checked, and a bad one is the default.

import type { ModelManifest } from '../core/model/manifest.ts';
import type { BackendPreference } from '../rpc/protocol.ts';
import type { KeyValueStore, SystemTheme } from './ports.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export const COLOUR_MAPS = ['magma', 'viridis', 'grey'] as const;
export type ColourMapName = (typeof COLOUR_MAPS)[number];

export const BACKENDS = [
  'auto',
  'webgpu',
  'webgl',
  'wasm',
  'cpu',
] as const satisfies readonly BackendPreference[];

const KEY = 'settings';

/** The model that a threshold was set for. */
type ModelOfThreshold = Pick<ModelManifest, 'sha256'>;

export class SettingsState {
  readonly #store: KeyValueStore;
  #theme = $state<Theme>('system');
  #systemIsDark = $state(false);
  #isPrinting = $state(false);
  #colourMap = $state<ColourMapName>('magma');
  /** By the hash of the model's weights: a probability of one model says nothing of another's. */
  #thresholds = $state.raw<Readonly<Record<string, number>>>({});
  #backend = $state<BackendPreference>('auto');
  #hasShortcuts = $state(true);
  /** From the address: for this visit only, never stored. */
  #backendOverride = $state<BackendPreference | null>(null);
  #isForgotten = $state(false);

  constructor(store: KeyValueStore, system: SystemTheme, backendFromAddress: string | null = null) {
    this.#store = store;
    this.readAnew();
    this.#backendOverride = oneOf(BACKENDS, backendFromAddress);
    this.#systemIsDark = system.isDark();
    system.listen(() => (this.#systemIsDark = system.isDark()));
  }

  /** Another tab may have restored others. What could not be kept holds for this visit. */
  readAnew(): void {
    if (this.#isForgotten) return;
    const saved = asRecord(this.#store.read(KEY));
    this.#theme = oneOf(THEMES, saved['theme']) ?? 'system';
    this.#colourMap = oneOf(COLOUR_MAPS, saved['colourMap']) ?? 'magma';
    this.#thresholds = asThresholds(saved['thresholds']);
    this.#backend = oneOf(BACKENDS, saved['backend']) ?? 'auto';
    this.#hasShortcuts = saved['shortcuts'] !== false;
  }

  get theme(): Theme {
    return this.#theme;
  }

  /** What is on screen: the choice, or the system's; paper is always light. */
  get shownTheme(): 'light' | 'dark' {
    if (this.#isPrinting) return 'light';
    if (this.#theme !== 'system') return this.#theme;
    return this.#systemIsDark ? 'dark' : 'light';
  }

  get colourMap(): ColourMapName {
    return this.#colourMap;
  }

  /** One's own for a model, on the calibrated probability, 0..1; null: the model's. */
  thresholdOf(model: ModelOfThreshold | null): number | null {
    return model && Object.hasOwn(this.#thresholds, model.sha256)
      ? (this.#thresholds[model.sha256] ?? null)
      : null;
  }

  get backend(): BackendPreference {
    return this.#backendOverride ?? this.#backend;
  }

  /** True while `?backend=` in the address decides. */
  get isBackendFromAddress(): boolean {
    return this.#backendOverride !== null;
  }

  /** Keys without Ctrl or Alt; off for people whose input tools send stray letters. */
  get hasShortcuts(): boolean {
    return this.#hasShortcuts;
  }

  /** The latest choice could not be kept: it holds for this visit. */
  get isForgotten(): boolean {
    return this.#isForgotten;
  }

  setShortcuts(isOn: boolean): void {
    this.#hasShortcuts = isOn;
    this.#save();
  }

  setTheme(theme: Theme): void {
    this.#theme = theme;
    this.#save();
  }

  setColourMap(colourMap: ColourMapName): void {
    this.#colourMap = colourMap;
    this.#save();
  }

  setThreshold({ sha256 }: ModelOfThreshold, threshold: number | null): void {
    const others = Object.entries(this.#thresholds).filter(([key]) => key !== sha256);
    const own = asThreshold(threshold);
    this.#thresholds = Object.fromEntries(own === null ? others : [...others, [sha256, own]]);
    this.#save();
  }

  setBackend(backend: BackendPreference): void {
    this.#backend = backend;
    this.#backendOverride = null;
    this.#save();
  }

  setPrinting(isPrinting: boolean): void {
    this.#isPrinting = isPrinting;
  }

  #save(): void {
    this.#isForgotten = !this.#store.write(KEY, {
      theme: this.#theme,
      colourMap: this.#colourMap,
      thresholds: this.#thresholds,
      backend: this.#backend,
      shortcuts: this.#hasShortcuts,
    });
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function oneOf<T extends string>(choices: readonly T[], value: unknown): T | null {
  return choices.find((choice) => choice === value) ?? null;
}

function asThresholds(value: unknown): Record<string, number> {
  const entries = Object.entries(asRecord(value)).filter(([, threshold]) => asThreshold(threshold) !== null);
  return Object.fromEntries(entries) as Record<string, number>;
}

/** Strictly between 0 and 1: at either end every recording would get the same answer. */
function asThreshold(value: unknown): number | null {
  return typeof value === 'number' && value > 0 && value < 1 ? value : null;
}
