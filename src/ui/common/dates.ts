// How days and times are written on screen, in local time. By hand: the platform's formatter costs 100 ms when first
// used. Pure.

import { commonText } from './common-text.ts';

/** "Saturday, 28 March", with the year where it is not plain. */
export function formatDay(date: Date, withYear: boolean): string {
  const weekday = commonText.weekdays[date.getDay()] ?? '';
  return commonText.weekdayAndDate(weekday, withYear ? formatFullDate(date) : formatDate(date));
}

/** "28 March". */
export function formatDate(date: Date): string {
  return commonText.date(date.getDate(), commonText.months[date.getMonth()] ?? '');
}

/** "28 March 2026". */
export function formatFullDate(date: Date): string {
  return commonText.dateWithYear(formatDate(date), date.getFullYear());
}

/** "09:05". */
export function formatTime(date: Date): string {
  return [date.getHours(), date.getMinutes()].map((n) => String(n).padStart(2, '0')).join(':');
}
