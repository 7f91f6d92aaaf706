// What every page is handed: the state objects that wiring/ built. By context, so that a page can be mounted
// with fakes.

import { createContext } from 'svelte';
import type { AnalysisState } from '../state/analysis.svelte.ts';
import type { BackupState } from '../state/backup.svelte.ts';
import type { BatchState } from '../state/batch.svelte.ts';
import type { BusyState } from '../state/busy.svelte.ts';
import type { CollectionState } from '../state/collection.svelte.ts';
import type { DeletionDependencies } from '../state/deletion.svelte.ts';
import type { HistoryState } from '../state/history.svelte.ts';
import type { EvaluationDependencies } from '../state/evaluation.svelte.ts';
import type { InstallState } from '../state/install.svelte.ts';
import type { IntakeState } from '../state/intake.svelte.ts';
import type { MishapState } from '../state/mishaps.svelte.ts';
import type { ModelState } from '../state/model.svelte.ts';
import type { MonitorDependencies } from '../state/monitor.svelte.ts';
import type { OfflineState } from '../state/offline.svelte.ts';
import type { RecorderState } from '../state/recorder.svelte.ts';
import type { RegistryState } from '../state/registry.svelte.ts';
import type { RouterState } from '../state/router.svelte.ts';
import type { RunsDependencies } from '../state/runs.svelte.ts';
import type { SettingsState } from '../state/settings.svelte.ts';
import type { SharedState } from '../state/shared.svelte.ts';
import type { StorageState } from '../state/storage.svelte.ts';
import type { TrainingState } from '../state/training.svelte.ts';
import type { UnfinishedState } from '../state/unfinished.svelte.ts';
import type { UpdateState } from '../state/update.svelte.ts';
import type { Route } from './pages.ts';

export interface AppState {
  settings: SettingsState;
  router: RouterState<Route>;
  model: ModelState;
  /** Every model that is here, and which of them answers. */
  registry: RegistryState;
  /** What an evaluation is computed with. */
  evaluating: EvaluationDependencies;
  intake: IntakeState;
  /** What another program has shared with this one, until somebody says whether it is listened to. */
  shared: SharedState;
  /** What is kept to train on. */
  collection: CollectionState;
  /** The recording of the collection that is open. */
  collected: AnalysisState;
  /** What is trained from it. */
  training: TrainingState;
  history: HistoryState;
  /** The batch of the history that is looked at, beside the one on the Predict page. */
  past: Pick<AppState, 'batch' | 'analysis'>;
  /** What the Monitor page is made of. */
  monitoring: { runs: RunsDependencies; usage: MonitorDependencies };
  /** Everything that is kept: how the page stands with it, and how much room it takes. */
  storage: StorageState;
  /** What deletes all of it. */
  deleting: DeletionDependencies;
  /** Whether the program is kept on this device. */
  offline: OfflineState;
  /** A newer version of it. */
  update: UpdateState;
  install: InstallState;
  /** Whether something is under way that nothing may break off. */
  busy: BusyState;
  /** What went wrong where nobody waited for it. */
  mishaps: MishapState;
  /** Everything as one file, and its way back. */
  backup: BackupState;
  recorder: RecorderState;
  batch: BatchState;
  unfinished: UnfinishedState;
  analysis: AnalysisState;
  appVersion: string;
}

export const [getApp, setApp] = createContext<AppState>();
