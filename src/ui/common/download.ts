// Hands a file made here to the browser's downloads.

export function download(fileName: string, type: string, content: BlobPart): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  // The download holds the content itself; the address is only needed to begin it.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
