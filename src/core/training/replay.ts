// A replay set: what a model keeps of the recordings that it was trained on, so that it can be trained on others
// without forgetting them. Log-mel windows with their labels in one small file (`replay.bin` of a model folder), in
// two parts that share no group: `replay` is mixed into later training, `reference` shows what was forgotten.
// Windows and not embeddings: those are wrong as soon as the network's trunk moves. Pure, without TF.js.

import { crc32 } from '../archive/crc32.ts';
import { AppError } from '../errors.ts';
import { windowFrames, type ModelManifest } from '../model/manifest.ts';
import type { InputSpec } from '../model/model-input.ts';
import type { ReplayWindow } from './replay-mix.ts';
import { N_ZONES, packWindows, unpackWindows, type WindowShape } from './replay-transform.ts';
import { trainingText } from './training-text.ts';

/** What the file may weigh: it ships with every model. */
export const MAX_REPLAY_BYTES = 300_000;

export type ReplayPart = 'replay' | 'reference';

/** A window as the file keeps it. */
export interface KeptWindow {
  label: string;
  source: string;
  /** Says which windows are of one patient, and not of which. */
  group: number;
  part: ReplayPart;
  /** Normalised features `[nFrames, nMels]`, rows are frames. */
  values: Float32Array;
}

export interface ReplaySet extends WindowShape {
  /** What the windows were computed with; see `inputKeyOf`. */
  inputKey: string;
  windows: KeptWindow[];
}

const SCHEMA = 'heartbeat-replay/1';
/** `HBRP`, length of the header and CRC-32 of all after it (both little-endian), header in ASCII JSON, windows. */
const MAGIC = 0x50524248;
const FIXED_BYTES = 12;
/** Width of a step in SDs of the windows: the bundled model's answers then correlate .99 with those to the originals. */
const STEP_SDS = 0.85;
/** Values that a file may unpack to: 64 MB. */
const MAX_VALUES = 2 ** 24;
const MAX_HEADER_BYTES = 2 ** 20;
const MAX_TEXT = 10_000;
/** Of mean, step and noise: features are logarithms or standardised, and sums of these stay finite. */
const MAX_MAGNITUDE = 1e6;
const PARTS: readonly ReplayPart[] = ['replay', 'reference'];

/** The file's header: a column for everything that is told of a window. */
interface Header extends WindowShape {
  schema: typeof SCHEMA;
  inputKey: string;
  /** Of all values: they are packed with mean 0. */
  mean: number;
  step: number;
  noise: number[];
  labels: string[];
  sources: string[];
  nWindows: number;
  /** Indices into `labels`, `sources` and `PARTS`. */
  label: number[];
  source: number[];
  group: number[];
  part: number[];
}

/** Says what a model's windows are computed with; two models of the same key can use each other's windows. */
export function inputKeyOf({ sampleRateHz, window, features }: InputSpec): string {
  const { durationSec, padding } = window;
  const { log, ...others } = features;
  const inOrder = (record: object): [string, unknown][] =>
    Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([sampleRateHz, durationSec, padding, inOrder(others), inOrder(log)]);
}

/** @throws AppError `import-invalid` for a set whose windows the model does not take */
export function assertReplayFits(set: ReplaySet, spec: InputSpec): void {
  const isSame =
    set.inputKey === inputKeyOf(spec) &&
    set.nFrames === windowFrames(spec) &&
    set.nMels === spec.features.nMels;
  if (!isSame) throw new AppError('import-invalid', trainingText.replay.otherFeatures);
}

