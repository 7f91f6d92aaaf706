// Card, metrics and curves of a run on this device: nothing that a person typed becomes markup, every figure is there.

import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import type { EvaluationItem } from './answers.ts';
import { formatLocalModelCard } from './local-model-card.ts';
import { planTraining, type PlannedRecording } from './plan.ts';
import { draftManifest, settingsFor } from './recipe.ts';
import { formatHistoryCsv, formatRunMetrics, runMetrics, type RunStory } from './run-documents.ts';
import { judgeCandidate, type Verdict } from './verdict.ts';

const HOSTILE =
  '<img src=x onerror=alert(1)>|[a](javascript:alert(1)) **b** `c`\n# d https://evil.example www.evil.example';

function run(labels: readonly string[], source: string): { story: RunStory; verdict: Verdict } {
  const random = new Random(4);
  const recordings = Array.from({ length: 120 }, (_, i): PlannedRecording => ({
    id: `r${String(i).padStart(3, '0')}`,
    fileName: `${i}.wav`,
    label: labels[i % 2] ?? '',
    group: `p${i >> 2}`,
    source,
    quality: 1,
    durationSec: 10,
    side: null,
  }));
  const plan = planTraining(recordings, { seed: 1, validationFraction: 0.3 });
  const items = (skill: number): EvaluationItem[] =>
    recordings
      .filter(({ id }) => plan.validationIds.includes(id))
      .map((recording) => {
        const isSecond = recording.label === plan.labels[1];
        const p = 1 / (1 + Math.exp(-((isSecond ? skill : -skill) + random.normal())));
        return { ...recording, probabilities: [1 - p, p], threshold: 0.5, inconclusive: false };
      });
  const verdict = judgeCandidate(
    {
      candidate: { labels: plan.labels, items: items(2) },
      active: { labels: plan.labels, items: items(0.2) },
      fileNames: new Map(),
      reference: null,
    },
    { resamples: 100 },
  );
  const story: RunStory = {
    way: 'all',
    settings: settingsFor(80, { seed: 1 }),
    plan,
    parentName: HOSTILE,
    withReplay: true,
    epochsDone: 9,
    bestEpoch: 6,
    backend: 'wasm',
    trainingSeconds: 75,
  };
  return { story, verdict };
}

const manifestOf = (name: string, labels: string[]) =>
  draftManifest({ id: 'local-1', name, version: '1', createdAt: '2026-05-04T10:00:00.000Z' }, labels, {
    dataset: 'collection',
    nRecordings: 84,
    nGroups: 21,
    note: '',
  });

describe('the card of a model trained on this device', () => {
  it('says what it heard, how it was trained, how good it is and whether it has passed', () => {
    const { story, verdict } = run(['normal', 'murmur'], 'ward');
    const card = formatLocalModelCard(manifestOf('My model', story.plan.labels), story, verdict);
    expect(verdict.recommendation).toBe('promote');
    for (const part of [
      '# My model',
      'made on this device on 2026-05-04',
      'It has passed the comparison',
      'It diagnoses nothing',
      `| kept for validation | ${story.plan.validationIds.length} (`,
      'fine-tuning of all layers',
      '9 of at most 12 epochs, the weights of epoch 6 kept, in 75 s on the wasm backend',
      '| AUC | .',
      "McNemar's exact test",
      'Not measured: there is no reference set',
      'All recordings come from one source',
    ])
      expect(card).toContain(part);
    expect(formatLocalModelCard(manifestOf('My model', story.plan.labels), story, null)).toContain(
      'It was not judged',
    );
  });

  it('shows hostile names as they are and lets none become markup', () => {
    const { story, verdict } = run([HOSTILE, 'normal'], HOSTILE);
    const card = formatLocalModelCard(manifestOf(HOSTILE, story.plan.labels), story, verdict);
    expect(card).not.toMatch(/<[a-z]/i);
    expect(card).not.toMatch(/(?<!\\)\]\(/);
    expect(card).not.toMatch(/[^\\]:\/\/|www\.evil/);
    expect(card).not.toMatch(/^# d/m);
    // Every row of a table has as many cells as the row above it.
    const lines = card.split('\n');
    const cells = (line: string) => line.match(/(?<!\\)\|/g)?.length ?? 0;
    for (const [i, line] of lines.entries())
      if (line.startsWith('|') && lines[i + 1]?.startsWith('|'))
        expect(cells(lines[i + 1]!)).toBe(cells(line));
  });
});

describe('metrics.json of a run', () => {
  it('is an evaluation with its method, and the verdict beside it', () => {
    const { story, verdict } = run(['normal', 'murmur'], 'ward');
    const metrics = JSON.parse(formatRunMetrics(runMetrics(story, verdict, 'ab'.repeat(32)))) as ReturnType<
      typeof runMetrics
    >;
    expect(metrics).toMatchObject({
      schema: 'heartbeat-evaluation/1',
      n: story.plan.validationIds.length,
      method: { kind: 'validation-split', backend: 'wasm', recordingsSha256: 'ab'.repeat(32) },
      verdict: { schema: 'heartbeat-verdict/1', recommendation: 'promote' },
    });
    expect(metrics.pooled).toEqual(verdict.candidate.pooled);
    expect(metrics.verdict).not.toHaveProperty('candidate');
  });
});

describe('the curves of a run', () => {
  it('are a table with a row an epoch; what was not measured is empty', () => {
    const entry = {
      learningRate: 0.001,
      accuracy: 0.8,
      auroc: 0.9,
      watchLoss: null,
      validationLoss: 0.5,
      validationAccuracy: 0.75,
      validationAuroc: null,
      seconds: 3.5,
    };
    const text = formatHistoryCsv([
      { ...entry, epoch: 1, loss: 0.7 },
      { ...entry, epoch: 2, loss: -0.1 },
    ]);
    const { data } = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
    expect(data).toHaveLength(2);
    expect(data[0]).toMatchObject({
      epoch: '1',
      loss: '0.7',
      watch_loss: '',
      validation_auroc: '',
      seconds: '3.5',
    });
    // A number is no formula, whatever its sign.
    expect(data[1]?.loss).toBe('-0.1');
  });
});
