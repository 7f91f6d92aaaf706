// Composition root: builds clients and state, and mounts the app on them. With `?automation` in the address
// the page is driven by the command line or a test instead, and draws nothing.

import { mount } from 'svelte';
import { version as appVersion } from '../package.json';
import type { Golden } from './core/training/golden.ts';
import { breathe, createPace } from './input/breathe.ts';
import { bundledModels } from './input/bundled-models.ts';
import { collectRecordings } from './input/collect-files.ts';
import { factsOf } from './input/facts-of.ts';
import { foundFile } from './input/found-file.ts';
import { installWay, listenForInstall, runsInstalled } from './input/install-program.ts';
import { programKeeper } from './input/keep-program.ts';
import { reopenHandles } from './input/kept-handles.ts';
import { errandOf, listenForLaunches } from './input/launches.ts';
import { openMicrophone } from './input/microphone.ts';
import { prepareRecording } from './input/prepare-recording.ts';
import { truthOf } from './input/truth-of.ts';
import { EvaluationClient } from './rpc/evaluation-client.ts';
import { InferenceClient } from './rpc/inference-client.ts';
import type { ModelAssets } from './rpc/protocol.ts';
import { TrainingClient } from './rpc/training-client.ts';
import {
  openInferencePool,
  openSurveyCrew,
  spawnEvaluationWorker,
  spawnInferenceWorker,
  spawnTrainingWorker,
} from './rpc/spawn-workers.ts';
import { AnalysisState } from './state/analysis.svelte.ts';
import { BackupState } from './state/backup.svelte.ts';
import { receiveArrivals } from './state/arrivals.ts';
import { BatchState } from './state/batch.svelte.ts';
import {
  addressHash,
  batchLocks,
  keptValues,
  hasShares,
  later,
  localStore,
  openBusyLock,
  openStorageNews,
  restartProgram,
  sha256,
  storageGauge,
  systemTheme,
  tabStore,
  trainingLock,
  wipeBesideDatabase,
} from './state/browser-ports.ts';
import { BusyState } from './state/busy.svelte.ts';
import { CollectionState } from './state/collection.svelte.ts';
import { HistoryState } from './state/history.svelte.ts';
import { InstallState } from './state/install.svelte.ts';
import { IntakeState } from './state/intake.svelte.ts';
import { hashBytes, openModelNews } from './state/model-ports.ts';
import { MishapState } from './state/mishaps.svelte.ts';
import { ModelState } from './state/model.svelte.ts';
import { idGiver } from './state/new-id.ts';
import { OfflineState } from './state/offline.svelte.ts';
import { RegistryState } from './state/registry.svelte.ts';
import { RecorderState } from './state/recorder.svelte.ts';
import { RouterState } from './state/router.svelte.ts';
import { SharedState } from './state/shared.svelte.ts';
import { SettingsState } from './state/settings.svelte.ts';
import { StorageState } from './state/storage.svelte.ts';
import { TrainingState } from './state/training.svelte.ts';
import { UnfinishedState } from './state/unfinished.svelte.ts';
import { UpdateState } from './state/update.svelte.ts';
import { createBatchStore } from './storage/batch-store.ts';
import type { Census } from './storage/census.ts';
import { createCollectionStore } from './storage/collection-store.ts';
import { Database } from './storage/db.ts';
import { createModelStore } from './storage/model-store.ts';
import { createRunStore } from './storage/run-store.ts';
import App from './ui/App.svelte';
import type { AppState } from './ui/app-context.ts';
import { ROUTES, START_ROUTE } from './ui/pages.ts';

/** The first recording has the network for itself: the program is kept for offline use when the model has been there for so long. */
const KEEP_AFTER_MS = 2000;

/** Kept over a reload: another tab has restored a backup, and brings it to its end and says so itself. */
const RESTORED_ELSEWHERE = 'restored-elsewhere';

const search = new URLSearchParams(location.search);

if (search.has('automation')) void import('./automation.ts');
else start();

