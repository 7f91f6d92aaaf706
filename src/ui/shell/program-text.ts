// What is said of the program itself, on every page: it is kept on this device, a newer version is there.

import type { UpdateRefusal } from '../../state/update.svelte.ts';

export const programText = {
  offline: 'Without a network',
  ready: 'Ready to work offline: the program and its model are kept on this device.',
  install: 'Install',
  close: 'Close',
  update: 'Newer version',
  waiting: 'A newer version of this program is there. Taking it loads this page anew; what is stored stays.',
  replaced: 'Another tab has taken a newer version. Load this page anew to have it here, too.',
  unsaved: 'The latest recording from the microphone is lost unless you have saved it.',
  take: 'Take it',
  reload: 'Load anew',
  later: 'Not now',
  /** Why a newer version was not taken. */
  refusals: {
    here: 'Not now: something is under way in this tab. When it is done, the newer version is offered again.',
    elsewhere:
      'Not now: another tab of this program is recording, listening, training or storing. Try again when it is done.',
    stuck:
      'The newer version did not take over. Close every tab of this program and open it again: then it does.',
  } satisfies Record<UpdateRefusal, string>,
} as const;
