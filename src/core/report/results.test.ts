// The oracle for CSV is an RFC 4180 reader written here, not the library that wrote it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordingResult } from '../types.ts';
import { AppError } from '../errors.ts';
import { blankResult, failedResult } from './blank-result.ts';
import { formatResultsCsv, resultsCsv } from './results-csv.ts';
import { formatResultsJson, resultsJson } from './results-json.ts';
import type { ResultsText } from './results-text.ts';

const LABELS = ['normal', 'abnormal'];

function result(fileName: string, change: Partial<RecordingResult> = {}): RecordingResult {
  const origin = {
    fileName,
    threshold: null,
    appVersion: '0.1.0',
    timestamp: '2026-01-02T03:04:05.678Z',
    backend: { name: 'wasm', reason: 'wasm: Fake.' } as const,
  };
  const manifest = { id: 'tiny', version: '1', sha256: 'ab'.repeat(32), threshold: 0.4 };
  return {
    ...blankResult(origin, manifest),
    status: 'ok',
    predictedClass: 'abnormal',
    confidence: 0.75,
    probabilities: { normal: 0.25, abnormal: 0.75 },
    durationSec: 12.5,
    sampleRateHz: 2000,
    ...change,
  };
}

/** Rows of quoted or plain cells, CRLF between rows. */
function readCsv(text: string): string[][] {
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/gy;
  const rows: string[][] = [[]];
  for (let match = cell.exec(text); match?.[0]; match = cell.exec(text)) {
    const raw = match[1] ?? '';
    rows.at(-1)?.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (match[2] === '\r\n') rows.push([]);
  }
  expect(rows.pop()).toEqual([]);
  return rows;
}

describe('results as CSV', () => {
  it('has the columns of the contract in their order', () => {
    expect(readCsv(formatResultsCsv([result('a.wav')], LABELS))[0]?.join(', ')).toBe(
      'file_name, status, predicted_class, confidence, probability_normal, probability_abnormal, threshold, ' +
        'duration_seconds, sample_rate_hz, quality, heart_rate_bpm, model_id, model_version, backend, ' +
        'processing_ms, timestamp, error_code, error_message',
    );
  });

  it('keeps commas, quotes, line breaks and letters of every script', () => {
    const names = ['a,b.wav', 'say "hm".wav', 'two\nlines.wav', '心音.wav'];
    const rows = readCsv(
      formatResultsCsv(
        names.map((name) => result(name)),
        LABELS,
      ),
    );
    expect(rows.slice(1).map((row) => row[0])).toEqual(names);
  });

  it('never hands a formula to a spreadsheet', () => {
    for (const name of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '=1+1\n.wav']) {
      const cell = readCsv(formatResultsCsv([result(name)], LABELS))[1]?.[0];
      expect(cell).toBe(`'${name}`);
    }
  });

  it('gives a failed recording its row, with code and sentence', () => {
    const failed = failedResult(
      { ...result('bad.wav'), probabilities: {} },
      new AppError('empty-file', 'It is empty.'),
    );
    const rows = readCsv(formatResultsCsv([failed], LABELS));
    expect(rows[0]).toHaveLength(18);
    expect(rows[1]).toHaveLength(18);
    expect(rows[1]?.slice(0, 6)).toEqual(['bad.wav', 'error', '', '', '', '']);
    expect(rows[1]?.slice(-2)).toEqual(['empty-file', 'It is empty.']);
  });

  it("has the columns of the model's classes, in its order, whatever a result knows", () => {
    const other = result('b.wav', { probabilities: { murmur: 1 } });
    const labels = ['abnormal', 'murmur'];
    const [header, first, second] = readCsv(formatResultsCsv([result('a.wav'), other], labels));
    expect(header?.slice(4, 7)).toEqual(['probability_abnormal', 'probability_murmur', 'threshold']);
    expect(first?.slice(4, 6)).toEqual(['0.75', '']);
    expect(second?.slice(4, 6)).toEqual(['', '1']);
  });
});

