// What platforms throw, in the program's own codes.
import { expect, test } from 'vitest';
import { AppError, toAppError } from './errors.ts';

test.each([
  ['Array buffer allocation failed', 'out-of-memory'],
  ['Invalid typed array length: 4294967296', 'out-of-memory'],
  ['Out of memory', 'out-of-memory'],
  ['allocation size overflow', 'out-of-memory'],
  ['WebAssembly.instantiate(): Out of memory: Cannot allocate Wasm memory for new instance', 'out-of-memory'],
  ['Aborted(OOM). Build with -sASSERTIONS for more info.', 'out-of-memory'],
  ['Failed to fetch dynamically imported module: https://x.test/assets/a.js', 'program-missing'],
  ['error loading dynamically imported module: https://x.test/assets/a.js', 'program-missing'],
  ['Importing a module script failed.', 'program-missing'],
  ['Unable to preload CSS for /assets/a.css', 'program-missing'],
  ['Maximum call stack size exceeded', 'internal'],
  ['There is room in the zoom.', 'internal'],
])('%s: %s', (message, code) => {
  const thrown = new RangeError(message);
  expect(toAppError(thrown)).toMatchObject({ code, message, cause: thrown });
});

test('what a message cites is shown as it is, in one line of bounded length', () => {
  const { message } = new AppError('archive-invalid', `"\u202egnp\n\u0000${'x'.repeat(70_000)}" is damaged.`);
  expect(message).toHaveLength(400);
  expect(message).toMatch(/^"\ufffdgnp\ufffd\ufffdx+…x+" is damaged\.$/);
  const half = new AppError('too-short', 'half a letter: \ud83d, a whole one: \ud83d\ude00.');
  expect(half.message).toBe('half a letter: \ufffd, a whole one: \ud83d\ude00.');
});

test('an error that has a code keeps it, and what is no error is told as it is', () => {
  const known = new AppError('too-short', 'Out of memory');
  expect(toAppError(known)).toBe(known);
  expect(toAppError('no')).toMatchObject({ code: 'internal', message: 'no' });
});