/** The file's bytes. Lossy: windows come back a little different, and the same each time. */
export function encodeReplay(set: ReplaySet): Uint8Array<ArrayBuffer> {
  const { windows, nFrames, nMels, inputKey } = set;
  const { mean, sd } = moments(windows);
  const step = STEP_SDS * sd;
  const centred = windows.map(({ values }) => values.map((value) => value - mean));
  const { bytes, noise } = packWindows(centred, { nFrames, nMels }, step);
  const labels = [...new Set(windows.map(({ label }) => label))].sort();
  const sources = [...new Set(windows.map(({ source }) => source))].sort();
  const header: Header = {
    schema: SCHEMA,
    inputKey,
    nFrames,
    nMels,
    mean,
    step,
    noise,
    labels,
    sources,
    nWindows: windows.length,
    label: windows.map(({ label }) => labels.indexOf(label)),
    source: windows.map(({ source }) => sources.indexOf(source)),
    group: windows.map(({ group }) => group),
    part: windows.map(({ part }) => PARTS.indexOf(part)),
  };
  const head = asciiJson(header);
  const file = new Uint8Array(FIXED_BYTES + head.length + bytes.length);
  file.set(head, FIXED_BYTES);
  file.set(bytes, FIXED_BYTES + head.length);
  const view = new DataView(file.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, head.length, true);
  view.setUint32(8, crc32(file.subarray(FIXED_BYTES)), true);
  return file;
}

/**
 * The set that a file holds. Takes about 5 ms a window and 4 bytes a value, at most 64 MB.
 * @param only the windows of this part; without it, all
 * @throws AppError `import-invalid` for a file that is damaged, cut short, or something else
 */
export function decodeReplay(file: ArrayBuffer | Uint8Array, only?: ReplayPart): ReplaySet {
  const { header, packed } = openFile(file);
  const { nFrames, nMels, inputKey, mean, step, noise, labels, sources } = header;
  const parts = header.part.map((index) => PARTS[index] as ReplayPart);
  const isWanted = parts.map((part) => only === undefined || part === only);
  const values = unpackWindows({ bytes: packed, noise }, isWanted, { nFrames, nMels }, step);
  const windows = values.flatMap((window, i): KeptWindow[] => {
    if (window === null) return [];
    for (let at = 0; at < window.length; at++) window[at] = (window[at] as number) + mean;
    const label = labels[header.label[i] as number] as string;
    const source = sources[header.source[i] as number] as string;
    const group = header.group[i] as number;
    return [{ label, source, group, part: parts[i] as ReplayPart, values: window }];
  });
  return { inputKey, nFrames, nMels, windows };
}

/** What the windows of a file were computed with, without unpacking them. @throws AppError `import-invalid` */
export function readInputKey(file: ArrayBuffer | Uint8Array): string {
  return openFile(file).header.inputKey;
}

/** Classes of recordings in which no heart is heard, whatever it does. */
const NO_FINDINGS = ['artifact', 'artefact', 'noise', 'noisy'];

/**
 * What a replay label means to a model with these labels: the classes of which it may be any. A label that both know
 * stands for itself; one that only the replay set knows (abnormal) stands for all those that only the model knows
 * (murmur, extrastole), but for those that are no finding (artifact); where there is none, or the two share no label
 * at all, for null: such windows teach nothing.
 * @param replayLabels all labels of the set
 * @returns class indices by replay label
 */
export function replayTargets(
  replayLabels: Iterable<string>,
  modelLabels: readonly string[],
): Map<string, number[] | null> {
  const known = new Set(replayLabels);
  const isShared = modelLabels.some((label) => known.has(label));
  const others = modelLabels.flatMap((label, index) =>
    known.has(label) || NO_FINDINGS.includes(label.toLowerCase()) ? [] : [index],
  );
  const targetOf = (label: string): number[] | null => {
    if (!isShared) return null;
    const own = modelLabels.indexOf(label);
    if (own >= 0) return [own];
    return others.length > 0 ? others : null;
  };
  return new Map([...known].map((label) => [label, targetOf(label)]));
}

/**
 * What the training loop mixes into its batches: the replay part, with the classes that each window may be of.
 * @param manifest of the model to be trained
 * @returns empty where the two share no label
 * @throws AppError `import-invalid` for a file that is no replay set, or one made with other features
 */
