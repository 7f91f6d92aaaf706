// The bundled model's own known answers, changed as a damaged or foreign model would change them.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Golden } from '../training/golden.ts';
import { assertKnownAnswers, goldenDifference, parseGolden } from './verify.ts';

const saved = JSON.parse(
  readFileSync(new URL('../../../models/heartbeat-cnn/golden.json', import.meta.url), 'utf8'),
) as Golden;

function moved(by: number, every = 1): Golden {
  const windows = saved.windows.map(({ seed, logits }, i) => ({
    seed,
    logits: logits.map((logit) => (i % every === 0 ? logit + by : logit)),
  }));
  return { ...saved, windows };
}

test('the same answers pass, and so does the rounding of another backend', () => {
  expect(() => assertKnownAnswers(parseGolden(saved), saved, 'sigmoid-logit')).not.toThrow();
  expect(() => assertKnownAnswers(saved, moved(1e-3), 'sigmoid-logit')).not.toThrow();
});

test.each([
  ['answers moved by a tenth', moved(0.1)],
  ['a single answer moved', moved(0.1, 4)],
  ['no numbers', moved(NaN)],
  ['another input', { ...saved, inputShape: [300, 64, 1] as [number, number, number] }],
  ['fewer answers', { ...saved, windows: saved.windows.slice(1) }],
  ['another output', { ...saved, windows: saved.windows.map(({ seed }) => ({ seed, logits: [1, 2] })) }],
  ['other seeds', { ...saved, windows: saved.windows.map(({ logits }, i) => ({ seed: i + 9, logits })) }],
])('%s do not', (_, actual) => {
  expect(() => assertKnownAnswers(saved, actual, 'sigmoid-logit')).toThrow(/known answers/);
});

test('probabilities next to certainty are compared as such', () => {
  const certain = (logit: number): Golden => ({ ...saved, windows: [{ seed: 1, logits: [logit] }] });
  expect(goldenDifference(certain(14), certain(17), 'sigmoid-probability')).toBeLessThan(1e-5);
  expect(goldenDifference(certain(-60), certain(-80), 'softmax-probability')).toBeLessThan(1e-5);
  expect(goldenDifference(certain(14), certain(17), 'sigmoid-logit')).toBeGreaterThan(0.1);
});

test.each([
  null,
  [],
  'x',
  { ...saved, schema: 'heartbeat-golden/2' },
  { ...saved, windows: [] },
  { ...saved, inputShape: [1] },
  { ...saved, windows: [{ seed: 1, logits: ['<b>'] }] },
  { ...saved, windows: Array.from({ length: 1000 }, () => saved.windows[0]) },
])('what is no golden.json is refused (%#)', (value) =>
  expect(() => parseGolden(value)).toThrow(/golden\.json/),
);
