// The one error class of the program and the closed list of what can go wrong.
// Code decides what a program does, `src/ui/error-text.ts` decides what a person reads.
// Abort is not an error: cancelled work rejects with an AbortError of the platform.

import { plainText } from './plain-text.ts';

export const ERROR_CODES = [
  'empty-file',
  'unsupported-format',
  'decode-failed',
  'too-short',
  'too-long',
  'file-unreadable',
  /** What another program shared with this one is not there. */
  'share-lost',
  /** A website, and no program of this device, has sent files. */
  'share-foreign',
  'archive-encrypted',
  'archive-invalid',
  'nothing-to-do',
  'model-missing',
  /** A part of the program itself could not be loaded. */
  'program-missing',
  'manifest-invalid',
  'model-invalid',
  /** The active model is not deleted. */
  'model-in-use',
  /** The model answers recordings: it is not exchanged before they are done. */
  'model-busy',
  /** Another tab has made another model the active one. */
  'model-changed',
  'labels-invalid',
  'not-enough-examples',
  'backend-unavailable',
  'gpu-lost',
  'out-of-memory',
  'training-diverged',
  /** Another tab trains: one run at a time. */
  'training-busy',
  /** Recordings of a run are no longer in the collection. */
  'recordings-missing',
  'worker-crashed',
  'worker-stalled',
  'storage-full',
  'storage-blocked',
  /** Everything was deleted underneath a restore. */
  'storage-cleared',
  'microphone-denied',
  'microphone-missing',
  'microphone-failed',
  'import-invalid',
  /** The disk, or the place that a person chose, takes no file. */
  'file-unwritable',
  'backup-invalid',
  /** A later version of the program wrote the backup. */
  'backup-newer',
  /** There is more here than the list of one backup can hold. */
  'backup-too-large',
  /** What is here is being replaced. */
  'backup-busy',
  /** Something is under way that a restore would disturb. */
  'restore-busy',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Letters of a message. What it cites may be as long as the author of a file likes. */
const MAX_MESSAGE = 400;

/**
 * An expected failure: `code` for programs, `message` one English sentence that says what and what to do. Names from
 * files stand in messages: whatever they hold, a message is one line of bounded length that reads as it is written.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(asOneLine(message), options);
    this.code = code;
  }
}

/** Cut in the middle: what is wrong stands at the end. */
function asOneLine(message: string): string {
  const half = MAX_MESSAGE / 2;
  const cut =
    message.length <= MAX_MESSAGE ? message : `${message.slice(0, half - 1)}…${message.slice(-half)}`;
  return plainText(cut);
}

/** True for the rejection of cancelled work, whichever realm it came from. */
export function isAbort(error: unknown): boolean {
  return typeof error === 'object' && error !== null && (error as { name?: unknown }).name === 'AbortError';
}

/** How V8, SpiderMonkey, JavaScriptCore and emscripten say that there is no more memory. */
const OUT_OF_MEMORY =
  /out of memory|allocation (failed|size overflow)|invalid (typed )?array length|\bOOM\b/i;
/** How browsers, TensorFlow.js and Vite say that a part of the program could not be fetched. */
const NOT_LOADED =
  /failed to fetch|dynamically imported module|importing a module script failed|networkerror|load failed|unable to preload css/i;

/** Anything thrown, as an AppError; what was not expected becomes `internal` with its cause kept. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new AppError(codeOf(message), message, { cause: error });
}

function codeOf(message: string): ErrorCode {
  if (OUT_OF_MEMORY.test(message)) return 'out-of-memory';
  return NOT_LOADED.test(message) ? 'program-missing' : 'internal';
}
