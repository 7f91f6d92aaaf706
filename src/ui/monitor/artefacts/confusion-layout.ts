// Where everything of a confusion matrix stands when it is a picture of its own: title, labels, cells. In units of
// one CSS pixel at the picture's own size. Pure: what a text measures comes in.

import { wrapText, type Measure } from './wrapped-lines.ts';

export type FontName = 'title' | 'label' | 'count' | 'small';

export interface Font {
  sizePx: number;
  isStrong: boolean;
}

export const FONTS: Record<FontName, Font> = {
  title: { sizePx: 18, isStrong: true },
  label: { sizePx: 14, isStrong: false },
  count: { sizePx: 20, isStrong: true },
  small: { sizePx: 13, isStrong: false },
};

export interface ConfusionContent {
  title: string;
  subtitle: string;
  rowsWord: string;
  columnsWord: string;
  labels: readonly string[];
  /** `[truth][predicted]` */
  counts: readonly (readonly number[])[];
  /** Of a row. */
  share: (fraction: number) => string;
}

export interface PlacedText {
  text: string;
  x: number;
  /** Of the middle of the line. */
  y: number;
  align: 'left' | 'center' | 'right';
  font: FontName;
  isQuiet: boolean;
}

export interface PlacedCell {
  x: number;
  y: number;
  width: number;
  height: number;
  /** Of its row, 0..1: how strongly it is tinted. */
  share: number;
  isRight: boolean;
}

export interface ConfusionLayout {
  width: number;
  height: number;
  texts: PlacedText[];
  cells: PlacedCell[];
}

const MARGIN = 28;
const GAP = 12;
const CELL_GAP = 4;
const CELL_WIDTH = 104;
const CELL_HEIGHT = 72;
/** With many classes; a count of six digits still fits. */
const SMALL_CELL_WIDTH = 76;
const MANY_LABELS = 8;
const LINE_FACTOR = 1.3;
const ROW_LABEL_WIDTH = 150;
const LABEL_LINES = 3;
const TITLE_LINES = 3;
const SUBTITLE_LINES = 4;
const LEAST_WIDTH = 440;

export function layOutConfusion(
  content: ConfusionContent,
  measure: (text: string, font: FontName) => number,
): ConfusionLayout {
  const { labels } = content;
  const cellWidth = labels.length > MANY_LABELS ? SMALL_CELL_WIDTH : CELL_WIDTH;
  const matrixWidth = labels.length * (cellWidth + CELL_GAP) - CELL_GAP;
  const width = Math.max(LEAST_WIDTH, 2 * MARGIN + ROW_LABEL_WIDTH + GAP + matrixWidth);
  const page = new Page(width, measure);

  page.write(content.title, 'title', TITLE_LINES, false);
  page.write(content.subtitle, 'small', SUBTITLE_LINES, true);
  page.space(2 * GAP);

  const left = MARGIN + ROW_LABEL_WIDTH + GAP;
  const centre = (column: number): number => left + column * (cellWidth + CELL_GAP) + cellWidth / 2;
  page.put(content.columnsWord, left + matrixWidth / 2, 'center', 'small', matrixWidth);
  page.space(GAP / 2);
  const headTop = page.y;
  const heads = labels.map((label) =>
    wrapText(label, cellWidth, LABEL_LINES, (text) => measure(text, 'label')),
  );
  const headHeight = Math.max(1, ...heads.map((lines) => lines.length)) * lineHeight('label');
  heads.forEach((lines, column) =>
    // Labels of few lines stand on the matrix.
    page.block(lines, centre(column), headTop + headHeight - lines.length * lineHeight('label'), 'center'),
  );
  page.line(
    content.rowsWord,
    MARGIN + ROW_LABEL_WIDTH,
    headTop + headHeight - lineHeight('small') / 2,
    'right',
    ROW_LABEL_WIDTH,
  );
  page.y = headTop + headHeight + GAP / 2;
  for (const [row, label] of labels.entries()) layOutRow(page, content, row, label, centre, cellWidth);
  return { width, height: Math.ceil(page.y - CELL_GAP + MARGIN), texts: page.texts, cells: page.cells };
}

