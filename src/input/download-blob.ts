// Hands something made here to the browser's downloads. May use the DOM.

/** Letters of a file's name without its ending; systems take some 255 bytes. */
const MAX_STEM = 80;

/** A name that every system takes, of one file in one folder. Only names from outside hold anything else. */
export function downloadName(name: string): string {
  const plain = name.replace(/[\p{C}\u2028\u2029\ufffd/\\:*?"<>|]+/gu, '_').replace(/^[.\s]+/, '');
  const [ending = ''] = /(\.[a-z0-9]{1,5})?$/i.exec(plain) ?? [];
  const letters = Array.from(plain.slice(0, plain.length - ending.length));
  return `${letters.slice(0, MAX_STEM).join('') || 'heartbeat'}${ending}`;
}

export function downloadBlob(fileName: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = downloadName(fileName);
  link.click();
  // The download holds the content itself; the address is only needed to begin it.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
