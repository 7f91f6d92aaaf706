// Everything that is said in the same words on several pages, and the words and units in which numbers, lengths and
// days are written. Texts only.

import type { RegisteredModel } from '../../state/registered-model.ts';

export const commonText = {
  /** What an error says of itself, one click away. */
  particulars: 'Particulars',
  undo: 'Undo',

  /** What is said of a model before anybody relies on its answers. */
  standing: {
    passed: 'Trained on this device; it has passed the comparison with the model that was in use then.',
    unproved: {
      trained:
        'Trained on this device; it has not passed the comparison with the model that was in use then.',
      imported:
        'Imported; it has not passed the comparison here, and its figures are those that it came with.',
    } satisfies Record<Exclude<RegisteredModel['origin'], 'bundled'>, string>,
  },

  hertz: (n: string): string => `${n} Hz`,
  kilohertz: (n: number): string => `${n} kHz`,
  milliseconds: (n: string): string => `${n} ms`,
  fewSeconds: 'a few seconds',
  seconds: (n: string): string => `${n} s`,
  minutes: (n: number): string => `${n} min`,
  hours: (n: string): string => `${n} h`,
  minutesAndSeconds: (minutes: number, seconds: number): string => `${minutes} min ${seconds} s`,
  hoursAndMinutes: (hours: string, minutes: number): string => `${hours} h ${minutes} min`,
  byteUnits: ['B', 'KB', 'MB', 'GB', 'TB'],
  /** An interval whose ends have signs. */
  fromTo: (low: string, high: string): string => `${low} to ${high}`,
  lessThan: (n: number): string => `less than ${n}`,

  weekdays: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
  months: [
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
  ],
  date: (day: number, month: string): string => `${day} ${month}`,
  dateWithYear: (date: string, year: number): string => `${date} ${year}`,
  weekdayAndDate: (weekday: string, date: string): string => `${weekday}, ${date}`,
} as const;
