// Everything that the storage says by itself. Texts only.

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1_000_000)} MB`;

export const storageText = {
  olderTab: 'Another tab holds an older version of the storage open.',
  newerProgram: 'A newer version of this program has changed the storage: reload.',
  activeModel: 'The active model is not deleted: activate another one first.',
  activatedElsewhere: 'Another tab has activated another model in the meantime.',
  modelGone: 'That model, or a part of it, is no longer in the storage.',
  clearedMeanwhile: 'Nothing of the backup is restored.',
  activatedNothing: 'The model was activated without a trace.',

  backup: {
    foreign: 'This zip is no backup of this program.',
    noZip: 'This file cannot be read as a backup.',
    newer:
      'This backup was written by a newer version of this program. Update the program (reload the page while you are online), then restore it.',
    badManifest: 'Its list of contents (manifest.json) is damaged.',
    twice: 'A file is in it twice.',
    strangePath: (path: string): string => `It holds a file that no backup has: “${path}”.`,
    missing: (path: string): string => `It is not whole: “${path}” is missing.`,
    unlisted: (path: string): string => `It holds a file that is not in its list: “${path}”.`,
    otherSize: (path: string): string => `“${path}” is of another size than its list says.`,
    otherBytes: (path: string): string => `“${path}” is not what was written: its SHA-256 differs.`,
    damaged: (path: string): string => `“${path}” is damaged.`,
    tooLarge: (path: string): string => `“${path}” is larger than any list of a backup.`,
    bomb: 'It would unpack to far more than its own size, which no backup does.',
    tooMuch: 'There is more here than the list of contents of one backup can hold (64 MB).',
    overQuota: (needed: number, quota: number): string =>
      `The backup holds ${megabytes(needed)}; the browser gives this program ${megabytes(quota)} at most on this device.`,
    overFree: (needed: number, free: number): string =>
      `The restore needs ${megabytes(needed)} more room; ${megabytes(free)} are free.`,
    notRecords: (path: string): string => `“${path}” is no list of records.`,
    badRecord: (path: string, nth: number): string => `Record ${nth} of “${path}” is not as it should be.`,
    sameId: (path: string, id: string): string => `“${path}” holds “${id}”, which is in the backup twice.`,
    otherSound: (id: string): string =>
      `The sound of the recording ${id} is of another size than its record says.`,
    noSound: (id: string): string => `The sound of the recording ${id} is missing.`,
    lostBlob: (path: string): string => `Nothing in the backup belongs to “${path}”.`,
    noWeights: (key: string): string => `The weights of the model “${key}” are missing, or not its own.`,
    noBatch: (path: string): string => `“${path}” holds results of a batch that is not in the backup.`,
    badResults: (path: string): string => `The results in “${path}” are not in order.`,
    otherCounts: 'It does not hold as much as its list of contents says.',
  },
} as const;
