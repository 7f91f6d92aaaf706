// `npm run check:dependencies`: what package.json and its lock may bring in, checked without a network, and what is
// known against it, where the registry answers that.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dependencyProblems, graveAdvisories, type LockEntry, type Manifest } from './dependencies.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const AUDIT_TIMEOUT_MS = 120_000;

const read = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), 'utf8'));

const { packages } = read('package-lock.json') as { packages: Record<string, LockEntry> };
const problems = dependencyProblems(read('package.json') as Manifest, packages);
for (const problem of problems) console.error(problem);
console.log(`${String(Object.keys(packages).length - 1)} packages, ${String(problems.length)} problems.`);

const audit = spawnSync('npm', ['audit', '--json'], {
  cwd: ROOT,
  encoding: 'utf8',
  timeout: AUDIT_TIMEOUT_MS,
  shell: process.platform === 'win32',
});
const grave = graveAdvisories(audit.stdout);
console.log(
  grave === null
    ? 'The registry answered nothing about advisories: they were not looked at.'
    : `${String(grave)} advisories of high or critical weight${grave > 0 ? ': "npm audit" names them' : ''}.`,
);
process.exitCode = problems.length > 0 || (grave ?? 0) > 0 ? 1 : 0;
