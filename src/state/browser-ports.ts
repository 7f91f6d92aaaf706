// The browser's side of what state asks for: storage for settings, the address, the system's theme.

import { hashBytes } from './model-ports.ts';
import type { BatchLocks, HashSource, KeyValueStore, Later, StorageGauge, SystemTheme } from './ports.ts';
import type { RunLock } from './training-ports.ts';

const PREFIX = 'heartbeat.';

/** Settings are a convenience: where storage is full or forbidden they last for the visit. */
export const localStore: KeyValueStore = {
  read(key) {
    try {
      return JSON.parse(localStorage.getItem(PREFIX + key) ?? 'null') as unknown;
    } catch {
      return null;
    }
  },
  write(key, value) {
    try {
      localStorage.setItem(PREFIX + key, JSON.stringify(value));
    } catch {
      // Not kept: the choice holds for this visit.
    }
  },
};

export const addressHash: HashSource = {
  read: () => location.hash,
  write(hash) {
    location.hash = hash;
  },
  listen(onChange) {
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  },
};

const darkQuery = matchMedia('(prefers-color-scheme: dark)');

export const systemTheme: SystemTheme = {
  isDark: () => darkQuery.matches,
  listen(onChange) {
    darkQuery.addEventListener('change', onChange);
    return () => darkQuery.removeEventListener('change', onChange);
  },
};

export const later: Later = (action, ms) => {
  const timer = setTimeout(action, ms);
  return () => clearTimeout(timer);
};

/** Absent outside secure contexts, whatever the types say. */
const storageManager = navigator.storage as StorageManager | undefined;

/** Browsers throw away what a page has stored when room is short, unless it has asked for more. */
export async function keepStorage(): Promise<boolean> {
  return (await storageManager?.persist().catch(() => false)) ?? false;
}

const LOCK_PREFIX = 'heartbeat.batch.';

/** Web Locks end with the tab that holds them, however it ends. Browsers without them know of no other tab. */
export const batchLocks: BatchLocks = {
  hold(id) {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    // Absent outside secure contexts, whatever the types say.
    const locks = navigator.locks as LockManager | undefined;
    locks?.request(LOCK_PREFIX + id, () => held).catch(() => undefined);
    return () => release();
  },
  async held() {
    const locks = navigator.locks as LockManager | undefined;
    const names = ((await locks?.query())?.held ?? []).map(({ name = '' }) => name);
    return new Set(names.map((name) => name.slice(LOCK_PREFIX.length)));
  },
};

const TRAINING_LOCK = 'heartbeat.training';

export const trainingLock: RunLock = {
  take() {
    const locks = navigator.locks as LockManager | undefined;
    return new Promise((resolve) => {
      const alone = (): void => resolve(() => undefined);
      if (!locks) alone();
      locks
        ?.request(TRAINING_LOCK, { ifAvailable: true }, (lock) =>
          lock ? new Promise<void>((release) => resolve(release)) : resolve(null),
        )
        .catch(alone);
    });
  },
  async isTaken() {
    const locks = navigator.locks as LockManager | undefined;
    return ((await locks?.query())?.held ?? []).some(({ name }) => name === TRAINING_LOCK);
  },
  async whenFree() {
    const locks = navigator.locks as LockManager | undefined;
    // Shared: those that only wait do not keep each other out.
    await locks?.request(TRAINING_LOCK, { mode: 'shared' }, () => undefined);
  },
};

export function sha256(text: string): Promise<string> {
  return hashBytes(new TextEncoder().encode(text));
}

export const storageGauge: StorageGauge = {
  async measure() {
    if (!storageManager) return null;
    const [{ usage, quota }, isKept] = await Promise.all([
      storageManager.estimate(),
      storageManager.persisted(),
    ]);
    return usage === undefined || quota === undefined
      ? null
      : { usedBytes: usage, quotaBytes: quota, isKept };
  },
  keep: keepStorage,
};
