// Every reader of the program that takes bytes or text from outside, the slowest first; each is loaded with its kind.
// May import: ./readers-*.

import type { Reader } from './reader.ts';

export type ReaderGroup = () => Promise<readonly Reader[]>;

const network: ReaderGroup = async () => (await import('./readers-network.ts')).NETWORK_READERS;
const model: ReaderGroup = async () => (await import('./readers-model.ts')).MODEL_READERS;
const backup: ReaderGroup = async () => (await import('./readers-backup.ts')).BACKUP_READERS;
const archive: ReaderGroup = async () => (await import('./readers-archive.ts')).ARCHIVE_READERS;
const sound: ReaderGroup = async () => (await import('./readers-sound.ts')).SOUND_READERS;
const text: ReaderGroup = async () => (await import('./readers-text.ts')).TEXT_READERS;

export const READERS: Readonly<Record<string, ReaderGroup>> = {
  network,
  weights: network,
  'backup-records': backup,
  backup,
  flac: sound,
  containers: sound,
  evaluation: model,
  manifest: model,
  topology: model,
  golden: model,
  replay: model,
  'model-zip': model,
  'hand-over': archive,
  zip: archive,
  wav: sound,
  paths: text,
  labels: text,
  csv: text,
  settings: text,
  address: text,
};

/** @throws Error where there is none of that name */
export async function readerOf(groups: typeof READERS, name: string): Promise<Reader> {
  const reader = (await groups[name]?.())?.find((each) => each.name === name);
  if (!reader) throw new Error(`there is no reader ${name}`);
  return reader;
}
