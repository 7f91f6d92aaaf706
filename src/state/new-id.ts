// Ids of what is kept: they sort by the order in which they were given out, over all tabs and visits, also where
// the clock was set back in between. The time that a person reads is another field, and is the clock's.

import type { KeyValueStore } from './ports.ts';

/** @param createdAt ISO 8601 with milliseconds, UTC. Unique, whatever the clock says. */
export type NewId = (createdAt: string) => string;

const KEY = 'latestId';
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/**
 * @param store where the latest of all ids is remembered; one that forgets costs the order, nothing else
 * @param unique gives a text that it has never given before
 */
export function idGiver(store: KeyValueStore, unique: () => string): NewId {
  return (createdAt) => {
    const latest = store.read(KEY);
    const isBehind = typeof latest === 'string' && ISO.test(latest) && latest >= createdAt;
    const time = isBehind ? millisecondAfter(latest) : createdAt;
    store.write(KEY, time);
    return `${time}-${unique()}`;
  };
}

function millisecondAfter(time: string): string {
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? time : new Date(ms + 1).toISOString();
}
