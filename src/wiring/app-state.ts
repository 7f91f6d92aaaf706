// The state of the whole program, put together: what its parts have to know of each other is said here.

import { version as appVersion } from '../../package.json';
import { createPace } from '../input/breathe.ts';
import { collectRecordings } from '../input/collect-files.ts';
import { foundFile } from '../input/found-file.ts';
import { runsInstalled } from '../input/install-program.ts';
import { openMicrophone } from '../input/microphone.ts';
import { BackupState } from '../state/backup.svelte.ts';
import {
  addressHash,
  hasShares,
  keptValues,
  localStore,
  openBusyLock,
  restartProgram,
  storageGauge,
  wipeBesideDatabase,
} from '../state/browser-ports.ts';
import { BusyState } from '../state/busy.svelte.ts';
import { IntakeState } from '../state/intake.svelte.ts';
import type { MishapState } from '../state/mishaps.svelte.ts';
import { hashBytes } from '../state/model-ports.ts';
import { RecorderState } from '../state/recorder.svelte.ts';
import { RouterState } from '../state/router.svelte.ts';
import { SharedState } from '../state/shared.svelte.ts';
import type { StorageChange } from '../state/storage.svelte.ts';
import type { AppState } from '../ui/app-context.ts';
import { ROUTES, START_ROUTE } from '../ui/pages.ts';
import { buildBatches, type Batches } from './batches.ts';
import { layFoundation } from './foundation.ts';
import { buildModels } from './models.ts';
import { buildProgram } from './program.ts';
import { reloadRestored } from './restored-elsewhere.ts';
import { buildTraining } from './training.ts';

/** @param askedBackend by the address, for this visit; null: as it is set */
export function buildState(mishaps: MishapState, askedBackend: string | null): AppState {
  const foundation = layFoundation(askedBackend, (what) => readAnew(what, app));
  const models = buildModels(
    foundation,
    () => batches.batch.isRunning || batches.analysis.phase.kind === 'working',
  );
  const batches: Batches = buildBatches(foundation, models);
  const { usage, ...heard } = batches;
  const { runs, ...trained } = buildTraining(foundation, models);
  const { database, census, news, persist, timestamp, settings, storage } = foundation;
  const intake = new IntakeState(collectRecordings, batches.batch);
  const recorder = new RecorderState(
    openMicrophone,
    () => new Date(),
    (file) => void intake.take({ files: [foundFile(file)], skipped: [], handles: [] }),
  );
  const busy: BusyState = new BusyState(() => isBusy(app), openBusyLock());
  const app: AppState = {
    appVersion,
    mishaps,
    settings,
    storage,
    model: models.model,
    registry: models.registry,
    ...heard,
    ...trained,
    monitoring: { runs, usage },
    intake,
    recorder,
    busy,
    shared: new SharedState({
      // Wanted seldom: loaded then.
      list: async () =>
        (await hasShares()) ? (await import('../input/shared-files.ts')).listSharedFiles() : [],
      take: async (files) => (await import('../input/shared-files.ts')).takeSharedFiles(files),
      remove: async (files) => (await import('../input/shared-files.ts')).removeSharedFiles(files),
      mayListen: () => runsInstalled() && !busy.isBusy,
      intake,
    }),
    backup: new BackupState({
      database,
      values: keptValues,
      store: localStore,
      busy,
      gauge: storageGauge,
      finishRemovals: () => finishRemovals(app),
      // Wanted seldom: loaded then.
      openTarget: async (fileName) => (await import('../input/save-file.ts')).openSaveTarget(fileName),
      createInflater: () => new DecompressionStream('deflate-raw'),
      hash: hashBytes,
      pace: createPace,
      persist,
      tellOthers: (word) => news.tell(word),
      reload: () => location.reload(),
      now: () => performance.now(),
      timestamp,
      appVersion,
    }),
    deleting: { database, census, wipe: wipeBesideDatabase, busy, news, restart: restartProgram },
    ...buildProgram(busy, async () => {
      await finishRemovals(app);
      location.reload();
    }),
    router: new RouterState(ROUTES, START_ROUTE, addressHash),
  };
  return app;
}

/** What was deleted with a way back is removed now. */
export async function finishRemovals({
  history,
  collection,
}: Pick<AppState, 'history' | 'collection'>): Promise<void> {
  await Promise.all([history.removal.flush(), collection.removal.flush()]);
}

/** Reads runes: something is under way that nothing may break off. */
function isBusy({
  recorder,
  intake,
  batch,
  past,
  collection,
  registry,
  training,
  backup,
}: AppState): boolean {
  return (
    recorder.phase.kind === 'opening' ||
    recorder.phase.kind === 'recording' ||
    intake.isSorting ||
    batch.isRunning ||
    past.batch.isRunning ||
    collection.adding.phase.kind === 'adding' ||
    registry.work !== null ||
    training.isRunning ||
    backup.isRunning
  );
}

/** What is kept is otherwise than the states know. */
function readAnew(
  what: StorageChange,
  { batch, past, settings, registry, history, collection, unfinished, training }: AppState,
): void {
  if (what === 'restored') {
    reloadRestored();
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
}
