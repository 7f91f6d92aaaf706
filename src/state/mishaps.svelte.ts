// The last resort: what went wrong where nobody was waiting for it is said on screen, each kind once, instead of
// passing in silence. Whatever is expected to fail is met where it fails; this is for the rest.

import { isAbort, toAppError, type AppError } from '../core/errors.ts';

/** The parts of ErrorEvent and PromiseRejectionEvent that tell what went wrong, and where. */
export interface MishapEvent {
  readonly type: string;
  readonly error?: unknown;
  readonly reason?: unknown;
  readonly message?: string;
  readonly filename?: string;
}

export interface Mishap {
  error: AppError;
  /** For a report: the stack, or what there is in its place. */
  details: string;
}

/** Kinds that are remembered; a page that has met so many says no more. */
const MAX_KINDS = 20;

/** Browsers report this as an error; it says that a size is told a frame later. */
const HARMLESS = /^ResizeObserver loop/;

export class MishapState {
  readonly #origin: string;
  readonly #told: string[] = [];
  #latest = $state.raw<Mishap | null>(null);

  /** @param origin of the program: scripts of others in the page, those of extensions, are not its fault */
  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Null when all is well, or has been put away. */
  get latest(): Mishap | null {
    return this.#latest;
  }

  /** For `error` and `unhandledrejection`. Never throws: it would be called for that, too. */
  note(event: MishapEvent): void {
    try {
      this.#note(event);
    } catch {
      // What cannot even be looked at is not told.
    }
  }

  dismiss(): void {
    this.#latest = null;
  }

  #note({ type, error, reason, message, filename }: MishapEvent): void {
    const thrown = type === 'unhandledrejection' ? reason : (error ?? message);
    if (isAbort(thrown) || HARMLESS.test(message ?? '')) return;
    // A script of another origin says neither what nor where.
    if (type === 'error' && !(filename ?? '').startsWith(this.#origin)) return;
    const known = toAppError(thrown);
    const stack = thrown instanceof Error ? thrown.stack : undefined;
    if (stack !== undefined && /\b(chrome|moz|safari-web)-extension:/.test(stack)) return;
    const kind = `${known.code} ${known.message}`;
    if (this.#told.includes(kind) || this.#told.length >= MAX_KINDS) return;
    this.#told.push(kind);
    this.#latest = { error: known, details: stack ?? known.message };
  }
}
