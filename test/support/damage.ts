// Flips a bit in a stored part of a table, as a failing disk does.

import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CheckResult } from '../../sql/checks.ts';
import { migrate } from '../../sql/migrate.ts';
import { openWarehouse, type Warehouse } from '../../sql/warehouse.ts';
import { fairshareHere } from './cli.ts';

export interface StoredPart {
  readonly table: string;
  readonly name: string;
  /** Relative to the warehouse. */
  readonly path: string;
}

/** Parts in use of every table that stores rows, as the engine lists them. */
export async function storedParts(warehouse: Warehouse): Promise<StoredPart[]> {
  const parts = await warehouse.query<StoredPart>(
    'SELECT table, name, path FROM system.parts WHERE database = currentDatabase() AND active ORDER BY table, name',
  );
  return parts.map((part) => ({ ...part, path: part.path.slice(part.path.indexOf('/store/') + 1) }));
}

/** Gives every empty table some rows of any content, so that it has a part. */
export async function fillEmptyTables(warehouse: Warehouse): Promise<void> {
  const tables = await warehouse.query<{ name: string; structure: string; filled: string; columns: string }>(
    `SELECT tables.name AS name,
        -- the engine makes no random state of an aggregate function, so a number is made and its state inserted
        arrayStringConcat(groupArray(concat('\`', columns.name, '\` ', if(columns.type LIKE 'AggregateFunction(uniqCombined64%', 'UInt64', columns.type))), ', ') AS structure,
        arrayStringConcat(groupArray(if(columns.type LIKE 'AggregateFunction(uniqCombined64%', concat('arrayReduce(''uniqCombined64State(12)'', [\`', columns.name, '\`])'), concat('\`', columns.name, '\`'))), ', ') AS filled,
        arrayStringConcat(groupArray(concat('\`', columns.name, '\`')), ', ') AS columns
      FROM system.tables AS tables
      INNER JOIN system.columns AS columns ON columns.database = tables.database AND columns.table = tables.name
      WHERE tables.database = currentDatabase() AND tables.engine LIKE '%MergeTree' AND tables.total_rows = 0 AND columns.default_kind NOT IN ('ALIAS', 'MATERIALIZED')
      GROUP BY name`,
  );
  for (const { name, structure, filled, columns } of tables)
    await warehouse.command(
      `INSERT INTO ${name} (${columns}) SELECT ${filled} FROM generateRandom('${structure.replaceAll("'", "\\'")}', 1, 5, 3) LIMIT 1`,
    );
}

/** Copies a warehouse that no process holds. */
export const copyWarehouse = (from: string, to: string): void =>
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });

/** @param at where in the file, from 0 to 1 */
export function flipBit(warehouse: string, { path }: StoredPart, file = 'data.bin', at = 0.5): void {
  const name = join(warehouse, path, file);
  const bytes = readFileSync(name);
  bytes[Math.min(bytes.length - 1, Math.floor(bytes.length * at))] ^= 1;
  writeFileSync(name, bytes);
}

/** Opens a directory, does the work, and closes it. */
export async function withWarehouse<T>(location: string, work: (warehouse: Warehouse) => Promise<T>): Promise<T> {
  const warehouse = await openWarehouse({ location });
  return work(warehouse).finally(() => warehouse.close());
}

/** A warehouse with rows in every table, in this directory, and its files beside it: policy.yaml, costs.csv. @returns its location */
export async function filledWarehouse(directory: string): Promise<string> {
  const fixture = fileURLToPath(new URL('../fixtures/warehouses/2026-11.tar.gz', import.meta.url));
  execFileSync('tar', ['-C', directory, '-xzf', fixture]);
  const location = join(directory, 'warehouse');
  await withWarehouse(location, async (warehouse) => void (await migrate(warehouse)));
  return location;
}

export interface Found {
  readonly status: number | null;
  /** Tables that are not as they were written. */
  readonly damaged: readonly { readonly table: string; readonly detail: string; readonly next: string }[];
  readonly failed: readonly CheckResult[];
  readonly checks: readonly CheckResult[];
  readonly left_out?: string;
}

/** What `fairshare doctor` finds. */
export async function doctorOf(location: string, ...flags: string[]): Promise<Found> {
  const { status, stdout, stderr } = await fairshareHere(['doctor', '--json', '--warehouse', location, ...flags]);
  if (stdout === '') throw new Error(stderr);
  const { checks, left_out } = JSON.parse(stdout) as { checks: CheckResult[]; left_out?: string };
  const failed = checks.filter(({ ok }) => !ok);
  const damaged = failed
    .filter(({ name }) => name.startsWith('table '))
    .map(({ name, detail, next }) => ({ table: name.split(' ')[1], detail, next }));
  return { status, damaged, failed, checks, left_out };
}
