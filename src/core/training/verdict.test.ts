// A verdict against simulated models whose worth is known, and its figures against other ways to compute them.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mcnemarExact } from '../metrics/mcnemar.ts';
import { Random } from '../random.ts';
import type { EvaluationItem } from './answers.ts';
import { againstRest } from './common-task.ts';
import { judgeCandidate, type ReferenceAnswer, type VerdictMaterial } from './verdict.ts';

const TWO = ['normal', 'abnormal'];
const THREE = ['normal', 'murmur', 'extrastole'];

interface Simulation {
  labels: readonly string[];
  activeLabels: readonly string[] | null;
  nGroups: number;
  perGroup?: number;
  /** How far the right class stands out of noise of SD 1. */
  skill: number;
  activeSkill: number;
}

/** Patients in turn of each class; the noise of a recording is partly its patient's. */
function simulate(how: Simulation, seed: number): VerdictMaterial {
  const random = new Random(seed);
  const { labels, activeLabels, perGroup = 2 } = how;
  const candidate: EvaluationItem[] = [];
  const active: EvaluationItem[] = [];
  const answer = (names: readonly string[], right: number, skill: number, own: readonly number[]) => {
    const logits = names.map((_, k) => (own[k] ?? 0) + 0.7 * random.normal() + (k === right ? skill : 0));
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    return logits.map((logit) => Math.exp(logit) / total);
  };
  for (let g = 0; g < how.nGroups; g++) {
    const right = g % labels.length;
    const own = labels.map(() => 0.7 * random.normal());
    for (let i = 0; i < perGroup; i++) {
      const item = {
        id: `p${g}-${i}`,
        label: labels[right] ?? '',
        group: `p${g}`,
        source: g % 2 === 0 ? 'ward' : 'school',
        quality: null,
        threshold: 0.5,
        inconclusive: false,
      };
      candidate.push({ ...item, probabilities: answer(labels, right, how.skill, own) });
      if (activeLabels === null) continue;
      const shown = activeLabels.length === labels.length ? right : Math.min(right, 1);
      active.push({ ...item, probabilities: answer(activeLabels, shown, how.activeSkill, own) });
    }
  }
  return {
    candidate: { labels: [...labels], items: candidate },
    active: activeLabels && { labels: [...activeLabels], items: active },
    fileNames: new Map(candidate.map(({ id }) => [id, `${id}.wav`])),
    reference: null,
  };
}

/** Windows on which the candidate has forgotten a part: `skill` against `activeSkill`. */
function reference(skill: number, activeSkill: number, n = 300): NonNullable<VerdictMaterial['reference']> {
  const random = new Random(5);
  const answers = { candidate: [] as ReferenceAnswer[], active: [] as ReferenceAnswer[] };
  for (let i = 0; i < n; i++) {
    const isAbnormal = i % 2 === 1;
    const hard = random.normal();
    const window = (by: number): ReferenceAnswer => {
      const p = 1 / (1 + Math.exp(-((isAbnormal ? by : -by) + hard + 0.2 * random.normal())));
      return {
        label: isAbnormal ? 'abnormal' : 'normal',
        group: `g${i >> 1}`,
        probabilities: { normal: 1 - p, abnormal: p },
      };
    };
    answers.candidate.push(window(skill));
    answers.active.push(window(activeSkill));
  }
  return answers;
}

const BETTER: Simulation = { labels: TWO, activeLabels: TWO, nGroups: 60, skill: 3, activeSkill: 1 };
const judge = (how: Simulation, change: Partial<VerdictMaterial> = {}) =>
  judgeCandidate({ ...simulate(how, 3), ...change }, { resamples: 500 });

