// The browser's side of what state asks for: storage for settings, the address, the system's theme.

import type { HashSource, KeyValueStore, Later, SystemTheme } from './ports.ts';

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
