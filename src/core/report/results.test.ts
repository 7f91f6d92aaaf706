// The oracle for CSV is an RFC 4180 reader written here, not the library that wrote it.
import { describe, expect, it } from 'vitest';
import type { RecordingResult } from '../types.ts';
import { AppError } from '../errors.ts';
import { blankResult, failedResult } from './blank-result.ts';
import { formatResultsCsv } from './results-csv.ts';
import { formatResultsJson } from './results-json.ts';

function result(fileName: string, change: Partial<RecordingResult> = {}): RecordingResult {
  const origin = {
    fileName,
    threshold: null,
    appVersion: '0.1.0',
    timestamp: '2026-01-02T03:04:05.678Z',
    backend: 'wasm' as const,
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
    expect(readCsv(formatResultsCsv([result('a.wav')]))[0]?.join(', ')).toBe(
      'file_name, status, predicted_class, confidence, probability_normal, probability_abnormal, threshold, ' +
        'duration_seconds, sample_rate_hz, quality, heart_rate_bpm, model_id, model_version, backend, ' +
        'processing_ms, timestamp, error_code, error_message',
    );
  });

  it('keeps commas, quotes, line breaks and letters of every script', () => {
    const names = ['a,b.wav', 'say "hm".wav', 'two\nlines.wav', '心音.wav'];
    const rows = readCsv(formatResultsCsv(names.map((name) => result(name))));
    expect(rows.slice(1).map((row) => row[0])).toEqual(names);
  });

  it('never hands a formula to a spreadsheet', () => {
    for (const name of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1']) {
      const cell = readCsv(formatResultsCsv([result(name)]))[1]?.[0];
      expect(cell).toBe(`'${name}`);
    }
  });

  it('gives a failed recording its row, with code and sentence', () => {
    const failed = failedResult(
      { ...result('bad.wav'), probabilities: {} },
      new AppError('empty-file', 'It is empty.'),
    );
    const rows = readCsv(formatResultsCsv([failed], ['normal', 'abnormal']));
    expect(rows[0]).toHaveLength(18);
    expect(rows[1]).toHaveLength(18);
    expect(rows[1]?.slice(0, 6)).toEqual(['bad.wav', 'error', '', '', '', '']);
    expect(rows[1]?.slice(-2)).toEqual(['empty-file', 'It is empty.']);
  });

  it('has a column for every class any result knows', () => {
    const other = result('b.wav', { probabilities: { murmur: 1 } });
    const [header, first, second] = readCsv(formatResultsCsv([result('a.wav'), other]));
    expect(header?.slice(4, 7)).toEqual(['probability_normal', 'probability_abnormal', 'probability_murmur']);
    expect(first?.slice(4, 7)).toEqual(['0.25', '0.75', '']);
    expect(second?.slice(4, 7)).toEqual(['', '', '1']);
  });
});

describe('results as JSON', () => {
  it('carries every result whole, and what was skipped', () => {
    const results = [result('a.wav'), result('b.wav', { heartRateBpm: 72 })];
    const skipped = [{ fileName: 'notes.txt', reason: 'Not a sound file.' }];
    expect(JSON.parse(formatResultsJson(results, skipped))).toEqual({
      schema: 'heartbeat-results/1',
      results,
      skipped,
    });
  });
});
