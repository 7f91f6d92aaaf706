// Many recordings through several workers at once: reading, computing and answering overlap, what is in memory at a
// time is bounded, and how many workers there are is found by measuring. Used by the page's batch and by the
// command line. May import core and this folder.
//
// On a CPU backend every worker does the whole of a recording. On a GPU one worker holds the device and runs the
// network; the others decode and compute features for it.

import { toAppError, AppError, isAbort } from '../core/errors.ts';
import { blankResult, failedResult } from '../core/report/blank-result.ts';
import { backendInUse } from '../core/tensor/backend-report.ts';
import type { RecordingResult } from '../core/types.ts';
import { CrashRetry } from './crash-retry.ts';
import type { InferenceClient } from './inference-client.ts';
import { LaneTuner } from './lane-tuner.ts';
import type { ClassifyRequest, RecordingSource } from './protocol.ts';
import { rpcText } from './rpc-text.ts';

/** One recording of a batch. */
export interface PoolTask extends Pick<ClassifyRequest, 'fileName' | 'threshold' | 'appVersion'> {
  /** Place in the batch; answers carry it. */
  index: number;
  /** Called when a worker has room for it, and again after a crash. @throws AppError for a file that cannot be read */
  read(): Promise<RecordingSource>;
}

export interface PoolListener {
  /** The recording is being read. */
  onStart?(index: number): void;
  /** In the order of completion. A bad recording is a result with status `error`. */
  onAnswer(index: number, result: RecordingResult): void;
  /** How many workers take recordings, whenever that changes; at first it is one. */
  onWorkers?(count: number): void;
}

/** What the pool needs of a client. */
export type PoolClient = Pick<
  InferenceClient,
  'model' | 'report' | 'start' | 'classifyAll' | 'hear' | 'judge' | 'dispose'
>;

export interface PoolSurroundings {
  /** A worker like the first one's. */
  spawn(): PoolClient;
  /** Milliseconds, monotonic. */
  now(): number;
  /** ISO 8601, UTC. */
  timestamp(): string;
  /** Processor cores that the page may use: no more workers than these. */
  cores: number;
}

/** Groups on their way to one worker: one is computed while the next is read. */
const GROUPS_PER_LANE = 2;

/** How long a worker is to be busy with one group, milliseconds: far above the cost of a message, far below a cancellation's 500. */
const GROUP_MS = 120;

/** Recordings of one group at most, and bytes after which no more are added to it. */
const MAX_GROUP = 24;
const MAX_GROUP_BYTES = 8_000_000;

/** A worker and what it has in hand. */
interface Lane {
  client: PoolClient;
  retry: CrashRetry;
  /** It takes no more groups. */
  isClosing: boolean;
}

export class InferencePool {
  readonly #first: PoolClient;
  readonly #surroundings: PoolSurroundings;

  /** @param first is started, answers single recordings too, and is never ended here */
  constructor(first: PoolClient, surroundings: PoolSurroundings) {
    this.#first = first;
    this.#surroundings = surroundings;
  }

  /**
   * Every task, answered. Tasks are taken from the iterator only when there is room for them.
   * @throws AbortError when cancelled: no answer comes after that; AppError when no model can be started
   */
  async run(tasks: Iterator<PoolTask>, listener: PoolListener, signal: AbortSignal): Promise<void> {
    const run = new PoolRun(this.#first, this.#surroundings, tasks, listener, signal);
    await run.complete();
  }
}

/** One batch on its way. */
class PoolRun {
  readonly #first: PoolClient;
  readonly #surroundings: PoolSurroundings;
  readonly #tasks: Iterator<PoolTask>;
  readonly #listener: PoolListener;
  readonly #signal: AbortSignal;
  readonly #tuner: LaneTuner;
  readonly #lanes: Lane[] = [];
  /** Loops that take groups from the tasks; all of them ended is the end of the run. */
  readonly #loops: Promise<void>[] = [];
  /** Rejects all at once what the run still waits for. */
  readonly #stop = new AbortController();
  #isExhausted = false;
  /** The first worker is the network of the others, which hear for it. Stays so when it loses its GPU on the way. */
  #isSplit = false;
  /** Worker time of one recording, milliseconds: decides the size of a group. */
  #recordingMs: number | null = null;

