// Labels as people really write them: three sources, sloppy line ends, and errors that name the line.

import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { parseCsv } from './csv.ts';
import { labelOrder } from './label-names.ts';
import { readLabels } from './labels.ts';

const labelsOf = (reading: ReturnType<typeof readLabels>) =>
  Object.fromEntries(reading.recordings.map(({ id, label }) => [id, label]));

function failure(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a CSV with a header', () => {
  const paths = ['training-a/a0001.wav', 'training-a/a0002.wav', 'training-b/b0001.wav'];

  it('gives label, group, source and quality', () => {
    const text = [
      'file,label,group,source,quality,diagnosis',
      'training-a/a0001.wav,abnormal,p1,training-a,1,"MVP, mild"',
      'training-a/a0002.wav,normal,p2,training-a,0,',
      'training-b/b0001.wav,normal,p3,training-b,,',
    ].join('\n');
    const reading = readLabels(paths, [{ path: 'manifest.csv', text }]);
    expect(reading.recordings).toEqual([
      { id: 'training-a/a0001.wav', label: 'abnormal', group: 'p1', source: 'training-a', quality: 1 },
      { id: 'training-a/a0002.wav', label: 'normal', group: 'p2', source: 'training-a', quality: 0 },
      { id: 'training-b/b0001.wav', label: 'normal', group: 'p3', source: 'training-b', quality: null },
    ]);
    expect(reading).toMatchObject({ from: 'csv', hasGroups: true, notes: [], unmatched: [], missing: [] });
  });

  it('takes a byte-order mark, CRLF, quotes, semicolons, Windows paths, spaces and names without extension', () => {
    const text =
      '\uFEFF"Label" ; "File"\r\n abnormal ; "training-a\\a0001.wav"\r\nnormal;A0002\r\n\r\nnormal;.\\training-b\\b0001.flac\r\n';
    const reading = readLabels(paths, [{ path: 'my labels.csv', text }]);
    expect(labelsOf(reading)).toEqual({
      'training-a/a0001.wav': 'abnormal',
      'training-a/a0002.wav': 'normal',
      'training-b/b0001.wav': 'normal',
    });
  });

  it('makes each recording its own group when none is named, and says so', () => {
    const reading = readLabels(paths, [{ path: 'm.csv', text: 'file,label\na0001,x\na0002,y\nb0001,x' }]);
    expect(reading.hasGroups).toBe(false);
    expect(reading.notes.join(' ')).toContain('no group');
    expect(new Set(reading.recordings.map((r) => r.group)).size).toBe(3);
  });

  it('lists what it does not name and what is not there', () => {
    const reading = readLabels(paths, [{ path: 'm.csv', text: 'file,label\na0001.wav,x\ngone.wav,y' }]);
    expect(reading.recordings.map((r) => r.id)).toEqual(['training-a/a0001.wav']);
    expect(reading.unmatched.map((u) => u.path)).toEqual(['training-a/a0002.wav', 'training-b/b0001.wav']);
    expect(reading.missing).toEqual([{ labelFile: 'm.csv', line: 3, file: 'gone.wav' }]);
  });

  it.each([
    ['a row without label', 'file,label\na0001,x\na0002,', 'line 3'],
    ['a row without file', 'file,label\n,x', 'line 2'],
    ['a quality that is none', 'file,label,quality\na0001,x,1\na0002,x,good', 'line 3'],
    ['two labels for one recording', 'file,label\na0001,x\n"a\n0009",z\na0001.wav,y', 'line 5'],
    ['nothing that is there', 'file,label\nc1,x\nc2,y', 'line 2'],
  ])('refuses %s and names the line', (_, text, line) => {
    const error = failure(() => readLabels(paths, [{ path: 'm.csv', text }]));
    expect(error.code).toBe('labels-invalid');
    expect(error.message).toContain('m.csv');
    expect(error.message).toContain(line);
  });

  it('refuses a name that fits two recordings, and takes it with its folder', () => {
    const twins = ['a/1.wav', 'b/1.wav'];
    const error = failure(() => readLabels(twins, [{ path: 'm.csv', text: 'file,label\n1.wav,x' }]));
    expect(error.message).toContain('write its folder');
    expect(labelsOf(readLabels(twins, [{ path: 'm.csv', text: 'file,label\nb/1,x' }]))).toEqual({
      'b/1.wav': 'x',
    });
    // Beside the label file wins over elsewhere.
    expect(labelsOf(readLabels(twins, [{ path: 'a/m.csv', text: 'file,label\n1,x' }]))).toEqual({
      'a/1.wav': 'x',
    });
  });

  it('prefers the file that a person chose, and insists that it can be read', () => {
    const folder = { path: 'm.csv', text: 'file,label\na0001,x' };
    const chosen = { path: 'mine.csv', text: 'file,label\na0001,y', chosen: true };
    expect(labelsOf(readLabels(paths, [folder, chosen]))).toEqual({ 'training-a/a0001.wav': 'y' });
    const error = failure(() => readLabels(paths, [folder, { ...chosen, text: 'name,class\na0001,y' }]));
    expect(error.message).toContain('mine.csv');
  });
});

