// Before the first test: the app is built if it is missing or old, and served on a free port; what lies outside this
// machine is watched until the last one has ended.

import { DIST, ensureBuilt } from '../src/cli/build.ts';
import { startServer } from '../src/cli/server.ts';
import { openOutside, takeOutsideRequests } from './outside.ts';

export default async function serveApp(): Promise<() => Promise<void>> {
  await ensureBuilt((line) => {
    console.error(line);
  });
  const outside = await openOutside();
  const server = await startServer({ dist: DIST, port: 0 });
  process.env['E2E_ORIGIN'] = server.origin;
  return async () => {
    await server.close();
    const late = await takeOutsideRequests();
    outside.close();
    if (late.length > 0) throw new Error(`Asked of other machines between the tests: ${late.join(', ')}`);
  };
}
