// Everything that is said of labels, and of the files and tables that name them. Texts only.

export const labelsText = {
  /** All classes but one. */
  not: (label: string): string => `not ${label}`,
  noTable: 'A table without the columns "file" and "label".',
  unknownLabel: (label: string, known: readonly string[]): string =>
    `It names the label "${label}", which the model does not know: its labels are ${known.join(', ')}.`,
  tooManyRows: (most: number): string =>
    `The table has more than ${most} rows, or rows without end: too much for a table of labels.`,
  noLabels: (file: string): string =>
    `${file} has no labels: its first line must name the columns "file" and "label", or its lines must read "a0001,-1".`,
  nothingLabelled:
    'No labels found: put the recordings into folders named after their classes, or add a CSV with the columns "file" and "label".',

  /** Begins a sentence about a line. */
  where: (file: string, line: number): string => `${file}, line ${line}: `,
  row: {
    noneThere: (file: string, n: number): string =>
      `neither "${file}" nor any other file named in it is among the ${n} recordings.`,
    noFile: "the file's name is missing.",
    noName: "the recording's name is missing.",
    noLabel: (file: string): string => `"${file}" has no label.`,
    tooLong: (column: string, most: number): string => `its ${column} is longer than ${most} letters.`,
    badQuality: (quality: string): string =>
      `quality is "${quality}"; write 1 for clean, 0 for noisy, or nothing.`,
    badValue: (value: string): string => `"${value}" is no label; write 1 for abnormal or -1 for normal.`,
    contradiction: (
      file: string,
      label: string,
      other: string,
      otherFile: string,
      otherLine: number,
    ): string => `"${file}" is ${label} here but ${other} in ${otherFile}, line ${otherLine}.`,
    ambiguous: (file: string, one: string, another: string): string =>
      `"${file}" could be ${one} or ${another}; write its folder too.`,
  },

  unnamed: 'not named in the labels',
  noClassFolder: 'lies in no class folder',
  noGroups:
    'The labels name no group (patient), so each recording counts as its own: recordings of one person may fall on both sides of a split, and the figures may flatter.',
  missing: (n: number): string => `${n} rows name a file that is not there.`,
  unlabelled: (n: number): string => `${n} recordings have no label and are left out.`,
} as const;
