// Names that somebody else chose, made fit to be shown: in a table, in the middle of a sentence, in a spreadsheet.
// What ends a line, hides, turns the direction of what follows, or is half a letter shows as a mark; every letter of
// every script stays. Pure.

/** Controls, overrides and isolates of direction, ends of lines, invisible letters, halves of pairs. */
const UNSHOWN = /[\p{Cc}\u202a-\u202e\u2066-\u2069\p{Zl}\p{Zp}\u200b\u2060\ufeff\p{Cs}]/gu;

const MARK = '\ufffd';

/** Letters of a name that is a word of somebody's: a class, a patient, a place, a model. */
export const MAX_NAME = 200;

export function plainText(text: string): string {
  return text.replace(UNSHOWN, MARK);
}

/** The same of a text of several lines. */
export function plainLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => plainText(line.replaceAll('\t', '  ')))
    .join('\n');
}

/** One line that shows what is in it. */
export function isPlain(text: string): boolean {
  return text.search(UNSHOWN) < 0;
}
