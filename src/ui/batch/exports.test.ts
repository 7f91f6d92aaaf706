// What is written in slices is what the formats make of all results at once.
import { expect, it } from 'vitest';
import { formatResultsCsv, resultsCsv } from '../../core/report/results-csv.ts';
import { formatResultsJson, resultsJson } from '../../core/report/results-json.ts';
import type { RecordingResult } from '../../core/types.ts';
import { fakeResult } from '../../state/fakes.ts';
import { exportName, writeDocument } from './exports.ts';

const LABELS = ['normal', 'abnormal'];
const results = Array.from({ length: 131 }, (_, i) => fakeResult(`ward/${String(i)}, "心".wav`));
const skipped = [{ fileName: 'notes.txt', reason: 'This is no sound file.' }];

async function* portions(sizes: number[]): AsyncGenerator<RecordingResult[]> {
  let from = 0;
  for (const size of sizes) {
    await Promise.resolve();
    yield results.slice(from, (from += size));
  }
}

it.each([[[131]], [[1, 0, 30, 100]], [[25, 25, 81]]])(
  'portions of %j make the same documents',
  async (sizes) => {
    const counted: number[] = [];
    const csv = await writeDocument(resultsCsv(LABELS), portions(sizes), (n) => counted.push(n));
    expect(await csv.text()).toBe(formatResultsCsv(results, LABELS));
    expect(counted.at(-1)).toBe(results.length);
    const json = await writeDocument(resultsJson(skipped), portions(sizes));
    expect(await json.text()).toBe(formatResultsJson(results, skipped));
  },
);

it('a document larger than a part is whole', async () => {
  const windows = Array.from({ length: 400 }, (_, i) => ({
    startSec: i,
    endSec: i + 1,
    probabilities: { normal: 0.5, abnormal: 0.5 },
  }));
  const large = results.map((result) => ({ ...result, windows }));
  const json = await writeDocument(resultsJson([]), [large]);
  expect(json.size).toBeGreaterThan(5 << 20);
  expect(await json.text()).toBe(formatResultsJson(large));
});

it('no result is a document, too', async () => {
  expect(await (await writeDocument(resultsCsv(LABELS), [])).text()).toBe(formatResultsCsv([], LABELS));
});

it('a download bears the name of what was heard', () => {
  expect(exportName('ward/a0001.wav', 'csv')).toBe('a0001-heartbeat.csv');
  expect(exportName('ward 2.1', 'json')).toBe('ward 2.1-heartbeat.json');
});
