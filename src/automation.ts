// What the command line and the tests call inside the page: the same clients, workers and signal path as
// the screen, without the screen. Loaded by main.ts only when the address asks for it (`?automation`).
// This file declares the one global of the program; the command line imports its types and nothing else.

import { version as appVersion } from '../package.json' with { type: 'json' };
import { AppError, isAbort, toAppError } from './core/errors.ts';
import { parseManifest, type ModelManifest } from './core/model/manifest.ts';
import type { TrainingOutcome, TrainingSettings, TrainingWay } from './core/training/types.ts';
import type { ReferenceAnswer } from './core/training/verdict.ts';
import type { RecordingResult } from './core/types.ts';
import { bundledModels } from './input/bundled-models.ts';
import { prepareRecording } from './input/prepare-recording.ts';
import { InferenceClient } from './rpc/inference-client.ts';
import type {
  BackendPreference,
  BackendReport,
  ModelAssets,
  ReplayCandidate,
  TrainingProgress,
  TrainingRecording,
  WorkerMemory,
} from './rpc/protocol.ts';
import { openInferencePool, spawnInferenceWorker, spawnTrainingWorker } from './rpc/spawn-workers.ts';
import { TrainingClient } from './rpc/training-client.ts';

/** A file of ours: where this page's own server gives it, and what it is called. */
export interface FileAddress {
  url: string;
  fileName: string;
}

/** A model folder served below a URL that ends in `/`; null: the bundled model. */
export type ModelAddress = string | null;

export interface TrainingItem {
  recording: TrainingRecording;
  file: FileAddress;
}

/** What became of one recording that was to be trained on. */
export type AddedRecording =
  { id: string; durationSec: number } | { id: string; error: { code: string; message: string } };

/** A training run's outcome as JSON can carry it. */
export interface AutomationOutcome extends Omit<TrainingOutcome, 'weights'> {
  /** weights.bin in base64. */
  weights: string;
}

/** The result of the recording at that place of the files given. */
export interface AutomationAnswer {
  index: number;
  result: RecordingResult;
}

/** A run as JSON can carry it; see rpc/protocol.ts. */
export interface TrainRequest {
  way: TrainingWay;
  settings: TrainingSettings;
  trainIds: string[];
  watchIds: string[];
  validationIds: string[];
  /** Model to start from; null: from scratch. */
  from: { model: ModelAddress } | null;
  /** Replay set to mix in; null: none. */
  replay: FileAddress | null;
}

/** Events for the command line, which puts the listener there before it calls. */
export interface AutomationListener {
  (
    event:
      | { kind: 'progress'; progress: TrainingProgress }
      | { kind: 'added'; added: AddedRecording }
      | { kind: 'answers'; answers: AutomationAnswer[] }
      | { kind: 'workers'; count: number },
  ): void;
}

/** Every argument and answer is JSON: it crosses the browser's debugging protocol. */
export interface Automation {
  /** Chooses a backend and loads a model; again to change either. */
  start(request: { model: ModelAddress; backend: BackendPreference }): Promise<{
    report: BackendReport;
    manifest: ModelManifest;
  }>;
  /** One recording, the way the screen has it answered, without the picture. Rejects where it cannot be read. */
  classify(file: FileAddress, threshold: number | null): Promise<RecordingResult>;
  /**
   * Any number of recordings through the pool of workers; resolves when all are answered. The listener hears of
   * the answers, some at a time, hardly out of order; a bad recording is a result with status `error`. A file is
   * fetched when a worker has room for it.
   * @param list a JSON list of FileAddress: 50,000 of them take the debugging protocol 2 seconds and 80 MB
   */
  classifyAll(list: FileAddress, threshold: number | null): Promise<void>;
  /** Ends `classifyAll` with what it has. */
  stopClassifying(): void;
  memory(): Promise<WorkerMemory>;
  /** A fresh training worker. `manifest` says what features it computes; any JSON, checked here. */
  startTraining(request: { manifest: unknown; backend: BackendPreference }): Promise<BackendReport>;
  /** Reads recordings into the training worker, a few at a time; tells the listener of each. */
  addRecordings(items: TrainingItem[]): Promise<AddedRecording[]>;
  /** One run; the listener hears of its progress. */
  train(request: TrainRequest): Promise<AutomationOutcome>;
  /** Ends the run under way with what it has so far. */
  stopTraining(): void;
  /** Uncalibrated logits, by the model just trained (null) or a given one. */
  score(ids: string[], model: { model: ModelAddress } | null): Promise<{ id: string; logits: number[] }[]>;
  /** A replay set of recordings that were added, in base64. */
  makeReplay(recordings: ReplayCandidate[], seed: number): Promise<string>;
  /** The reference windows of a replay set, answered by the model that was started. */
  judgeReference(replay: FileAddress): Promise<ReferenceAnswer[]>;
  trainingMemory(): Promise<WorkerMemory>;
  /** Ends the training worker and gives its memory back. */
  endTraining(): void;
}

declare global {
  var heartbeatAutomation: Automation | undefined;
  var heartbeatListener: AutomationListener | undefined;
}

/** Recordings read at the same time while one is computed. */
const READS_IN_FLIGHT = 4;

const ANSWERS_PER_EVENT = 8;

/** Bytes turned into text at a time: more would overflow the stack of String.fromCharCode. */
const BASE64_CHUNK = 0x8000;

