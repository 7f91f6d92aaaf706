// Tabs that are at work, and one that replaces what is kept: it has all to itself, or nothing of it happens.
import { expect, test } from 'vitest';
import { BusyState, type BusyLock } from './busy.svelte.ts';

/** What the browser knows of all tabs: who is at work, who waits for that, who stops the others. */
class FakeBrowser {
  readonly #sharing = new Set<object>();
  readonly #waiting = new Set<object>();
  readonly #tabs = new Map<object, (end: Promise<void>) => void>();
  #alone: object | null = null;
  #stop: { by: object; end: Promise<void> } | null = null;
  #endStop = (): void => undefined;
  /** While others are told. */
  meanwhile = (): void => undefined;

  lockOf(tab: object): BusyLock {
    return {
      hold: () => {
        (this.#alone ? this.#waiting : this.#sharing).add(tab);
        return () => {
          this.#sharing.delete(tab);
        };
      },
      join: () => Promise.resolve(null),
      takeAlone: () => Promise.resolve(this.#takeAlone(tab)),
      isAwaited: () => Promise.resolve([...this.#waiting].some((other) => other !== tab)),
      stopOthers: () => Promise.resolve(this.#stopOthers(tab)),
      whenStopped: (onStopped) => {
        this.#tabs.set(tab, onStopped);
        if (this.#stop) onStopped(this.#stop.end);
      },
    };
  }

  close(tab: object): void {
    if (this.#alone === tab) this.#alone = null;
    if (this.#stop?.by === tab) this.#endStop();
  }

  #takeAlone(tab: object): (() => void) | null {
    if (this.#alone || this.#sharing.size > 0) return null;
    this.#alone = tab;
    return () => {
      this.#alone = null;
      this.#waiting.clear();
    };
  }

  #stopOthers(tab: object): () => void {
    this.meanwhile();
    const end = new Promise<void>((resolve) => {
      this.#endStop = () => {
        this.#stop = null;
        resolve();
      };
    });
    this.#stop = { by: tab, end };
    for (const [other, onStopped] of this.#tabs) if (other !== tab) onStopped(end);
    return this.#endStop;
  }
}

function openTab(browser: FakeBrowser) {
  const tab = { isBusy: false, events: [] as string[] };
  const lock = browser.lockOf(tab);
  const busy = new BusyState(() => tab.isBusy, lock);
  busy.heedOthers({ onStopped: () => tab.events.push('stopped'), onEnd: () => tab.events.push('goes on') });
  return { tab, busy, lock };
}

async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await Promise.resolve();
}

test('while one tab has all to itself the others are stopped, and go on when it is done', async () => {
  const browser = new FakeBrowser();
  const [here, there] = [openTab(browser), openTab(browser)];
  const end = await here.busy.alone();
  if (typeof end === 'string') throw new Error(end);
  expect([here.busy.isStopped, there.busy.isStopped]).toEqual([false, true]);
  const late = openTab(browser);
  expect(late.busy.isStopped).toBe(true);
  expect(await late.busy.alone()).toBe('elsewhere');
  end();
  await settled();
  expect([there, late].map(({ busy, tab }) => [busy.isStopped, tab.events])).toEqual([
    [false, ['stopped', 'goes on']],
    [false, ['stopped', 'goes on']],
  ]);
  expect(here.tab.events).toEqual([]);
  expect(typeof (await there.busy.quiet())).toBe('function');
});

test('others go on when the tab that stopped them is closed', async () => {
  const browser = new FakeBrowser();
  const [here, there] = [openTab(browser), openTab(browser)];
  await here.busy.alone();
  browser.close(here.tab);
  await settled();
  expect([there.busy.isStopped, there.tab.events]).toEqual([false, ['stopped', 'goes on']]);
});

test('a tab that is stopped again before it heard of the end of the first time stays stopped', async () => {
  const browser = new FakeBrowser();
  const [here, there] = [openTab(browser), openTab(browser)];
  const first = await here.busy.alone();
  if (typeof first === 'function') first();
  await here.busy.alone();
  await settled();
  expect(there.busy.isStopped).toBe(true);
});

test.each(['here', 'elsewhere'] as const)(
  'what began %s before the others could know of it goes on, and nobody stays stopped',
  async (where) => {
    const browser = new FakeBrowser();
    const [here, there] = [openTab(browser), openTab(browser)];
    browser.meanwhile = () => {
      const { tab, lock } = where === 'here' ? here : there;
      tab.isBusy = true;
      lock.hold();
    };
    expect(await here.busy.alone()).toBe(where);
    await settled();
    expect(there.busy.isStopped).toBe(false);
  },
);

test('what began later is seen as well; what has all to itself does not count its own', async () => {
  const browser = new FakeBrowser();
  const [here, there] = [openTab(browser), openTab(browser)];
  await here.busy.alone();
  here.lock.hold();
  expect(await here.busy.isAwaited()).toBe(false);
  // It is over again before the lock was free: it has been there all the same.
  there.lock.hold()();
  expect(await here.busy.isAwaited()).toBe(true);
});
