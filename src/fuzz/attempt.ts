// One input given to one reader, and what came of it: a value, a refusal in a sentence, or a finding.
// May import: core/errors, ./budget.

import { AppError, ERROR_CODES } from '../core/errors.ts';
import type { AllocationTally } from './budget.ts';
import type { Reader } from './reader.ts';

export type Outcome =
  | { kind: 'accepted' }
  | { kind: 'refused'; code: string }
  /** `signature` is the same for the same fault. */
  | { kind: 'finding'; signature: string; detail: string };

/** More is no sentence that a person reads: a name from the file stands in it whole. */
const MAX_SENTENCE = 500;

export async function attempt(
  reader: Reader,
  bytes: Uint8Array<ArrayBuffer>,
  tally: AllocationTally,
): Promise<Outcome> {
  const { budget } = reader;
  const limit = budget.bytes + budget.perByte * bytes.length;
  tally.begin(limit);
  let outcome: Outcome;
  try {
    await reader.read(bytes);
    outcome = { kind: 'accepted' };
  } catch (error) {
    outcome = judge(error);
  }
  const taken = tally.end();
  if (taken > limit)
    return finding(
      'more memory than the budget',
      `${String(taken)} bytes where ${String(limit)} are allowed`,
    );
  return outcome;
}

function judge(error: unknown): Outcome {
  if (!(error instanceof AppError)) return finding(nameOf(error), stackOf(error));
  const { code, message } = error;
  if (!ERROR_CODES.includes(code) || code === 'internal')
    return finding(`refused with ${code}`, stackOf(error));
  const isSentence = /^\S.*[.)]$/su.test(message) && message.length <= MAX_SENTENCE;
  const isClean = !/\[object |\p{Cc}|\p{Bidi_Control}|\p{Surrogate}/u.test(message);
  if (!isSentence || !isClean)
    return finding(`${code} without a sentence`, `${message.slice(0, 300)}\n${stackOf(error)}`);
  return { kind: 'refused', code };
}

/** @param detail its first frame that is not of Node tells one fault from another */
export function finding(what: string, detail: string): Outcome {
  const frame = /\n\s+at [^\n]*?([\w.-]+\.(?:ts|js):\d+)/.exec(detail)?.[1] ?? '';
  return { kind: 'finding', signature: `${what} ${frame}`.trim(), detail };
}

function nameOf(error: unknown): string {
  return error instanceof Error
    ? `${error.name}: ${error.message.slice(0, 80)}`
    : 'something thrown that is no error';
}

export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