function start(): void {
  const mishaps = new MishapState(location.origin);
  for (const type of ['error', 'unhandledrejection'] as const)
    addEventListener(type, (event) => mishaps.note(event));
  const openedAt = location.href;
  const errand = errandOf(openedAt);
  if (errand.rest !== openedAt) history.replaceState(history.state, '', errand.rest);
  const app = { ...buildState(), mishaps };
  const target = document.getElementById('app');
  target?.replaceChildren();
  if (target) mount(App, { target, props: { app } });
  // A page that is hidden may never be seen again: what was deleted is removed before.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'hidden') return;
    void finishRemovals(app);
  });
  // Only what is not stored is lost with the page.
  addEventListener('beforeunload', (event) => {
    const isRunLost = app.training.isRunning && app.training.keepingError;
    const isBatchLost = app.batch.rows.length > 1 && app.batch.keepingError;
    const isUnderWay = app.recorder.phase.kind === 'recording' || app.backup.isRunning;
    if (isRunLost || isBatchLost || isUnderWay) event.preventDefault();
  });
  app.busy.tellOthers();
  app.busy.heedOthers({
    // Before it is counted what is here.
    onStopped: () => void finishRemovals(app),
    // Where the other tab was closed in the middle.
    onEnd: () => {
      if (!tabStore.read(RESTORED_ELSEWHERE)) void app.backup.look();
    },
  });
  receiveArrivals(errand, {
    intake: app.intake,
    shared: app.shared,
    recorder: app.recorder,
    address: addressHash,
    runsInstalled,
    listen: (listener) => listenForLaunches(openedAt, listener),
  });
  // After the first paint the worker gets ready, so that the first recording does not wait for it.
  requestAnimationFrame(() =>
    setTimeout(() => {
      app.model
        .ready()
        .catch(() => undefined)
        .finally(() => later(() => void app.offline.prepare(), KEEP_AFTER_MS));
      app.update.watch();
      void app.shared.look();
      void app.unfinished.look();
      void app.training.look();
      void app.storage.measure();
      if (tabStore.read(RESTORED_ELSEWHERE)) tabStore.write(RESTORED_ELSEWHERE, null);
      else void app.backup.look();
    }),
  );
}

async function finishRemovals({
  history,
  collection,
}: Pick<AppState, 'history' | 'collection'>): Promise<void> {
  await Promise.all([history.removal.flush(), collection.removal.flush()]);
}

