// A newer version is taken when a person says so and no tab is at work, and the page is loaded anew once, by its own
// wish only.
import { expect, test } from 'vitest';
import type { ProgramKeeper, ProgramNews } from '../input/keep-program.ts';
import { BusyState, type BusyLock } from './busy.svelte.ts';
import { CHECK_EVERY_MS, TAKING_TIMEOUT_MS, UpdateState } from './update.svelte.ts';

/** One service worker for any number of tabs, and what each of them does. */
class FakeProgram implements ProgramKeeper, BusyLock {
  readonly tabs: ProgramNews[] = [];
  isNewer = false;
  isDead = false;
  nHeld = 0;
  nChecks = 0;
  isTaken = false;

  listen(news: ProgramNews): void {
    this.tabs.push(news);
  }

  keep = (): Promise<void> => Promise.resolve();

  check(): Promise<boolean> {
    this.nChecks++;
    if (this.isNewer) for (const tab of this.tabs) tab.onWaiting();
    return Promise.resolve(this.isNewer);
  }

  take(): void {
    if (!this.isDead) for (const tab of this.tabs) tab.onReplaced();
  }

  hold(): () => void {
    this.nHeld++;
    return () => this.nHeld--;
  }

  join(): Promise<(() => void) | null> {
    return Promise.resolve(this.isTaken ? null : this.hold());
  }

  takeAlone(): Promise<(() => void) | null> {
    if (this.nHeld > 0 || this.isTaken) return Promise.resolve(null);
    this.isTaken = true;
    return Promise.resolve(() => (this.isTaken = false));
  }

  isAwaited = (): Promise<boolean> => Promise.resolve(false);

  stopOthers = (): Promise<() => void> => Promise.resolve(() => undefined);

  whenStopped = (): void => undefined;
}

function openTab(program: FakeProgram) {
  const tab = { isBusy: false, isOnline: true, nReloads: 0 };
  const timers = new Map<() => void, number>();
  const update = new UpdateState(program, {
    busy: new BusyState(() => tab.isBusy, program),
    later(action, ms) {
      timers.set(action, ms);
      return () => timers.delete(action);
    },
    isOnline: () => tab.isOnline,
    reload() {
      tab.nReloads++;
      return Promise.resolve();
    },
  });
  const pass = (ms: number): void => {
    for (const [action, due] of [...timers])
      if (due <= ms) {
        timers.delete(action);
        action();
      }
  };
  return { tab, update, pass };
}

async function withNewer() {
  const program = new FakeProgram();
  const here = openTab(program);
  const there = openTab(program);
  program.isNewer = true;
  await here.update.look();
  return { program, here, there };
}

test('what is found is offered, and taken on consent: this tab reloads once, the other one never by itself', async () => {
  const { here, there } = await withNewer();
  expect([here.update.phase, here.update.isOffered, here.tab.nReloads]).toEqual(['waiting', true, 0]);
  await here.update.take();
  expect([here.tab.nReloads, there.tab.nReloads]).toEqual([1, 0]);
  expect([there.update.phase, there.update.isOffered]).toEqual(['replaced', true]);
  await there.update.take();
  expect(there.tab.nReloads).toBe(1);
});

test('while this tab is at work it is neither offered nor taken', async () => {
  const { here, there } = await withNewer();
  here.tab.isBusy = true;
  expect(here.update.isOffered).toBe(false);
  await here.update.take();
  expect([here.update.refusal, here.update.phase, here.tab.nReloads]).toEqual(['here', 'waiting', 0]);
  here.tab.isBusy = false;
  expect(here.update.isOffered).toBe(true);
  await here.update.take();
  expect([here.update.refusal, here.tab.nReloads]).toEqual([null, 1]);
  // Replaced by another tab in mid-work: it goes on, and says so later.
  there.tab.isBusy = true;
  await there.update.take();
  expect([there.update.refusal, there.tab.nReloads, there.update.isOffered]).toEqual(['here', 0, false]);
});

test('while another tab is at work it is refused', async () => {
  const { program, here } = await withNewer();
  const done = program.hold();
  await here.update.take();
  expect([here.update.refusal, here.update.phase, here.tab.nReloads]).toEqual(['elsewhere', 'waiting', 0]);
  done();
  await here.update.take();
  expect(here.tab.nReloads).toBe(1);
});

test('work that begins between consent and change is not broken off', async () => {
  const { program, here } = await withNewer();
  program.isDead = true;
  await here.update.take();
  here.tab.isBusy = true;
  for (const tab of program.tabs) tab.onReplaced();
  expect([here.tab.nReloads, here.update.phase, program.isTaken]).toEqual([0, 'replaced', false]);
});

test('a version that does not take over is said to be stuck, and the others may go on', async () => {
  const { program, here } = await withNewer();
  program.isDead = true;
  await here.update.take();
  expect([here.update.phase, program.isTaken]).toEqual(['taking', true]);
  here.pass(TAKING_TIMEOUT_MS);
  expect([here.update.phase, here.update.refusal, program.isTaken]).toEqual(['waiting', 'stuck', false]);
});

test('put off, it is not offered again until yet another comes', async () => {
  const { program, here } = await withNewer();
  here.update.putOff();
  expect([here.update.isOffered, here.update.phase]).toEqual([false, 'waiting']);
  await program.check();
  expect(here.update.isOffered).toBe(true);
});

test('an open page looks every hour, while there is a network', () => {
  const program = new FakeProgram();
  const { tab, update, pass } = openTab(program);
  update.watch();
  pass(CHECK_EVERY_MS);
  tab.isOnline = false;
  pass(CHECK_EVERY_MS);
  tab.isOnline = true;
  pass(CHECK_EVERY_MS);
  expect(program.nChecks).toBe(2);
});

test('looking by hand says what came of it', async () => {
  const program = new FakeProgram();
  const { tab, update } = openTab(program);
  await update.look();
  expect(update.check).toBe('newest');
  tab.isOnline = false;
  await update.look();
  expect(update.check).toBe('offline');
  tab.isOnline = true;
  program.check = () => Promise.reject(new Error('HTTP 502'));
  await update.look();
  expect(update.check).toBe('failed');
});
