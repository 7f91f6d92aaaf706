// What of an evaluation a person wishes to see in the table: a cell of the confusion matrix, or all that were heard
// otherwise than labelled. Types only.

import type { ConfusionCell } from '../../state/row-filter.ts';

export type EvaluationPick = { kind: 'cell'; cell: ConfusionCell } | { kind: 'wrong' };
