// What a record of each kind has to look like before it is written to a backup and before it is put into the
// database: by hand, field by field, because a backup may come from anybody. What a program checks again when it
// reads it (settings), or never draws, is only bounded. Pure.

import { parseManifest } from '../core/model/manifest.ts';
import { parseGolden } from '../core/model/verify.ts';
import { AUSCULTATION_SITES } from '../core/collection/types.ts';
import { TRAINING_WAYS } from '../core/training/types.ts';
import type { RecordKind } from './backup-format.ts';
import type { BackupRecords } from './backup-record.ts';

/** True for a value that is safe to store and to draw as a record of that kind. */
export function isRecord<K extends RecordKind>(kind: K, value: unknown): value is BackupRecords[K] {
  return CHECKS[kind](value);
}

type Check = (value: unknown) => boolean;

const MAX_TEXT = 100_000;
const MAX_LONG_TEXT = 2 ** 21;
const MAX_LIST = 5_000_000;
/** Of what came with a model and is not known field by field. */
const MAX_DEPTH = 64;

const isText: Check = (v) => typeof v === 'string' && v.length <= MAX_TEXT;
const isLongText: Check = (v) => typeof v === 'string' && v.length <= MAX_LONG_TEXT;
const isId: Check = (v) => typeof v === 'string' && v.length > 0 && v.length <= 200;
const isSha256: Check = (v) => typeof v === 'string' && /^[0-9a-f]{64}$/.test(v);
const isTime: Check = (v) => typeof v === 'string' && v.length <= 40 && !Number.isNaN(Date.parse(v));
const isNumber: Check = (v) => Number.isFinite(v);
const isCount: Check = (v) => Number.isSafeInteger(v) && (v as number) >= 0;
/** A loss of which there is none yet is Infinity. */
const isLoss: Check = (v) => typeof v === 'number' && !Number.isNaN(v);
const isBoolean: Check = (v) => typeof v === 'boolean';
const isFloats: Check = (v) => v instanceof Float32Array;

const oneOf =
  (...choices: unknown[]): Check =>
  (v) =>
    choices.includes(v);
const orNull =
  (check: Check): Check =>
  (v) =>
    v === null || check(v);
const orAbsent =
  (check: Check): Check =>
  (v) =>
    v === undefined || check(v);
const listOf =
  (check: Check): Check =>
  (v) =>
    Array.isArray(v) && v.length <= MAX_LIST && v.every(check);
const mapOf =
  (check: Check): Check =>
  (v) =>
    isObject(v) && Object.entries(v).every(([key, each]) => isText(key) && check(each));
const fields =
  (checks: Record<string, Check>): Check =>
  (v) =>
    isObject(v) && Object.keys(checks).every((key) => checks[key]?.(v[key]));

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** Objects, lists, texts, numbers, and not too deep. */
function isPlain(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function';
  if (depth > MAX_DEPTH || ArrayBuffer.isView(value)) return false;
  return Object.values(value).every((each) => isPlain(each, depth + 1));
}

/** True where a reader of core takes it. */
const passes =
  (parse: (value: unknown) => unknown): Check =>
  (v) => {
    try {
      parse(v);
      return true;
    } catch {
      return false;
    }
  };

const isTexts = listOf(isText);

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

const isRunEntry = fields({
  id: isId,
  createdAt: isTime,
  updatedAt: isTime,
  state: oneOf('running', 'finished', 'cancelled', 'failed'),
  way: oneOf(...TRAINING_WAYS),
  baseKey: isText,
  activeKey: isText,
  labels: isTexts,
  nTraining: isCount,
  nWatched: isCount,
  nValidation: isCount,
  epochsDone: isCount,
  epochs: isCount,
  backend: oneOf('webgpu', 'webgl', 'wasm', 'cpu', null),
  modelKey: orNull(isText),
  recommendation: oneOf('promote', 'keep', 'too-little-data', null),
  decision: oneOf('promoted', 'kept', null),
  error: orNull(fields({ code: isText, message: isText })),
});

const isHistory = listOf(
  fields({
    epoch: isCount,
    learningRate: isNumber,
    loss: isNumber,
    accuracy: isNumber,
    auroc: orNull(isNumber),
    watchLoss: orNull(isNumber),
    validationLoss: orNull(isNumber),
    validationAccuracy: orNull(isNumber),
    validationAuroc: orNull(isNumber),
    seconds: isNumber,
  }),
);

