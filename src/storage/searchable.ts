// How a text is written before it is looked for, the same for what was kept and what is typed. Pure.

/** Case folded, and one spelling of letters with marks: disks and keyboards write them differently. */
export function searchable(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
