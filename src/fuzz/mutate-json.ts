// Altered copies of what a JSON text stands for: wrong kinds, extremes and hostile names, in places that a change of
// bytes would reach once in a thousand tries. May import: core/random.

import type { Random } from '../core/random.ts';
import { pick } from './mutate.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What no value stands for, or none that could be written by itself: put in when the text is written. */
const INFINITE = '#infinite';
const DEEP_LIST = '#deep list';
const DEEP_RECORD = '#deep record';
const DEEP = 5000;

const LONG = 'x'.repeat(10_000);
const VALUES: readonly Json[] = [
  null,
  true,
  false,
  0,
  -0,
  1,
  -1,
  0.5,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e308,
  -1e308,
  5e-324,
  INFINITE,
  DEEP_LIST,
  DEEP_RECORD,
  '',
  '0',
  'x',
  LONG,
  '__proto__',
  'constructor',
  '\u202egnp.exe',
  '<script>alert(1)</script>',
  '\ud800',
  [],
  {},
  [[]],
  [null],
  { length: 1e9 },
];
const NAMES = ['__proto__', 'constructor', 'toString', 'length', 'hasOwnProperty', '', 'class_name', LONG];
const MOST_AT_ONCE = 3;
const MANY = 2000;
/** Of what is repeated, so that an input stays small. */
const MANY_CHARS = 50_000;

/** The text of an altered copy of `value`, which stays as it is. */
export function mutateJson(value: unknown, random: Random): string {
  const root = { '': structuredClone(value) as Json };
  const n = 1 + Math.floor(random.uniform() ** 2 * MOST_AT_ONCE);
  for (let i = 0; i < n; i++) alter(root, random);
  return ((JSON.stringify(root['']) as string | undefined) ?? 'null')
    .replaceAll(`"${INFINITE}"`, '1e999')
    .replaceAll(`"${DEEP_LIST}"`, nested('[', ']'))
    .replaceAll(`"${DEEP_RECORD}"`, nested('{"config":', '}'));
}

function nested(open: string, close: string): string {
  return `${open.repeat(DEEP)}0${close.repeat(DEEP)}`;
}

type Holder = { [key: string]: Json } | Json[];

/** Goes down from the root at random and alters where it stops. */
function alter(root: { '': Json }, random: Random): void {
  let holder: Holder = root;
  let key: string | number = '';
  for (;;) {
    const value = at(holder, key);
    const keys = value !== null && typeof value === 'object' ? Object.keys(value) : [];
    if (keys.length === 0 || random.uniform() < 0.15) break;
    holder = value as Holder;
    key = pick(keys, random);
  }
  pick(ALTERATIONS, random)(holder, key, random);
}

function at(holder: Holder, key: string | number): Json {
  return (holder as Record<string, Json>)[key] ?? null;
}

/** As a property of its own, whatever the name; lists have no names. */
function put(holder: Holder, key: string | number, value: Json): void {
  if (Array.isArray(holder) && !Number.isInteger(Number(key))) return;
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

const ALTERATIONS: readonly ((holder: Holder, key: string | number, random: Random) => void)[] = [
  (holder, key, random) => put(holder, key, pick(VALUES, random)),
  (holder, key, random) => put(holder, key, pick(VALUES, random)),
  (holder, key, random) => {
    const value = at(holder, key);
    const factor = pick([-1, 0.5, 1.5, 1000, 1e6, 1e-6], random);
    put(holder, key, typeof value === 'number' ? value * factor : [value]);
  },
  (holder, key) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else Reflect.deleteProperty(holder, key);
  },
  (holder, key, random) => put(holder, pick(NAMES, random), at(holder, key)),
  (holder, _key, random) =>
    put(
      holder,
      pick(Object.keys(holder), random),
      structuredClone(at(holder, pick(Object.keys(holder), random))),
    ),
  (holder, key, random) => {
    const value = at(holder, key);
    const most = Math.min(MANY, MANY_CHARS / (1 + JSON.stringify(value).length));
    put(
      holder,
      key,
      Array.from({ length: random.integer(most) }, () => value),
    );
  },
];
