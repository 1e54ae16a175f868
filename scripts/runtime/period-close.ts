// Closing a period: days first, then the allocation, then the row that says so. Interrupted, it can be run again.

import { closeBookings } from '../../sql/bookings.ts';
import { Fault } from '../../sql/fault.ts';
import { knownDays, sealDay } from '../../sql/seal.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { allocatePeriod, type FundingTexts } from './period-allocation.ts';

export interface ClosedPeriod {
  readonly period: string;
  readonly days: number;
  readonly run_id: string;
}

const DAY_MS = 86_400_000;

/** 'YYYY-MM-DD', some days later. */
export const addDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** First day after a period 'YYYY-MM'. */
export function periodEnd(period: string): string {
  const [year, month] = period.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10);
}

/** @throws Fault(usage) for a period that is not over */
export async function closePeriod(
  warehouse: Warehouse,
  period: string,
  texts: FundingTexts,
  now: Date,
): Promise<ClosedPeriod> {
  const end = periodEnd(period);
  if (now.toISOString().slice(0, 10) < end)
    throw new Fault('usage', `${period} is not over`, `It can be closed from ${end} on.`);
  const days = (await knownDays(warehouse)).filter((day) => day.startsWith(period));
  if (days.length === 0) throw new Fault('inputRefused', `nothing was loaded for ${period}`, 'Check the period.');
  // Rows of days that are closed already belong to the first day after the period.
  for (const day of days) await sealDay(warehouse, day, { lateBookedDay: end, now });
  await closeBookings(warehouse, addDays(end, -1), now);
  const { run_id } = await allocatePeriod(warehouse, period, texts, now);
  await warehouse.insert('period_close', [{ period, run_id, closed_at: now.toISOString() }]);
  return { period, days: days.length, run_id };
}
