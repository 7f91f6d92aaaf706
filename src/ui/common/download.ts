// Hands a file made here to the browser's downloads.

import { downloadBlob } from '../../input/download-blob.ts';

export function download(fileName: string, type: string, content: BlobPart): void {
  downloadBlob(fileName, new Blob([content], { type }));
}
