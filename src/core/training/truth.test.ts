// What the page takes for the truth is what the command line reads from the same folder, and nothing that the model
// does not know. The oracle is `readLabels`, with paths as the command line has them: below the folder.

import { describe, expect, it } from 'vitest';
import { runAtOnce } from '../sliced.ts';
import { readLabels, type LabelFile } from './labels.ts';
import { droppedFolder, readTruth, type Truth } from './truth.ts';

const LABELS = ['normal', 'abnormal'];
const truthOf = (paths: string[], files: LabelFile[] = []): Truth =>
  runAtOnce(readTruth(paths, files, LABELS));

/** The same things in a dropped folder. */
const inWard = (paths: string[]): string[] => paths.map((path) => `ward/${path}`);

describe('the truth of a dropped folder is that of the command line', () => {
  it.each([
    ['class folders', ['normal/1.wav', 'normal/2.wav', 'Abnormal/1.wav'], []],
    ['class folders of several sources', ['b/normal/1.wav', 'a/abnormal/2.wav', 'a/normal/3.wav'], []],
    [
      'REFERENCE.csv at the top',
      ['a0002.wav', 'a0001.wav'],
      [{ path: 'REFERENCE.csv', text: 'a0001,1\na0002,-1' }],
    ],
    [
      'REFERENCE.csv in each folder',
      ['training-b/a0001.wav', 'training-a/a0001.wav', 'training-a/a0002.wav'],
      [
        { path: 'training-a/REFERENCE.csv', text: 'a0001,1,1\na0002,-1,0' },
        { path: 'training-b/REFERENCE.csv', text: 'a0001,-1' },
      ],
    ],
    [
      'a CSV with groups and sources, some recordings and some files missing',
      ['x/10.wav', 'x/9.wav', 'y/9.wav', 'y/unnamed.wav'],
      [
        {
          path: 'labels.csv',
          text: 'file,label,group,source,quality\nx/9.wav,normal,p1,s,1\nx/10,abnormal,,s,0\ny/9.wav,normal,p1,,\ngone.wav,normal,p9,s,1',
        },
      ],
    ],
  ] satisfies [string, string[], LabelFile[]][])('%s', (_, paths, files) => {
    const oracle = readLabels(paths, files);
    const inFolder = files.map((file) => ({ ...file, path: `ward/${file.path}` }));
    const { reading, refused } = truthOf(inWard(paths), inFolder);
    expect(refused).toEqual([]);
    expect(reading).toEqual({
      ...oracle,
      recordings: oracle.recordings.map((recording) => ({ ...recording, id: `ward/${recording.id}` })),
      unmatched: oracle.unmatched.map((recording) => ({ ...recording, path: `ward/${recording.path}` })),
    });
    expect(droppedFolder(inWard(paths))).toBe('ward/');
  });

  it('a zip keeps its name on both sides', () => {
    const paths = ['set.zip/normal/1.wav', 'set.zip/abnormal/2.wav'];
    expect(truthOf(paths).reading).toEqual(readLabels(paths, []));
  });

  it('also where the table was dropped beside the folder', () => {
    const table = { path: 'labels.csv', text: 'file,label\n1.wav,normal\n2.wav,abnormal' };
    const { reading } = truthOf(['ward/1.wav', 'ward/2.wav'], [table]);
    expect(reading?.recordings).toMatchObject([
      { id: 'ward/1.wav', label: 'normal', source: 'all' },
      { id: 'ward/2.wav', label: 'abnormal', source: 'all' },
    ]);
  });
});

describe('folders are labels only where every recording lies right in one of the model’s', () => {
  it.each([
    ['other names', ['ward/monday/1.wav', 'ward/tuesday/2.wav']],
    ['a recording beside the class folders', ['ward/normal/1.wav', 'ward/2.wav']],
    ['a folder between', ['ward/normal/p1/1.wav', 'ward/abnormal/p2/2.wav']],
    ['a class that the model does not know', ['ward/normal/1.wav', 'ward/murmur/2.wav']],
    ['a class that the dropped folder alone is named after', ['normal/1.wav', 'normal/2.wav']],
    ['no folder', ['1.wav', '2.wav']],
    ['nothing', []],
  ])('not with %s', (_, paths) => {
    expect(truthOf(paths)).toEqual({ reading: null, refused: [] });
  });

  it('two class folders dropped together are labels', () => {
    const { reading } = truthOf(['normal/1.wav', 'abnormal/2.wav']);
    expect(reading?.recordings.map(({ id, label }) => [id, label])).toEqual([
      ['abnormal/2.wav', 'abnormal'],
      ['normal/1.wav', 'normal'],
    ]);
  });
});

describe('a table that is no truth is left out with the reason', () => {
  const paths = ['ward/normal/1.wav', 'ward/abnormal/2.wav'];
  it.each([
    ['without the columns', 'name,age\nx,7', /columns "file" and "label"/],
    ['with other labels', 'file,label\n1.wav,murmur', /label "murmur".*normal, abnormal/],
    ['that cannot be understood', 'file,label\n1.wav,', /line 2.*no label/],
  ])('%s, and the folders still count', (_, text, reason) => {
    const { reading, refused } = truthOf(paths, [{ path: 'ward/t.csv', text }]);
    expect(refused).toEqual([{ fileName: 'ward/t.csv', reason: expect.stringMatching(reason) as string }]);
    expect(reading).toMatchObject({
      from: 'folders',
      recordings: [{ label: 'abnormal' }, { label: 'normal' }],
    });
  });

  it('a good table beside it counts', () => {
    const good = { path: 'ward/good.csv', text: 'file,label\n1.wav,normal\n2.wav,abnormal' };
    const { reading, refused } = truthOf(paths, [{ path: 'ward/REFERENCE.csv', text: 'a,yes' }, good]);
    expect(refused.map(({ fileName }) => fileName)).toEqual(['ward/REFERENCE.csv']);
    expect(reading).toMatchObject({ from: 'csv', recordings: [{}, {}] });
  });

  it('tables that contradict each other say so, and there is no truth', () => {
    const table = (name: string, label: string): LabelFile => ({
      path: `ward/${name}`,
      text: `file,label\nnormal/1.wav,${label}`,
    });
    const { reading, refused } = truthOf(paths, [table('a.csv', 'normal'), table('b.csv', 'abnormal')]);
    expect(reading).toBeNull();
    expect(refused).toMatchObject([
      { fileName: 'ward/a.csv', reason: expect.stringMatching(/b\.csv, line 2.*abnormal here but normal/) },
      { fileName: 'ward/b.csv' },
    ]);
  });

  it('a table that names nothing that is there', () => {
    const { reading, refused } = truthOf(paths, [{ path: 'ward/t.csv', text: 'file,label\nx.wav,normal' }]);
    expect(reading).toBeNull();
    expect(refused[0]?.reason).toMatch(/"x\.wav"/);
  });
});

it('20,000 recordings are read in slices', () => {
  const N = 20_000;
  const paths = Array.from({ length: N }, (_, i) => `ward/p${String(i)}/heart.wav`);
  const rows = paths.map((path, i) => `${path.slice('ward/'.length)},${LABELS[i % 2] ?? ''}`);
  const work = readTruth(paths, [{ path: 'ward/l.csv', text: `file,label\n${rows.join('\n')}` }], LABELS);
  let nSlices = 0;
  let slice = work.next();
  for (; !slice.done; slice = work.next()) nSlices++;
  expect(slice.value.reading?.recordings).toHaveLength(N);
  expect(nSlices).toBeGreaterThan(N / 1000);
});
