// A text in lines of a given width, cut off with an ellipsis where it needs more lines than there are. Pure.

/** Width of a text in pixels. */
export type Measure = (text: string) => number;

/** Labels come from files and folders: what reorders or breaks a line is a space. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu;
/** More of a text is never seen, and measuring it would take long. */
const MOST_CHARACTERS = 300;
const ELLIPSIS = '…';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * Breaks at spaces, and inside a word that is wider than a line.
 * @param width pixels of a line
 * @returns at least one line; each is no wider than `width`, unless a single character is
 */
export function wrapText(text: string, width: number, mostLines: number, measure: Measure): string[] {
  const tidy = text.slice(0, MOST_CHARACTERS).replace(UNPRINTABLE, ' ').trim();
  const isCut = text.length > MOST_CHARACTERS;
  const lines: string[] = [];
  let line = '';
  for (const piece of pieces(tidy, width, measure)) {
    const longer = line + piece;
    if (line === '' || measure(longer.trimEnd()) <= width) line = longer;
    else {
      lines.push(line.trimEnd());
      line = piece;
    }
  }
  lines.push(line.trimEnd());
  if (lines.length <= mostLines && !isCut) return lines;
  const shown = lines.slice(0, mostLines);
  shown.push(shorten(shown.pop() ?? '', width, measure));
  return shown;
}

/** Words with the space behind them; a word wider than a line as single characters. */
function pieces(text: string, width: number, measure: Measure): string[] {
  return text
    .split(/(?<=\s)/u)
    .flatMap((word) => (measure(word.trimEnd()) <= width ? [word] : characters(word)));
}

/** As a reader counts them: a letter with its accents is one, and so is a flag. */
function characters(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** With an ellipsis at its end, and as much before it as fits. */
function shorten(line: string, width: number, measure: Measure): string {
  const kept = characters(line);
  while (kept.length > 0 && measure(kept.join('').trimEnd() + ELLIPSIS) > width) kept.pop();
  return kept.join('').trimEnd() + ELLIPSIS;
}
