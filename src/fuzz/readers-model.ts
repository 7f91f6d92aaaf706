// Readers of the parts of a model, each beside whole other parts, and of a model as one zip.
// May import: core/model, core/training, input, ui (pure parts).

import { zipSync } from 'fflate';
import { outputUnits, windowFrames, type ModelManifest } from '../core/model/manifest.ts';
import {
  modelFolderFiles,
  parseModelFolder,
  type ModelFileName,
  type ModelFolder,
} from '../core/model/model-folder.ts';
import { recordingFeatures } from '../core/model/model-input.ts';
import { assertReplayFits, decodeReplay, replayWindowsFor } from '../core/training/replay.ts';
import { foundFile } from '../input/found-file.ts';
import { readModel } from '../input/read-model.ts';
import { figureRows, headlineRows, sourceRows } from '../ui/evaluation/figure-rows.ts';
import { asEvaluation } from '../ui/evaluation/stored-evaluation.ts';
import { methodOf } from '../ui/models/model-figures.ts';
import { promise, promiseFinite, type Reader } from './reader.ts';
import { refitReplay, refitZip } from './refit.ts';
import {
  bundledJson,
  evaluationSeeds,
  jsonBytes,
  replaySeeds,
  tinyManifest,
  tinyModel,
  utf8,
} from './seeds-model.ts';

const MIB = 2 ** 20;
const MAX_BYTES = 131_072;

const TINY = tinyModel();
const TINY_FILES: readonly [ModelFileName, Uint8Array<ArrayBuffer>][] = [
  ['manifest.json', jsonBytes(TINY.manifest)],
  ['model.json', jsonBytes(TINY.modelJson)],
  ['weights.bin', new Uint8Array(TINY.weights)],
  ['golden.json', jsonBytes(bundledJson('golden.json'))],
];

/** The tiny model's folder with one file in the place of its own, as an import reads it. */
export function folderWith(name: ModelFileName, bytes: Uint8Array<ArrayBuffer>): ModelFolder {
  const files = new Map<ModelFileName, Uint8Array<ArrayBuffer>>([...TINY_FILES, [name, bytes]]);
  const folder = parseModelFolder(files, (text) => new TextDecoder().decode(text));
  // What is kept of it is written out again, when it is stored or exported.
  modelFolderFiles(folder);
  structuredClone({ ...folder, weights: null, replay: null });
  return folder;
}

/** Whoever accepts a manifest lets it say how much work a recording is. */
function useManifest(manifest: ModelManifest): void {
  promise(outputUnits(manifest) >= 1 && windowFrames(manifest) >= 1, 'windows without a frame');
  const { sampleRateHz } = manifest;
  const samples = Float32Array.from({ length: Math.ceil(sampleRateHz) }, (_, i) => Math.sin(i / 9));
  const { matrix, windows, picture } = recordingFeatures({ samples, sampleRateHz }, manifest, true);
  promise(windows.length > 0, 'a recording without a window');
  promiseFinite(matrix.values, 'the features');
  promiseFinite(picture?.melCentresHz ?? [], 'the bands');
  promise(
    windowFrames(manifest) * manifest.features.nMels <= 2 ** 24,
    'a window too large to be asked about',
  );
}

function useEvaluation(metrics: unknown): void {
  const report = asEvaluation(metrics);
  methodOf(metrics);
  if (!report) return;
  const sources = { ...report.perSource, ...report.leaveOneSourceOut?.perSource };
  for (const { word, estimate } of [...figureRows(report), ...headlineRows(report), ...sourceRows(sources)]) {
    promise(typeof word === 'string', 'a row without a word');
    for (const value of [estimate.value, estimate.low, estimate.high])
      promise(value === null || Number.isFinite(value), `a figure of ${String(value)}`);
  }
  promiseFinite(report.calibration?.bins.map(({ n }) => n) ?? [], 'the calibration');
}

export const TOPOLOGY_TOKENS = ['"class_name"', '"units"', '"config"', 'null', '1e999', '-1', '{}', '[]'];

export const MODEL_READERS: readonly Reader[] = [
  {
    name: 'manifest',
    kind: 'json',
    seeds: () => [jsonBytes(bundledJson('manifest.json')), jsonBytes(tinyManifest())],
    tokens: TOPOLOGY_TOKENS,
    maxBytes: MAX_BYTES,
    read: (bytes) => useManifest(folderWith('manifest.json', bytes).manifest),
    budget: { bytes: 256 * MIB, perByte: 8 },
  },
  {
    name: 'topology',
    kind: 'json',
    seeds: () => [jsonBytes(TINY.modelJson)],
    tokens: TOPOLOGY_TOKENS,
    maxBytes: MAX_BYTES,
    read: (bytes) => folderWith('model.json', bytes),
    budget: { bytes: MIB, perByte: 8 },
  },
  {
    name: 'golden',
    kind: 'json',
    seeds: () => [jsonBytes(bundledJson('golden.json'))],
    tokens: TOPOLOGY_TOKENS,
    maxBytes: MAX_BYTES,
    read: (bytes) => {
      const { golden } = folderWith('golden.json', bytes);
      for (const { logits } of golden?.windows ?? []) promiseFinite(logits, 'the known answers');
    },
    budget: { bytes: MIB, perByte: 8 },
  },
  {
    name: 'evaluation',
    kind: 'json',
    seeds: evaluationSeeds,
    tokens: ['"perSource"', '"pooled"', '"value"', 'null', '1e999', '__proto__'],
    maxBytes: MAX_BYTES,
    read: (bytes) => useEvaluation(folderWith('metrics.json', bytes).metrics),
    budget: { bytes: MIB, perByte: 8 },
  },
  {
    name: 'replay',
    kind: 'bytes',
    seeds: replaySeeds,
    tokens: [
      'HBRP',
      '"nFrames":',
      '"nMels":',
      '"nWindows":',
      '"mean":',
      '"step":',
      '1e308',
      '16777216',
      '[]',
      '__proto__',
    ],
    maxBytes: 16_384,
    refit: refitReplay,
    read: (bytes) => {
      const set = decodeReplay(bytes);
      for (const { values } of set.windows) promiseFinite(values, 'a window');
      assertReplayFits(set, tinyManifest());
      for (const { values } of replayWindowsFor(bytes, tinyManifest())) promiseFinite(values, 'a window');
    },
    // Values that a file may unpack to, and what is unpacked twice here.
    budget: { bytes: 140 * MIB, perByte: 64 },
  },
  {
    name: 'model-zip',
    kind: 'bytes',
    seeds: () => {
      const files = { ...Object.fromEntries(TINY_FILES), 'MODEL_CARD.md': utf8('# Tiny\n') };
      const inFolder = Object.fromEntries(
        Object.entries(files).map(([name, content]) => [`tiny/${name}`, content]),
      );
      return [zipSync(files, { level: 0, mtime: 1e12 }), zipSync(inFolder, { level: 6, mtime: 1e12 })];
    },
    tokens: [
      'PK\x01\x02',
      'PK\x03\x04',
      'PK\x05\x06',
      'manifest.json',
      'model.json',
      'weights.bin',
      '../',
      ...TOPOLOGY_TOKENS,
    ],
    maxBytes: MAX_BYTES,
    refit: refitZip,
    read: async (bytes) => {
      await readModel({ files: [foundFile(new File([bytes], 'model.zip'))], skipped: [], handles: [] });
    },
    budget: { bytes: 64 * MIB, perByte: 400 },
  },
];
