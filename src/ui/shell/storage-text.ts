// What is said above the page of everything that is kept here: loaded when there is something to say.

import type { Emptied } from '../../state/storage.svelte.ts';
import type { Connection } from '../../storage/db.ts';

export const storageText = {
  connections: {
    waiting:
      'Another tab has an older version of this program open and holds the storage. Close the other tabs of this program: here it goes on by itself then. Recordings are answered meanwhile, and nothing is kept.',
    overtaken:
      'A newer version of this program, in another tab, has taken the storage. Load this page anew to go on with it. What could not be kept is in this tab until then.',
    forbidden:
      'This browser does not let the program keep anything, as in some private windows. It listens and answers all the same; what it finds is gone when the page is closed.',
    lost: 'The browser has closed the storage and does not open it again. What could not be kept is in this tab, until it is closed.',
  } satisfies Record<Exclude<Connection, 'open'>, string>,
  emptied: {
    underneath:
      'Everything that was kept here was deleted while this page was open, by the browser or in its settings. The program goes on with an empty storage; what was still in memory is kept again.',
    elsewhere: 'Everything that was kept here was deleted in another tab.',
  } satisfies Record<Emptied, string>,
  low: 'Little room is left for what is kept on this device.',
  whatTakesIt: 'What takes it',
  reload: 'Load anew',
  tryAgain: 'Try again',
  close: 'Close',
} as const;
