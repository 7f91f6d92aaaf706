// What the program is asked for from outside its page: files shared with it or opened with it go the way of every
// other file, a shortcut begins a recording.

import type { HandOver } from '../input/found-file.ts';
import type { Errand, LaunchListener } from '../input/launches.ts';
import type { IntakeState } from './intake.svelte.ts';
import type { HashSource } from './ports.ts';
import type { RecorderState } from './recorder.svelte.ts';

export interface ArrivalDependencies {
  intake: Pick<IntakeState, 'take'>;
  recorder: Pick<RecorderState, 'start'>;
  address: Pick<HashSource, 'write'>;
  /** @throws AppError `share-lost` */
  takeShared: (id: string) => Promise<HandOver>;
  /** A link from anywhere opens the page; only a shortcut of the installed program begins a recording. */
  runsInstalled: () => boolean;
  listen: (listener: LaunchListener) => void;
}

/** Where files are listened to. */
const PREDICT = '#/predict';

/** @param opened what the address of this page asked for */
export function receiveArrivals(opened: Errand, dependencies: ArrivalDependencies): void {
  const { intake, recorder, address, takeShared, runsInstalled, listen } = dependencies;
  const run = ({ shared, record }: Errand): void => {
    if (shared !== null) void intake.take(takeShared(shared));
    if (record && runsInstalled()) void recorder.start();
  };
  listen({
    onFiles: (handOver) => {
      address.write(PREDICT);
      void intake.take(handOver);
    },
    onAddress: (errand) => {
      if (errand.hash !== '') address.write(errand.hash);
      run(errand);
    },
  });
  run(opened);
}
