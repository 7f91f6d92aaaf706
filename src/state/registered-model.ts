// A model as the registry lists it, bundled or stored alike, and the order of the list. Pure.

import type { ModelManifest } from '../core/model/manifest.ts';
import type { Golden } from '../core/training/golden.ts';
import { HEARD_NOTHING, type Heard } from '../core/training/heard.ts';
import type { ModelOrigin, StoredModel } from '../storage/model-record.ts';
import type { BundledSource } from './ports.ts';

export interface RegisteredModel {
  /** `bundled:<manifest id>` or `local:…`. */
  key: string;
  origin: 'bundled' | ModelOrigin;
  name: string;
  manifest: ModelManifest;
  /** Its evaluation as it came with the model: nothing in it is to be believed unread. Null: none. */
  metrics: unknown;
  /** MODEL_CARD.md, shown as text; empty where there is none. */
  card: string;
  /** Null only for a bundled one that lacks it. */
  golden: Golden | null;
  parentKey: string | null;
  runId: string | null;
  heard: Heard;
  hasPassedComparison: boolean;
  createdAt: string;
}

/** What is to become a stored model: key, hashes and date are given to it when it is added. */
export type NewModel = Omit<StoredModel, 'key' | 'replaySha256' | 'createdAt'>;

export function bundledKey(manifest: Pick<ModelManifest, 'id'>): string {
  return `bundled:${manifest.id}`;
}

/** A model that ships has been judged before. */
export async function asRegistered(source: BundledSource): Promise<RegisteredModel> {
  const { manifest } = source;
  const [metrics, card, golden] = await Promise.all([source.metrics(), source.card(), source.golden()]);
  return {
    key: bundledKey(manifest),
    origin: 'bundled',
    name: manifest.name,
    manifest,
    metrics,
    card,
    golden,
    parentKey: null,
    runId: null,
    heard: HEARD_NOTHING,
    hasPassedComparison: true,
    createdAt: manifest.createdAt,
  };
}

/** The one that answers first, then the bundled ones, then the newest. */
export function inOrder(
  bundled: readonly RegisteredModel[],
  stored: readonly StoredModel[],
  activeKey: string | null,
): RegisteredModel[] {
  const newestFirst = [...stored].sort((a, b) => (a.key < b.key ? 1 : -1));
  const all: RegisteredModel[] = [...bundled, ...newestFirst];
  return [...all.filter(({ key }) => key === activeKey), ...all.filter(({ key }) => key !== activeKey)];
}

/** From the model itself up to the first ancestor that is here, nearest first. */
export function lineage(models: readonly RegisteredModel[], key: string): RegisteredModel[] {
  const line: RegisteredModel[] = [];
  for (let next: string | null = key; next !== null;) {
    const model = models.find((each) => each.key === next);
    if (!model || line.includes(model)) break;
    line.push(model);
    next = model.parentKey;
  }
  return line;
}