/** The automation over fresh clients; each starts its worker when it is first needed. */
function createAutomation(): Automation {
  const inference = new InferenceClient(spawnInferenceWorker);
  const pool = openInferencePool(inference);
  let batch = new AbortController();
  let training: TrainingClient | null = null;
  let stop = new AbortController();
  const trainer = (): TrainingClient => {
    if (training === null) throw new AppError('internal', 'Call startTraining first.');
    return training;
  };

  return {
    async start({ model, backend }) {
      const assets = await loadModel(model);
      const report = await inference.start(assets, backend);
      return { report, manifest: assets.manifest };
    },
    async classify(file, threshold) {
      const source = await prepareRecording(await fetchFile(file));
      const request = { fileName: file.fileName, source, threshold, withPicture: false, appVersion };
      return (await inference.classify(request)).result;
    },
    async classifyAll(list, threshold) {
      batch = new AbortController();
      const files = JSON.parse(await (await fetchFile(list)).text()) as FileAddress[];
      const answers = new AnswerBundles();
      const tasks = files.map((file, index) => ({
        index,
        fileName: file.fileName,
        threshold,
        appVersion,
        read: async () => prepareRecording(await fetchFile(file)),
      }));
      try {
        const onAnswer = (index: number, result: RecordingResult): void => answers.add({ index, result });
        const onWorkers = (count: number): void => globalThis.heartbeatListener?.({ kind: 'workers', count });
        await pool.run(tasks.values(), { onAnswer, onWorkers }, batch.signal);
      } catch (error) {
        if (!isAbort(error)) throw error;
      } finally {
        answers.flush();
      }
    },
    stopClassifying: () => batch.abort(),
    memory: () => inference.memory(),

    async startTraining({ manifest: features, backend }) {
      training?.dispose();
      training = new TrainingClient(spawnTrainingWorker);
      return training.start({ manifest: parseManifest(features), backend });
    },
    addRecordings: (items) =>
      inParallel(items, READS_IN_FLIGHT, async ({ recording, file }) => {
        const added = await addRecording(trainer(), recording, file);
        globalThis.heartbeatListener?.({ kind: 'added', added });
        return added;
      }),
    async train({ from, replay, ...request }) {
      stop = new AbortController();
      const outcome = await trainer().train(
        {
          ...request,
          from: from && (await loadModel(from.model)),
          replay: replay && (await (await fetchFile(replay)).arrayBuffer()),
          resume: null,
        },
        (progress) => globalThis.heartbeatListener?.({ kind: 'progress', progress }),
        undefined,
        stop.signal,
      );
      return { ...outcome, weights: toBase64(new Uint8Array(outcome.weights)) };
    },
    stopTraining: () => {
      stop.abort();
    },
    score: async (ids, model) => trainer().score({ ids, model: model && (await loadModel(model.model)) }),
    makeReplay: async (recordings, seed) =>
      toBase64(new Uint8Array(await trainer().makeReplay({ recordings, seed }))),
    judgeReference: async (replay) => inference.judgeReference(await (await fetchFile(replay)).arrayBuffer()),
    trainingMemory: () => trainer().memory(),
    endTraining: () => {
      training?.dispose();
      training = null;
    },
  };
}

/** Answers on their way to the listener: a call across the debugging protocol costs more than a recording's JSON. */
class AnswerBundles {
  #answers: AutomationAnswer[] = [];

  add(answer: AutomationAnswer): void {
    this.#answers.push(answer);
    if (this.#answers.length >= ANSWERS_PER_EVENT) this.flush();
  }

  flush(): void {
    if (this.#answers.length > 0) globalThis.heartbeatListener?.({ kind: 'answers', answers: this.#answers });
    this.#answers = [];
  }
}

async function addRecording(
  client: TrainingClient,
  recording: TrainingRecording,
  file: FileAddress,
): Promise<AddedRecording> {
  try {
    const source = await prepareRecording(await fetchFile(file));
    return { id: recording.id, durationSec: (await client.addRecording(recording, source)).durationSec };
  } catch (error) {
    const { code, message } = toAppError(error);
    return { id: recording.id, error: { code, message } };
  }
}

/** @throws AppError `file-unreadable` when the server cannot read it any more */
async function fetchFile({ url, fileName }: FileAddress): Promise<File> {
  const response = await fetch(url);
  if (!response.ok)
    throw new AppError(
      'file-unreadable',
      `The file could not be read (${await response.text()}). Choose it again.`,
    );
  return new File([await response.blob()], fileName);
}

/** @throws AppError `model-missing`, `manifest-invalid` */
async function loadModel(address: ModelAddress): Promise<ModelAssets> {
  if (address === null) {
    const [model] = bundledModels();
    if (!model) throw new AppError('model-missing', 'No model ships with this build. Name one with --model.');
    return model.load();
  }
  const get = async (name: string): Promise<Response> => {
    const response = await fetch(address + name);
    if (!response.ok) throw new AppError('model-missing', `The model folder has no readable ${name}.`);
    return response;
  };
  const [manifest, modelJson, weights] = await Promise.all([
    get('manifest.json').then((response): Promise<unknown> => response.json()),
    get('model.json').then((response): Promise<unknown> => response.json()),
    get('weights.bin').then((response) => response.arrayBuffer()),
  ]);
  return { manifest: parseManifest(manifest), modelJson, weights };
}

/** `work` on every item in order, at most `limit` at a time; answers in the items' order. */
async function inParallel<T, R>(items: T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: limit }, lane));
  return results;
}

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += BASE64_CHUNK)
    text += String.fromCharCode(...bytes.subarray(at, at + BASE64_CHUNK));
  return btoa(text);
}

globalThis.heartbeatAutomation = createAutomation();
