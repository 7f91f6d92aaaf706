// Text that a person or a file chose, inside Markdown: labels, sources and names of models are shown as they are and
// never become markup, a link or HTML. May import: ./evaluate types.

import type { EvaluationReport } from './evaluate.ts';

/** One line that every reader of Markdown shows as the text itself. */
export function escapeMarkdown(text: string): string {
  return (
    text
      // Line ends and other control characters would end a table's row or hide what follows.
      .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replace(/[\\`*_[\]|~#]/g, '\\$&')
      // What GitHub's Markdown would turn into links by itself.
      .replaceAll('://', '\\://')
      .replace(/www\./gi, (start) => `${start.slice(0, -1)}\\.`)
      .replaceAll('@', '\\@')
  );
}

/** The report with the names in it escaped, for a table in Markdown. */
export function escapeReport(report: EvaluationReport): EvaluationReport {
  return {
    ...report,
    labels: report.labels.map(escapeMarkdown),
    perSource: Object.fromEntries(
      Object.entries(report.perSource).map(([source, figures]) => [escapeMarkdown(source), figures]),
    ),
  };
}