function layOutRow(
  page: Page,
  { counts, share }: ConfusionContent,
  row: number,
  label: string,
  centre: (column: number) => number,
  cellWidth: number,
): void {
  const inRow = counts[row] ?? [];
  const total = inRow.reduce((sum, n) => sum + n, 0);
  const middle = page.y + CELL_HEIGHT / 2;
  const lines = wrapText(label, ROW_LABEL_WIDTH, LABEL_LINES - 1, (text) => page.measure(text, 'label'));
  const height = lines.length * lineHeight('label') + lineHeight('small');
  page.block(lines, MARGIN + ROW_LABEL_WIDTH, middle - height / 2, 'right');
  page.line(
    `n = ${total}`,
    MARGIN + ROW_LABEL_WIDTH,
    middle + height / 2 - lineHeight('small') / 2,
    'right',
    ROW_LABEL_WIDTH,
  );
  inRow.forEach((n, column) => {
    const fraction = total === 0 ? 0 : n / total;
    const x = centre(column);
    page.cells.push({
      x: x - cellWidth / 2,
      y: page.y,
      width: cellWidth,
      height: CELL_HEIGHT,
      share: fraction,
      isRight: row === column,
    });
    page.texts.push({ text: String(n), x, y: middle - 9, align: 'center', font: 'count', isQuiet: n === 0 });
    if (total > 0)
      page.texts.push({
        text: share(fraction),
        x,
        y: middle + 15,
        align: 'center',
        font: 'small',
        isQuiet: n === 0,
      });
  });
  page.y += CELL_HEIGHT + CELL_GAP;
}

function lineHeight(font: FontName): number {
  return Math.ceil(FONTS[font].sizePx * LINE_FACTOR);
}

/** What was placed so far, and how far down it reaches. */
class Page {
  readonly texts: PlacedText[] = [];
  readonly cells: PlacedCell[] = [];
  readonly measure: (text: string, font: FontName) => number;
  readonly #width: number;
  y = MARGIN;

  constructor(width: number, measure: (text: string, font: FontName) => number) {
    this.#width = width;
    this.measure = measure;
  }

  space(height: number): void {
    this.y += height;
  }

  /** Over the whole width, in as many lines as it takes. */
  write(text: string, font: FontName, mostLines: number, isQuiet: boolean): void {
    const width = this.#width - 2 * MARGIN;
    for (const line of wrapText(text, width, mostLines, this.#measureIn(font))) {
      this.y += lineHeight(font);
      this.texts.push({
        text: line,
        x: MARGIN,
        y: this.y - lineHeight(font) / 2,
        align: 'left',
        font,
        isQuiet,
      });
    }
  }

  /** One line of its own. */
  put(text: string, x: number, align: PlacedText['align'], font: FontName, width: number): void {
    this.y += lineHeight(font);
    this.line(text, x, this.y - lineHeight(font) / 2, align, width);
  }

  /** One small quiet line at a place, shortened to a width. */
  line(text: string, x: number, y: number, align: PlacedText['align'], width: number): void {
    const [line = ''] = wrapText(text, width, 1, this.#measureIn('small'));
    this.texts.push({ text: line, x, y, align, font: 'small', isQuiet: true });
  }

  /** Lines of a label under each other. */
  block(lines: readonly string[], x: number, top: number, align: PlacedText['align']): void {
    lines.forEach((text, i) => {
      const y = top + (i + 0.5) * lineHeight('label');
      this.texts.push({ text, x, y, align, font: 'label', isQuiet: false });
    });
  }

  #measureIn(font: FontName): Measure {
    return (text) => this.measure(text, font);
  }
}
