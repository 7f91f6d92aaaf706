// Everything that the collection says.

import type { AuscultationSite, CollectedRecording } from '../../../core/collection/types.ts';
import type { FoundFacts } from '../../../core/collection/facts.ts';
import { formatThousands } from '../../common/format.ts';

const count = (n: number, one: string, many: string): string =>
  `${formatThousands(n)} ${n === 1 ? one : many}`;
const recordings = (n: number): string => count(n, 'recording', 'recordings');
const files = (n: number): string => count(n, 'file', 'files');

export const collectionText = {
  title: 'Collection',
  loading: 'Reading the collection…',
  tryAgain: 'Try again',
  close: 'Close',

  empty: {
    lead: 'Drop labelled recordings here',
    how: 'A folder with one folder for each label, a folder or zip with a label table (REFERENCE.csv, or a CSV with the columns file and label), or loose files that you label yourself.',
    kept: 'They are kept on this device, and nothing leaves it.',
    chooseFolder: 'Choose a folder',
    chooseFiles: 'Choose files',
  },
  bundledNote:
    'Recordings that a bundled model was trained on cannot be recognised. Among yours, they make its figures look better than they are.',

  addFolder: 'Add a folder',
  addFiles: 'Add files',
  plan: 'Plan a run',

  sorting: 'Looking through what you handed over…',
  preview: {
    title: (n: number): string => `Add ${recordings(n)} to the collection?`,
    from: {
      csv: 'Labels from a table',
      reference: 'Labels from REFERENCE.csv',
      folders: 'Labels from the names of folders',
    } satisfies Record<NonNullable<FoundFacts['from']>, string>,
    noLabels: 'No labels were found.',
    unlabelled: 'without a label',
    patients: (n: number): string => count(n, 'patient', 'patients'),
    noPatients: 'No patients are named, so each recording counts as a patient of its own.',
    sources: (n: number, first: string): string =>
      n === 1 ? `Source ${first}` : `${formatThousands(n)} sources`,
    seen: (n: number): string =>
      `${formatThousands(n)} ${n === 1 ? 'is' : 'are'} there already, by name and size.`,
    missing: (n: number): string => `${count(n, 'row', 'rows')} of the table name a file that is not there.`,
    skipped: (n: number): string => `${files(n)} left out`,
    usesFolders: 'The names of the folders are labels',
    label: (n: number): string =>
      n === 1 ? 'Label of the one without' : `Label of the ${formatThousands(n)} without`,
    labelHint: 'leave empty to label later',
    source: 'Source',
    sourceFound: 'as found',
    add: (n: number): string => `Add ${recordings(n)}`,
    not: 'Do not add',
    more: (n: number): string => `and ${formatThousands(n)} more`,
  },
  busy: 'One thing at a time: drop it again when this is in.',
  cancel: 'Cancel',
  outcome: {
    added: (n: number): string => (n === 0 ? 'Nothing was added' : `${recordings(n)} added`),
    known: (n: number): string =>
      `${formatThousands(n)} ${n === 1 ? 'was' : 'were'} there already: the same file is kept once.`,
    left: (n: number): string => `${recordings(n)} not added.`,
    cancelled: 'You stopped it; what was in stays.',
    failed: (n: number): string => `${files(n)} could not be read`,
  },

  labels: {
    caption: 'What the collection holds, label by label',
    label: 'Label',
    recordings: 'Recordings',
    sound: 'Sound',
    patients: 'Patients',
    quality: 'Quality',
    none: 'not labelled',
    all: 'All',
    show: (label: string, n: number): string => `${label}: ${recordings(n)}. Show only these`,
    /** Of whom none is named. */
    noPatients: 'not known',
    somePatients: (n: number, without: number): string =>
      without === 0 ? formatThousands(n) : `${formatThousands(n)}, ${formatThousands(without)} not known`,
  },
  qualities: { good: 'good', fair: 'fair', poor: 'poor' } satisfies Record<
    CollectedRecording['quality']['verdict'],
    string
  >,
  oneLabel: 'Training needs at least two labels.',

  toolbar: {
    label: 'Which recordings are shown',
    search: 'Name, patient or source',
    labelFilter: 'Label',
    anyLabel: 'Any label',
    quality: 'Quality',
    anyQuality: 'Any quality',
    duplicates: (n: number): string => `Same sound (${formatThousands(n)})`,
    shown: (shown: number, all: number): string =>
      shown === all ? recordings(all) : `${formatThousands(shown)} of ${recordings(all)}`,
    showAll: 'Show all',
    selected: (n: number): string => `${formatThousands(n)} selected`,
    clear: 'Clear selection',
    delete: 'Delete',
    keep: 'Keep this one',
  },
  duplicatesNote:
    'These are the same sound under several names: as another file, encoded anew, or a part of the other. On both sides of a split they flatter a model. Select one of them and keep it, or leave them if one patient is named for all.',

  table: {
    label: 'Recordings of the collection',
    columns: {
      name: 'Recording',
      label: 'Label',
      group: 'Patient',
      source: 'Source',
      site: 'Site',
      duration: 'Length',
      quality: 'Quality',
    },
    select: (name: string): string => `Select ${name}`,
    selectAll: 'Select all that are shown',
    setLabel: (label: string): string => `Label: ${label}. Change it`,
    newLabel: 'Label',
    duplicate: 'same sound',
    duplicateMeaning: 'Another recording of the collection is the same sound.',
    none: 'No recording is like that.',
  },

  facts: {
    of: (name: string): string => `What is said of ${name}`,
    ofSelected: (n: number): string => `What is said of the ${recordings(n)} selected`,
    label: 'Label',
    group: 'Patient',
    groupHint: 'a pseudonym',
    source: 'Source',
    site: 'Site',
    side: 'Side of the split',
    several: 'several',
    none: '–',
    /** No common value: a choice that changes nothing. */
    keep: '(several)',
  },
  sites: {
    AV: 'aortic',
    PV: 'pulmonary',
    TV: 'tricuspid',
    MV: 'mitral',
    other: 'other',
  } satisfies Record<AuscultationSite, string>,
  sides: { auto: 'as drawn', training: 'training', validation: 'validation' },

  undo: {
    removed: (n: number, name: string): string => `Deleted: ${n === 1 ? name : recordings(n)}`,
    changed: (n: number, name: string): string => `Changed: ${n === 1 ? name : recordings(n)}`,
  },
  opening: 'Opening the recording…',
} as const;
