// The list in days, as a calendar on the wall has them: local time, the newest first. Pure.

import type { BatchEntry } from '../../storage/batch-record.ts';
import { formatDay } from '../common/dates.ts';
import { historyText as text } from './history-text.ts';

export interface Day {
  heading: string;
  entries: BatchEntry[];
}

/**
 * Each day once, even where the clock was set back between entries: it stands where its newest entry does.
 * @param entries newest first
 * @param now what counts as today
 */
export function groupByDay(entries: readonly BatchEntry[], now: Date): Day[] {
  const days = new Map<string, Day>();
  for (const entry of entries) {
    const heading = dayHeading(new Date(entry.createdAt), now);
    const day = days.get(heading);
    if (day) day.entries.push(entry);
    else days.set(heading, { heading, entries: [entry] });
  }
  return [...days.values()];
}

function dayHeading(date: Date, now: Date): string {
  // By the calendar, not by 24 hours: some days are longer.
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (isSameDay(date, now)) return text.today;
  if (isSameDay(date, yesterday)) return text.yesterday;
  return formatDay(date, date.getFullYear() !== now.getFullYear());
}

function isSameDay(a: Date, b: Date): boolean {
  return a.getFullYear() === b.getFullYear() && a.getMonth() === b.getMonth() && a.getDate() === b.getDate();
}
