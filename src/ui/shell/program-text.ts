// What is said of the program itself, on every page: it is kept on this device, a newer version is there.

import type { UpdateRefusal } from '../../state/update.svelte.ts';

export const programText = {
  offline: 'Without a network',
  ready: 'Ready to work offline',
  install: 'Install',
  close: 'Close',
  update: 'Update',
  waiting: 'An update is ready. It loads this page anew; what is stored stays.',
  replaced: 'Another tab has taken an update. Load this page anew to have it here, too.',
  unsaved: 'The latest recording from the microphone is lost unless you have saved it.',
  take: 'Update now',
  reload: 'Load anew',
  later: 'Not now',
  /** Why an update was not taken. */
  refusals: {
    here: 'Not now: something is under way in this tab. The update is offered again when it is done.',
    elsewhere:
      'Not now: another tab of this program is recording, listening, training or storing. Try again when it is done.',
    stuck: 'The update did not take over. Close every tab of this program and open it again: then it does.',
  } satisfies Record<UpdateRefusal, string>,
} as const;
