// What a drop says of its recordings, as people arrange them: class folders, archives with their tables, loose files.
import { expect, test } from 'vitest';
import { runAtOnce } from '../sliced.ts';
import { droppedName, readFacts, siteNamed } from './facts.ts';

const read = (paths: string[], tables: Record<string, string> = {}) =>
  runAtOnce(
    readFacts(
      paths,
      Object.entries(tables).map(([path, text]) => ({ path, text })),
      'ward',
    ),
  );

test('class folders of any name label what lies in them', () => {
  const { facts, from } = read(['drop/AS/a.wav', 'drop/MR/b.wav', 'drop/c.wav']);
  expect(from).toBe('folders');
  expect(facts.map(({ label }) => label)).toEqual(['AS', 'MR', null]);
  expect(facts[0]).toEqual({ label: 'AS', group: null, source: 'ward', site: null, side: null });
});

test('a dropped folder that is a class itself labels all of it', () => {
  expect(read(['Murmur/a.wav', 'Murmur/b.wav']).facts.map(({ label }) => label)).toEqual([
    'murmur',
    'murmur',
  ]);
});

test('loose files and a folder without classes have no label, and that is no failure', () => {
  expect(read(['a.wav', 'b.wav'])).toMatchObject({ from: null, refused: [] });
  expect(read(['ward 7/a.wav', 'ward 7/b.wav']).facts.map(({ label }) => label)).toEqual([null, null]);
});

test('a table gives label, patient, source and place', () => {
  const { facts, from, nMissing } = read(['set/x/a.wav', 'set/x/b.wav', 'set/x/c.wav'], {
    'set/manifest.csv':
      'file,label,group,source,position\nx/a.wav,extrastole,p1,set_b,AV\nx/b.wav,normal,,,C2\nx/d.wav,normal,,,\n',
  });
  expect({ from, nMissing }).toEqual({ from: 'csv', nMissing: 1 });
  expect(facts).toEqual([
    { label: 'extrastole', group: 'p1', source: 'set_b', site: 'AV', side: null },
    { label: 'normal', group: null, source: 'ward', site: 'other', side: null },
    { label: null, group: null, source: 'ward', site: null, side: null },
  ]);
});

test('a PhysioNet reference names labels and its folder is the source', () => {
  const { facts, from } = read(['pn/training-a/a1.wav', 'pn/training-a/a2.wav'], {
    'pn/training-a/REFERENCE.csv': 'a1,1\na2,-1\n',
  });
  expect(from).toBe('reference');
  expect(facts.map(({ label, source }) => `${label ?? ''} ${source}`)).toEqual([
    'abnormal training-a',
    'normal training-a',
  ]);
});

test('a table that cannot be used is told, and the rest is read as if it were not there', () => {
  const { facts, refused } = read(['d/normal/a.wav', 'd/murmur/b.wav'], { 'd/notes.csv': 'one,two\n1,2\n' });
  expect(facts.map(({ label }) => label)).toEqual(['normal', 'murmur']);
  expect(refused).toEqual([
    { fileName: 'd/notes.csv', reason: 'A table without the columns "file" and "label".' },
  ]);
});

test('a table that contradicts itself labels nothing, and is told', () => {
  const { facts, refused, from } = read(['d/a.wav'], { 'd/l.csv': 'file,label\na.wav,normal\na.wav,AS\n' });
  expect(from).toBeNull();
  expect(facts[0]?.label).toBeNull();
  expect(refused[0]?.reason).toMatch(/line 3/);
});

test('places are read as they are written, and letters that may mean anything are not guessed', () => {
  expect(['AV', 'pulmonary', 'Tricuspid', 'apex', 'A', 'Phc', ' '].map(siteNamed)).toEqual([
    'AV',
    'PV',
    'TV',
    'MV',
    'other',
    'other',
    null,
  ]);
});

test('what was dropped has the name of its folder or zip', () => {
  expect(droppedName(['set.zip/a.wav', 'set.zip/b.wav'])).toBe('set');
  expect(droppedName(['ward/a.wav', 'b.wav'])).toBeNull();
  expect(droppedName(['a.wav'])).toBeNull();
});
