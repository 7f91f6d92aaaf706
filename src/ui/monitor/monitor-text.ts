// Everything that the Monitor page says of models, predictions and this device. What it says of runs is run-text.ts.

import { formatBytes, formatThousands } from '../common/format.ts';

const count = (n: number, one: string, many: string): string =>
  `${formatThousands(n)} ${n === 1 ? one : many}`;
const percent = (fraction: number): string => `${Math.round(fraction * 100)} %`;

export const monitorText = {
  title: 'Monitor',
  tryAgain: 'Try again',
  loading: 'Reading what was kept…',

  versions: {
    title: 'How good the models are',
    note: 'Each figure is from the model’s own evaluation, most of them on different recordings, and of the classes named below its name: with more than two, the mean of the classes. Only a verdict compares two models on the same recordings.',
    none: 'No model comes with an evaluation.',
    columns: { model: 'Model', made: 'Made', n: 'n', auroc: 'AUROC', meanAccuracy: 'MAcc' },
    inUse: 'In use',
    bundled: 'came with the program',
    noFigures: 'no evaluation',
    link: 'All about the models',
  },

  use: {
    title: 'Predictions over time',
    loading: 'Counting…',
    empty: 'Nothing has been predicted yet',
    emptyNote: 'Answers are counted here by day, once there are some.',
    emptyGo: 'Open a recording',
    span: 'Span',
    spanOf: (days: number): string => `Last ${days} days`,
    nothing: 'No recording was answered in these days.',
    total: (n: number, nDays: number): string =>
      `${count(n, 'recording', 'recordings')} on ${count(nDays, 'day', 'days')}`,
    inconclusive: (n: number, total: number): string =>
      `${total === 0 ? '0 %' : percent(n / total)} inconclusive`,
    failed: (n: number, total: number): string => `${total === 0 ? '0 %' : percent(n / total)} failed`,
    chart: 'Answers by day',
    most: (n: number): string => `up to ${formatThousands(n)} a day`,
    table: 'The days as a table',
    day: 'Day',
    all: 'All',
    inconclusiveRate: 'Inconclusive',
    failedColumn: 'Failed',
    byModel: 'Classes are as each model called them at the threshold of its entry.',
  },

  scores: {
    title: 'Scores now and in the evaluation',
    lead: (nRecent: number, model: string, nEvaluation: number): string =>
      `The latest ${count(nRecent, 'score', 'scores')} of ${model}, against the ${formatThousands(nEvaluation)} of its evaluation.`,
    apart: (distance: number, byChance: number): string =>
      `${percent(distance)} of the scores would have to lie elsewhere for the two to be alike; chance alone makes that about ${percent(byChance)}.`,
    drifted: 'They differ by more than chance explains.',
    alike: 'That is within what chance explains.',
    meaning:
      'A difference says that these recordings are heard otherwise than those of the evaluation: another mix of patients, another device or place, or more noise. It does not say that the answers are wrong; only labelled recordings can.',
    tooFew: (n: number, needed: number): string =>
      `${n === 0 ? 'No score' : count(n, 'score', 'scores')} of the model in use so far; from ${needed} on, they are compared with its evaluation.`,
    impossible:
      'The model in use comes without an evaluation of two classes, so there is nothing to compare its scores with.',
    noInputs:
      'Nothing is kept of the sounds themselves, neither here nor of the training data, so they are not compared.',
    chart: (label: string): string => `Probability of ${label}: share of the scores in each tenth`,
    now: 'Now',
    evaluation: 'Evaluation',
    table: 'The tenths as a table',
    columns: { bin: 'Probability', now: 'Now', evaluation: 'Evaluation' },
    percent,
  },

  device: {
    title: 'This device',
    latency: 'How long an answer takes',
    latencyNote: (n: number): string =>
      `Over the latest ${count(n, 'answer', 'answers')}: half took at most the median, nine of ten at most the next. In a batch the network’s time is shared out.`,
    latencyNone: 'No answer has been timed yet.',
    latencyColumns: {
      backend: 'Backend',
      n: 'n',
      median: 'Median',
      p90: '90 %',
      p99: '99 %',
      inference: 'Network, median',
    },
    backend: 'Computes on',
    backendNone: 'not started',
    backendFailed: 'not available',
    memory: 'Memory of the listening worker',
    memoryOf: (bytes: number, tensors: number): string =>
      `${formatBytes(bytes)} in ${count(tensors, 'tensor', 'tensors')}`,
    storage: 'Storage used',
    storageOf: (used: number, quota: number): string => `${formatBytes(used)} of ${formatBytes(quota)}`,
    storageMore: 'What takes it, and whether it is kept',
    unknown: 'not told by this browser',
  },
} as const;
