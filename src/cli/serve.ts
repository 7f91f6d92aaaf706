// `npm start`: serves the built app and says where. PORT and HOST change where it listens.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from './args.ts';
import { DIST } from './build.ts';
import { startServer, type RunningServer } from './server.ts';

const DEFAULT_PORT = 4173;
const MAX_PORT = 65_535;

if (!existsSync(join(DIST, 'index.html'))) {
  console.error('There is no built app here: run "npm run build" first, or "npm start", which builds it.');
  process.exit(1);
}
const wanted = readPort(process.env['PORT']);
const host = process.env['HOST'] || undefined;
const server = await serve();
if (wanted !== 0 && server.port !== wanted) console.log(`Port ${String(wanted)} is taken.`);
console.log(`HeartBeat AI is at ${server.origin} (Ctrl+C stops it).`);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    void server.close();
  });

/** A port that was asked for; not set and empty mean the same. 0: any free one. */
function readPort(text: string | undefined): number {
  if (text === undefined || text.trim() === '') return DEFAULT_PORT;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= MAX_PORT) return port;
  return giveUp(`PORT takes a whole number from 0 to ${String(MAX_PORT)}, not "${text}".`);
}

async function serve(): Promise<RunningServer> {
  try {
    return await startServer({ dist: DIST, port: wanted, ...(host === undefined ? {} : { host }) });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return giveUp(`The app cannot be served on ${host ?? 'localhost'}, port ${String(wanted)}: ${why}.`);
  }
}

function giveUp(line: string): never {
  console.error(line);
  process.exit(EXIT.usage);
}
