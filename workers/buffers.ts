// The large arrays of an answer, which move to whoever asked instead of being copied.

import type { HeardRecording } from '../src/core/pipeline.ts';
import type { RecordingAnalysis } from '../src/core/types.ts';

export function analysisBuffers({ picture }: RecordingAnalysis): ArrayBufferLike[] {
  return picture ? [...new Set([picture.audio.samples.buffer, picture.logMel.values.buffer])] : [];
}

export function heardBuffers(heard: readonly HeardRecording[]): ArrayBufferLike[] {
  return heard.flatMap(({ input }) => input?.matrix.values.buffer ?? []);
}