describe('the recommendation', () => {
  it.each<[string, Simulation, string, string]>([
    ['a better model', BETTER, 'promote', 'is better on the 120 recordings of 60 patients'],
    ['a worse one', { ...BETTER, skill: 1, activeSkill: 3 }, 'keep', 'is worse'],
    ['as good a one', { ...BETTER, nGroups: 200, skill: 3.5, activeSkill: 3.5 }, 'keep', 'equally good'],
    [
      'perhaps a better one',
      { ...BETTER, nGroups: 16, skill: 1.6, activeSkill: 1.5 },
      'too-little-data',
      'cannot tell',
    ],
    ['one that guesses', { ...BETTER, skill: 0 }, 'keep', 'cannot be told from guessing'],
    [
      'a handful of patients',
      { ...BETTER, nGroups: 8 },
      'too-little-data',
      'Too few patients judge: normal by 4',
    ],
    [
      'one that knows more classes',
      { labels: THREE, activeLabels: TWO, nGroups: 90, skill: 3, activeSkill: 2.5 },
      'promote',
      'knows classes that the model in use does not',
    ],
    [
      'one that nothing can be compared with',
      { ...BETTER, activeLabels: null },
      'promote',
      'hears the classes',
    ],
  ])('%s', (_, how, recommendation, reason) => {
    const verdict = judge(how);
    expect(verdict.reasons.join(' ')).toContain(reason);
    expect(verdict.recommendation).toBe(recommendation);
  });

  it('holds against a better model what it has clearly forgotten, and only that', () => {
    const forgot = judge(BETTER, { reference: reference(1, 1.6) });
    expect(forgot.recommendation).toBe('keep');
    expect(forgot.reasons[0]).toContain('has forgotten');
    const kept = judge(BETTER, { reference: reference(1.58, 1.6) });
    expect(kept.recommendation).toBe('promote');
    expect(kept.reasons.join(' ')).toContain('Little or nothing was forgotten');
  });

  it('has no comparison where the two share no label', () => {
    const how = { ...BETTER, activeLabels: ['quiet', 'loud'] };
    const verdict = judge(how);
    expect(verdict.comparison).toBeNull();
    expect(verdict.recommendation).toBe('promote');
    expect(verdict.reasons.join(' ')).toContain('knows none of these classes');
  });

  it.each<[string, Simulation]>([
    ['two labels', { ...BETTER, nGroups: 40, skill: 0, activeSkill: 0 }],
    ['three labels', { labels: THREE, activeLabels: TWO, nGroups: 40, skill: 0, activeSkill: 0 }],
    ['nothing to compare with', { ...BETTER, activeLabels: null, nGroups: 40, skill: 0, activeSkill: 0 }],
  ])('is hardly ever to promote what was trained on shuffled labels: %s', (_, how) => {
    const shuffles = 60;
    const recommended = Array.from(
      { length: shuffles },
      (_, seed) =>
        judgeCandidate(simulate({ ...how, perGroup: 1 }, 1000 + seed), { resamples: 100 }).recommendation,
    );
    const share = (what: string) => recommended.filter((one) => one === what).length / shuffles;
    expect(share('promote')).toBeLessThanOrEqual(0.05);
    expect(share('keep')).toBeGreaterThanOrEqual(0.9);
  });
});

it('is made from whatever there is: one recording, one patient, a missing class, models that share nothing', () => {
  const collection = fc.array(
    fc.record({
      label: fc.constantFrom(...THREE),
      group: fc.integer({ min: 0, max: 8 }).map((g) => `p${g}`),
      source: fc.constantFrom('ward', 'school'),
      p: fc.constantFrom(0, 0.2, 0.5, 1),
    }),
    { minLength: 1, maxLength: 25 },
  );
  const activeLabels = fc.constantFrom(THREE, TWO, ['quiet', 'murmur']);
  fc.assert(
    fc.property(collection, activeLabels, (some, labels) => {
      const itemsOf = (names: readonly string[]): EvaluationItem[] =>
        some.map(({ p, ...facts }, i) => ({
          ...facts,
          id: `r${i}`,
          quality: null,
          probabilities: names.map((_, k) => (k === 0 ? p : (1 - p) / (names.length - 1))),
          threshold: 0.5,
          inconclusive: p === 0.5,
        }));
      const { recommendation, reasons } = judgeCandidate(
        {
          candidate: { labels: THREE, items: itemsOf(THREE) },
          active: { labels: [...labels], items: itemsOf(labels) },
          fileNames: new Map(),
          reference: { candidate: [], active: [] },
        },
        { resamples: 10 },
      );
      expect(recommendation).not.toBe('promote');
      expect(reasons.join(' ')).not.toMatch(/NaN|undefined|null/);
    }),
    { numRuns: 50 },
  );
});

