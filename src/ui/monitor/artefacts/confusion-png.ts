// A confusion matrix as a picture to keep: drawn on a canvas at twice its size, on light paper whatever the theme,
// so that it can go into a report as it is. Loaded when somebody wants one.

import { runText } from '../run-text.ts';
import {
  FONTS,
  layOutConfusion,
  type ConfusionContent,
  type FontName,
  type PlacedText,
} from './confusion-layout.ts';

const SCALE = 2;
// eslint-disable-next-line words/phrases -- names of fonts
const FAMILY = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif';

/** The light theme's, written down: a picture is the same in either. */
const COLOURS = {
  paper: '#ffffff',
  ink: '#14171c',
  quiet: '#565b64',
  line: '#cfccc4',
  right: [14, 116, 144],
  wrong: [194, 65, 12],
} as const;

/** Strongest tint of a cell: text on it stays readable. */
const MOST_TINT = 0.35;

/** @throws Error where the browser cannot make the picture, as with one too large for its canvas */
export async function drawConfusionPng(content: ConfusionContent): Promise<Blob> {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  if (!context) throw new Error(runText.picture.noCanvas);
  const layout = layOutConfusion(content, (text, font) => {
    context.font = cssFont(font);
    return context.measureText(text).width;
  });
  canvas.width = layout.width * SCALE;
  canvas.height = layout.height * SCALE;
  context.scale(SCALE, SCALE);
  context.fillStyle = COLOURS.paper;
  context.fillRect(0, 0, layout.width, layout.height);
  for (const cell of layout.cells) {
    const [red, green, blue] = cell.isRight ? COLOURS.right : COLOURS.wrong;
    context.fillStyle = `rgba(${red}, ${green}, ${blue}, ${cell.share * MOST_TINT})`;
    context.fillRect(cell.x, cell.y, cell.width, cell.height);
    context.strokeStyle = COLOURS.line;
    context.strokeRect(cell.x + 0.5, cell.y + 0.5, cell.width - 1, cell.height - 1);
  }
  for (const text of layout.texts) draw(context, text);
  return await new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error(runText.picture.failed)))),
  );
}

function draw(context: CanvasRenderingContext2D, { text, x, y, align, font, isQuiet }: PlacedText): void {
  context.font = cssFont(font);
  context.fillStyle = isQuiet ? COLOURS.quiet : COLOURS.ink;
  context.textAlign = align;
  context.textBaseline = 'middle';
  context.fillText(text, x, y);
}

function cssFont(name: FontName): string {
  const { sizePx, isStrong } = FONTS[name];
  // eslint-disable-next-line words/phrases -- a font as CSS has it
  return `${isStrong ? 600 : 400} ${sizePx}px ${FAMILY}`;
}
