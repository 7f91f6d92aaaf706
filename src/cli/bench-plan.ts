// How much a bench measures: enough for figures that hold, or, with --quick, just enough to have every figure.

import type { DeviceSize } from './bench-device.ts';

export interface BenchPlan {
  /** Recordings that go through the pool at a time, and how often. */
  throughput: { recordings: number; rounds: number };
  /** Numbers of files whose cost is compared, smallest first, and how often. */
  costs: { counts: readonly number[]; rounds: number };
  /** Recordings of the batches after which memory is compared, on the real page, and of one before that warms it up. */
  memory: { warmUp: number; few: number; many: number };
  /** Recordings of the batch that is cancelled, and how often. */
  cancel: { recordings: number; rounds: number };
  /** Visits of each kind. */
  visits: number;
  /** Recordings that the stages are timed on, and rounds. */
  stages: { recordings: number; rounds: number };
  /** Windows per call of the network, and rounds. */
  networks: { sizes: readonly number[]; rounds: number };
  logMelRounds: number;
  /** What the backup holds that is written, checked and restored. */
  backup: DeviceSize;
}

export const FULL_PLAN: BenchPlan = {
  throughput: { recordings: 500, rounds: 3 },
  costs: { counts: [10, 100, 1_000, 5_000], rounds: 3 },
  memory: { warmUp: 1_000, few: 200, many: 2_000 },
  cancel: { recordings: 500, rounds: 5 },
  visits: 5,
  stages: { recordings: 24, rounds: 15 },
  networks: { sizes: [1, 16], rounds: 30 },
  logMelRounds: 9,
  backup: { recordings: 2_000, recordingBytes: 300_000, results: 2_000 },
};

export const QUICK_PLAN: BenchPlan = {
  throughput: { recordings: 8, rounds: 1 },
  costs: { counts: [2, 4, 8, 16], rounds: 1 },
  memory: { warmUp: 4, few: 6, many: 12 },
  cancel: { recordings: 200, rounds: 1 },
  visits: 1,
  stages: { recordings: 2, rounds: 1 },
  networks: { sizes: [1, 16], rounds: 1 },
  logMelRounds: 1,
  backup: { recordings: 20, recordingBytes: 300_000, results: 200 },
};
