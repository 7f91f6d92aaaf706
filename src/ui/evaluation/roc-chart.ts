// Draws ROC curves on a canvas with the parts of Chart.js that it takes. Loaded when there is a curve to draw.

import {
  Chart,
  LinearScale,
  LineElement,
  PointElement,
  ScatterController,
  type ChartDataset,
  type ChartOptions,
} from 'chart.js';
import type { Rate } from '../../core/metrics/intervals.ts';
import type { Point } from './roc-points.ts';

Chart.register(LinearScale, LineElement, PointElement, ScatterController);

export interface RocPicture {
  /** The colour is a token of the theme. */
  curves: { points: Point[]; colour: string }[];
  /** Where the present threshold lies; null with more than two classes. */
  operating: { sensitivity: Rate; specificity: Rate } | null;
  axes: { x: string; y: string };
}

type Line = ChartDataset<'scatter', Point[]>;
type Axis = NonNullable<ChartOptions<'scatter'>['scales']>[string];

const CURVE_PX = 2;
const MARK_PX = 5;
const TICK_STEP = 0.5;

/** @returns a function that takes the picture away */
export function drawRoc(canvas: HTMLCanvasElement, picture: RocPicture): () => void {
  const style = getComputedStyle(canvas);
  const colour = (token: string): string => style.getPropertyValue(token).trim();
  const line = (data: Point[], token: string, more: Partial<Line> = {}): Line => ({
    data,
    showLine: true,
    borderColor: colour(token),
    borderWidth: CURVE_PX,
    pointRadius: 0,
    ...more,
  });
  const guess = [
    { x: 0, y: 0 },
    { x: 1, y: 1 },
  ];
  const chart = new Chart(canvas, {
    type: 'scatter',
    data: {
      // What comes first is drawn on top.
      datasets: [
        ...(picture.operating ? operatingPoint(picture.operating, colour('--accent'), line) : []),
        ...picture.curves.map((curve) => line(curve.points, curve.colour)),
        line(guess, '--line-strong', { borderDash: [4, 4], borderWidth: 1 }),
      ],
    },
    options: {
      animation: false,
      events: [],
      maintainAspectRatio: false,
      // The interval of a point at the edge is seen whole.
      clip: MARK_PX,
      layout: { padding: MARK_PX },
      scales: {
        x: axis(picture.axes.x, colour, style.fontFamily),
        y: axis(picture.axes.y, colour, style.fontFamily),
      },
    },
  });
  return () => chart.destroy();
}

/** The point, and its two intervals as a cross. */
function operatingPoint(
  { sensitivity, specificity }: NonNullable<RocPicture['operating']>,
  accent: string,
  line: (data: Point[], token: string, more?: Partial<Line>) => Line,
): Line[] {
  const at = { x: 1 - (specificity.value ?? 0), y: sensitivity.value ?? 0 };
  const mark = { pointRadius: MARK_PX, pointBackgroundColor: accent, pointBorderWidth: 0 };
  const across = [specificity.high, specificity.low].map((value) => ({ x: 1 - (value ?? 0), y: at.y }));
  const upright = [sensitivity.low, sensitivity.high].map((value) => ({ x: at.x, y: value ?? 0 }));
  return [line([at], '--accent', mark), line(across, '--accent'), line(upright, '--accent')];
}

function axis(title: string, colour: (token: string) => string, family: string): Axis {
  const font = { family, size: 12 };
  return {
    type: 'linear',
    min: 0,
    max: 1,
    title: { display: true, text: title, color: colour('--ink-3'), font },
    ticks: { stepSize: TICK_STEP, color: colour('--ink-3'), font, maxRotation: 0 },
    grid: { color: colour('--line'), tickLength: 0 },
    border: { color: colour('--line-strong') },
  };
}
