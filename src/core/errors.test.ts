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
  ["failed to load wasm binary file at '/assets/x.wasm'", 'program-missing'],
  ['Maximum call stack size exceeded', 'internal'],
  ['There is room in the zoom.', 'internal'],
])('%s: %s', (message, code) => {
  const thrown = new RangeError(message);
  expect(toAppError(thrown)).toMatchObject({ code, message, cause: thrown });
});

test('an error that has a code keeps it, and what is no error is told as it is', () => {
  const known = new AppError('too-short', 'Out of memory');
  expect(toAppError(known)).toBe(known);
  expect(toAppError('no')).toMatchObject({ code: 'internal', message: 'no' });
});
