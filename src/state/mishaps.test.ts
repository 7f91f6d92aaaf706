// What nobody waited for is said once a kind, and what is no fault of the program's is not said at all.
import { expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import { MishapState } from './mishaps.svelte.ts';

const ORIGIN = 'https://heart.test';
const rejected = (reason: unknown) => ({ type: 'unhandledrejection', reason });
const thrown = (error: unknown, filename = `${ORIGIN}/assets/a.js`, message = String(error)) => ({
  type: 'error',
  error,
  message,
  filename,
});

test('a rejection and an error are told with their details', () => {
  const mishaps = new MishapState(ORIGIN);
  mishaps.note(rejected(new AppError('storage-full', 'No room.')));
  expect(mishaps.latest?.error).toMatchObject({ code: 'storage-full', message: 'No room.' });
  const error = new TypeError('x is undefined');
  mishaps.note(thrown(error));
  expect(mishaps.latest).toMatchObject({ error: { code: 'internal', message: 'x is undefined' } });
  expect(mishaps.latest?.details).toBe(error.stack);
  mishaps.note(rejected('just a text'));
  expect(mishaps.latest?.details).toBe('just a text');
});

test('a kind is told once, also after it was put away; another kind is told', () => {
  const mishaps = new MishapState(ORIGIN);
  mishaps.note(rejected(new Error('one')));
  mishaps.dismiss();
  for (let i = 0; i < 1000; i++) mishaps.note(rejected(new Error('one')));
  expect(mishaps.latest).toBeNull();
  mishaps.note(rejected(new Error('two')));
  expect(mishaps.latest?.error.message).toBe('two');
});

test('a page in which everything goes wrong falls silent in the end', () => {
  const mishaps = new MishapState(ORIGIN);
  for (let i = 0; i < 1000; i++) mishaps.note(rejected(new Error(`kind ${i}`)));
  mishaps.dismiss();
  mishaps.note(rejected(new Error('one more')));
  expect(mishaps.latest).toBeNull();
});

test.each([
  ['cancelled work', rejected(new DOMException('gone', 'AbortError'))],
  [
    'a size told a frame later',
    thrown(undefined, `${ORIGIN}/`, 'ResizeObserver loop completed with undelivered'),
  ],
  ['an extension', thrown(new Error('no'), 'chrome-extension://abc/x.js')],
  ['a script of another origin', thrown(null, '', 'Script error.')],
])('%s is no mishap', (_, event) => {
  const mishaps = new MishapState(ORIGIN);
  mishaps.note(event);
  expect(mishaps.latest).toBeNull();
});

test('an event that cannot be looked at does not make another', () => {
  const mishaps = new MishapState(ORIGIN);
  const hostile = {
    toString: () => {
      throw new Error('again');
    },
  };
  expect(() => mishaps.note(rejected(hostile))).not.toThrow();
});
