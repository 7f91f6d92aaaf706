// A browser that keeps no copies of what its pages load. Playwright has every page keep its responses for the debugger,
// up to 100 MB of them and until it is reloaded: whoever looks for leaks would find those. This file is both ends: the
// command to launch in the browser's place, and what that command runs. Linux only.

import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Where Playwright writes its calls and reads the answers (`--remote-debugging-pipe`). */
const CALLS_FD = 3;
const ANSWERS_FD = 4;
/** Between two calls. */
const END_OF_CALL = 0;

const HERE = fileURLToPath(import.meta.url);

/**
 * Writes the command that stands for the browser.
 * @param browser the program of the browser
 * @param path of the command; its folder is there
 */
export async function writeFrugalBrowser(browser: string, path: string): Promise<void> {
  const command = [process.execPath, '--import', import.meta.resolve('tsx'), HERE, browser];
  const quoted = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
  await writeFile(path, `#!/bin/sh\nexec ${quoted} "$@"\n`);
  await chmod(path, 0o755);
}

function run(browser: string, args: readonly string[]): void {
  const child = spawn(browser, args, { stdio: ['inherit', 'inherit', 'inherit', 'pipe', 'pipe'] });
  const [, , , calls, answers] = child.stdio;
  if (!calls || !answers || !('write' in calls) || !('pipe' in answers)) throw new Error('No pipes.');
  let rest = Buffer.alloc(0);
  createReadStream('', { fd: CALLS_FD }).on('data', (bytes) => {
    rest = Buffer.concat([rest, Buffer.from(bytes)]);
    for (let end = rest.indexOf(END_OF_CALL); end >= 0; end = rest.indexOf(END_OF_CALL)) {
      calls.write(`${frugal(rest.toString('utf8', 0, end))}\0`);
      rest = rest.subarray(end + 1);
    }
  });
  answers.pipe(createWriteStream('', { fd: ANSWERS_FD }));
  child.on('exit', (code) => process.exit(code ?? 1));
}

/** The call with nothing to be kept, where it would have something kept. */
function frugal(call: string): string {
  if (!call.includes('"method":"Network.enable"')) return call;
  const enable = JSON.parse(call) as { params?: object };
  return JSON.stringify({
    ...enable,
    params: { ...enable.params, maxTotalBufferSize: 0, maxResourceBufferSize: 0 },
  });
}

const [, program, browser, ...args] = process.argv;
if (program === HERE && browser !== undefined) run(browser, args);
