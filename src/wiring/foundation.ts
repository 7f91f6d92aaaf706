// What everything else stands on: the database and how the page stands with it, settings, the clock, and ids.

import { idGiver } from '../state/new-id.ts';
import { localStore, openStorageNews, storageGauge, systemTheme } from '../state/browser-ports.ts';
import { SettingsState } from '../state/settings.svelte.ts';
import { StorageState, type StorageChange } from '../state/storage.svelte.ts';
import type { Census } from '../storage/census.ts';
import { Database } from '../storage/db.ts';

export type Foundation = ReturnType<typeof layFoundation>;

/**
 * @param askedBackend by the address, for this visit; null: as it is set
 * @param onChange what is kept is otherwise than the states know
 */
export function layFoundation(askedBackend: string | null, onChange: (what: StorageChange) => void) {
  const database = new Database();
  const news = openStorageNews();
  const census = async (): Promise<Census> => (await import('../storage/census.ts')).takeCensus(database);
  const storage = new StorageState({ database, census, gauge: storageGauge, news, onChange });
  return {
    database,
    census,
    news,
    storage,
    persist: (): Promise<void> => storage.protect(),
    settings: new SettingsState(localStore, systemTheme, askedBackend),
    newId: idGiver(localStore, () => crypto.randomUUID()),
    timestamp: (): string => new Date().toISOString(),
  };
}
