// An evaluation as people read it: aligned tables for the terminal, the same tables in Markdown for a model card.
// No figure without its n and interval; two decimals more would be noise. May import: core/metrics (types),
// core/training/{evaluate,figures} (types), ./report-text.

import type { Estimate, Rate } from '../metrics/intervals.ts';
import type { EvaluationReport } from './evaluate.ts';
import type { SubsetFigures } from './figures.ts';
import { reportText as words } from './report-text.ts';

interface Table {
  title: string;
  /** Sentences under the title. */
  notes: string[];
  header: string[];
  rows: string[][];
}

/** For the terminal: columns aligned, first column to the left, the others to the right. */
export function formatReportText(report: EvaluationReport): string {
  return tables(report)
    .map(({ title, notes, header, rows }) => [title, ...notes, ...align([header, ...rows])].join('\n'))
    .join('\n\n');
}

/** For MODEL_CARD.md. @param level of the tables' headings */
export function formatReportMarkdown(report: EvaluationReport, level = 3): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return tables(report)
    .map(({ title, notes, header, rows }) =>
      [
        `${'#'.repeat(level)} ${title}`,
        ...notes.flatMap((note) => ['', note]),
        '',
        line(header),
        line(header.map((_, i) => (i === 0 ? '---' : '---:'))),
        ...rows.map(line),
      ].join('\n'),
    )
    .join('\n\n');
}

function tables(report: EvaluationReport): Table[] {
  return [
    mainTable(report),
    ...(report.labels.length > 2 ? [classTable(report)] : []),
    ...(report.leaveOneSourceOut ? [unseenTable(report)] : []),
    ...(report.baselines ? [baselineTable(report)] : []),
    ...(report.calibration ? [calibrationTable(report)] : []),
    coverageTable(report),
  ];
}

function mainTable(report: EvaluationReport): Table {
  const rows = [figureRow(words.all, report.pooled, report)];
  for (const [source, figures] of Object.entries(report.perSource))
    rows.push(figureRow(source, figures, report));
  rows.push(meanRow(words.mean, report.meanSourceAuroc, null, report));
  if (Object.keys(report.perQuality).length > 1)
    for (const [quality, figures] of Object.entries(report.perQuality))
      rows.push(figureRow(words.quality(quality), figures, report));
  return {
    title: words.title(report.n, report.nGroups),
    notes: [words.intervals(report.intervals.resamples)],
    header: figureHeader(report),
    rows,
  };
}

function unseenTable(report: EvaluationReport): Table {
  const unseen = report.leaveOneSourceOut;
  if (unseen === null) throw new RangeError('No unseen sources in this report');
  const rows = Object.entries(unseen.perSource).map(([source, figures]) =>
    figureRow(source, figures, report),
  );
  rows.push(meanRow(words.mean, unseen.meanAuroc, unseen.meanMeanAccuracy, report));
  return {
    title: words.unseen.title,
    notes: [words.unseen.note],
    header: figureHeader(report),
    rows,
  };
}

function figureHeader({ labels }: EvaluationReport): string[] {
  const counts = labels.map((label) => label);
  const c = words.columns;
  return labels.length === 2
    ? ['', c.n, ...counts, c.auroc, c.meanAccuracy, c.sensitivity, c.specificity, c.accuracy]
    : ['', c.n, ...counts, c.macroAuroc, c.meanRecall, c.accuracy];
}

function figureRow(name: string, figures: SubsetFigures, { labels }: EvaluationReport): string[] {
  const start = [name, String(figures.n), ...figures.nPerLabel.map(String)];
  const middle = [formatEstimate(figures.auroc), formatEstimate(figures.meanAccuracy)];
  if (labels.length > 2) return [...start, ...middle, formatRate(figures.accuracy)];
  return [
    ...start,
    ...middle,
    formatRate(figures.sensitivity),
    formatRate(figures.specificity),
    formatNumber(figures.accuracy.value),
  ];
}

