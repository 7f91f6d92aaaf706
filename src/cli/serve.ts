// `npm start`: serves the built app and says where. PORT and HOST change where it listens.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DIST } from './build.ts';
import { startServer } from './server.ts';

const DEFAULT_PORT = 4173;

if (!existsSync(join(DIST, 'index.html'))) {
  console.error('There is no built app here: run "npm run build" first, or "npm start", which builds it.');
  process.exit(1);
}
const wanted = Number(process.env['PORT'] ?? DEFAULT_PORT);
const host = process.env['HOST'];
const server = await startServer({ dist: DIST, port: wanted, ...(host === undefined ? {} : { host }) });
if (server.port !== wanted) console.log(`Port ${String(wanted)} is taken.`);
console.log(`HeartBeat AI is at ${server.origin} (Ctrl+C stops it).`);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    void server.close();
  });
