// How files that another program shares with this one are found again: the service worker puts each into a cache under
// an address of its own and tells a page of it, the page takes it from there. Both know the words from here. Pure.

export const SHARE_CACHE = 'heartbeat.shared';
/** The path below the program's own to which files are posted; the manifest names it, too. */
export const SHARE_PATH = 'share';
/** The field of the form; the manifest names it, too. */
export const SHARE_FIELD = 'recordings';
/** Of the address of a page that is opened for it: what came of the share. */
export const SHARE_PARAMETER = 'shared';
/** Type of the message that tells a page which is open already. */
export const SHARE_MESSAGE = 'SHARED';

/** Why nothing of a share waits: there was no file; there was no room; a website sent it. */
export type ShareRefusal = 'lost' | 'full' | 'foreign';

export interface ShareMessage {
  type: typeof SHARE_MESSAGE;
  /** The id of what waits in the cache, which no website can know, or a `ShareRefusal`. */
  outcome: string;
}

export interface SharedFileName {
  /** Of all files that were shared together. */
  id: string;
  /** Place among them. */
  index: number;
  fileName: string;
  /** Milliseconds since 1970. */
  lastModified: number;
  /** When it was shared, milliseconds since 1970. */
  sharedAt: number;
}

/** @param scope address of the program, ending in `/` */
export function shareAddress(scope: string, file: SharedFileName): string {
  const { id, index, lastModified, sharedAt, fileName } = file;
  // After the `?`, where no name is a step in a path.
  const name = encodeURIComponent(fileName.toWellFormed());
  return `${scope}${SHARE_PATH}/${[id, index, lastModified, sharedAt].join('/')}?${name}`;
}

/** What `shareAddress` was made of. */
export function readShareAddress(address: string): SharedFileName {
  const [path = '', name = ''] = address.split('?');
  const [id = '', index, lastModified, sharedAt] = path.split('/').slice(-4);
  return {
    id,
    index: Number(index),
    lastModified: Number(lastModified),
    sharedAt: Number(sharedAt),
    fileName: decodeURIComponent(name),
  };
}
