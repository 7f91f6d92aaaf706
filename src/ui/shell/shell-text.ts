// Everything that the frame around the pages says.

import type { Emptied } from '../../state/storage.svelte.ts';
import type { Connection } from '../../storage/db.ts';

export const shellText = {
  name: 'HeartBeat AI',
  pages: 'Pages',
  more: 'More',
  training: (fraction: number): string => `Training ${Math.round(fraction * 100)} %`,
  trainingShort: (fraction: number): string => `${Math.round(fraction * 100)} %`,
  skip: 'Skip to the content',
  keys: 'Keys',
  keysTitle: 'Keys',
  keysOff: 'These keys are switched off in Settings.',
  close: 'Close',
  loading: 'Loading the page …',
  pageFailed: 'This page could not be loaded. Connect to the network once, then try again.',
  pageBroke: 'This page stopped while it was drawn; what you have kept is not touched.',
  mishap: 'What was under way may not be finished; what you have kept is not touched.',
  mishapDetails: 'Technical details',
  copy: 'Copy',
  copied: 'Copied',
  tryAgain: 'Try again',
  drop: 'Drop it: it will be listened to',
  dropToCollect: 'Drop it: add it to the collection',
  dropMore: 'Files, folders and zips; nothing leaves this device.',
  fallback: (name: string, used: string): string =>
    `${name} cannot answer. ${used} answers in its place; nothing was deleted.`,
  fallbackUnread: (used: string): string =>
    `Which model is active could not be read. ${used}, which comes with the program, answers.`,
  unknownModel: 'The active model',
  stayWith: (name: string): string => `Stay with ${name}`,
  elsewhere: (name: string, used: string): string =>
    `Another tab has activated ${name}. Here ${used} still answers.`,
  useHere: 'Use it here, too',
  look: 'Look at the models',
  dropModel: 'Drop it: a model to import',
  storage: {
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
  },
  backend: { starting: 'starting …', failed: 'not available' },
} as const;
