// Carries out training runs side by side and keeps each outcome on disk the moment it is there, so that a
// command that was stopped goes on where it was. Imports Node, training-session and training-runs.

import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainingProgress } from '../rpc/protocol.ts';
import { serveApp } from './app-session.ts';
import { writeWhole } from './output.ts';
import { formatDuration, Progress } from './progress.ts';
import { defaultJobs, OUTCOME_SCHEMA, type RunOutcome, type TrainingRun } from './training-runs.ts';
import { TrainingSession, type SessionMaterial } from './training-session.ts';

export interface RunningOptions {
  material: SessionMaterial;
  /** Folder of the outcomes, one `<name>.json` a run; made if needed. */
  folder: string;
  /** Runs at a time; null: one a core, or one on a GPU. */
  jobs: number | null;
  signal: AbortSignal;
  log: (line: string) => void;
}

export interface RunningResult {
  /** By name; a run that failed or was not reached is missing. */
  outcomes: Map<string, RunOutcome>;
  failures: { name: string; message: string }[];
  /** Recordings that took no part in an outcome because they could not be read, with the sentence why. */
  unreadable: Map<string, string>;
}

/** A worker that died takes its session along; one more try in a fresh one tells bad luck from a bad run. */
const ATTEMPTS = 2;
/** Between two lines about the same run, milliseconds. */
const REPORT_INTERVAL_MS = 20_000;

/** Finished outcomes that still fit their run. */
export async function readOutcomes(
  folder: string,
  runs: readonly TrainingRun[],
): Promise<Map<string, RunOutcome>> {
  const outcomes = new Map<string, RunOutcome>();
  for (const run of runs) {
    try {
      const text = await readFile(join(folder, `${run.name}.json`), 'utf8');
      const { schema, hash } = JSON.parse(text) as { schema?: string; hash?: string };
      if (schema === OUTCOME_SCHEMA && hash === run.hash)
        outcomes.set(run.name, JSON.parse(text) as RunOutcome);
    } catch {
      // Not there, or half of a disk's death: the run is simply done again.
    }
  }
  return outcomes;
}

/** Trains the runs that have no outcome yet. Rejects only when no session can be opened at all. */
export async function carryOut(
  runs: readonly TrainingRun[],
  done: ReadonlyMap<string, RunOutcome>,
  options: RunningOptions,
): Promise<RunningResult> {
  const { material, folder, signal, log } = options;
  const result: RunningResult = { outcomes: new Map(), failures: [], unreadable: new Map() };
  const keep = (outcome: RunOutcome): void => {
    result.outcomes.set(outcome.name, outcome);
    for (const { id, message } of outcome.unreadable) result.unreadable.set(id, message);
  };
  for (const outcome of done.values()) keep(outcome);
  const queue = runs.filter((run) => !done.has(run.name)).map((run) => ({ run, attempt: 1 }));
  if (queue.length === 0) return result;
  await mkdir(folder, { recursive: true });
  const clock = new RunClock(queue.map(({ run }) => run));
  const served = await serveApp(log);
  const isStopped = () => signal.aborted;
  const readAll = async (session: TrainingSession, name: string): Promise<void> => {
    // Made with the first recording: its rate is about reading, not about starting a browser.
    let progress: Progress | null = null;
    await session.read(() => {
      progress ??= new Progress(material.recordings.length, `recordings read for ${name}`);
      progress.advance();
    });
  };
  const lane = async (opened: TrainingSession | null, name: string): Promise<void> => {
    let session = opened;
    let isReady = false;
    for (let next = queue.shift(); next !== undefined && !isStopped(); next = queue.shift()) {
      const { run, attempt } = next;
      try {
        session ??= await TrainingSession.open(served, material, signal, log);
        if (!isReady) await readAll(session, name);
        isReady = true;
        const keepModel = run.kind === 'final' || run.kind === 'validation';
        const outcome = await session.run(run, keepModel, (progress) => {
          clock.heard(run, progress, log);
        });
        await writeWhole(join(folder, `${run.name}.json`), JSON.stringify(outcome));
        keep(outcome);
        log(`${run.name}: done in ${formatDuration(outcome.seconds)}; ${clock.left()}`);
      } catch (error) {
        if (isStopped()) return;
        const message = error instanceof Error ? error.message : String(error);
        log(`${run.name}: ${message}${attempt < ATTEMPTS ? ' It is tried once more.' : ''}`);
        if (attempt < ATTEMPTS) queue.push({ run, attempt: attempt + 1 });
        else result.failures.push({ name: run.name, message });
        await session?.close().catch(() => undefined);
        session = null;
        isReady = false;
      }
    }
    await session?.close().catch(() => undefined);
  };

  try {
    // The first session tells which backend it is, and with it how many there should be.
    const first = await TrainingSession.open(served, material, signal, log);
    const jobs = Math.min(options.jobs ?? defaultJobs(first.backend), queue.length);
    log(`${String(queue.length)} runs to train on ${first.backend}, ${String(jobs)} at a time.`);
    const others = Array.from({ length: jobs - 1 }, (_, i) => lane(null, `lane ${String(i + 2)}`));
    await Promise.all([lane(first, 'lane 1'), ...others]);
  } finally {
    await served.server.close();
  }
  return result;
}

/** Steps done and left over all runs, and the time that means. */
class RunClock {
  readonly #total: number;
  readonly #steps = new Map<string, number>();
  readonly #shown = new Map<string, number>();
  #startedAt: number | null = null;

  constructor(runs: readonly TrainingRun[]) {
    this.#total = runs.reduce((sum, { settings }) => sum + settings.epochs * settings.stepsPerEpoch, 0);
  }

  heard(run: TrainingRun, progress: TrainingProgress, log: (line: string) => void): void {
    if (progress.kind !== 'step') return;
    const now = performance.now();
    this.#startedAt ??= now;
    const { epoch, epochs, step, stepsPerEpoch, loss, msPerStep, entry } = progress;
    this.#steps.set(run.name, entry ? epoch * stepsPerEpoch : (epoch - 1) * stepsPerEpoch + step);
    const isLast = entry !== null && epoch === epochs;
    if (!isLast && now - (this.#shown.get(run.name) ?? -Infinity) < REPORT_INTERVAL_MS) return;
    this.#shown.set(run.name, now);
    const position = `pass ${String(epoch)}/${String(epochs)}, step ${String(step)}/${String(stepsPerEpoch)}`;
    log(
      `${run.name}: ${position}, loss ${loss.toFixed(3)}, ${msPerStep.toFixed(0)} ms a step; ${this.left()}`,
    );
  }

  /** Time left for all runs, from the steps so far. */
  left(): string {
    const done = [...this.#steps.values()].reduce((sum, steps) => sum + steps, 0);
    if (this.#startedAt === null || done === 0) return 'time left unknown';
    const seconds = (performance.now() - this.#startedAt) / 1000;
    return `${formatDuration((seconds * Math.max(0, this.#total - done)) / done)} left for all runs`;
  }
}
