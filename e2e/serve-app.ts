// Before the first test: the app is built if it is missing or old, and served on a free port.

import { DIST, ensureBuilt } from '../src/cli/build.ts';
import { startServer } from '../src/cli/server.ts';

export default async function serveApp(): Promise<() => Promise<void>> {
  await ensureBuilt((line) => {
    console.error(line);
  });
  const server = await startServer({ dist: DIST, port: 0 });
  process.env['E2E_ORIGIN'] = server.origin;
  return () => server.close();
}
