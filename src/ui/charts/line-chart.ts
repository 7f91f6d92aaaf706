// Draws lines over a whole-numbered axis with the parts of Chart.js that it takes. Loaded when there is something to
// draw; a chart that is shown more values is not built anew.

import {
  Chart,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
  type ChartDataset,
  type ChartOptions,
  type Plugin,
} from 'chart.js';
import { isLonely, lineColour, type LineSeries } from './line-series.ts';

Chart.register(LinearScale, LineController, LineElement, PointElement, Tooltip);

export interface LineAxes {
  x: string;
  y: string;
  /** The x of the first value. */
  xStart: number;
  /** Where the y axis ends; null: where the values do. */
  yMin: number | null;
  yMax: number | null;
  format: (value: number) => string;
}

export interface LineDrawing {
  /** @param mark x of a vertical line; null: none */
  show(series: readonly LineSeries[], mark: number | null): void;
  /** Takes the picture away. */
  close(): void;
}

interface Point {
  x: number;
  y: number | null;
}

type Options = ChartOptions<'line'>;
type Colour = (token: string) => string;

interface Font {
  family: string;
  size: number;
}

const LINE_PX = 2;
const LONELY_PX = 3;
const DASH = [6, 4];
const MARK_DASH = [2, 3];
const FONT_PX = 12;
const MOST_X_TICKS = 10;
const MOST_Y_TICKS = 6;

/** Colours are those of the theme at this moment: draw anew when it changes. */
export function drawLines(canvas: HTMLCanvasElement, axes: LineAxes): LineDrawing {
  const style = getComputedStyle(canvas);
  const colour: Colour = (token) => style.getPropertyValue(token).trim();
  let marked: number | null = null;
  const chart = new Chart<'line', Point[]>(canvas, {
    type: 'line',
    data: { datasets: [] },
    options: options(axes, colour, style.fontFamily),
    plugins: [markPlugin(() => marked, colour('--ink-3'))],
  });
  return {
    show(series, mark) {
      marked = mark;
      chart.data.datasets = series.map((line, i) => dataset(line, i, axes.xStart, colour));
      chart.update('none');
    },
    close: () => chart.destroy(),
  };
}

function dataset(
  series: LineSeries,
  index: number,
  xStart: number,
  colour: Colour,
): ChartDataset<'line', Point[]> {
  const tint = colour(lineColour(series, index));
  return {
    label: series.name,
    data: series.values.map((y, i) => ({ x: xStart + i, y })),
    borderColor: tint,
    backgroundColor: tint,
    borderWidth: LINE_PX,
    borderDash: series.isDashed ? DASH : [],
    pointRadius: series.values.map((_, i) => (isLonely(series.values, i) ? LONELY_PX : 0)),
    pointHoverRadius: LONELY_PX,
  };
}

function options(axes: LineAxes, colour: Colour, family: string): Options {
  const font: Font = { family, size: FONT_PX };
  return {
    animation: false,
    maintainAspectRatio: false,
    parsing: false,
    normalized: true,
    interaction: { mode: 'index', intersect: false },
    scales: {
      x: {
        ...axis(axes.x, colour, font),
        ticks: { ...ticks(colour, font), precision: 0, maxTicksLimit: MOST_X_TICKS },
        // One value alone stands at the start.
        min: axes.xStart,
        suggestedMax: axes.xStart + 1,
        grid: { display: false },
      },
      y: {
        ...axis(axes.y, colour, font),
        ticks: { ...ticks(colour, font), maxTicksLimit: MOST_Y_TICKS },
        ...(axes.yMin === null ? {} : { min: axes.yMin }),
        ...(axes.yMax === null ? {} : { max: axes.yMax }),
      },
    },
    plugins: {
      tooltip: {
        backgroundColor: colour('--raised'),
        titleColor: colour('--ink'),
        bodyColor: colour('--ink'),
        borderColor: colour('--line-strong'),
        borderWidth: 1,
        cornerRadius: 4,
        titleFont: font,
        bodyFont: font,
        boxWidth: 8,
        boxHeight: 2,
        callbacks: {
          title: ([item]) => (item ? `${axes.x} ${item.parsed.x ?? ''}` : ''),
          label: ({ dataset: { label }, parsed: { y } }) =>
            y === null ? '' : ` ${label ?? ''} ${axes.format(y)}`,
        },
      },
    },
  };
}

function axis(title: string, colour: Colour, font: Font) {
  return {
    type: 'linear' as const,
    title: { display: title !== '', text: title, color: colour('--ink-3'), font },
    grid: { color: colour('--line'), tickLength: 0 },
    border: { color: colour('--line-strong') },
  };
}

function ticks(colour: Colour, font: Font) {
  return { color: colour('--ink-3'), font, maxRotation: 0 };
}

/** A vertical line behind the curves. */
function markPlugin(marked: () => number | null, tint: string): Plugin<'line'> {
  return {
    id: 'mark',
    beforeDatasetsDraw({ ctx, chartArea, scales }) {
      const at = marked();
      if (at === null || !scales['x']) return;
      const x = scales['x'].getPixelForValue(at);
      if (x < chartArea.left || x > chartArea.right) return;
      ctx.save();
      ctx.strokeStyle = tint;
      ctx.setLineDash(MARK_DASH);
      ctx.beginPath();
      ctx.moveTo(x, chartArea.top);
      ctx.lineTo(x, chartArea.bottom);
      ctx.stroke();
      ctx.restore();
    },
  };
}
