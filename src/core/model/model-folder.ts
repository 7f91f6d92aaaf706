// A model folder as files: which there are, how large each may be, and reading one that came from outside, of which
// nothing is trusted. Whether the network runs and answers as it should is found out by starting it. Pure.

import { AppError } from '../errors.ts';
import type { Golden } from '../training/golden.ts';
import { parseManifest, type ModelManifest } from './manifest.ts';
import { modelText } from './model-text.ts';
import { assertTopology } from './topology.ts';
import { parseGolden } from './verify.ts';

const MIB = 2 ** 20;

/** Files of a model folder by name, with the most bytes that each may have. */
export const MODEL_FILES = {
  'manifest.json': MIB,
  'model.json': 16 * MIB,
  'weights.bin': 256 * MIB,
  'golden.json': MIB,
  'metrics.json': 16 * MIB,
  'MODEL_CARD.md': MIB,
  'replay.bin': 4 * MIB,
} as const;

export type ModelFileName = keyof typeof MODEL_FILES;

/** A model with all that goes with it. */
export interface ModelFolder {
  manifest: ModelManifest;
  modelJson: unknown;
  weights: ArrayBuffer;
  /** Null where the folder has none. */
  golden: Golden | null;
  metrics: unknown;
  card: string;
  replay: ArrayBuffer | null;
}

/** Nesting of the JSON files. What is kept is copied and written again, and the platform does not do that to any depth. */
const MAX_DEPTH = 100;

/** Those without which there is no model. */
const NEEDED: readonly ModelFileName[] = ['manifest.json', 'model.json', 'weights.bin'];

export function importInvalid(why: string, cause?: unknown): AppError {
  return new AppError('import-invalid', why, { cause });
}

/** True for one of the names above, whatever folder it lies in. */
export function modelFileName(path: string): ModelFileName | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return Object.hasOwn(MODEL_FILES, name) ? (name as ModelFileName) : null;
}

/**
 * @param files bytes by name, each within its bound
 * @param decode UTF-8
 * @throws AppError `import-invalid`, `manifest-invalid`, `model-invalid`: what is missing, damaged or unknown
 */
export function parseModelFolder(
  files: ReadonlyMap<ModelFileName, Uint8Array<ArrayBuffer>>,
  decode: (bytes: Uint8Array) => string,
): ModelFolder {
  for (const name of NEEDED) if (!files.has(name)) throw importInvalid(modelText.folder.lacks(name));
  const text = (name: ModelFileName): string | null => {
    const bytes = files.get(name);
    return bytes ? decode(bytes) : null;
  };
  const json = (name: ModelFileName): unknown => {
    const content = text(name);
    return content === null ? null : parseJson(name, content);
  };
  const rawManifest = json('manifest.json');
  refuseFuture(rawManifest);
  const manifest = parseManifest(rawManifest);
  const modelJson = json('model.json');
  const weights = ownBuffer(files.get('weights.bin'));
  assertTopology(modelJson, weights.byteLength);
  const golden = json('golden.json');
  return {
    manifest,
    modelJson,
    weights,
    golden: golden === null ? null : parseGolden(golden),
    metrics: json('metrics.json'),
    card: text('MODEL_CARD.md') ?? '',
    replay: files.has('replay.bin') ? ownBuffer(files.get('replay.bin')) : null,
  };
}

/** The files of a folder in the order in which they are written; as `npm run train` writes them. */
export function modelFolderFiles(folder: ModelFolder): [ModelFileName, string | ArrayBuffer][] {
  const { manifest, modelJson, weights, golden, metrics, card, replay } = folder;
  const files: [ModelFileName, string | ArrayBuffer | null][] = [
    ['manifest.json', pretty(manifest)],
    ['model.json', `${JSON.stringify(modelJson)}\n`],
    ['weights.bin', weights],
    ['golden.json', golden && pretty(golden)],
    ['metrics.json', metrics === null ? null : pretty(metrics)],
    ['MODEL_CARD.md', card === '' ? null : card],
    ['replay.bin', replay],
  ];
  return files.flatMap(([name, content]): [ModelFileName, string | ArrayBuffer][] =>
    content === null ? [] : [[name, content]],
  );
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function parseJson(name: string, content: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    throw importInvalid(modelText.folder.noJson(name), cause);
  }
  if (isDeeper(value, MAX_DEPTH)) throw importInvalid(modelText.folder.tooDeep(name));
  return value;
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeper(inner, depth - 1));
}

/** A schema of our own that this program does not know yet: better said than called a missing field. */
function refuseFuture(manifest: unknown): void {
  const { schema } = (manifest ?? {}) as { schema?: unknown };
  if (typeof schema === 'string' && /^heartbeat-model\/(?!1$)\d+$/.test(schema))
    throw importInvalid(modelText.folder.future(schema));
}

function ownBuffer(bytes: Uint8Array<ArrayBuffer> | undefined): ArrayBuffer {
  const whole = bytes ?? new Uint8Array();
  return whole.byteLength === whole.buffer.byteLength ? whole.buffer : whole.slice().buffer;
}
