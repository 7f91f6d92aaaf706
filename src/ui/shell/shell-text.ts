// Everything that the frame around the pages says.

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
  tryAgain: 'Try again',
  drop: 'Drop it: it will be listened to',
  dropToCollect: 'Drop it: add it to the collection',
  dropMore: 'Files, folders and zips; nothing leaves this device.',
  backend: { starting: 'starting …', failed: 'not available' },
} as const;
