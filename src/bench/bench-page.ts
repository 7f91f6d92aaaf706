// The bench's own page, built beside the app and never with it: a worker like the app's, with the parts of the signal
// path one by one in it, within reach of the command line.

import { wrap, type Remote } from 'comlink';
import type { BackendName } from '../core/types.ts';
import { bundledModels } from '../input/bundled-models.ts';
import type { BenchApi } from './protocol.ts';

/** A worker with the bundled model on a backend. */
export interface OpenBench {
  /** What it has become: another one where the one asked for is not there. */
  backend: BackendName;
  parts: Remote<BenchApi>;
}

declare global {
  /** Opens a worker; the one before is ended. */
  var heartbeatBench: ((backend: BackendName) => Promise<OpenBench>) | undefined;
}

let worker: Worker | null = null;

globalThis.heartbeatBench = async (backend) => {
  const [model] = bundledModels();
  if (!model) throw new Error('No model ships with this build.');
  worker?.terminate();
  worker = new Worker(new URL('../../workers/bench.worker.ts', import.meta.url), {
    type: 'module',
    name: 'bench',
  });
  const parts = wrap<BenchApi>(worker);
  return { backend: await parts.start(await model.load(), backend), parts };
};
