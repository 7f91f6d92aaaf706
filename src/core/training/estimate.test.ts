// Estimates against sums by hand.

import { expect, test } from 'vitest';
import { fakePlan } from '../../state/run-fakes.ts';
import { judgingSeconds, readingSeconds, trainingSeconds } from './estimate.ts';

/** Four recordings of 10 s: two train, two judge; windows of 4 s every 2 s are 4 in each. */
const PLAN = fakePlan();
const MANIFEST = { window: { durationSec: 4, hopSec: 2, padding: 'repeat', maxWindows: null } } as const;
const COST = { msPerStep: 500, msPerWindow: 100 };
const SETTINGS = { epochs: 10, stepsPerEpoch: 2, earlyStoppingPatience: null };

test('a head is embedded once, and every step costs the same', () => {
  // 20 steps of 0.5 s and 16 windows of 0.1 s.
  expect(trainingSeconds('head', SETTINGS, PLAN, MANIFEST, COST)).toBeCloseTo(10 + 1.6, 9);
});

test('a network that moves is scored before and after every epoch', () => {
  // 20 steps, and 11 times the 8 windows that judge.
  expect(trainingSeconds('all', SETTINGS, PLAN, MANIFEST, COST)).toBeCloseTo(10 + 8.8, 9);
});

test('a run that may stop early is expected to, half way', () => {
  const early = { ...SETTINGS, earlyStoppingPatience: 3 };
  expect(trainingSeconds('head', early, PLAN, MANIFEST, COST)).toBeCloseTo(5 + 1.6, 9);
});

test('windows that are not heard cost nothing, and a short recording is one window', () => {
  const first = { window: { ...MANIFEST.window, maxWindows: 1 } };
  expect(trainingSeconds('head', SETTINGS, PLAN, first, COST)).toBeCloseTo(10 + 0.4, 9);
  const long = { window: { ...MANIFEST.window, durationSec: 60 } };
  expect(trainingSeconds('head', SETTINGS, PLAN, long, COST)).toBeCloseTo(10 + 0.4, 9);
});

test('reading and judging grow with the sound', () => {
  const longer = { ...PLAN, recordings: PLAN.recordings.map((r) => ({ ...r, durationSec: 20 })) };
  expect(readingSeconds(longer)).toBeCloseTo(2 * readingSeconds(PLAN), 9);
  expect(judgingSeconds(longer, MANIFEST, COST)).toBeGreaterThan(judgingSeconds(PLAN, MANIFEST, COST));
});
