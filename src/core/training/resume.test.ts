// Training that is killed at any step and goes on from its last checkpoint ends where it would have ended.

import { createRequire } from 'node:module';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Random } from '../random.ts';
import { chooseBackend } from '../tensor/backend.ts';
import type { Checkpoint } from './checkpoint.ts';
import { settingsForWay } from './recipe.ts';
import { manifestFor, openSession, smallModel, smallReplay } from './session-fixtures.ts';
import type { TrainRequest } from './session.ts';
import type { TrainingOutcome, TrainingSettings, TrainingWay } from './types.ts';

/** Training is slow on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  const simd = createRequire(import.meta.url).resolve(
    '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
  );
  await chooseBackend('wasm', { gpu: null, createOffscreenCanvas: null, wasmPaths: { simd } });
});

const OLD = ['low', 'high'];
const NEW = ['low', 'high', 'higher'];
const N_RECORDINGS = 18;
const TOLERANCE = 1e-5;

interface Case {
  way: TrainingWay;
  labels: string[];
  withReplay: boolean;
  isWatched: boolean;
  changes: Partial<TrainingSettings>;
}

const CASES: Case[] = [
  { way: 'head', labels: OLD, withReplay: true, isWatched: true, changes: {} },
  { way: 'head', labels: NEW, withReplay: true, isWatched: false, changes: {} },
  { way: 'head', labels: OLD, withReplay: false, isWatched: true, changes: { earlyStoppingPatience: 1 } },
  { way: 'last-blocks', labels: OLD, withReplay: true, isWatched: true, changes: { plateauPatience: 1 } },
  { way: 'last-blocks', labels: NEW, withReplay: false, isWatched: false, changes: {} },
  { way: 'all', labels: OLD, withReplay: false, isWatched: false, changes: { averageLastEpochs: 2 } },
  { way: 'all', labels: NEW, withReplay: true, isWatched: true, changes: { plateauPatience: 1 } },
  { way: 'all', labels: OLD, withReplay: true, isWatched: true, changes: { earlyStoppingPatience: 2 } },
  { way: 'scratch', labels: NEW, withReplay: false, isWatched: false, changes: { averageLastEpochs: 2 } },
  { way: 'scratch', labels: OLD, withReplay: true, isWatched: true, changes: { schedule: 'plateau' } },
];

async function requestOf({ way, withReplay, isWatched, changes }: Case): Promise<TrainRequest> {
  const ids = Array.from({ length: N_RECORDINGS }, (_, i) => `r${i}`);
  const settings = settingsForWay(way, 9, { seed: 3, isWatched, epochs: 4, batchSize: 4 });
  return {
    way,
    settings: { ...settings, stepsPerEpoch: 2, ...changes },
    trainIds: ids.slice(0, 9),
    watchIds: isWatched ? ids.slice(9, 15) : [],
    validationIds: ids.slice(15),
    from: way === 'scratch' ? null : await smallModel(),
    replay: withReplay ? smallReplay() : null,
    resume: null,
  };
}

/** @param killAt which of the breaths that the run takes is its last; null: it lives */
async function life(
  one: Case,
  request: TrainRequest,
  killAt: number | null,
): Promise<{ outcome: TrainingOutcome | null; checkpoint: Checkpoint | null; breaths: number }> {
  let breaths = 0;
  const { session } = await openSession(manifestFor(one.labels), N_RECORDINGS, () =>
    ++breaths === killAt ? Promise.reject(new Error('killed')) : Promise.resolve(),
  );
  let checkpoint: Checkpoint | null = null;
  const outcome = await session
    .train(request, { onCheckpoint: (latest) => void (checkpoint = structuredClone(latest)) })
    .catch((error: unknown) => {
      if (killAt === null || (error as Error).message !== 'killed') throw error;
      return null;
    });
  return { outcome, checkpoint, breaths };
}

describe('a run that is killed', () => {
  it.each(CASES.map((one, index) => ({ ...one, index })))(
    'ends with the same weights: $way, $labels.length labels, replay $withReplay, watched $isWatched',
    async ({ index, ...one }) => {
      const request = await requestOf(one);
      const whole = await life(one, request, null);
      const killAt = 1 + new Random(100 + index).integer(whole.breaths);
      const killed = await life(one, request, killAt);
      expect(killed.outcome).toBeNull();
      const { outcome } = await life(one, { ...request, resume: killed.checkpoint }, null);
      const expected = new Float32Array(whole.outcome?.weights ?? new ArrayBuffer());
      const got = new Float32Array(outcome?.weights ?? new ArrayBuffer());
      expect(got.length).toBe(expected.length);
      const differences = expected.map((value, i) => Math.abs(value - (got[i] ?? NaN)));
      expect(differences.reduce((a, b) => Math.max(a, b), 0)).toBeLessThan(TOLERANCE);
      expect(differences.every(Number.isFinite)).toBe(true);
      const { history, bestEpoch, stopped, judgement } = whole.outcome ?? {};
      expect(outcome).toMatchObject({ bestEpoch, stopped, judgement });
      expect(outcome?.history.map(({ loss }) => loss)).toEqual(history?.map(({ loss }) => loss));
    },
  );

  it('ends at once with the best so far where it had been stopped', async () => {
    const [one] = CASES as [Case];
    const request = await requestOf(one);
    const { breaths } = await life(one, request, null);
    const { checkpoint } = await life(one, request, breaths - 4);
    const { session } = await openSession(manifestFor(one.labels), N_RECORDINGS);
    const outcome = await session.train({ ...request, resume: checkpoint }, { signal: { aborted: true } });
    expect(outcome.stopped).toBe('by-user');
    expect(outcome.history).toHaveLength(checkpoint?.epoch ?? 0);
    expect(checkpoint?.epoch).toBeGreaterThan(0);
  });

  it('goes on with nothing but the run it belongs to', async () => {
    const [one] = CASES as [Case];
    const request = await requestOf(one);
    const { checkpoint } = await life(one, request, null);
    const others: Partial<TrainRequest>[] = [
      { settings: { ...request.settings, learningRate: 1 } },
      { trainIds: [...request.trainIds].reverse() },
      { replay: null },
      { way: 'all' },
    ];
    for (const other of others)
      await expect(life(one, { ...request, ...other, resume: checkpoint }, null)).rejects.toMatchObject({
        code: 'recordings-missing',
      });
  });
});