describe('REFERENCE.csv', () => {
  it('reads 1 as abnormal, -1 as normal, each database from its own folder', () => {
    const reading = readLabels(
      ['training-a/a0001.wav', 'training-a/a0002.wav', 'training-b/a0001.wav', 'training-b/a0001.hea'],
      [
        { path: 'training-a/REFERENCE.csv', text: 'a0001,1\r\na0002,-1\r\n' },
        { path: 'training-b/REFERENCE.csv', text: 'a0001.wav,-1,0\n' },
      ],
    );
    expect(reading.from).toBe('reference');
    expect(reading.recordings).toEqual([
      {
        id: 'training-a/a0001.wav',
        label: 'abnormal',
        group: 'training-a/a0001.wav',
        source: 'training-a',
        quality: null,
      },
      {
        id: 'training-a/a0002.wav',
        label: 'normal',
        group: 'training-a/a0002.wav',
        source: 'training-a',
        quality: null,
      },
      {
        id: 'training-b/a0001.wav',
        label: 'normal',
        group: 'training-b/a0001.wav',
        source: 'training-b',
        quality: 0,
      },
    ]);
  });

  it('refuses another value and names the line', () => {
    const error = failure(() => readLabels(['a.wav'], [{ path: 'REFERENCE.csv', text: 'a,1\nb,yes' }]));
    expect(error.message).toContain('REFERENCE.csv, line 2');
  });
});

describe('class folders', () => {
  it('takes the folder with a known name, the source above it, else the first folder', () => {
    const reading = readLabels(['site1/Normal/p1/1.wav', 'site2/abnormal/2.wav', 'loose.wav'], []);
    expect(reading.recordings).toMatchObject([
      { label: 'normal', source: 'site1' },
      { label: 'abnormal', source: 'site2' },
    ]);
    expect(readLabels(['set.zip/normal/1.wav'], []).recordings[0]?.source).toBe('all');
    expect(reading.unmatched).toEqual([{ path: 'loose.wav', reason: 'lies in no class folder' }]);
    expect(labelsOf(readLabels(['AS/1.wav', 'MR/2.wav'], []))).toEqual({
      'AS/1.wav': 'AS',
      'MR/2.wav': 'MR',
    });
  });

  it('without any label says what to do', () => {
    expect(failure(() => readLabels(['1.wav'], [])).message).toContain('folders named after their classes');
  });
});

describe('names in a table', () => {
  const read = (cells: string) =>
    readLabels(['a.wav'], [{ path: 'labels.csv', text: `file,label,group,source\na.wav,${cells}\n` }]);

  it('are one line that reads as it is written', () => {
    const { recordings } = read('"nor\u202emal","p\n\u00001",שלום 👩‍⚕️');
    expect(recordings[0]).toMatchObject({
      label: 'nor\ufffdmal',
      group: 'p\ufffd\ufffd1',
      source: 'שלום 👩‍⚕️',
    });
  });

  it('are no longer than names, and the line of one that is is told', () => {
    expect(() => read(`${'x'.repeat(201)},p,s`)).toThrow(
      /labels\.csv, line 2: its label is longer than 200 letters/,
    );
    expect(() => read(`normal,${'x'.repeat(201)},s`)).toThrow(/its group/);
    expect(read(`${'x'.repeat(200)},p,s`).recordings).toHaveLength(1);
  });

  it('of more rows than any table has are not kept', { timeout: 30_000 }, () => {
    expect(() => parseCsv('a\n'.repeat(2 ** 20 + 10))).toThrow(/more than 1048576 rows/);
  });
});

describe('paths that nobody has', () => {
  it('of thirty thousand folders take no more room than they are long', () => {
    const deep = `${'a/'.repeat(30_000)}x.wav`;
    const paths = Array.from({ length: 20 }, (_, i) => `${String(i)}/${deep}`);
    const before = process.memoryUsage().heapUsed;
    const table = { path: 'labels.csv', text: 'file,label\nb.wav,normal' };
    const { recordings, unmatched } = readLabels([...paths, 'b.wav'], [table]);
    expect([recordings.length, unmatched.length]).toEqual([1, 20]);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(50e6);
  });
});

describe('order of classes', () => {
  it('puts the negative class first', () => {
    const order = (...labels: string[]) => labelOrder(labels.map((label) => ({ label })));
    expect(order('abnormal', 'normal')).toEqual(['normal', 'abnormal']);
    expect(order('murmur', 'no-murmur')).toEqual(['no-murmur', 'murmur']);
    expect(order('murmur', 'extrastole', 'normal')).toEqual(['normal', 'extrastole', 'murmur']);
  });
});

describe('parseCsv', () => {
  it('reads what Papa Parse writes, cell for cell', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'ü', ',', '"', '\n', '\r\n', ' ', ';') });
    // A first line of plain words, as label files have: it decides the delimiter.
    const table = fc
      .integer({ min: 2, max: 4 })
      .chain((width) =>
        fc
          .array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 6 })
          .map((body) => [Array.from({ length: width }, (_, i) => `column${i}`), ...body]),
      );
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), (rows, newline) => {
        const text = Papa.unparse(rows, { newline });
        const kept = rows.filter((row) => row.some((value) => value.trim() !== ''));
        expect(parseCsv(text).map((row) => row.cells)).toEqual(kept);
      }),
    );
  });
});

it('classes that archives use are written in one way, others as a person has them', () => {
  const text = 'file,label\na.wav,Normal\nb.wav,ABNORMAL\nc.wav,Stenosis\na,normal';
  expect(labelsOf(readLabels(['a.wav', 'b.wav', 'c.wav'], [{ path: 'labels.csv', text }]))).toEqual({
    'a.wav': 'normal',
    'b.wav': 'abnormal',
    'c.wav': 'Stenosis',
  });
});