function buildState(): Omit<AppState, 'mishaps'> {
  const classifier = new InferenceClient(spawnInferenceWorker);
  const settings = new SettingsState(localStore, systemTheme, search.get('backend'));
  const timestamp = (): string => new Date().toISOString();
  const newId = idGiver(localStore, () => crypto.randomUUID());
  const database = new Database();
  const storageNews = openStorageNews();
  const census = async (): Promise<Census> => (await import('./storage/census.ts')).takeCensus(database);
  const storage: StorageState = new StorageState({
    database,
    census,
    gauge: storageGauge,
    news: storageNews,
    onChange: (what) => {
      // Nothing of what this tab shows or has in memory is to be written over it.
      if (what === 'restored') {
        tabStore.write(RESTORED_ELSEWHERE, true);
        location.reload();
        return;
      }
      if (what === 'cleared') void batch.recovery.storageCleared();
      else if (what === 'changed' && batch.keepingError) void batch.recovery.keepAgain();
      // What a person has deleted is not kept again from this tab's memory.
      if (what === 'deleted') for (const shown of [batch, past.batch]) shown.close();
      settings.readAnew();
      void registry.readAnew();
      void history.load();
      void collection.load();
      void unfinished.look();
      void training.look();
    },
  });
  const persist = (): Promise<void> => storage.protect();
  const registry: RegistryState = new RegistryState({
    store: createModelStore(database),
    bundled: bundledModels(),
    ask: askKnownAnswers,
    hash: hashBytes,
    // Wanted seldom: loaded then.
    readModel: async (handOver) => (await import('./input/read-model.ts')).readModel(handOver),
    zipModel: async (folder) => (await import('./input/write-model.ts')).zipModel(folder),
    persist,
    news: openModelNews(),
    timestamp,
    newId,
    switchModel: (change) => model.switchAfter(change),
    isBusy: () => batch.isRunning || analysis.phase.kind === 'working',
    fingerprint: () => classifier.fingerprint(),
  });
  const model = new ModelState(classifier, registry.answering, settings);
  const dependencies = { classifier, model, prepare: prepareRecording, appVersion, timestamp };
  const batchStore = createBatchStore(database);
  const analysis = new AnalysisState(dependencies);
  const forBatches = {
    ...dependencies,
    pool: openInferencePool(classifier),
    settings,
    store: batchStore,
    newId,
    locks: batchLocks,
    persist,
    readTruth: truthOf,
    later,
    pause: breathe,
    now: () => performance.now(),
  };
  const batch: BatchState = new BatchState({ ...forBatches, analysis });
  const pastAnalysis = new AnalysisState(dependencies);
  const past = { batch: new BatchState({ ...forBatches, analysis: pastAnalysis }), analysis: pastAnalysis };
  const unfinished = new UnfinishedState({
    batch,
    store: batchStore,
    locks: batchLocks,
    collect: collectRecordings,
    reopen: reopenHandles,
  });
  const putAway = (ids: readonly string[]): void => {
    if (batch.entry && ids.includes(batch.entry.id)) batch.close();
    if (unfinished.entry && ids.includes(unfinished.entry.id)) unfinished.offer(null);
  };
  const history = new HistoryState({ store: batchStore, locks: batchLocks, later, onRemove: putAway });
  const collection = new CollectionState({
    store: createCollectionStore(database),
    surveyors: openSurveyCrew(),
    collect: collectRecordings,
    readFacts: factsOf,
    prepare: prepareRecording,
    later,
    pace: createPace,
    persist,
    now: () => performance.now(),
    timestamp,
  });
  const evaluator = new EvaluationClient(spawnEvaluationWorker);
  const runStore = createRunStore(database);
  const training = new TrainingState({
    spawnTrainer: () => new TrainingClient(spawnTrainingWorker),
    spawnJudge: () => new InferenceClient(spawnInferenceWorker),
    verdicts: evaluator,
    models: registry,
    collection,
    store: runStore,
    lock: trainingLock,
    backend: () => settings.backend,
    sha256: hashBytes,
    later,
    now: () => performance.now(),
    timestamp,
    newId,
    appVersion,
  });
  const intake = new IntakeState(collectRecordings, batch);
  const shared = new SharedState({
    // Wanted seldom: loaded then.
    list: async () =>
      (await hasShares()) ? (await import('./input/shared-files.ts')).listSharedFiles() : [],
    take: async (files) => (await import('./input/shared-files.ts')).takeSharedFiles(files),
    remove: async (files) => (await import('./input/shared-files.ts')).removeSharedFiles(files),
    mayListen: () => runsInstalled() && !busy.isBusy,
    intake,
  });
  const hear = (file: File): void => void intake.take({ files: [foundFile(file)], skipped: [], handles: [] });
  const recorder = new RecorderState(openMicrophone, () => new Date(), hear);
  const busy: BusyState = new BusyState(
    () =>
      recorder.phase.kind === 'opening' ||
      recorder.phase.kind === 'recording' ||
      intake.isSorting ||
      batch.isRunning ||
      past.batch.isRunning ||
      collection.adding.phase.kind === 'adding' ||
      registry.work !== null ||
      training.isRunning ||
      backup.isRunning,
    openBusyLock(),
  );
  const reload = async (): Promise<void> => {
    await finishRemovals({ history, collection });
    location.reload();
  };
  const backup = new BackupState({
    database,
    values: keptValues,
    store: localStore,
    busy,
    gauge: storageGauge,
    finishRemovals: () => finishRemovals({ history, collection }),
    // Wanted seldom: loaded then.
    openTarget: async (fileName) => (await import('./input/save-file.ts')).openSaveTarget(fileName),
    createInflater: () => new DecompressionStream('deflate-raw'),
    hash: hashBytes,
    pace: createPace,
    persist,
    tellOthers: (word) => storageNews.tell(word),
    reload: () => location.reload(),
    now: () => performance.now(),
    timestamp,
    appVersion,
  });
  return {
    appVersion,
    backup,
    busy,
    settings,
    model,
    analysis,
    batch,
    unfinished,
    intake,
    shared,
    collection,
    training,
    collected: new AnalysisState(dependencies),
    history,
    past,
    monitoring: {
      runs: {
        store: runStore,
        isTraining: () => trainingLock.isTaken(),
        later,
        onRemove: (ids) => training.putAway(ids),
      },
      usage: {
        store: batchStore,
        memory: () => model.ready().then(() => classifier.memory()),
      },
    },
    storage,
    deleting: {
      database,
      census,
      wipe: wipeBesideDatabase,
      busy,
      news: storageNews,
      restart: restartProgram,
    },
    offline: new OfflineState(programKeeper, localStore),
    update: new UpdateState(programKeeper, {
      busy,
      later,
      isOnline: () => navigator.onLine,
      reload,
    }),
    install: new InstallState({
      runsInstalled,
      way: installWay(navigator.userAgent, navigator.maxTouchPoints),
      listen: listenForInstall,
    }),
    recorder,
    registry,
    evaluating: { evaluator, catalog: registry, sha256, later },
    router: new RouterState(ROUTES, START_ROUTE, addressHash),
  };
}

/** In a worker of its own: the page's goes on answering with the model that it has. WASM computes alike everywhere. */
async function askKnownAnswers(model: ModelAssets): Promise<Golden> {
  const client = new InferenceClient(spawnInferenceWorker);
  try {
    await client.start(model, 'wasm');
    return await client.fingerprint();
  } finally {
    client.dispose();
  }
}
