// What the program is asked for from outside its page: files opened with it go the way of every other file, those that
// were shared with it are asked about where a website may have sent them, a shortcut begins a recording.

import type { Errand, LaunchListener } from '../input/launches.ts';
import type { IntakeState } from './intake.svelte.ts';
import type { HashSource } from './ports.ts';
import type { RecorderState } from './recorder.svelte.ts';
import type { SharedState } from './shared.svelte.ts';

export interface ArrivalDependencies {
  intake: Pick<IntakeState, 'take'>;
  shared: Pick<SharedState, 'receive'>;
  recorder: Pick<RecorderState, 'start'>;
  address: Pick<HashSource, 'write'>;
  /** A link from anywhere opens the page; only a shortcut of the installed program begins a recording. */
  runsInstalled: () => boolean;
  listen: (listener: LaunchListener) => void;
}

/** Where files are listened to. */
const PREDICT = '#/predict';

/** @param opened what the address of this page asked for */
export function receiveArrivals(opened: Errand, dependencies: ArrivalDependencies): void {
  const { intake, shared, recorder, address, runsInstalled, listen } = dependencies;
  const run = ({ share, record }: Errand): void => {
    if (share !== null) void shared.receive(share);
    if (record && runsInstalled()) void recorder.start();
  };
  listen({
    onFiles: (handOver) => {
      address.write(PREDICT);
      void intake.take(handOver);
    },
    onShare: (outcome) => {
      address.write(PREDICT);
      void shared.receive(outcome);
    },
    onAddress: (errand) => {
      if (errand.hash !== '') address.write(errand.hash);
      run(errand);
    },
  });
  run(opened);
}
