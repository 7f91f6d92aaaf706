// What a file is worth by its name alone, when a folder or zip is walked: the page and the command line
// leave out the same files, in the words of left-out-text.ts. What a sound file really holds is found out later, by its bytes. Pure.

/**
 * Sound to hear, a table that may name labels, an archive to look into, what systems leave behind (nobody wants
 * to read about it), the rest.
 */
export type FileKind = 'sound' | 'table' | 'archive' | 'system' | 'other';

const SOUND = /\.(wav|wave|flac|mp3|ogg|oga|opus|m4a|mp4|aac|webm|weba)$/i;
const TABLE = /\.csv$/i;
const ARCHIVE = /\.zip$/i;
const SYSTEM = /(^|\/)(\.[^/]*|__MACOSX|Thumbs\.db|desktop\.ini)(\/|$)/i;

/** Largest table that is read: labels of a million recordings are half of it. */
export const MAX_TABLE_BYTES = 20_000_000;

/** @param path the file's path below the folder or zip that was given, parts joined by `/` */
export function fileKind(path: string): FileKind {
  if (SYSTEM.test(path)) return 'system';
  if (SOUND.test(path)) return 'sound';
  if (TABLE.test(path)) return 'table';
  return isArchive(path) ? 'archive' : 'other';
}

/** By its ending alone: of a file that somebody has chosen by itself a dot before its name says nothing. */
export function isArchive(path: string): boolean {
  return ARCHIVE.test(path);
}
