// What became of a run, in a word, in a sentence, and what can be done now. Pure.

import type { RunEntry } from '../../storage/run-record.ts';
import { runText as text } from './run-text.ts';

export interface RunOutcome {
  word: string;
  /** What the person did with it; null where there is nothing to do. */
  decision: string | null;
  /** How it looks beside the word. */
  look: 'going' | 'paused' | 'failed' | 'better' | 'plain';
  note: string;
  /** Where one goes from here; null: nowhere. */
  goTo: 'train' | 'model' | null;
}

/** @param isUnderWay some tab trains it now */
export function runOutcome(entry: RunEntry, isUnderWay: boolean): RunOutcome {
  switch (entry.state) {
    case 'running':
      return isUnderWay
        ? outcome(text.states.underWay, 'going', text.underWayNote, 'train')
        : outcome(text.states.brokenOff, 'paused', text.brokenOffNote(entry.epochsDone), 'train');
    case 'cancelled':
      return outcome(text.states.cancelled, 'plain', text.cancelledNote, null);
    case 'failed':
      return outcome(text.states.failed, 'failed', text.failedNote, 'train');
    case 'finished':
      return finished(entry);
  }
}

function finished({ recommendation, decision, modelKey }: RunEntry): RunOutcome {
  const goTo = modelKey === null ? null : 'model';
  if (recommendation === null) return outcome(text.states.unjudged, 'plain', text.unjudgedNote, goTo);
  const look = recommendation === 'promote' ? 'better' : 'plain';
  const word = text.recommendations[recommendation];
  switch (decision) {
    case 'promoted':
      return { ...outcome(word, look, text.promotedNote, goTo), decision: text.decisions.promoted };
    case 'kept':
      return { ...outcome(word, look, text.keptNote, goTo), decision: text.decisions.kept };
    case null:
      return { ...outcome(word, look, text.undecidedNote, 'train'), decision: text.decisions.open };
  }
}

function outcome(word: string, look: RunOutcome['look'], note: string, goTo: RunOutcome['goTo']): RunOutcome {
  return { word, look, note, goTo, decision: null };
}
