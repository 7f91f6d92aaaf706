// What may be installed with this project, as far as package.json and its lock tell: exact versions, sealed contents,
// one registry, licences that allow what we do, no programs that run at install but known ones. Pure.

/** An entry of `packages` in package-lock.json, as far as it is looked at. */
export interface LockEntry {
  version?: string;
  resolved?: string;
  integrity?: string;
  license?: string;
  link?: boolean;
  /** Not part of the program: a tool of development. */
  dev?: boolean;
  hasInstallScript?: boolean;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

export interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

/** Where a lock names a place at all, it is this one; without one npm asks the registry that it is set to. */
const REGISTRY = 'https://registry.npmjs.org/';

/** Of what is part of the program. */
const SHIPPED_LICENCES = ['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0'];
/** Of tools, which nobody gets from us: also what asks for more when it is passed on. */
const TOOL_LICENCES = [...SHIPPED_LICENCES, 'BlueOak-1.0.0', 'CC0-1.0', 'CC-BY-4.0', 'MPL-2.0'];

/** Packages that name no licence where npm looks, and the one in their folder. */
const LICENCES_READ: Readonly<Record<string, string>> = { 'parse-cache-control@1.0.1': 'BSD-3-Clause' };

/** Their scripts are known, and nothing is lost where npm does not run them. */
const KNOWN_INSTALL_SCRIPTS = ['core-js', 'esbuild', 'protobufjs', 'fsevents'];

/** What is wrong, a line each; nothing when all is well. */
export function dependencyProblems(manifest: Manifest, packages: Record<string, LockEntry>): string[] {
  return [
    ...pinProblems(manifest, packages['']),
    ...Object.entries(packages).flatMap(([path, entry]) =>
      path === '' ? [] : entryProblems(path.replace(/^.*node_modules\//, ''), entry),
    ),
  ];
}

function pinProblems(manifest: Manifest, root: LockEntry | undefined): string[] {
  return (['dependencies', 'devDependencies'] as const).flatMap((kind) => {
    const loose = Object.entries(manifest[kind]).filter(([, version]) => !EXACT.test(version));
    const names = new Set([...Object.keys(manifest[kind]), ...Object.keys(root?.[kind] ?? {})]);
    const other = [...names].filter((name) => manifest[kind][name] !== root?.[kind]?.[name]);
    return [
      ...loose.map(([name, version]) => `${name}: "${version}" is not one exact version`),
      ...other.map((name) => `${name}: package.json and package-lock.json differ`),
    ];
  });
}

function entryProblems(name: string, entry: LockEntry): string[] {
  const id = `${name}@${entry.version ?? '?'}`;
  const problems: string[] = [];
  if (entry.link === true || !/^sha512-[\w+/]{86}==$/.test(entry.integrity ?? ''))
    problems.push(`${id}: no SHA-512 seals its content`);
  if (entry.resolved !== undefined && !entry.resolved.startsWith(REGISTRY))
    problems.push(`${id}: comes from ${entry.resolved}`);
  const licence = entry.license ?? LICENCES_READ[id] ?? '';
  if (!isAllowed(licence, entry.dev === true ? TOOL_LICENCES : SHIPPED_LICENCES))
    problems.push(`${id}: licence "${licence}" is not among those that were agreed to`);
  if (entry.hasInstallScript === true && !KNOWN_INSTALL_SCRIPTS.includes(name))
    problems.push(`${id}: runs a program when it is installed`);
  return problems;
}

/** SPDX, as far as it is met: `A OR B` needs one of them, `A AND B` both. */
function isAllowed(expression: string, allowed: readonly string[]): boolean {
  const parts = expression.replaceAll(/[()]/g, '').split(' OR ');
  return parts.some((part) => part.split(' AND ').every((licence) => allowed.includes(licence)));
}

/** What `npm audit --json` says: how many advisories weigh high or more, or null where the registry gave none. */
export function graveAdvisories(answer: string): number | null {
  try {
    const { metadata } = JSON.parse(answer) as {
      metadata?: { vulnerabilities?: { high?: number; critical?: number } };
    };
    const counts = metadata?.vulnerabilities;
    return counts === undefined ? null : (counts.high ?? 0) + (counts.critical ?? 0);
  } catch {
    return null;
  }
}
