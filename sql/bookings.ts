// Closed bookings: their partitions of the sealed tables never change again.

import { sqlFile } from './sql-file.ts';
import { type Warehouse } from './warehouse.ts';

/**
 * Closes every open booking up to and including a day.
 * @param except days whose bookings stay open
 * @returns how many
 */
export async function closeBookings(
  warehouse: Warehouse,
  lastBookedDay: string,
  now: Date,
  except: readonly string[] = [],
): Promise<number> {
  const open = await warehouse.query<Record<string, unknown> & { seal_no: string }>(
    sqlFile('queries/seal/open_bookings.sql'),
    { day: lastBookedDay, except },
  );
  await warehouse.insert(
    'day_seal',
    open.map((seal) => ({
      ...seal,
      state: 'closed',
      seal_no: `${BigInt(seal.seal_no) + 1n}`,
      sealed_at: now.toISOString(),
    })),
  );
  return open.length;
}
