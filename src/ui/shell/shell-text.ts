// Everything that the frame around the pages says.

import type { Route } from '../pages.ts';

export const shellText = {
  name: 'HeartBeat AI',
  pages: 'Pages',
  pageNames: {
    predict: 'Predict',
    train: 'Train',
    models: 'Models',
    history: 'History',
    monitor: 'Monitor',
    settings: 'Settings',
  } satisfies Record<Route, string>,
  more: 'More',
  training: (fraction: number): string => `Training ${Math.round(fraction * 100)} %`,
  trainingShort: (fraction: number): string => `${Math.round(fraction * 100)} %`,
  skip: 'Skip to the content',
  keys: 'Keys',
  keysTitle: 'Keys',
  /** Keys that work without Ctrl or Alt, and what they do. */
  keyList: [
    { keys: 'Space', does: 'play and pause' },
    { keys: '← →', does: 'one second back or on; with Shift, move the view' },
    { keys: 'Home End', does: 'to the start or the end' },
    { keys: '+ −', does: 'look closer or farther' },
    { keys: '0', does: 'show the whole recording' },
    { keys: 'j k', does: 'next and previous recording of the list' },
    { keys: 'o', does: 'choose files' },
    { keys: '?', does: 'this list' },
  ],
  keysOff: 'These keys are switched off in Settings.',
  close: 'Close',
  loading: 'Loading the page…',
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
  backend: { starting: 'starting…', failed: 'not available' },
} as const;
