// What the registry asks of the browser: hashing, and the word that goes round among tabs.

import type { ModelNews } from './ports.ts';

/** SHA-256, lower-case hex. */
export async function hashBytes(bytes: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A tab does not hear of what it tells itself. */
export function openModelNews(): ModelNews {
  const channel = new BroadcastChannel('heartbeat.models');
  return {
    tell: () => channel.postMessage(null),
    listen: (onNews) => channel.addEventListener('message', () => onNews()),
  };
}