function meanRow(
  name: string,
  auroc: Estimate,
  meanAccuracy: Estimate | null,
  { labels }: EvaluationReport,
): string[] {
  const rest = labels.length > 2 ? [''] : ['', '', ''];
  const cells = [formatEstimate(auroc), meanAccuracy ? formatEstimate(meanAccuracy) : ''];
  return [name, String(auroc.n), ...labels.map(() => ''), ...cells, ...rest];
}

function classTable({ pooled, labels }: EvaluationReport): Table {
  const c = words.columns;
  return {
    title: words.classes.title,
    notes: [words.classes.note],
    header: ['', c.n, c.precision, c.recall, c.f1, ...labels],
    rows: labels.map((label, k) => {
      const rates = pooled.perClass[k];
      const numbers = [rates?.precision, rates?.recall, rates?.f1].map((value) =>
        formatNumber(value ?? null),
      );
      return [label, String(rates?.support ?? 0), ...numbers, ...(pooled.confusion[k] ?? []).map(String)];
    }),
  };
}

function baselineTable({ baselines }: EvaluationReport): Table {
  const c = words.columns;
  const row = (name: string, figures: NonNullable<typeof baselines>['majority'] | undefined) => [
    name,
    String(figures?.n ?? 0),
    formatNumber(figures?.auroc ?? null),
    formatNumber(figures?.meanAccuracy ?? null),
    formatNumber(figures?.accuracy ?? null),
  ];
  return {
    title: words.baselines.title,
    notes: [words.baselines.note],
    header: ['', c.n, c.auroc, c.meanAccuracy, c.accuracy],
    rows: [
      row(words.baselines.majority, baselines?.majority),
      row(words.baselines.source, baselines?.source),
    ],
  };
}

function calibrationTable({ calibration, labels }: EvaluationReport): Table {
  return {
    title: words.calibration.title,
    notes: [
      words.calibration.note(
        formatNumber(calibration?.expectedCalibrationError ?? null),
        formatNumber(calibration?.brier ?? null),
        formatNumber(calibration?.logLoss ?? null),
      ),
    ],
    header: words.calibration.columns(labels[1] ?? ''),
    rows: (calibration?.bins ?? []).map((bin) => [
      `${bin.low.toFixed(1)}–${bin.high.toFixed(1)}`,
      String(bin.n),
      formatNumber(bin.meanProbability),
      formatNumber(bin.positiveFraction),
    ]),
  };
}

function coverageTable({ coverage }: EvaluationReport): Table {
  return {
    title: words.coverage.title,
    notes: [
      words.coverage.note(
        formatRate(coverage.answered),
        formatRate(coverage.riskAnswered),
        formatRate(coverage.riskInconclusive),
        formatNumber(coverage.meanAccuracyAnswered),
      ),
    ],
    header: [...words.coverage.columns],
    rows: coverage.curve.map((point) => [formatNumber(point.coverage), formatNumber(point.risk)]),
  };
}

/** `.951 (.938–.962)`; a dash where it is not defined. */
export function formatEstimate(estimate: Estimate): string {
  const { value, low, high } = estimate;
  if (value === null) return '–';
  return low === null || high === null
    ? formatNumber(value)
    : `${formatNumber(value)} (${formatNumber(low)}–${formatNumber(high)})`;
}

/** `+.021 (−.004 to +.047)`; a dash where it is not defined. */
export function formatDifference({ value, low, high }: Estimate): string {
  if (value === null) return '–';
  return low === null || high === null
    ? formatSigned(value)
    : words.signed(formatSigned(value), formatSigned(low), formatSigned(high));
}

function formatSigned(value: number): string {
  const size = formatNumber(Math.abs(value));
  return Number(Math.abs(value).toFixed(3)) === 0 ? size : `${value < 0 ? '−' : '+'}${size}`;
}

/** `440/521 .845 (.811–.873)`. */
export function formatRate(rate: Rate | null): string {
  return rate === null || rate.value === null ? '–' : `${rate.count}/${rate.n} ${formatEstimate(rate)}`;
}

/** Three decimals. */
function formatNumber(value: number | null): string {
  return value === null ? '–' : value.toFixed(3).replace(/^(-?)0\./, '$1.');
}

/** Lines of a table: the first column to the left, the others to the right, two spaces between. */
export function align(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}
