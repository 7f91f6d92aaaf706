// A model folder as one zip, as it is imported here and unpacked for the command line.

import { downloadZip } from 'client-zip';
import { modelFolderFiles, type ModelFolder } from '../core/model/model-folder.ts';

/** @returns the zip; the same folder gives the same bytes */
export async function zipModel(folder: ModelFolder): Promise<Blob> {
  const lastModified = new Date(folder.manifest.createdAt);
  const files = modelFolderFiles(folder).map(([name, input]) => ({ name, input, lastModified }));
  return await downloadZip(files).blob();
}