export function replayWindowsFor(
  file: ArrayBuffer | Uint8Array,
  manifest: InputSpec & Pick<ModelManifest, 'labels'>,
): ReplayWindow[] {
  const set = decodeReplay(file, 'replay');
  assertReplayFits(set, manifest);
  const targets = replayTargets(openFile(file).header.labels, manifest.labels);
  return set.windows.flatMap(({ label, values }) => {
    const classes = targets.get(label) ?? null;
    return classes ? [{ values, classes }] : [];
  });
}

function openFile(file: ArrayBuffer | Uint8Array): { header: Header; packed: Uint8Array } {
  const bytes = file instanceof Uint8Array ? file : new Uint8Array(file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < FIXED_BYTES || view.getUint32(0, true) !== MAGIC)
    throw invalid(trainingText.replay.none);
  const headBytes = view.getUint32(4, true);
  const rest = bytes.subarray(FIXED_BYTES);
  if (headBytes > MAX_HEADER_BYTES || headBytes > rest.length || crc32(rest) !== view.getUint32(8, true))
    throw invalid(trainingText.replay.damagedOrCut);
  return { header: readHeader(rest.subarray(0, headBytes)), packed: rest.subarray(headBytes) };
}

function readHeader(bytes: Uint8Array): Header {
  let value: unknown;
  try {
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(trainingText.replay.damaged, cause);
  }
  if (!isHeader(value)) throw invalid(trainingText.replay.damagedOrNewer);
  return value;
}

function isHeader(value: unknown): value is Header {
  if (typeof value !== 'object' || value === null) return false;
  const { schema, inputKey, nFrames, nMels, mean, step, noise, labels, sources, nWindows, ...columns } =
    value as Partial<Record<keyof Header, unknown>>;
  if (schema !== SCHEMA || !isText(inputKey) || !isTexts(labels) || !isTexts(sources)) return false;
  if (!isCount(nFrames) || !isCount(nMels) || !isCount(nWindows)) return false;
  if (nFrames * nMels * nWindows > MAX_VALUES) return false;
  if (!isMagnitude(mean) || !isMagnitude(step) || step <= 0) return false;
  return (
    isColumn(noise, N_ZONES, MAX_MAGNITUDE, Number.isFinite) &&
    isColumn(columns.label, nWindows, labels.length, Number.isInteger) &&
    isColumn(columns.source, nWindows, sources.length, Number.isInteger) &&
    isColumn(columns.group, nWindows, 2 ** 32, Number.isInteger) &&
    isColumn(columns.part, nWindows, PARTS.length, Number.isInteger)
  );
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.length < MAX_TEXT;
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isMagnitude = (value: unknown): value is number =>
  Number.isFinite(value) && Math.abs(value as number) <= MAX_MAGNITUDE;
const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) <= MAX_VALUES;

/** A list of numbers in [0, end). */
function isColumn(
  value: unknown,
  length: number,
  end: number,
  isKind: (entry: unknown) => boolean,
): value is number[] {
  return (
    Array.isArray(value) &&
    value.length === length &&
    value.every((entry: unknown) => isKind(entry) && (entry as number) >= 0 && (entry as number) < end)
  );
}

function moments(windows: readonly KeptWindow[]): { mean: number; sd: number } {
  let [n, sum, squares] = [0, 0, 0];
  for (const { values } of windows)
    for (const value of values) {
      n++;
      sum += value;
      squares += value ** 2;
    }
  const mean = sum / Math.max(1, n);
  // Silence alone has none, and any step packs it.
  return { mean, sd: Math.sqrt(Math.max(0, squares / Math.max(1, n) - mean ** 2)) || 1 };
}

/** JSON in ASCII: what is beyond it is escaped. */
function asciiJson(value: unknown): Uint8Array {
  const text = JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function invalid(message: string, cause?: unknown): AppError {
  return new AppError('import-invalid', message, { cause });
}
