// What a file is worth by its name alone, when a folder or zip is walked: the page and the command line
// leave out the same files. What a sound file really holds is found out later, by its bytes. Pure.

/** Sound to hear, an archive to look into, what systems leave behind (nobody wants to read about it), the rest. */
export type FileKind = 'sound' | 'archive' | 'system' | 'other';

const SOUND = /\.(wav|wave|flac|mp3|ogg|oga|opus|m4a|mp4|aac|webm|weba)$/i;
const ARCHIVE = /\.zip$/i;
const SYSTEM = /(^|\/)(\.[^/]*|__MACOSX|Thumbs\.db|desktop\.ini)(\/|$)/i;

/** Why a file of kind `other` is left out. */
export const NOT_A_SOUND_FILE = 'Not a sound file.';

/** @param path the file's path below the folder or zip that was given, parts joined by `/` */
export function fileKind(path: string): FileKind {
  if (SYSTEM.test(path)) return 'system';
  if (SOUND.test(path)) return 'sound';
  return ARCHIVE.test(path) ? 'archive' : 'other';
}
