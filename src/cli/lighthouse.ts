// `npm run lighthouse`: the built app in Lighthouse's eyes, as on a phone with a slow network. Prints the four scores
// and every audit that is not perfect, and fails below the targets. Performance is timed, so it is the median of a few
// runs, each in a browser of its own that has nothing stored.

import { launch } from 'chrome-launcher';
import lighthouse, { type Result } from 'lighthouse';
import { median } from '../bench/interleaved.ts';
import { EXIT, readCommandLine, runCommand } from './args.ts';
import { browserArguments, ensureBrowser } from './browser.ts';
import { DIST, ensureBuilt } from './build.ts';
import { startServer } from './server.ts';

const LIGHTHOUSE = {
  call: 'npm run lighthouse -- [PAGE...]',
  about:
    'Lets Lighthouse judge the built app on the first page, or on each PAGE (its name in the address, such as train): performance at least 95, accessibility, best practices and SEO 100.',
  flags: {
    runs: ['count', 'N', 'how often a page is loaded; performance is the median (default: 3)'],
    untimed: [
      'switch',
      '',
      'performance is printed and decides nothing: for machines that do other work, too',
    ],
  },
} as const;

const DEFAULT_RUNS = 3;

/** On a machine that is busy, a load now and then leaves no trace that could be judged. */
const ATTEMPTS = 3;

/** What each category has to reach, 0 to 1. */
const TARGETS: Readonly<Record<string, number>> = {
  performance: 0.95,
  accessibility: 1,
  'best-practices': 1,
  seo: 1,
};

const TIMED = 'performance';

const percent = (score: number): string => String(Math.round(score * 100)).padStart(3);

async function main(argv: string[]): Promise<number> {
  const { paths, flags } = readCommandLine(argv, LIGHTHOUSE.flags);
  const log = (line: string): void => console.error(line);
  await ensureBuilt(log);
  const chromePath = ensureBrowser(log);
  const server = await startServer({ dist: DIST, port: 0 });
  let isGood = true;
  try {
    for (const page of paths.length > 0 ? paths : ['']) {
      const results: Result[] = [];
      for (let run = 0; run < (flags.runs ?? DEFAULT_RUNS); run++)
        results.push(await judge(`${server.origin}/${page === '' ? '' : `#/${page}`}`, chromePath));
      console.log(`${page === '' ? 'the first page' : page}, n = ${String(results.length)}`);
      isGood = report(results, flags.untimed === true) && isGood;
    }
  } finally {
    await server.close();
  }
  return isGood ? EXIT.done : EXIT.incomplete;
}

/** One load, in Lighthouse's own setting for phones; made again where the browser gave no trace of it. */
async function judge(url: string, chromePath: string): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    const result = await load(url, chromePath);
    if (!result.runtimeError) return result;
    if (attempt === ATTEMPTS) throw new Error(`The page could not be judged: ${result.runtimeError.message}`);
  }
}

async function load(url: string, chromePath: string): Promise<Result> {
  const browser = await launch({ chromePath, chromeFlags: ['--headless=new', ...browserArguments()] });
  try {
    const answer = await lighthouse(url, { port: browser.port, logLevel: 'error' });
    if (answer === undefined) throw new Error('Lighthouse gave no answer.');
    return answer.lhr;
  } finally {
    browser.kill();
  }
}

/** Prints what the runs have in common and where they fell short; says whether the targets are reached. */
function report(results: readonly Result[], isUntimed: boolean): boolean {
  let isGood = true;
  for (const [category, target] of Object.entries(TARGETS)) {
    // A category that could not be judged has no score.
    const scores = results.map(({ categories }) => categories[category]?.score ?? 0);
    const isTimed = category === TIMED;
    const score = isTimed ? median(scores) : Math.min(...scores);
    const isReached = score >= target;
    if (!isReached && !(isTimed && isUntimed)) isGood = false;
    const runs =
      isTimed && scores.length > 1 ? ` (${scores.map((each) => percent(each).trim()).join(', ')})` : '';
    console.log(
      `${percent(score)} ${category}${runs}${isReached ? '' : `, at least ${percent(target)} wanted`}`,
    );
    for (const line of shortfalls(results, category)) console.log(`      ${line}`);
  }
  return isGood;
}

/** The audits of a category that were not perfect in the last run, with what they counted. */
function shortfalls(results: readonly Result[], category: string): string[] {
  const last = results.at(-1);
  return (last?.categories[category]?.auditRefs ?? []).flatMap(({ id }) => {
    const audit = last?.audits[id];
    if (!audit || audit.score === null || audit.score >= 1) return [];
    return [[percent(audit.score), id, audit.displayValue ?? ''].join(' ').trimEnd()];
  });
}

await runCommand(LIGHTHOUSE, main);
