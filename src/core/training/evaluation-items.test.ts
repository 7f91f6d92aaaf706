// An evaluation is about the recordings, not about how their answers came in; and it survives truths that say little.

import { describe, expect, it } from 'vitest';
import { auroc } from '../metrics/roc.ts';
import { Random } from '../random.ts';
import { AnswerSet } from './answers.ts';
import { evaluate } from './evaluate.ts';
import { folderNames, formatEvaluationJson, hasTrainedOn, recordingsText } from './evaluation-document.ts';
import { evaluatedAnswer, evaluationItems, type EvaluatedAnswer } from './evaluation-items.ts';
import type { LabelledRecording } from './labels.ts';

const labels = ['normal', 'abnormal'];
const THRESHOLD = 0.4;

function recordings(
  n: number,
  labelOf: (i: number) => string,
  sourceOf: (i: number) => string = () => 'all',
) {
  return Array.from({ length: n }, (_, i): LabelledRecording => ({
    id: `ward/r${String(i).padStart(4, '0')}.wav`,
    label: labelOf(i),
    group: `g${i >> 1}`,
    source: sourceOf(i),
    quality: i % 3 === 0 ? 0 : 1,
  }));
}

/** Every seventh could not be read. */
function answersTo(truth: readonly LabelledRecording[]): [string, EvaluatedAnswer][] {
  const random = new Random(3);
  return truth.map(({ id, label }, i) => {
    const p = 1 / (1 + Math.exp(-(random.normal() + (label === 'abnormal' ? 1 : -1))));
    const probabilities = { normal: 1 - p, abnormal: p };
    const status = i % 7 === 6 ? 'error' : Math.abs(p - THRESHOLD) < 0.05 ? 'inconclusive' : 'ok';
    return [id, evaluatedAnswer({ status, probabilities, threshold: THRESHOLD }, labels)];
  });
}

const mixed = recordings(
  140,
  (i) => (i % 3 === 0 ? 'abnormal' : 'normal'),
  (i) => (i % 5 < 2 ? 'x' : 'y'),
);

describe('items of an evaluation', () => {
  it('give the same document in whatever order the answers came', () => {
    const answers = answersTo(mixed);
    const document = (order: [string, EvaluatedAnswer][]): string => {
      const byId = new Map(order);
      const { items, nFailed } = evaluationItems(mixed, (id) => byId.get(id) ?? null);
      const report = evaluate(items, { labels, resamples: 100 });
      return formatEvaluationJson(report, { id: 'm', version: '1', sha256: '0' }, false, nFailed);
    };
    const inOrder = document(answers);
    expect(JSON.parse(inOrder)).toMatchObject({ schema: 'heartbeat-evaluation/1', n: 120, nFailed: 20 });
    for (const seed of [1, 2, 3]) expect(document(new Random(seed).shuffle([...answers]))).toBe(inOrder);
  });

  it('count an answer that is missing like one that failed, and keep the inconclusive', () => {
    const byId = new Map(answersTo(mixed).slice(10));
    const { items, nFailed } = evaluationItems(mixed, (id) => byId.get(id) ?? null);
    expect(nFailed).toBe(10 + 19);
    expect(items.filter((item) => item.inconclusive).length).toBe(
      [...byId.values()].filter((answer) => answer.status === 'inconclusive').length,
    );
  });
});

describe('an evaluation on a truth that says little', () => {
  const reportOn = (truth: LabelledRecording[]) => {
    const byId = new Map(answersTo(truth));
    const { items } = evaluationItems(truth, (id) => byId.get(id) ?? null);
    return evaluate(items, { labels, resamples: 50 });
  };

  it('of one class has the figures that this class has, and no curve', () => {
    const { pooled, meanSourceAuroc, baselines } = reportOn(recordings(30, () => 'abnormal'));
    expect(pooled.auroc.value).toBeNull();
    expect(pooled.meanAccuracy.value).toBeNull();
    expect(pooled.specificity).toMatchObject({ value: null, n: 0 });
    expect(pooled.sensitivity?.n).toBe(26);
    expect(meanSourceAuroc.value).toBeNull();
    expect(baselines?.majority.accuracy).toBe(1);
  });

  it('of two recordings has counts and wide intervals', () => {
    const { pooled, baselines } = reportOn(recordings(2, (i) => labels[i]!));
    expect(pooled.n).toBe(2);
    expect(pooled.sensitivity?.n).toBe(1);
    expect((pooled.sensitivity?.high ?? 0) - (pooled.sensitivity?.low ?? 0)).toBeGreaterThan(0.5);
    expect(baselines).toBeNull();
  });

  it('in which every recording has a source of its own', () => {
    const lonely = recordings(
      12,
      (i) => labels[i % 2]!,
      (i) => `s${i}`,
    ).map((recording) => ({ ...recording, group: recording.id }));
    const { perSource, meanSourceAuroc } = reportOn(lonely);
    expect(Object.keys(perSource)).toHaveLength(11);
    expect(meanSourceAuroc.value).toBeNull();
  });
});

describe('ROC curves of answers', () => {
  it('of two classes: one, whose area is the AUROC', () => {
    const byId = new Map(answersTo(mixed));
    const { items } = evaluationItems(mixed, (id) => byId.get(id) ?? null);
    const [curve, ...more] = new AnswerSet(items, labels).rocCurves();
    expect(more).toEqual([]);
    expect(curve?.label).toBe('abnormal');
    let area = 0;
    curve?.falsePositiveRate.forEach((x, i) => {
      const [x0, y0] = i === 0 ? [0, 0] : [curve.falsePositiveRate[i - 1]!, curve.sensitivity[i - 1]!];
      area += (x - x0) * ((curve.sensitivity[i]! + y0) / 2);
    });
    const scores = items.map((item) => item.probabilities[1]!);
    const positives = items.map((item) => item.label === 'abnormal');
    expect(area).toBeCloseTo(auroc(scores, positives)!, 12);
  });
});

describe('whether the model was trained on these recordings', () => {
  const manifest = { trainedOn: { dataset: 'hearts', nRecordings: 140, nGroups: 70, note: '' } };

  it('is told by the recordings themselves, whatever their order', () => {
    const text = recordingsText(mixed);
    expect(recordingsText(new Random(5).shuffle([...mixed]))).toBe(text);
    expect(recordingsText(mixed.slice(1))).not.toBe(text);
    expect(hasTrainedOn(manifest, { method: { recordingsSha256: text } }, text, [])).toBe(true);
    expect(hasTrainedOn(manifest, { method: {} }, text, ['ward'])).toBe(false);
    expect(hasTrainedOn(manifest, null, text, ['ward'])).toBe(false);
  });

  it('or by the name of a folder or zip that they lie in', () => {
    expect(folderNames(['hearts/a/1.wav', 'hearts/a/2.wav', 'b.ZIP/3.wav', '4.wav'])).toEqual([
      'hearts',
      'a',
      'b',
    ]);
    for (const path of ['hearts/1.wav', 'data/hearts.zip/x/1.wav', '/home/me/hearts/'])
      expect(hasTrainedOn(manifest, null, '', folderNames([path])), path).toBe(true);
    expect(hasTrainedOn(manifest, null, '', folderNames(['hearts.wav']))).toBe(false);
  });
});
