// The browser's side of what state asks for: storage for settings, the address, the system's theme.

import { SHARE_CACHE } from '../core/share-address.ts';
import type { BusyLock } from './busy.svelte.ts';
import type { KeptValues } from '../storage/backup-write.ts';
import { hashBytes } from './model-ports.ts';
import type {
  BatchLocks,
  HashSource,
  KeyValueStore,
  Later,
  StorageGauge,
  StorageNews,
  StorageWord,
  SystemTheme,
} from './ports.ts';
import type { RunLock } from './training-ports.ts';

const PREFIX = 'heartbeat.';

/** Settings are a convenience: where storage is full or forbidden they last for the visit. */
export const localStore = keyValueStore(() => localStorage);

/** Of this tab alone; a reload leaves it. */
export const tabStore = keyValueStore(() => sessionStorage);

/** @param area throws where storage is forbidden */
function keyValueStore(area: () => Storage): KeyValueStore {
  return {
    read(key) {
      try {
        return JSON.parse(area().getItem(PREFIX + key) ?? 'null') as unknown;
      } catch {
        return null;
      }
    },
    write(key, value) {
      try {
        area().setItem(PREFIX + key, JSON.stringify(value));
        return true;
      } catch {
        return false;
      }
    },
  };
}

/** What a page keeps of its own backups is of this browser, and in none of them. */
const OWN_KEYS = ['backup', 'restored'];

/** What is kept beside the database, as it is kept. */
export const keptValues: KeptValues = {
  all() {
    try {
      const keys = Array.from({ length: localStorage.length }, (_, i) => localStorage.key(i) ?? '');
      return keys
        .filter((key) => key.startsWith(PREFIX) && !OWN_KEYS.includes(key.slice(PREFIX.length)))
        .map((key) => ({ key: key.slice(PREFIX.length), value: localStorage.getItem(key) ?? 'null' }))
        .sort((a, b) => (a.key < b.key ? -1 : 1));
    } catch {
      return [];
    }
  },
  replaceAll(values) {
    try {
      for (const { key } of this.all()) localStorage.removeItem(PREFIX + key);
      for (const { key, value } of values)
        if (!OWN_KEYS.includes(key)) localStorage.setItem(PREFIX + key, value);
    } catch {
      // Forbidden or full: settings are a convenience.
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

/** Absent outside secure contexts, whatever the types say: such a browser knows of no other tab. */
const locks = navigator.locks as LockManager | undefined;

/** Web Locks end with the tab that holds them, however it ends. */
function holdLock(name: string, mode: LockMode): () => void {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  locks?.request(name, { mode }, () => held).catch(() => undefined);
  return () => release();
}

/** Null while any tab holds it; of a shared one, while a tab has it alone. */
function takeLock(name: string, mode: LockMode = 'exclusive'): Promise<(() => void) | null> {
  return new Promise((resolve) => {
    const alone = (): void => resolve(() => undefined);
    if (!locks) alone();
    locks
      ?.request(name, { mode, ifAvailable: true }, (lock) =>
        lock ? new Promise<void>((release) => resolve(release)) : resolve(null),
      )
      .catch(alone);
  });
}

/** Resolves when no tab has it alone. Shared: those that only wait do not keep each other out. */
async function whenFree(name: string): Promise<void> {
  await locks?.request(name, { mode: 'shared' }, () => undefined);
}

async function heldLocks(): Promise<string[]> {
  return ((await locks?.query())?.held ?? []).map(({ name = '' }) => name);
}

const LOCK_PREFIX = 'heartbeat.batch.';

export const batchLocks: BatchLocks = {
  hold: (id) => holdLock(LOCK_PREFIX + id, 'exclusive'),
  async held() {
    const names = (await heldLocks()).filter((name) => name.startsWith(LOCK_PREFIX));
    return new Set(names.map((name) => name.slice(LOCK_PREFIX.length)));
  },
};

const TRAINING_LOCK = 'heartbeat.training';

export const trainingLock: RunLock = {
  take: () => takeLock(TRAINING_LOCK),
  isTaken: async () => (await heldLocks()).includes(TRAINING_LOCK),
  whenFree: () => whenFree(TRAINING_LOCK),
};

const BUSY_LOCK = 'heartbeat.busy';

/** Held by the tab that stops all others. */
const STOP_LOCK = 'heartbeat.stop';

export function openBusyLock(): BusyLock {
  const channel = new BroadcastChannel(STOP_LOCK);
  return {
    hold: () => holdLock(BUSY_LOCK, 'shared'),
    join: () => takeLock(BUSY_LOCK, 'shared'),
    takeAlone: () => takeLock(BUSY_LOCK),
    async isAwaited() {
      const { held = [], pending = [] } = (await locks?.query()) ?? {};
      const own = held.find(({ name }) => name === BUSY_LOCK)?.clientId;
      return pending.some(({ name, clientId }) => name === BUSY_LOCK && clientId !== own);
    },
    async stopOthers() {
      const letGo = holdLock(STOP_LOCK, 'exclusive');
      // The browser answers in turn: it has the lock before others wait for its end.
      await heldLocks();
      channel.postMessage('stop');
      return letGo;
    },
    whenStopped(onStopped) {
      const wait = (): void => onStopped(whenFree(STOP_LOCK));
      channel.addEventListener('message', wait);
      // A tab that is opened in the middle.
      void heldLocks().then((names) => {
        if (names.includes(STOP_LOCK)) wait();
      });
    },
  };
}

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
  keep: async () => (await storageManager?.persist().catch(() => false)) ?? false,
  // WebKit, until the program is installed: then it has an own store that is not cleared.
  clearsWhenIdle: navigator.vendor.startsWith('Apple') && !matchMedia('(display-mode: standalone)').matches,
};

/** A tab does not hear of what it tells itself. */
export function openStorageNews(): StorageNews {
  const channel = new BroadcastChannel(`${PREFIX}storage`);
  return {
    tell: (word) => channel.postMessage(word),
    listen: (onWord) =>
      channel.addEventListener('message', ({ data }: MessageEvent<StorageWord>) => onWord(data)),
  };
}

/** Everything beside the database that begins with the program's name; the program itself stays. */
export async function wipeBesideDatabase(): Promise<void> {
  for (const store of [localStorage, sessionStorage])
    for (const key of Object.keys(store)) if (key.startsWith(PREFIX)) store.removeItem(key);
  // Absent outside secure contexts, whatever the types say.
  const kept = globalThis.caches as CacheStorage | undefined;
  for (const name of (await kept?.keys()) ?? []) if (name.startsWith(PREFIX)) await kept?.delete(name);
}

/** Whether anything was ever shared with the program since its storage was last cleared. */
export async function hasShares(): Promise<boolean> {
  // Absent outside secure contexts, whatever the types say.
  return (await (globalThis.caches as CacheStorage | undefined)?.has(SHARE_CACHE)) ?? false;
}

/** From the first page on, as on the first visit. */
export function restartProgram(): void {
  history.replaceState(null, '', `${location.pathname}${location.search}`);
  location.reload();
}