const isPlan = fields({
  seed: isNumber,
  validationFraction: isNumber,
  labels: isTexts,
  recordings: listOf(
    fields({
      id: isText,
      fileName: isText,
      label: isText,
      group: isText,
      source: isText,
      quality: oneOf(0, 1, null),
      durationSec: isNumber,
      side: oneOf('training', 'validation', null),
    }),
  ),
  trainIds: isTexts,
  watchIds: isTexts,
  validationIds: isTexts,
  notes: listOf(fields({ kind: oneOf('stop', 'warn', 'tell'), text: isText })),
});

const isEstimate = fields({
  value: orNull(isNumber),
  low: orNull(isNumber),
  high: orNull(isNumber),
  n: isNumber,
});
const isRate: Check = (v) => isEstimate(v) && fields({ count: isNumber })(v);

const isSubset = fields({
  n: isNumber,
  nGroups: isNumber,
  nPerLabel: listOf(isNumber),
  auroc: isEstimate,
  meanAccuracy: isEstimate,
  sensitivity: orNull(isRate),
  specificity: orNull(isRate),
  accuracy: isRate,
  confusion: listOf(listOf(isNumber)),
});

const isReport: Check = (v) =>
  isPlain(v) &&
  fields({
    labels: isTexts,
    n: isNumber,
    nGroups: isNumber,
    pooled: isSubset,
    perSource: mapOf(isSubset),
    meanSourceAuroc: isEstimate,
    coverage: fields({ answered: isRate, riskAnswered: isRate, riskInconclusive: isRate }),
  })(v);

const isChoice = fields({ probability: isNumber, isRight: isBoolean });

const isComparison = fields({
  labels: isTexts,
  n: isNumber,
  nGroups: isNumber,
  active: isReport,
  candidate: isReport,
  difference: fields({ auroc: isEstimate, meanAccuracy: isEstimate }),
  mcnemar: fields({ onlyActiveRight: isNumber, onlyCandidateRight: isNumber, p: isNumber }),
  changes: listOf(
    fields({ id: isText, fileName: isText, label: isText, active: isChoice, candidate: isChoice }),
  ),
});

const isVerdict = fields({
  schema: oneOf('heartbeat-verdict/1'),
  recommendation: oneOf('promote', 'keep', 'too-little-data'),
  reasons: isTexts,
  candidate: isReport,
  perLabel: listOf(fields({ label: isText, n: isNumber, nGroups: isNumber, auroc: isEstimate })),
  comparison: orNull(isComparison),
  forgetting: orNull(
    fields({
      nWindows: isNumber,
      nGroups: isNumber,
      active: isEstimate,
      candidate: isEstimate,
      difference: isEstimate,
    }),
  ),
});

const isRunDetails = fields({
  settings: fields({
    epochs: isCount,
    batchSize: isCount,
    stepsPerEpoch: isCount,
    learningRate: isNumber,
    weightDecay: isNumber,
    schedule: oneOf('one-cycle', 'plateau'),
    earlyStoppingPatience: orNull(isCount),
    plateauPatience: isCount,
    averageLastEpochs: isCount,
    balance: oneOf('source-and-class', 'class', 'none'),
    augment: isBoolean,
    seed: isNumber,
  }),
  plan: isPlan,
  withReplay: isBoolean,
  isStopped: orAbsent(isBoolean),
  history: isHistory,
  bestEpoch: orNull(isCount),
  verdict: orNull(isVerdict),
  log: listOf(fields({ at: isTime, text: isText })),
});

const isWeights = mapOf(isFloats);

const isCheckpoint = fields({
  run: isText,
  epoch: isCount,
  randomState: isNumber,
  weights: isWeights,
  optimizer: fields({ step: isCount, firstMoment: isFloats, secondMoment: isFloats }),
  plateau: fields({ rate: isNumber, bestLoss: isLoss, epochsWithoutBetter: isCount }),
  average: orNull(fields({ sum: isFloats, count: isCount })),
  best: orNull(fields({ epoch: isCount, loss: isLoss, weights: isWeights })),
  history: isHistory,
});

const MAX_SETTING = 2 ** 20;

const CHECKS: Record<RecordKind, Check> = {
  recordings: isRecording,
  batches: isBatch,
  results: fields({ batchId: isId, index: isCount, result: isResult }),
  models: fields({ model: isModel, modelJson: (v) => isObject(v) && isPlain(v) }),
  runs: fields({ entry: isRunEntry, details: isRunDetails, checkpoint: orNull(isCheckpoint) }),
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