describe('a question that both can answer', () => {
  it('is the shared negative label against the rest, with the decision that each model makes', () => {
    const random = new Random(9);
    for (let i = 0; i < 500; i++) {
      const raw = THREE.map(() => random.uniform());
      const total = raw.reduce((sum, value) => sum + value, 0);
      const probabilities = raw.map((value) => value / total);
      const item = simulate(BETTER, 1).candidate.items[0]!;
      for (const label of THREE) {
        const against = againstRest({ ...item, probabilities }, THREE, label);
        const isLikeliest = probabilities[THREE.indexOf(label)] === Math.max(...probabilities);
        const decidesForLabel = against.probabilities[1]! >= against.threshold === (label !== 'normal');
        expect(decidesForLabel).toBe(isLikeliest);
      }
    }
  });

  it('leaves two models with the same labels in another order as they are', () => {
    const material = simulate(BETTER, 3);
    const { labels, items } = material.active!;
    const turned = {
      labels: [...labels].reverse(),
      items: items.map((item) => ({
        ...item,
        probabilities: [...item.probabilities].reverse(),
        threshold: 1 - item.threshold,
      })),
    };
    const plain = judgeCandidate(material, { resamples: 100 });
    expect(judgeCandidate({ ...material, active: turned }, { resamples: 100 })).toEqual(plain);
  });

  it('is asked only where both have answered', () => {
    const material = simulate(BETTER, 3);
    material.active!.items.splice(0, 5);
    expect(judgeCandidate(material, { resamples: 50 }).comparison?.n).toBe(115);
  });
});

describe('the figures of a comparison', () => {
  it('have the interval of the difference that DeLong gives for independent recordings', () => {
    const material = simulate({ ...BETTER, nGroups: 300, perGroup: 1, skill: 1.2, activeSkill: 0.8 }, 11);
    const { comparison } = judgeCandidate(material, { resamples: 2000 });
    const { value, standardError } = deLong(material.candidate.items, material.active!.items);
    const { auroc } = comparison!.difference;
    expect(auroc.value).toBeCloseTo(value, 12);
    // The resamples' own error of a percentile is about 5 % of the standard error.
    expect(Math.abs(auroc.low! - (value - 1.96 * standardError))).toBeLessThan(0.2 * standardError);
    expect(Math.abs(auroc.high! - (value + 1.96 * standardError))).toBeLessThan(0.2 * standardError);
  });

  it('are drawn by patient: copies of a recording make no interval narrower', () => {
    const once = simulate({ ...BETTER, perGroup: 1, skill: 1.2 }, 11);
    const copied = <T extends { items: EvaluationItem[] }>(answers: T): T => ({
      ...answers,
      items: answers.items.flatMap((item) => [
        item,
        { ...item, id: `${item.id}'` },
        { ...item, id: `${item.id}"` },
      ]),
    });
    const width = (material: VerdictMaterial) => {
      const { low, high } = judgeCandidate(material, { resamples: 1000 }).comparison!.difference.auroc;
      return high! - low!;
    };
    const thrice = { ...once, candidate: copied(once.candidate), active: copied(once.active!) };
    expect(width(thrice) / width(once)).toBeCloseTo(1, 10);
  });

  it('name each recording that only one of the two has right, lost ones first', () => {
    const material = simulate({ ...BETTER, skill: 1 }, 3);
    const { changes, mcnemar, active, candidate } = judgeCandidate(material, { resamples: 50 }).comparison!;
    const lost = changes.filter((change) => change.active.isRight);
    expect(changes.slice(0, lost.length)).toEqual(lost);
    expect([lost.length, changes.length - lost.length]).toEqual([
      mcnemar.onlyActiveRight,
      mcnemar.onlyCandidateRight,
    ]);
    // Each one more right answer of the candidate is a won one less a lost one.
    expect(candidate.pooled.accuracy.count - active.pooled.accuracy.count).toBe(
      mcnemar.onlyCandidateRight - mcnemar.onlyActiveRight,
    );
    for (const { id, fileName, label, ...answers } of changes) {
      expect(fileName).toBe(`${id}.wav`);
      const item = material.candidate.items.find((one) => one.id === id)!;
      expect(answers.candidate.probability).toBe(item.probabilities[TWO.indexOf(label)]);
    }
  });

  it('tell how far they are, up to the end', () => {
    const told: number[] = [];
    judgeCandidate(
      { ...simulate(BETTER, 3), reference: reference(1, 1) },
      { resamples: 50, onProgress: (done) => told.push(done) },
    );
    expect(told.at(-1)).toBe(1);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.length).toBeGreaterThan(20);
  });
});

