// Whether a key is for the page: what the keys do is told by the help, from shell-text.ts.

/** True when a key belongs to the field or the button that has the focus, or to an open dialog. */
export function isTaken(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('dialog[open]')) return true;
  if (target.closest('input, select, textarea, [contenteditable]')) return true;
  return (event.key === ' ' || event.key === 'Enter') && target.closest('button, a, summary, label') !== null;
}
