// Why a file of a folder or an archive is left out. Texts only; apart from archive-text.ts, which is wanted only with an
// archive.

export const leftOutText = {
  noSoundFile: 'Not a sound file.',
  tableTooLarge: 'Larger than 20 MB: too large for a table of labels.',
  nestedZip: 'A zip inside a zip is not opened. Unpack it first.',
  emptyZip: 'There is no sound file in this zip.',
} as const;