  constructor(
    first: PoolClient,
    surroundings: PoolSurroundings,
    tasks: Iterator<PoolTask>,
    listener: PoolListener,
    signal: AbortSignal,
  ) {
    this.#first = first;
    this.#surroundings = surroundings;
    this.#tasks = tasks;
    this.#listener = listener;
    this.#signal = signal;
    this.#tuner = new LaneTuner(surroundings.cores, surroundings.now());
  }

  async complete(): Promise<void> {
    const abort = (): void => this.#stop.abort(this.#signal.reason);
    this.#signal.throwIfAborted();
    this.#signal.addEventListener('abort', abort, { once: true });
    try {
      this.#open(this.#first);
      // Lanes that are opened on the way bring loops of their own.
      for (const loop of this.#loops) await loop;
      this.#signal.throwIfAborted();
    } finally {
      this.#signal.removeEventListener('abort', abort);
      this.#stop.abort();
      for (const { client } of this.#lanes) if (client !== this.#first) client.dispose();
    }
  }

  #open(client: PoolClient): void {
    // Lanes that share the one network also share its end.
    const retry = (this.#isSplit ? this.#lanes[0]?.retry : undefined) ?? new CrashRetry();
    const lane: Lane = { client, retry, isClosing: false };
    this.#lanes.push(lane);
    const loops = Array.from({ length: GROUPS_PER_LANE }, () => this.#work(lane));
    this.#loops.push(...loops);
    // The first failure ends the others; `complete` meets it when it comes to this loop.
    Promise.all(loops).catch((error: unknown) => this.#stop.abort(error));
    void Promise.allSettled(loops).then(() => {
      if (client !== this.#first) client.dispose();
    });
  }

  /** Group after group, until there are no tasks or the lane closes. */
  async #work(lane: Lane): Promise<void> {
    while (!this.#isExhausted && !lane.isClosing) {
      const group = this.#nextGroup();
      if (group.length === 0) return;
      const results = await this.#answer(lane, group);
      this.#stop.signal.throwIfAborted();
      group.forEach(({ index }, i) => this.#listener.onAnswer(index, results[i] as RecordingResult));
      this.#measure(results);
    }
  }

  #nextGroup(): PoolTask[] {
    const wanted = this.#recordingMs === null ? 1 : Math.ceil(GROUP_MS / this.#recordingMs);
    const group: PoolTask[] = [];
    while (group.length < Math.min(MAX_GROUP, wanted)) {
      const next = this.#tasks.next();
      if (next.done) {
        this.#isExhausted = true;
        break;
      }
      group.push(next.value);
      this.#listener.onStart?.(next.value.index);
    }
    return group;
  }

  /** Results in the group's order. A group whose worker died is tried again alone, and then recording by recording. */
  async #answer(lane: Lane, group: readonly PoolTask[]): Promise<RecordingResult[]> {
    try {
      return await lane.retry.run(() => this.#send(lane, group));
    } catch (error) {
      if (isAbort(error) || this.#stop.signal.aborted) throw error;
      const [only, ...more] = group;
      if (only && more.length === 0) return [this.#failed(only, error)];
      const results: RecordingResult[] = [];
      for (const task of group) results.push(...(await this.#answer(lane, [task])));
      return results;
    }
  }

  /** Reads a group and has it answered; what cannot be read is answered here. */
  async #send(lane: Lane, group: readonly PoolTask[]): Promise<RecordingResult[]> {
    const requests: ClassifyRequest[] = [];
    const places: number[] = [];
    const results: RecordingResult[] = [];
    let sizeBytes = 0;
    const flush = async (): Promise<void> => {
      const answers = await this.#classify(lane.client, requests.splice(0));
      places.splice(0).forEach((place, i) => (results[place] = answers[i] as RecordingResult));
      sizeBytes = 0;
    };
    for (const [place, task] of group.entries()) {
      const { fileName, threshold, appVersion } = task;
      try {
        const source = await task.read();
        requests.push({ fileName, threshold, appVersion, source, withPicture: false });
        places.push(place);
        sizeBytes += sourceBytes(source);
      } catch (error) {
        if (isAbort(error)) throw error;
        results[place] = this.#failed(task, error);
      }
      this.#stop.signal.throwIfAborted();
      // A large recording is not held back, and does not wait for others beside it in memory.
      if (sizeBytes > MAX_GROUP_BYTES) await flush();
    }
    if (requests.length > 0) await flush();
    return results;
  }

  async #classify(client: PoolClient, requests: ClassifyRequest[]): Promise<RecordingResult[]> {
    // A signal of the group's own: whatever hangs on it goes with the group, not with the batch.
    const group = new AbortController();
    const abort = (): void => group.abort(this.#stop.signal.reason);
    this.#stop.signal.addEventListener('abort', abort, { once: true });
    try {
      const { model } = this.#first;
      if (client === this.#first || model === null || !this.#isSplit)
        return await client.classifyAll(requests, group.signal);
      const heard = await client.hear(requests, model.manifest, group.signal);
      return await this.#first.judge(heard, group.signal);
    } finally {
      this.#stop.signal.removeEventListener('abort', abort);
    }
  }

  /** Learns from a group's results; opens or closes a lane where that has been worth it. */
  #measure(results: readonly RecordingResult[]): void {
    const ms = results.reduce((sum, { processingMs }) => sum + processingMs.total, 0) / results.length;
    this.#recordingMs = this.#recordingMs === null ? ms : (this.#recordingMs + ms) / 2;
    const soundSec = results.reduce((sum, { durationSec }) => sum + (durationSec ?? 0), 0);
    const advice = this.#tuner.note(soundSec, this.#surroundings.now());
    if (this.#isExhausted) return;
    if (advice === 'more') void this.#grow();
    if (advice === 'less') this.#shrink();
  }

  /** A worker more. One that cannot be had is no loss: the others go on. */
  async #grow(): Promise<void> {
    const client = this.#surroundings.spawn();
    try {
      const { model, report } = this.#first;
      this.#isSplit ||= report?.name.startsWith('webg') ?? false;
      if (model !== null && report !== null && !this.#isSplit) await client.start(model, report.name);
      this.#stop.signal.throwIfAborted();
      if (this.#isExhausted) throw new AppError('nothing-to-do', rpcText.allUnderWay);
      this.#open(client);
      if (this.#isSplit && this.#lanes[0]) this.#lanes[0].isClosing = true;
      this.#tuner.opened(this.#serving.length, this.#surroundings.now());
      this.#listener.onWorkers?.(this.#serving.length);
    } catch {
      client.dispose();
      this.#tuner.refused();
    }
  }

  /** The youngest worker ends when it has done what it has in hand. */
  #shrink(): void {
    const youngest = this.#serving.at(-1);
    if (youngest) youngest.isClosing = true;
    this.#listener.onWorkers?.(this.#serving.length);
  }

  /** Lanes that take groups. */
  get #serving(): Lane[] {
    return this.#lanes.filter((lane) => !lane.isClosing);
  }

  #failed({ fileName, threshold, appVersion }: PoolTask, error: unknown): RecordingResult {
    const { model, report } = this.#first;
    if (model === null) throw toAppError(error);
    const timestamp = this.#surroundings.timestamp();
    const backend = report && backendInUse(report);
    return failedResult(
      blankResult({ fileName, threshold, appVersion, timestamp, backend }, model.manifest),
      error,
    );
  }
}

function sourceBytes(source: RecordingSource): number {
  if (source.kind === 'bytes') return source.bytes.byteLength;
  return source.pcm.channels.reduce((sum, channel) => sum + channel.byteLength, 0);
}
