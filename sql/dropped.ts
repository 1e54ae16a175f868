// Days whose landing was dropped (sql/retention.ts). Their sealed rows stay, so the ledger must keep the batches that these rows
// come from. A batch that was taken back nevertheless is lost: its rows count in closed figures, and the ledger denies it.

import { type LedgerRow, readLedger } from './ledger.ts';
import { sqlFile } from './sql-file.ts';
import { type Warehouse } from './warehouse.ts';

export async function droppedDays(warehouse: Warehouse): Promise<string[]> {
  const rows = await warehouse.query<{ day: string }>(sqlFile('queries/seal/dropped_days.sql'));
  return rows.map(({ day }) => day);
}

/** The batches in the sealed rows of each dropped day. */
export async function sealedBatches(warehouse: Warehouse): Promise<Map<string, ReadonlySet<string>>> {
  const rows = await warehouse.query<{ day: string; batches: string[] }>(sqlFile('queries/seal/dropped_batches.sql'));
  return new Map(rows.map(({ day, batches }) => [day, new Set(batches)]));
}

/** Batches that were taken back although their rows are in the sealed rows of a dropped day, as they were loaded. */
export const lostBatches = (warehouse: Warehouse): Promise<LedgerRow[]> =>
  readLedger(warehouse, sqlFile('queries/check/lost_batches.sql'), { all_days: true, days: [] });

/** The command that puts a lost batch back. */
export const restoreCommand = ({
  source,
  object,
  partition,
  first,
  last,
}: { readonly [Key in 'source' | 'object' | 'partition']: string } & {
  readonly [Key in 'first' | 'last']: unknown;
}): string =>
  object === ''
    ? `fairshare ingest restore --source ${source} --partition ${partition} --from ${String(first)} --to ${String(last)}`
    : `fairshare ingest restore --source ${source} --object ${object}`;
