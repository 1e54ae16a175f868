// Days and months as texts, UTC.

const DAY_MS = 86_400_000;

/** 'YYYY-MM-DD', some days later. */
export const addDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** First day after a period 'YYYY-MM'. */
export function periodEnd(period: string): string {
  const [year, month] = period.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10);
}

/** Last day of a period. */
export const lastDay = (period: string): string => addDays(periodEnd(period), -1);
