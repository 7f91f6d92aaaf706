// Everything that is said of backups: in Settings, and on every page after a restore.

import type { RestoreEffect } from '../../storage/backup-effect.ts';
import type { BackupCounts } from '../../storage/backup-format.ts';
import { formatDate, formatTime } from '../common/dates.ts';
import { formatThousands } from '../common/format.ts';

const count = (n: number, one: string, many = `${one}s`): string =>
  `${formatThousands(n)} ${n === 1 ? one : many}`;

const when = (date: Date): string => `${formatDate(date)} ${date.getFullYear()}, ${formatTime(date)}`;

/** "3 recordings, 1 batch and 2 models"; empty where there is none of anything. */
function things({ recordings, batches, models, runs }: BackupCounts): string {
  const parts = [
    recordings > 0 ? count(recordings, 'recording') : '',
    batches > 0 ? count(batches, 'batch', 'batches') : '',
    models > 0 ? count(models, 'model') : '',
    runs > 0 ? count(runs, 'training run') : '',
  ].filter((part) => part !== '');
  const last = parts.pop() ?? '';
  return parts.length > 0 ? `${parts.join(', ')} and ${last}` : last;
}

export const backupText = {
  title: 'Backup',
  what: 'One file with all that is kept here: recordings with their sound, labels, results, models, training runs and settings. It is not encrypted: keep it where you keep the recordings themselves.',
  last: (at: Date, size: string): string => `Last backup: ${when(at)}, ${size}.`,
  none: 'No backup was made in this browser yet.',
  make: 'Make a backup',
  open: 'Restore from a backup…',
  writing: 'Written',
  checking: 'Checked',
  written: (fileName: string): string => `The backup is complete: ${fileName}.`,
  leftOut: (n: number): string =>
    n === 1
      ? 'One thing is not in it: it was deleted meanwhile, or is damaged.'
      : `${formatThousands(n)} things are not in it: they were deleted meanwhile, or are damaged.`,
  stopped: 'Stopped. Nothing has changed.',
  renewed:
    'What is here has changed since the backup was opened. Nothing was restored: look again, then restore.',
  cancel: 'Cancel',
  close: 'Close',

  progress: {
    beginning: 'Looking through what there is…',
    count: (done: number, total: number): string =>
      `${formatThousands(Math.min(done, total))} of ${formatThousands(total)}`,
    rate: (perSec: string): string => `${perSec} a second`,
    left: (time: string): string => `${time} left`,
    cancel: 'Cancel',
  },

  offer: (at: Date): string => `Backup of ${when(at)}`,
  offerNote: (fileName: string, size: string, version: string): string =>
    `${fileName}, ${size}, written by version ${version}. All of it was checked: it is whole.`,
  comparison: 'What is here and what is in the backup',
  here: 'Here',
  there: 'In the backup',
  kinds: {
    recordings: 'Recordings',
    batches: 'Batches',
    results: 'Results',
    models: 'Models',
    runs: 'Training runs',
  },
  how: 'How to restore',
  modes: {
    merge: 'Add what is missing',
    replace: 'Replace everything here',
  },
  effect: {
    merge: ({ added, changed, repaired }: RestoreEffect): string => {
      const more = things(added);
      const newer = things(changed);
      const whole = things(repaired);
      const isAnswering = added['active-model'] > 0;
      if (more === '' && newer === '' && whole === '' && !isAnswering)
        return 'All of it is here already: nothing changes.';
      return [
        more === '' ? '' : `Adds ${more}.`,
        newer === '' ? '' : `Of ${newer} the backup has the later state, which is taken.`,
        whole === '' ? '' : `Gives back the missing or damaged content of ${whole} here.`,
        isAnswering ? 'The model that the backup uses answers from then on.' : '',
        'All else stays as it is, your settings too.',
      ]
        .filter((sentence) => sentence !== '')
        .join(' ');
    },
    replace: ({ added, removed, shared }: RestoreEffect): string => {
      const more = things(added);
      const gone = things(removed);
      const both = things(shared);
      return [
        'Afterwards exactly the backup is here, with its settings and the model that it uses.',
        more === '' ? '' : `Adds ${more}.`,
        gone === '' ? '' : `Removes ${gone} that it does not have.`,
        both === ''
          ? ''
          : `Of ${both} in both, the backup’s state is taken: names, labels and results that were changed since are lost.`,
      ]
        .filter((sentence) => sentence !== '')
        .join(' ');
    },
  },
  restore: 'Restore',
  busy: 'Wait until the recording, batch or training run that is under way is done.',
  replaceQuestion: 'Replace everything on this device?',
  forGood: 'This cannot be undone.',
  replaceNow: 'Replace',
  restoring: 'Restoring the backup',
  restoringNote: 'Leave this page open. If it is closed, what was here stays as it was.',
  elsewhere: 'Another tab is at work',
  elsewhereNote: 'It restores a backup, or deletes what is kept. This tab goes on by itself afterwards.',
  restored: 'Restored',

  news: {
    restored: (createdAt: Date, counts: BackupCounts): string => {
      const all = things(counts);
      return `The backup of ${when(createdAt)} is restored${all === '' ? '' : `: it held ${all}`}.`;
    },
    interrupted: (createdAt: Date): string =>
      `Restoring the backup of ${when(createdAt)} was broken off. What was here is as it was; restore it again in Settings.`,
    settings: 'Settings',
  },
} as const;
