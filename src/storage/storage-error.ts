// What IndexedDB rejects with, as the two errors that storage knows: no room, or no way in. Browsers name the
// same trouble in many ways, so whatever is not a want of room counts as blocked. Pure.

import { AppError } from '../core/errors.ts';
import { storageText } from './storage-text.ts';

/** Mistakes in what was to be stored, not in the storage. */
const OUR_MISTAKES = ['DataCloneError', 'DataError', 'ConstraintError', 'TypeError'];

/** True for an error of that name, whichever realm it came from. */
export function isNamed(error: unknown, ...names: string[]): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { name } = error as { name?: unknown };
  return typeof name === 'string' && names.includes(name);
}

/** Why a transaction failed, by the first reason that says more than "aborted"; null when it did not fail. */
export function failureOf(outcomes: readonly PromiseSettledResult<unknown>[]): AppError | null {
  const reasons = outcomes.flatMap((outcome): unknown[] =>
    outcome.status === 'rejected' ? [outcome.reason] : [],
  );
  if (reasons.length === 0) return null;
  return toStorageError(reasons.find((reason) => !isNamed(reason, 'AbortError')) ?? reasons[0]);
}

/** `storage-full`, `storage-blocked`; `internal` where what was to be stored is at fault. */
export function toStorageError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const message = error instanceof Error || error instanceof DOMException ? error.message : String(error);
  if (isNamed(error, 'QuotaExceededError')) return new AppError('storage-full', message, { cause: error });
  if (isNamed(error, 'VersionError')) return overtaken(error);
  const code = isNamed(error, ...OUR_MISTAKES) ? 'internal' : 'storage-blocked';
  return new AppError(code, message, { cause: error });
}

/** Another tab was faster: this page's program is too old for what lies there now. */
export function overtaken(cause?: unknown): AppError {
  return new AppError('storage-blocked', storageText.newerProgram, { cause });
}

/** This page's program is the newer one, and another tab does not let go of what it would have to change. */
export function heldElsewhere(): AppError {
  return new AppError('storage-blocked', storageText.olderTab);
}
