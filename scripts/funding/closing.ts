// Closes a period: its days first, then the allocation, then the row in period_close. After an interruption it can run again.

import { closeBookings } from '../../sql/bookings.ts';
import { Fault } from '../../transform/fault.ts';
import { knownDays, requireSealed, sealDays } from '../../sql/seal.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { type PendingUsage } from '../../transform/funding/corrections.ts';
import { allocatePeriod } from './allocation.ts';
import { requireFitting } from './preflight.ts';
import { type FundingTerms } from './terms.ts';
import { keepTiers } from './tiers.ts';
import { dayOf, lastDay, periodEnd } from '../../transform/periods.ts';

export interface ClosedPeriod {
  readonly period: string;
  readonly days: number;
  readonly run_id: string;
}

/** @throws Fault(usage) for a period that is not over; Fault(checkFailed) if one of its days cannot be sealed */
export async function closePeriod(
  warehouse: Warehouse,
  period: string,
  terms: FundingTerms,
  now: Date,
): Promise<ClosedPeriod> {
  const end = periodEnd(period);
  if (dayOf(now) < end) throw new Fault('usage', `${period} is not over`, `It can be closed from ${end} on.`);
  const days = (await knownDays(warehouse)).filter((day) => day.startsWith(period));
  if (days.length === 0) throw new Fault('inputRefused', `nothing was loaded for ${period}`, 'Check the period.');
  await requireFitting(warehouse, period, terms);
  // Rows of closed days are booked on the first day after the period.
  const { unsealed } = await sealDays(warehouse, days, { lateBookedDay: end, now });
  requireSealed(unsealed, `${period} stays open`);
  // A month that cannot be allocated stays as it is.
  const { corrections } = await allocatePeriod(warehouse, period, terms, now, lastDay(period));
  await requireClosedBefore(warehouse, period, corrections.pending);
  await closeBookings(warehouse, lastDay(period), now);
  const { run_id } = await allocatePeriod(warehouse, period, terms, now, lastDay(period));
  await keepTiers(warehouse, period, run_id, terms.policy);
  // Statements of the period keep these names. They count with the row that closes it.
  await warehouse.command(sqlFile('queries/period/record_names.sql'), { period });
  await warehouse.insert('period_close', [{ period, run_id, closed_at: now.toISOString() }]);
  return { period, days: days.length, run_id };
}

/**
 * Late usage of an earlier period is corrected against the run that closed it. If there is no such run yet, the usage would be in
 * no statement. A period that was never allocated has no statements to correct.
 * @throws Fault(inputRefused)
 */
async function requireClosedBefore(
  warehouse: Warehouse,
  period: string,
  pending: readonly PendingUsage[],
): Promise<void> {
  const allocated = await warehouse.query<{ period: string }>(sqlFile('queries/period/allocated.sql'), {
    periods: pending.map(({ of_period }) => of_period),
  });
  const open = allocated[0]?.period;
  if (open !== undefined)
    throw new Fault(
      'inputRefused',
      `${period} has late usage of ${open}, which is not closed`,
      `Close it first: fairshare close --period ${open}`,
    );
}
