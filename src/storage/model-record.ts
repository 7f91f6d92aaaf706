// What storage promises about models: those trained here or imported, and which one is active. Types only.
// The bundled models are not in here: they come with the app and cannot be deleted.

import type { ModelManifest } from '../core/model/manifest.ts';
import type { Golden } from '../core/training/golden.ts';
import type { Heard } from '../core/training/heard.ts';

/** How a model came to be on this device. */
export type ModelOrigin = 'trained' | 'imported';

/** A model as the list shows it: everything but topology and weights. */
export interface StoredModel {
  /** `local:` and a unique part that sorts by time. Bundled models have the key `bundled:<manifest id>` and no record. */
  key: string;
  origin: ModelOrigin;
  /** As a person calls it; the manifest keeps its own name. */
  name: string;
  manifest: ModelManifest;
  /** Its evaluation (`heartbeat-evaluation/1` and what training adds), or null. */
  metrics: unknown;
  /** MODEL_CARD.md. */
  card: string;
  /** Fixed inputs with the model's own outputs. */
  golden: Golden;
  /** Key of the model it was trained from; null: from scratch, or not known. */
  parentKey: string | null;
  /** The run that made it; null for an imported one. */
  runId: string | null;
  /** Recordings of the collection that it, and those it was trained from, learned from and were judged by. */
  heard: Heard;
  /** Whether a verdict recommended it; an imported or unjudged model has not passed. */
  hasPassedComparison: boolean;
  /** SHA-256 of the replay set that goes with it, under which its bytes lie; null: none. */
  replaySha256: string | null;
  /** ISO 8601, UTC. */
  createdAt: string;
}

/** What the record does not hold. */
export interface ModelParts {
  modelJson: unknown;
  /** Lie under manifest.sha256 and never change. */
  weights: ArrayBuffer;
  replay: ArrayBuffer | null;
}

/** Which model answers, and which did before it, newest first. A key of a bundled model counts as any other. */
export interface ActiveModel {
  key: string;
  since: string;
  previous: { key: string; since: string; until: string }[];
}

/** Keeps models. Every method rejects with AppError `storage-full` or `storage-blocked` and then has changed nothing. */
export interface ModelStore {
  /** Record, topology, weights and replay set in one transaction; nothing where that very model is there already. */
  add(model: StoredModel, parts: ModelParts): Promise<void>;
  /** Oldest first. */
  list(): Promise<StoredModel[]>;
  /** Null where there is none of that key, or a part of it is missing. */
  read(key: string): Promise<{ model: StoredModel; parts: ModelParts } | null>;
  rename(key: string, name: string): Promise<void>;
  markPassed(key: string): Promise<void>;
  /** Weights and replay sets go with the last model that has them. @throws AppError `model-in-use` for the active one */
  remove(key: string): Promise<void>;
  /** Null where nobody has ever chosen: the first bundled model answers. */
  active(): Promise<ActiveModel | null>;
  /**
   * Makes another model the active one, in one transaction with durability `strict`. For a local key the
   * transaction itself checks that record and weights are there.
   * @param before the key that was active as far as the caller knows; another tab may have changed it
   * @throws AppError `model-missing`; `model-changed` when a third one is active meanwhile
   */
  activate(key: string, before: string, at: string): Promise<ActiveModel>;
}
