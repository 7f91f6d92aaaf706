// Hands something made here to the browser's downloads. May use the DOM.

export function downloadBlob(fileName: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  // The download holds the content itself; the address is only needed to begin it.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
