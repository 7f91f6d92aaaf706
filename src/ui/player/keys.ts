// The keys that work without Ctrl or Alt: what they do is told here, in one list, to the help as well.

export const KEYS: readonly { keys: string; does: string }[] = [
  { keys: 'Space', does: 'play and pause' },
  { keys: '← →', does: 'one second back or on; with Shift, move the view' },
  { keys: 'Home End', does: 'to the start or the end' },
  { keys: '+ −', does: 'look closer or farther' },
  { keys: '0', does: 'show the whole recording' },
  { keys: 'j k', does: 'next and previous recording of the list' },
  { keys: 'o', does: 'choose files' },
  { keys: '?', does: 'this list' },
];

/** True when a key belongs to the field or the button that has the focus, or to an open dialog. */
export function isTaken(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('dialog[open]')) return true;
  if (target.closest('input, select, textarea, [contenteditable]')) return true;
  return (event.key === ' ' || event.key === 'Enter') && target.closest('button, a, summary, label') !== null;
}
