// What a record of each kind has to look like before it is written to a backup and before it is put into the
// database: by hand, field by field, because a backup may come from anybody. What a program checks again when it
// reads it (settings), or never draws, is only bounded. Pure.

import { parseManifest } from '../core/model/manifest.ts';
import { parseGolden } from '../core/model/verify.ts';
import { AUSCULTATION_SITES } from '../core/collection/types.ts';
import type { RecordKind } from './backup-format.ts';
import type { BackupRecords } from './backup-record.ts';
import {
  type Check,
  fields,
  isBoolean,
  isCount,
  isId,
  isLongText,
  isNumber,
  isObject,
  isPlain,
  isSha256,
  isText,
  isTexts,
  isTime,
  listOf,
  mapOf,
  oneOf,
  orAbsent,
  orNull,
  passes,
} from './check-fields.ts';
import { isRun } from './run-checks.ts';

/** True for a value that is safe to store and to draw as a record of that kind. */
export function isRecord<K extends RecordKind>(kind: K, value: unknown): value is BackupRecords[K] {
  return CHECKS[kind](value);
}

const isQuality = fields({
  verdict: oneOf('good', 'fair', 'poor'),
  reasons: isTexts,
  rms: isNumber,
  clippedFraction: isNumber,
  periodicity: isNumber,
  signalToNoiseDb: isNumber,
});

const isRecording = fields({
  id: isSha256,
  soundSha256: isText,
  fingerprint: (v) => v instanceof Uint32Array,
  durationSec: isNumber,
  sampleRateHz: isNumber,
  quality: isQuality,
  heartRateBpm: orNull(isNumber),
  label: orNull(isText),
  group: orNull(isText),
  source: isText,
  site: orNull(oneOf(...AUSCULTATION_SITES)),
  side: oneOf('training', 'validation', null),
  fileName: isText,
  sizeBytes: isCount,
  addedAt: isTime,
});

const isBatchEntry = fields({
  id: isId,
  title: isText,
  createdAt: isTime,
  updatedAt: isTime,
  state: oneOf('running', 'done', 'cancelled'),
  model: fields({ id: isText, version: isText, sha256: isText, name: isText }),
  judgement: fields({
    labels: isTexts,
    threshold: isNumber,
    inconclusiveBand: orNull(fields({ low: isNumber, high: isNumber })),
  }),
  threshold: isNumber,
  total: isCount,
  nLabelled: isCount,
  counts: fields({ ok: isCount, inconclusive: isCount, error: isCount, perClass: mapOf(isCount) }),
  soundSec: isNumber,
});

const isTruth = fields({
  recordings: listOf(
    fields({
      id: isText,
      label: isText,
      group: isText,
      source: isText,
      quality: oneOf(0, 1, null),
      site: orAbsent(isText),
    }),
  ),
  unmatched: listOf(fields({ path: isText, reason: isText })),
  missing: listOf(fields({ labelFile: isText, line: isNumber, file: isText })),
  from: oneOf('csv', 'reference', 'folders'),
  hasGroups: isBoolean,
  notes: isTexts,
});

const isBatchFiles = fields({
  names: isTexts,
  sizesBytes: (v) => v instanceof Float64Array && v.every(Number.isFinite),
  skipped: listOf(fields({ fileName: isText, reason: isText })),
  truth: orNull(isTruth),
  // Of another device or profile: none can come along.
  handles: (v) => Array.isArray(v) && v.length === 0,
});

const isBatch: Check = (v) => {
  if (!fields({ entry: isBatchEntry, files: isBatchFiles })(v)) return false;
  const { entry, files } = v as BackupRecords['batches'];
  return files.names.length === entry.total && files.sizesBytes.length === entry.total;
};

const isProbabilities = mapOf(isNumber);

const isResult = fields({
  fileName: isText,
  sha256: orNull(isText),
  status: oneOf('ok', 'inconclusive', 'error'),
  inconclusiveReasons: isTexts,
  predictedClass: orNull(isText),
  confidence: orNull(isNumber),
  probabilities: isProbabilities,
  threshold: isNumber,
  durationSec: orNull(isNumber),
  sampleRateHz: orNull(isNumber),
  quality: orNull(isQuality),
  heartRateBpm: orNull(isNumber),
  windows: listOf(fields({ startSec: isNumber, endSec: isNumber, probabilities: isProbabilities })),
  model: fields({ id: isText, version: isText, sha256: isText }),
  pipelineVersion: isNumber,
  backend: oneOf('webgpu', 'webgl', 'wasm', 'cpu', null),
  backendReason: orNull(isText),
  processingMs: fields({ decode: isNumber, features: isNumber, inference: isNumber, total: isNumber }),
  timestamp: isTime,
  appVersion: isText,
  error: orNull(fields({ code: isText, message: isText })),
});

const isModel = fields({
  key: (v) => isId(v) && (v as string).startsWith('local:'),
  origin: oneOf('trained', 'imported'),
  name: isText,
  manifest: passes(parseManifest),
  // Whatever draws them reads them field by field.
  metrics: isPlain,
  card: isLongText,
  golden: passes(parseGolden),
  parentKey: orNull(isId),
  runId: orNull(isId),
  heard: fields({ trained: isTexts, watched: isTexts, judged: isTexts }),
  hasPassedComparison: isBoolean,
  replaySha256: orNull(isSha256),
  createdAt: isTime,
});

const MAX_SETTING = 2 ** 20;

const CHECKS: Record<RecordKind, Check> = {
  recordings: isRecording,
  batches: isBatch,
  results: fields({ batchId: isId, index: isCount, result: isResult }),
  models: fields({ model: isModel, modelJson: (v) => isObject(v) && isPlain(v) }),
  runs: isRun,
  'active-model': fields({
    key: isId,
    since: isTime,
    previous: listOf(fields({ key: isId, since: isTime, until: isTime })),
  }),
  settings: fields({
    key: (v) => typeof v === 'string' && /^[\w.-]{1,100}$/.test(v) && v !== '__proto__',
    value: (v) => typeof v === 'string' && v.length <= MAX_SETTING && passes(JSON.parse as Check)(v),
  }),
};
