// What a record from outside is checked by, field by field: texts, numbers, lists and objects, each bounded. Pure.

export type Check = (value: unknown) => boolean;

const MAX_TEXT = 100_000;
const MAX_LONG_TEXT = 2 ** 21;
const MAX_LIST = 5_000_000;
/** Of what came with a model and is not known field by field. */
const MAX_DEPTH = 64;

export const isText: Check = (v) => typeof v === 'string' && v.length <= MAX_TEXT;
export const isLongText: Check = (v) => typeof v === 'string' && v.length <= MAX_LONG_TEXT;
export const isId: Check = (v) => typeof v === 'string' && v.length > 0 && v.length <= 200;
export const isSha256: Check = (v) => typeof v === 'string' && /^[0-9a-f]{64}$/.test(v);
export const isTime: Check = (v) => typeof v === 'string' && v.length <= 40 && !Number.isNaN(Date.parse(v));
export const isNumber: Check = (v) => Number.isFinite(v);
export const isCount: Check = (v) => Number.isSafeInteger(v) && (v as number) >= 0;
/** A loss of which there is none yet is Infinity. */
export const isLoss: Check = (v) => typeof v === 'number' && !Number.isNaN(v);
export const isBoolean: Check = (v) => typeof v === 'boolean';
export const isFloats: Check = (v) => v instanceof Float32Array;

export const oneOf =
  (...choices: unknown[]): Check =>
  (v) =>
    choices.includes(v);
export const orNull =
  (check: Check): Check =>
  (v) =>
    v === null || check(v);
export const orAbsent =
  (check: Check): Check =>
  (v) =>
    v === undefined || check(v);
export const listOf =
  (check: Check): Check =>
  (v) =>
    Array.isArray(v) && v.length <= MAX_LIST && v.every(check);
export const mapOf =
  (check: Check): Check =>
  (v) =>
    isObject(v) && Object.entries(v).every(([key, each]) => isText(key) && check(each));
export const fields =
  (checks: Record<string, Check>): Check =>
  (v) =>
    isObject(v) && Object.keys(checks).every((key) => checks[key]?.(v[key]));

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** Objects, lists, texts, numbers, and not too deep. */
export function isPlain(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function';
  if (depth > MAX_DEPTH || ArrayBuffer.isView(value)) return false;
  return Object.values(value).every((each) => isPlain(each, depth + 1));
}

/** True where a reader of core takes it. */
export const passes =
  (parse: (value: unknown) => unknown): Check =>
  (v) => {
    try {
      parse(v);
      return true;
    } catch {
      return false;
    }
  };

export const isTexts = listOf(isText);
