// Whether the program is installed on this device, and whether the browser offers to do so.

import type { InstallNews, InstallWay } from '../input/install-program.ts';

export type InstallPhase =
  /** It runs as an installed program, or has just been installed. */
  | 'installed'
  /** The browser's own question can be put. */
  | 'offered'
  /** A person has to find it in the browser's menu. */
  | 'by-hand';

export interface InstallDependencies {
  runsInstalled: () => boolean;
  way: InstallWay;
  listen: (news: InstallNews) => void;
}

export class InstallState {
  readonly way: InstallWay;
  #phase = $state<InstallPhase>('by-hand');
  #ask: (() => Promise<boolean>) | null = null;

  constructor({ runsInstalled, way, listen }: InstallDependencies) {
    this.way = way;
    if (runsInstalled()) this.#phase = 'installed';
    listen({
      onOffer: (ask) => {
        this.#ask = ask;
        this.#phase = 'offered';
      },
      onInstalled: () => (this.#phase = 'installed'),
    });
  }

  get phase(): InstallPhase {
    return this.#phase;
  }

  /** Puts the browser's question, which it answers once; after a no it may offer it again some other day. */
  async install(): Promise<void> {
    const ask = this.#ask;
    if (!ask) return;
    this.#ask = null;
    this.#phase = 'by-hand';
    if (await ask().catch(() => false)) this.#phase = 'installed';
  }
}
