import { describe, expect, it } from 'vitest';
import { dependencyProblems, graveAdvisories, type LockEntry } from './dependencies.ts';

const SEAL = `sha512-${'A'.repeat(86)}==`;
const GOOD: LockEntry = { version: '1.2.3', integrity: SEAL, license: 'MIT' };

/** What is said of a project with one dependency, `name`, whose lock entry is `entry`. */
function saidOf(entry: LockEntry, name = 'one', wanted = '1.2.3'): string[] {
  const manifest = { dependencies: { [name]: wanted }, devDependencies: {} };
  return dependencyProblems(manifest, { '': { ...manifest }, [`node_modules/${name}`]: entry });
}

describe('what may be installed', () => {
  it.each<[string, LockEntry, string?]>([
    ['exact, sealed, under a known licence', GOOD],
    ['from the registry by name', { ...GOOD, resolved: 'https://registry.npmjs.org/one/-/one-1.2.3.tgz' }],
    ['under one of two licences', { ...GOOD, license: '(GPL-3.0 OR MIT)' }],
    ['under two at once', { ...GOOD, license: 'Apache-2.0 AND MIT' }],
    ['a tool under a licence for tools', { ...GOOD, license: 'MPL-2.0', dev: true }],
    ['running what is known at install', { ...GOOD, hasInstallScript: true }, 'esbuild'],
  ])('%s: nothing to say', (_, entry, name = 'one') => {
    expect(saidOf(entry, name)).toEqual([]);
  });

  it.each<[string, LockEntry, RegExp]>([
    ['without a seal', { version: '1.2.3', license: 'MIT' }, /no SHA-512/],
    ['with a weak seal', { ...GOOD, integrity: 'sha1-abc' }, /no SHA-512/],
    ['a link to a folder', { ...GOOD, link: true }, /no SHA-512/],
    [
      'from another host',
      { ...GOOD, resolved: 'https://example.com/one.tgz' },
      /comes from https:\/\/example/,
    ],
    ['from a repository', { ...GOOD, resolved: 'git+ssh://git@github.com/a/b.git#1' }, /comes from git/],
    ['under another licence', { ...GOOD, license: 'GPL-3.0' }, /"GPL-3.0"/],
    ['under a licence for tools, but shipped', { ...GOOD, license: 'MPL-2.0' }, /"MPL-2.0"/],
    ['without a licence', { version: '1.2.3', integrity: SEAL }, /licence ""/],
    ['half under another licence', { ...GOOD, license: 'MIT AND GPL-3.0' }, /licence/],
    ['running something at install', { ...GOOD, hasInstallScript: true }, /runs a program/],
  ])('%s: refused', (_, entry, said) => {
    const problems = saidOf(entry);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(said);
  });

  it.each(['^1.2.3', '~1.2.3', 'latest', '*', '1.x', '>=1.2.3', 'file:../one'])('%s: not exact', (wanted) => {
    expect(saidOf(GOOD, 'one', wanted)).toEqual([`one: "${wanted}" is not one exact version`]);
  });

  it('a lock of another package.json: refused', () => {
    const manifest = { dependencies: { one: '1.2.3' }, devDependencies: {} };
    const lock = { '': { dependencies: { one: '1.2.4' }, devDependencies: { two: '2.0.0' } } };
    expect(dependencyProblems(manifest, lock)).toEqual([
      'one: package.json and package-lock.json differ',
      'two: package.json and package-lock.json differ',
    ]);
  });
});

describe('what the registry knows against it', () => {
  it.each<[string, number | null]>([
    ['{"metadata":{"vulnerabilities":{"low":3,"moderate":2,"high":0,"critical":0}}}', 0],
    ['{"metadata":{"vulnerabilities":{"high":1,"critical":2}}}', 3],
    ['{"message":"405 Method Not Allowed","error":{}}', null],
    ['', null],
  ])('%s', (answer, grave) => {
    expect(graveAdvisories(answer)).toBe(grave);
  });
});
