// What a training run of a backup has to look like, with its curves, verdict and checkpoint. Pure; see backup-checks.ts.

import { TRAINING_WAYS } from '../core/training/types.ts';
import {
  type Check,
  fields,
  isBoolean,
  isCount,
  isFloats,
  isId,
  isLoss,
  isNumber,
  isPlain,
  isText,
  isTexts,
  isTime,
  listOf,
  mapOf,
  oneOf,
  orAbsent,
  orNull,
} from './check-fields.ts';

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

/** A run of a backup: its entry, its details, and where it can go on from. */
export const isRun = fields({ entry: isRunEntry, details: isRunDetails, checkpoint: orNull(isCheckpoint) });
