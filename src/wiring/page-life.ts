// What happens of itself while the page is open: it gets ready after its first paint, hears of other tabs and of what
// comes from outside, and sees to it that nothing is lost when it is hidden or left.

import { runsInstalled } from '../input/install-program.ts';
import { listenForLaunches, type Errand } from '../input/launches.ts';
import { receiveArrivals } from '../state/arrivals.ts';
import { addressHash, later } from '../state/browser-ports.ts';
import type { AppState } from '../ui/app-context.ts';
import { finishRemovals } from './app-state.ts';
import { forgetRestoredElsewhere, isRestoredElsewhere } from './restored-elsewhere.ts';

/** The first recording has the network for itself: the program is kept for offline use when the model has been there for so long. */
const KEEP_AFTER_MS = 2000;

/** @param openedAt the address as the browser gave it, and what it asked for */
export function livePage(app: AppState, openedAt: string, errand: Errand): void {
  loseNothing(app);
  app.busy.tellOthers();
  app.busy.heedOthers({
    // Before it is counted what is here.
    onStopped: () => void finishRemovals(app),
    // Where the other tab was closed in the middle.
    onEnd: () => {
      if (!isRestoredElsewhere()) void app.backup.look();
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
  requestAnimationFrame(() => setTimeout(() => getReady(app)));
}

function loseNothing(app: AppState): void {
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
}

/** The worker gets ready, so that the first recording does not wait for it; what an earlier visit left is looked for. */
function getReady(app: AppState): void {
  app.model
    .ready()
    .catch(() => undefined)
    .finally(() => later(() => void app.offline.prepare(), KEEP_AFTER_MS));
  app.update.watch();
  void app.shared.look();
  void app.unfinished.look();
  void app.training.look();
  void app.storage.measure();
  if (isRestoredElsewhere()) forgetRestoredElsewhere();
  else void app.backup.look();
}
