// Which days of a month still have the rows by network that service levels and candidates are made of. Retention deletes these rows, and
// a figure made of the rest would be too small.

import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { Fault } from '../../transform/fault.ts';
import { lastDay, periodStart } from '../../transform/periods.ts';

export interface StoredDays {
  /** Days with requests, in order. */
  readonly days: readonly string[];
  readonly sealed: readonly string[];
  /** Days with rows that were deleted. */
  readonly gone: readonly string[];
}

export async function storedDays(
  warehouse: Warehouse,
  table: 'request_rate' | 'network_daily',
  period: string,
): Promise<StoredDays> {
  const rows = await warehouse.query<{ day: string; is_sealed: number; is_gone: number }>(
    sqlFile('queries/period/stored_days.sql'),
    { table, from: periodStart(period), to: lastDay(period) },
  );
  const daysOf = (isWanted: (row: (typeof rows)[number]) => boolean) => rows.filter(isWanted).map(({ day }) => day);
  return {
    days: daysOf(() => true),
    sealed: daysOf(({ is_sealed }) => Number(is_sealed) === 1),
    gone: daysOf(({ is_gone }) => Number(is_gone) === 1),
  };
}

/** @param what is made of these rows, for the message. @throws Fault(checkFailed) if the month has no requests, or rows are gone */
export function requireStored({ days, gone }: StoredDays, period: string, what: string): void {
  if (days.length === 0)
    throw new Fault(
      'checkFailed',
      `nothing was loaded for ${period}: there are no ${what}`,
      'Check the month, or load its logs: fairshare ingest files --help',
    );
  if (gone.length > 0)
    throw new Fault(
      'checkFailed',
      `the ${what} of ${period} cannot be computed: retention has deleted the networks of ${gone.length} of its days (${gone[0]} to ${gone.at(-1)})`,
      'retention.network_days says how long they are kept.',
    );
}
