// An evaluation that came with a model, from a file of anybody's making: what is not as it should be is left out, so
// that whatever draws figures can rely on them. Pure.

import { isPlain, MAX_NAME } from '../../core/plain-text.ts';
import type { EvaluationReport } from '../../core/training/evaluate.ts';

const SCHEMA: EvaluationReport['schema'] = 'heartbeat-evaluation/1';
/** More sources than anybody collects; each is a row. */
const MAX_SOURCES = 200;

type Fields = Record<string, unknown>;
type Check = (value: unknown) => boolean;

const isNumber: Check = (v) => typeof v === 'number' && Number.isFinite(v);
const isNumberOrNull: Check = (v) => v === null || isNumber(v);
const isEstimate: Check = (v) => {
  const { value, low, high, n } = asFields(v);
  return [value, low, high].every(isNumberOrNull) && isNumber(n);
};
const isRate: Check = (v) => isEstimate(v) && isNumber(asFields(v)['count']);
const isRateOrNull: Check = (v) => v === null || isRate(v);
const isTexts: Check = (v) => Array.isArray(v) && v.every((text) => typeof text === 'string');

/** Null where there is no evaluation, or not even its pooled figures can be read. */
export function asEvaluation(metrics: unknown): EvaluationReport | null {
  const given = asFields(metrics);
  const { schema, labels, n, nGroups, pooled } = given;
  if (schema !== SCHEMA || !isTexts(labels) || !isNumber(n) || !isNumber(nGroups)) return null;
  if (!isSubset(pooled)) return null;
  const told: Fields = {
    ...given,
    perSource: subsets(given['perSource']),
    meanSourceAuroc: isEstimate(given['meanSourceAuroc'])
      ? given['meanSourceAuroc']
      : { value: null, low: null, high: null, n },
    leaveOneSourceOut: unseen(given['leaveOneSourceOut']),
    baselines: baselines(given['baselines']),
    calibration: isCalibration(given['calibration']) ? given['calibration'] : null,
    coverage: isCoverage(given['coverage']) ? given['coverage'] : null,
  };
  return told as unknown as EvaluationReport;
}

const isSubset: Check = (v) => {
  const { n, nGroups, auroc, meanAccuracy, sensitivity, specificity, accuracy } = asFields(v);
  return (
    isNumber(n) &&
    isNumber(nGroups) &&
    isEstimate(auroc) &&
    isEstimate(meanAccuracy) &&
    isRateOrNull(sensitivity) &&
    isRateOrNull(specificity) &&
    isRate(accuracy)
  );
};

function subsets(value: unknown): Fields {
  return Object.fromEntries(
    Object.entries(asFields(value))
      .filter(([source, subset]) => source.length <= MAX_NAME && isPlain(source) && isSubset(subset))
      .slice(0, MAX_SOURCES),
  );
}

function unseen(value: unknown): Fields | null {
  const { perSource, meanAuroc, meanMeanAccuracy } = asFields(value);
  if (!isEstimate(meanAuroc) || !isEstimate(meanMeanAccuracy)) return null;
  return { perSource: subsets(perSource), meanAuroc, meanMeanAccuracy };
}

/** Each of them, or none. */
function baselines(value: unknown): Fields | null {
  const isBaseline: Check = (v) =>
    isNumberOrNull(asFields(v)['auroc']) && isNumberOrNull(asFields(v)['meanAccuracy']);
  const known = Object.entries(asFields(value)).filter(([, one]) => isBaseline(one));
  return known.length > 0 ? Object.fromEntries(known) : null;
}

const isCalibration: Check = (v) => {
  const { expectedCalibrationError, bins } = asFields(v);
  const isBin: Check = (bin) => {
    const { low, high, n, meanProbability, positiveFraction } = asFields(bin);
    return [low, high, n].every(isNumber) && [meanProbability, positiveFraction].every(isNumberOrNull);
  };
  return isNumberOrNull(expectedCalibrationError) && Array.isArray(bins) && bins.every(isBin);
};

const isCoverage: Check = (v) => {
  const { answered, riskAnswered, riskInconclusive } = asFields(v);
  return [answered, riskAnswered, riskInconclusive].every(isRate);
};

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
