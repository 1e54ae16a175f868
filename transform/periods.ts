// The calendar: days ('YYYY-MM-DD') and periods ('YYYY-MM') as texts, in UTC. All code that adds days, ends months or counts
// between them uses this file, which uses Luxon; hot loops count days as integers (scan/time.ts).

import { DateTime } from 'luxon';

/** Every day in UTC has this length. */
export const DAY_MS = 86_400_000;

const utc = { zone: 'utc' } as const;
const textOf = (time: DateTime): string => {
  const text = time.toISODate();
  if (text === null) throw new RangeError(`no day: ${time.invalidExplanation ?? ''}`);
  return text;
};

/** Whether a text names a day that exists. */
export const isDay = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text) && DateTime.fromISO(text, utc).isValid;

/** The day of an instant, in UTC. @param instant ms since 1970, or text in ISO 8601 @throws RangeError for no instant */
export const dayOf = (instant: Date | number | string): string =>
  textOf(typeof instant === 'string' ? DateTime.fromISO(instant, utc) : DateTime.fromMillis(Number(instant), utc));

/** Start of a day, in ms. */
export const startOf = (day: string): number => DateTime.fromISO(day, utc).toMillis();

/** The day, some days later. */
export const addDays = (day: string, days: number): string => textOf(DateTime.fromISO(day, utc).plus({ days }));

/** Days from one day to another: 1 to the next. */
export const daysBetween = (from: string, to: string): number =>
  DateTime.fromISO(to, utc).diff(DateTime.fromISO(from, utc), 'days').days;

/** Whether a text names a month. */
export const isPeriod = (text: string): boolean => /^\d{4}-(0[1-9]|1[0-2])$/.test(text);

/** The period that a day is in. */
export const periodOf = (day: string): string => day.slice(0, 7);

/** First day of a period. */
export const periodStart = (period: string): string => `${period}-01`;

/** First day after a period. */
export const periodEnd = (period: string): string =>
  textOf(DateTime.fromISO(periodStart(period), utc).plus({ months: 1 }));

/** The period before: '2026-01' → '2025-12' */
export const periodBefore = (period: string): string => periodOf(addDays(periodStart(period), -1));

/** Last day of a period. */
export const lastDay = (period: string): string => addDays(periodEnd(period), -1);

/** Days of a period: 28 to 31. */
export const daysIn = (period: string): number => daysBetween(periodStart(period), periodEnd(period));
