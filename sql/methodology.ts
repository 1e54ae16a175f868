// From which day each version of the methodology holds (transform/methodology.ts). Recorded once: the lines of a day are read by the
// version of that day, so it can only begin after the last loaded day.

import { Fault } from '../transform/fault.ts';
import { type Methodology, NEWEST, versionOfDay } from '../transform/methodology.ts';
import { sqlFile } from './sql-file.ts';
import { type Warehouse } from './warehouse.ts';

export async function methodologyOf(warehouse: Warehouse): Promise<Methodology> {
  const [row] = await warehouse.query<{ from_day: string }>(sqlFile('queries/methodology/second.sql'));
  return { secondFrom: row?.from_day ?? null };
}

/** The version of the last day of a period's figures. @param until YYYY-MM-DD */
export async function methodologyAt(warehouse: Warehouse, until: string): Promise<number> {
  return versionOfDay(await methodologyOf(warehouse), until);
}

/** First day of version 2, if usage of days before it is booked in the same period; else null. */
export async function methodologyChange(
  warehouse: Warehouse,
  { period, until }: { readonly period: string; readonly until: string },
): Promise<string | null> {
  const { secondFrom } = await methodologyOf(warehouse);
  // No usage is older than the first day of all.
  if (secondFrom === null || secondFrom === NEWEST.secondFrom) return null;
  const [days] = await warehouse.query<{ first: string; last: string }>(sqlFile('queries/methodology/days.sql'), {
    period,
    until,
  });
  return days.first < secondFrom && days.last >= secondFrom ? secondFrom : null;
}

/**
 * Records the first day of version 2.
 * @param from YYYY-MM-DD
 * @throws Fault(inputRefused) if it has begun, or a day from then on was loaded
 */
export async function startSecond(warehouse: Warehouse, from: string, reason: string, now: Date): Promise<void> {
  const { secondFrom } = await methodologyOf(warehouse);
  if (secondFrom !== null)
    throw new Fault('inputRefused', `methodology 2 holds from ${secondFrom} on`, 'A recorded start does not change.');
  const [loaded] = await warehouse.query<{ last: string | null }>(sqlFile('queries/methodology/last_loaded_day.sql'));
  if (loaded.last !== null && loaded.last >= from)
    throw new Fault(
      'inputRefused',
      `lines of ${loaded.last} were loaded by methodology 1`,
      'Choose a first day after all loaded days: the first of the next month.',
    );
  await warehouse.insert('methodology_start', [{ version: 2, from_day: from, reason, set_at: now.toISOString() }]);
}
