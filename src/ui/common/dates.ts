// How days and times are written on screen, in local time. By hand: the platform's formatter costs 100 ms when first
// used. Pure.

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** "Saturday, 28 March", with the year where it is not plain. */
export function formatDay(date: Date, withYear: boolean): string {
  const day = `${WEEKDAYS[date.getDay()] ?? ''}, ${formatDate(date)}`;
  return withYear ? `${day} ${date.getFullYear()}` : day;
}

/** "28 March". */
export function formatDate(date: Date): string {
  return `${date.getDate()} ${MONTHS[date.getMonth()] ?? ''}`;
}

/** "09:05". */
export function formatTime(date: Date): string {
  return [date.getHours(), date.getMinutes()].map((n) => String(n).padStart(2, '0')).join(':');
}
