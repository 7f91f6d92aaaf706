import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Collection } from './collect.ts';
import { shardOf } from './shard.ts';

const collectionOf = (n: number): Collection => ({
  recordings: Array.from({ length: n }, (_, i) => ({
    fileName: `${String(i)}.wav`,
    path: null,
    read: () => Promise.resolve(new Uint8Array()),
  })),
  skipped: [{ fileName: 'notes.txt', reason: 'Not a sound file.' }],
  labelFiles: [],
  unopened: 1,
});

it('takes every N-th recording beginning with the K-th', () => {
  const shard = shardOf(collectionOf(10), { part: 3, parts: 4 });
  expect(shard.recordings.map((recording) => recording.fileName)).toEqual(['2.wav', '6.wav']);
});

it('makes shards that are together the whole: each recording once, what was left out once', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.integer({ min: 1, max: 250 }), (n, parts) => {
      const whole = collectionOf(n);
      const shards = Array.from({ length: parts }, (_, i) => shardOf(whole, { part: i + 1, parts }));
      const names = shards.flatMap((shard) => shard.recordings.map((recording) => recording.fileName));
      expect(names.sort()).toEqual(whole.recordings.map((recording) => recording.fileName).sort());
      expect(shards.flatMap((shard) => shard.skipped)).toEqual(whole.skipped);
      expect(shards.reduce((sum, shard) => sum + shard.unopened, 0)).toBe(whole.unopened);
      const sizes = shards.map((shard) => shard.recordings.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});
