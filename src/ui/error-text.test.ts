import { expect, test } from 'vitest';
import { ERROR_CODES } from '../core/errors.ts';
import { errorText } from './error-text.ts';

test.each(ERROR_CODES)('%s says what, why and what now', (code) => {
  const { what, why, now } = errorText(code);
  for (const part of [what, why, now]) expect(part.length).toBeGreaterThan(10);
  expect(`${what}${why}${now}`).not.toMatch(/!/);
  expect(what).not.toMatch(/\.$/);
});

test('a code from another version has words too', () => {
  expect(errorText('made-up')).toEqual(errorText('internal'));
});