const manyResults = Array.from({ length: 7 }, (_, i) =>
  result(
    `a "${String(i)}"\n心.wav`,
    i % 3 === 0 ? { windows: [], probabilities: {} } : { heartRateBpm: 60 + i },
  ),
);
const someSkipped = [
  { fileName: 'notes.txt', reason: 'Not a sound file.' },
  { fileName: 'x\ny', reason: '"?"' },
];

/** The document in chunks of these many results. */
function inChunks(text: ResultsText, results: RecordingResult[], sizes: number[]): string {
  let [written, at] = [text.head(), 0];
  for (const size of sizes) written += text.rows(results.slice(at, (at += size)));
  expect(at).toBe(results.length);
  return written + text.tail();
}

describe('a document written piece by piece', () => {
  it.each([[[7]], [[1, 1, 1, 1, 1, 1, 1]], [[0, 3, 0, 4, 0]]])('is the same in chunks of %j', (sizes) => {
    expect(inChunks(resultsCsv(LABELS), manyResults, sizes)).toBe(formatResultsCsv(manyResults, LABELS));
    expect(inChunks(resultsJson(someSkipped), manyResults, sizes)).toBe(
      formatResultsJson(manyResults, someSkipped),
    );
  });

  it('is a document without any result, too', () => {
    for (const sizes of [[], [0, 0]]) {
      expect(readCsv(inChunks(resultsCsv(LABELS), [], sizes))).toHaveLength(1);
      expect(JSON.parse(inChunks(resultsJson([]), [], sizes))).toEqual({
        schema: 'heartbeat-results/1',
        results: [],
        skipped: [],
      });
    }
  });
});

describe('results as JSON', () => {
  it.each([
    [[], []],
    [manyResults, []],
    [[], someSkipped],
    [manyResults, someSkipped],
  ])('is what JSON.stringify makes of the document, byte for byte (case %#)', (results, skipped) => {
    const document = { schema: 'heartbeat-results/1', results, skipped };
    expect(formatResultsJson(results, skipped)).toBe(`${JSON.stringify(document, null, 2)}\n`);
  });
});

describe('labels that every object knows', () => {
  const labels = ['__proto__', 'constructor'];

  it('are columns as others are, and empty where a recording failed', () => {
    const answered = result('a.wav', { probabilities: { ['__proto__']: 0.25, constructor: 0.75 } });
    const failed = { ...answered, status: 'error' as const, probabilities: {} };
    const [head = [], ...rows] = readCsv(formatResultsCsv([answered, failed], labels));
    const at = head.indexOf('probability___proto__');
    expect(head[at + 1]).toBe('probability_constructor');
    expect(rows.map((row) => row.slice(at, at + 2))).toEqual([
      ['0.25', '0.75'],
      ['', ''],
    ]);
  });

  it('stand in the JSON', () => {
    const answered = result('a.wav', { probabilities: { ['__proto__']: 0.25, constructor: 0.75 } });
    expect(formatResultsJson([answered], [])).toMatch(/"__proto__": ?0\.25/);
  });
});

it('any names and labels are cells that come back, and none is a formula', () => {
  const word = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'=+-@,;"\'\r\n\t a\u202e') }),
    fc.string({ unit: 'grapheme' }),
  );
  fc.assert(
    fc.property(word, word, (fileName, predictedClass) => {
      const [head = [], row = []] = readCsv(formatResultsCsv([result(fileName, { predictedClass })], LABELS));
      const cells = ['file_name', 'predicted_class'].map((name) => row[head.indexOf(name)] ?? '');
      for (const [i, text] of [fileName, predictedClass].entries()) {
        expect([text, `'${text}`]).toContain(cells[i]);
        expect(cells[i]).not.toMatch(/^[=+\-@\t\r]/);
      }
    }),
  );
});
