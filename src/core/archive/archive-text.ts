// Everything that is said of archives that cannot be read. Texts only.

export const archiveText = {
  invalid: (why: string): string => `The zip archive cannot be read: ${why}.`,
  why: {
    tooManyFiles: 'it holds more than a million files; split it',
    directoryDamaged: 'its table of contents is damaged',
    cutShort: 'it is cut short',
    noArchive: 'it is cut short or no zip archive at all',
    damaged: 'it is damaged',
    leadsOut: (path: string): string => `the path "${path}" leads out of it`,
    packedOtherwise: (path: string, method: number): string =>
      `"${path}" is packed in a way that is not read (method ${method})`,
    longer: (path: string): string => `"${path}" is longer than it says`,
    entryDamaged: (path: string): string => `"${path}" is damaged`,
    otherHeader: (path: string): string => `"${path}" does not agree with its table of contents`,
    entryCutShort: (path: string): string => `"${path}" is cut short`,
    tooLarge: (path: string): string => `"${path}" would unpack to more than 1 GiB`,
    bomb: (path: string, times: number): string => `"${path}" would unpack to ${times} times its size`,
  },
  locked: 'The zip archive is protected by a password; unpack it yourself and drop the folder in.',
  noMemory: (path: string): string => `"${path}" needs more memory than there is.`,
} as const;
