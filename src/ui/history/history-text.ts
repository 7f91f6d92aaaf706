// Everything that the History page says.

import { formatDuration, formatThousands } from '../common/format.ts';

const count = (n: number, one: string, many: string): string =>
  `${formatThousands(n)} ${n === 1 ? one : many}`;
const entries = (n: number): string => count(n, 'entry', 'entries');

export const historyText = {
  title: 'History',
  loading: 'Reading the history…',
  loadingEntry: 'Reading the results…',
  tryAgain: 'Try again',
  close: 'Close',

  empty: 'Nothing here yet',
  emptyNote:
    'What you open on the Predict page is kept here with its results, so that you can come back to it. The sound itself is not kept.',
  emptyGo: 'Open a recording',

  search: 'Search the history',
  searchHint: 'Title, file name or model',
  searching: 'Searching file names…',
  shown: (shown: number, all: number): string =>
    shown === all ? entries(all) : `${formatThousands(shown)} of ${entries(all)}`,
  nothingFound: (query: string): string => `Nothing here goes by “${query}”`,
  nothingFoundNote: 'Titles, file names and models were searched.',
  clearSearch: 'Clear the search',
  nameMatches: (n: number): string => count(n, 'file name matches', 'file names match'),
  more: (n: number, left: number): string => `Show ${formatThousands(n)} more of ${formatThousands(left)}`,

  selected: (n: number): string => `${formatThousands(n)} selected`,
  select: (title: string, when: string): string => `Select ${title}, ${when}`,
  all: (n: number): string => `All ${formatThousands(n)}`,
  selectAll: (n: number): string => `Select all ${formatThousands(n)}`,
  selectNone: 'Clear selection',
  delete: 'Delete',
  deleted: (n: number, title: string): string => `Deleted: ${n === 1 ? `“${title}”` : entries(n)}`,

  recordings: (n: number): string => count(n, 'recording', 'recordings'),
  labelled: (n: number): string => `${formatThousands(n)} labelled`,
  sound: (sec: number): string => `${formatDuration(sec)} of sound`,
  inconclusive: 'inconclusive',
  failed: 'failed',
  waiting: 'not heard',
  stopped: (done: number, total: number): string =>
    `Stopped half way: ${formatThousands(done)} of ${formatThousands(total)} heard`,
  underWay: 'Being heard now',
  cancelled: 'Cancelled',
  goOn: 'Go on',

  today: 'Today',
  yesterday: 'Yesterday',

  back: 'All entries',
  gone: 'This entry is not in the history',
  goneNote: 'It was deleted, or kept by another browser: the history stays on the device that made it.',
  kept: (n: number): string =>
    n === 0
      ? 'Results are kept on this device only; nothing leaves it.'
      : `${count(n, 'result', 'results')} kept on this device; nothing leaves it.`,
} as const;
