// The picture of a confusion matrix: nothing overlaps, nothing sticks out, whatever the labels are.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FONTS,
  layOutConfusion,
  type ConfusionContent,
  type FontName,
  type PlacedText,
} from './confusion-layout.ts';
import { wrapText } from './wrapped-lines.ts';

/** Every character is as wide as it is high: wider than any real font. */
const measure = (text: string, font: FontName): number => Array.from(text).length * FONTS[font].sizePx * 0.6;
const plain = (text: string): number => text.length * 10;

const content = (labels: string[], more: Partial<ConfusionContent> = {}): ConfusionContent => ({
  title: 'Confusion matrix',
  subtitle: '20 recordings',
  rowsWord: 'labelled',
  columnsWord: 'heard as',
  labels,
  counts: labels.map((_, i) => labels.map((__, j) => 100 * i + j)),
  share: (fraction) => `${Math.round(fraction * 100)} %`,
  ...more,
});

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

function boxOf({ text, x, y, align, font }: PlacedText): Box {
  const width = measure(text, font);
  const left = align === 'left' ? x : align === 'right' ? x - width : x - width / 2;
  const half = FONTS[font].sizePx / 2;
  return { left, right: left + width, top: y - half, bottom: y + half };
}

const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right - 0.01 && b.left < a.right - 0.01 && a.top < b.bottom - 0.01 && b.top < a.bottom - 0.01;

/** Words of no language, right-to-left ones, emoji, line breaks, and texts without an end. */
const hostileLabel = fc.oneof(
  fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }),
  fc.string({ minLength: 1, maxLength: 400 }).map((text) => text.repeat(10)),
  fc.constantFrom(
    'شذوذ القلب',
    '\u202elamron',
    'a\nb\r\nc',
    '🫀🫀🫀🫀🫀🫀🫀🫀🫀🫀',
    '=HYPERLINK("x")',
    'x'.repeat(5000),
    ' ',
  ),
);

describe('a text in lines', () => {
  it('breaks at spaces, and inside a word that is too long for a line', () => {
    expect(wrapText('mitral valve prolapse', 130, 3, plain)).toEqual(['mitral valve', 'prolapse']);
    expect(wrapText('extrasystole', 50, 3, plain)).toEqual(['extra', 'systo', 'le']);
  });

  it('ends with an ellipsis where it does not fit', () => {
    expect(wrapText('one two three four', 60, 2, plain)).toEqual(['one', 'two…']);
    expect(wrapText('abcdefghij', 50, 1, plain)).toEqual(['abcd…']);
    expect(wrapText('x'.repeat(1000), 20_000, 2, plain).join('')).toMatch(/x…$/);
  });

  it('holds no line break and nothing that turns the direction', () => {
    expect(wrapText('a\nb\u202ec', 500, 3, plain)).toEqual(['a b c']);
    expect(wrapText('\n', 500, 3, plain)).toEqual(['']);
  });
});

describe('the picture', () => {
  it('shows every count in its cell, and the size of every row', () => {
    const { texts, cells } = layOutConfusion(content(['normal', 'abnormal']), measure);
    expect(cells).toHaveLength(4);
    for (const n of ['0', '1', '100', '101', 'n = 1', 'n = 201', 'normal', 'abnormal'])
      expect(texts.some(({ text }) => text === n)).toBe(true);
    expect(cells.filter(({ isRight }) => isRight).map(({ share }) => share)).toEqual([0, 101 / 201]);
  });

  it('says nothing of shares where a class has no recording', () => {
    const { texts } = layOutConfusion(
      content(['a', 'b'], {
        counts: [
          [0, 0],
          [1, 3],
        ],
      }),
      measure,
    );
    expect(texts.filter(({ text }) => text.endsWith('%')).map(({ text }) => text)).toEqual(['25 %', '75 %']);
  });

  it('keeps everything inside and apart, whatever the labels are', () => {
    fc.assert(
      fc.property(fc.array(hostileLabel, { minLength: 2, maxLength: 14 }), fc.string(), (labels, title) => {
        const picture = layOutConfusion(content(labels, { title }), measure);
        const boxes = picture.texts.filter(({ text }) => text !== '').map(boxOf);
        const isInside = ({ left, right, bottom }: Box): boolean =>
          left >= 0 && right <= picture.width && bottom <= picture.height;
        expect(boxes.filter((box) => !isInside(box))).toEqual([]);
        expect(boxes.flatMap((box, i) => boxes.slice(i + 1).filter((other) => overlap(box, other)))).toEqual(
          [],
        );
        const cellBoxes = picture.cells.map(({ x, y, width, height }) => ({
          left: x,
          right: x + width,
          top: y,
          bottom: y + height,
        }));
        expect(cellBoxes.filter((box) => !isInside(box))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});
