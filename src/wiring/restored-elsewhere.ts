// Another tab has restored a backup: this one is loaded anew, for nothing of what it has in memory is to be written over
// that, and remembers over the reload that the other tab brings it to its end and says so itself.

import { tabStore } from '../state/browser-ports.ts';

const RESTORED_ELSEWHERE = 'restored-elsewhere';

export function reloadRestored(): void {
  tabStore.write(RESTORED_ELSEWHERE, true);
  location.reload();
}

export function isRestoredElsewhere(): boolean {
  return tabStore.read(RESTORED_ELSEWHERE) === true;
}

export function forgetRestoredElsewhere(): void {
  tabStore.write(RESTORED_ELSEWHERE, null);
}