describe("McNemar's exact test", () => {
  it('is the binomial sum in whole numbers', () => {
    for (const [a, b] of [
      [0, 0],
      [0, 1],
      [3, 3],
      [2, 8],
      [5, 21],
      [40, 61],
      [400, 460],
      [900, 1100],
    ] as const)
      // prettier-ignore
      expect(mcnemarExact(a, b)).toBeCloseTo(binomialTwoSided(a, b), 10);
  });

  it('does not care which of the two is called first, and holds for thousands', () => {
    expect(mcnemarExact(1400, 1500)).toBe(mcnemarExact(1500, 1400));
    // The normal approximation with continuity correction: z = (100 − 1) / √2900.
    expect(mcnemarExact(1400, 1500)).toBeCloseTo(0.066, 3);
  });
});

/** 2 · Σ C(n, k) / 2ⁿ without a rounding error before the last division. */
function binomialTwoSided(a: number, b: number): number {
  const n = a + b;
  let term = 1n;
  let sum = 0n;
  for (let k = 0; k <= Math.min(a, b); k++) {
    sum += term;
    term = (term * BigInt(n - k)) / BigInt(k + 1);
  }
  const digits = 10n ** 18n;
  return Math.min(1, Number((2n * sum * digits) / 2n ** BigInt(n)) / 1e18);
}

/** Source: DeLong, DeLong & Clarke-Pearson, Biometrics 44 (1988) 837–845. */
function deLong(candidate: EvaluationItem[], active: EvaluationItem[]) {
  const split = (items: EvaluationItem[], label: string) =>
    items.filter((item) => item.label === label).map((item) => item.probabilities[1]!);
  const wins = (x: number, y: number) => (x > y ? 1 : x === y ? 0.5 : 0);
  const placements = (items: EvaluationItem[]) => {
    const [positives, negatives] = [split(items, 'abnormal'), split(items, 'normal')];
    return {
      ofPositives: positives.map((x) => mean(negatives.map((y) => wins(x, y)))),
      ofNegatives: negatives.map((y) => mean(positives.map((x) => wins(x, y)))),
    };
  };
  const [a, b] = [placements(candidate), placements(active)];
  const variance = (x: number[], y: number[]) => {
    const gains = x.map((value, i) => value - y[i]!);
    return mean(gains.map((gain) => (gain - mean(gains)) ** 2)) / (gains.length - 1);
  };
  return {
    value: mean(a.ofPositives) - mean(b.ofPositives),
    standardError: Math.sqrt(variance(a.ofPositives, b.ofPositives) + variance(a.ofNegatives, b.ofNegatives)),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
