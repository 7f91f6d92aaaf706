// The program itself, beside what it does: kept on this device by its service worker, replaced by a newer version, and
// installed.

import { installWay, listenForInstall, runsInstalled } from '../input/install-program.ts';
import { programKeeper } from '../input/keep-program.ts';
import { later, localStore } from '../state/browser-ports.ts';
import type { BusyState } from '../state/busy.svelte.ts';
import { InstallState } from '../state/install.svelte.ts';
import { OfflineState } from '../state/offline.svelte.ts';
import { UpdateState } from '../state/update.svelte.ts';

/** @param reload loads the page anew, after what must not be lost with it is stored */
export function buildProgram(busy: BusyState, reload: () => Promise<void>) {
  return {
    offline: new OfflineState(programKeeper, localStore),
    update: new UpdateState(programKeeper, { busy, later, isOnline: () => navigator.onLine, reload }),
    install: new InstallState({
      runsInstalled,
      way: installWay(navigator.userAgent, navigator.maxTouchPoints),
      listen: listenForInstall,
    }),
  };
}
