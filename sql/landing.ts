// The landing tables' statements, made from the one list of their columns (transform/schema.ts).

import type { Column, LandingTable } from '../transform/schema.ts';
import { type Warehouse } from './warehouse.ts';

/** transform/aggregate/arrow-table.ts multiplies by the same number. */
const HASH_MULTIPLIER = 0x9e3779b1;

const INSERT_SETTINGS =
  "SETTINGS async_insert = 0, deduplicate_insert = 'disable', max_partitions_per_insert_block = 0";

/** Column of the Arrow stream → column of the table. */
function storedExpression({ name, arrow }: Column): string {
  if (name === 'hour' || name === 'slot') return `toDateTime(${name}, 'UTC')`;
  if (arrow === 'tri') return `if(${name} < 0, NULL, ${name} = 1)`;
  return name;
}

/** Column of the table → the 32-bit words that its row's hash folds in. */
function hashedWords({ name, arrow }: Column): string[] {
  switch (arrow) {
    case 'dictionary':
    case 'binary':
      return [`CRC32(${name})`];
    case 'tri':
      return [`ifNull(toUInt32(${name}), toUInt32(4294967295))`];
    case 'uint64':
      return [`toUInt32(${name})`, `toUInt32(bitShiftRight(${name}, 32))`];
    case 'uint32':
      return [name === 'hour' || name === 'slot' ? `toUnixTimestamp(${name})` : name];
  }
}

/** 32-bit hash of a stored row, as the transform computes it before the row is sent. */
export const rowHash = (table: LandingTable): string =>
  table.columns
    .flatMap(hashedWords)
    .reduce((hash, word) => `toUInt32(bitXor(${hash}, ${word}) * ${HASH_MULTIPLIER})`, 'toUInt32(0)');

export interface LandingRows {
  readonly table: LandingTable;
  readonly rows: number;
  readonly hash: bigint;
  readonly ipc: Uint8Array;
}

/** Inserts a batch's rows into one landing table. Repeating it changes nothing. */
export async function insertLanding(
  warehouse: Warehouse,
  batchId: string,
  source: string,
  { table, rows, ipc }: LandingRows,
): Promise<void> {
  if (rows === 0) return;
  const columns = table.columns.map(({ name }) => name);
  const sourced = table.name === 'rate_batch';
  await warehouse.insertArrow({
    sql: `INSERT INTO ${table.name} (batch_id, ${sourced ? 'source, ' : ''}${columns.join(', ')}) SELECT {batch_id:UUID}, ${sourced ? '{source:String}, ' : ''}${table.columns.map(storedExpression).join(', ')} FROM {{input}} ${INSERT_SETTINGS}`,
    structure: table.columns.map(({ name, read }) => `${name} ${read}`).join(', '),
    ipc,
    params: { batch_id: batchId, source },
  });
}

/** Whether exactly these rows are stored for the batch. */
export async function readBack(
  warehouse: Warehouse,
  batchId: string,
  { table, rows, hash }: LandingRows,
): Promise<{ readonly ok: boolean; readonly found: string }> {
  const [row] = await warehouse.query<{ rows: string; hash: string }>(
    `SELECT count() AS rows, sum(toUInt64(${rowHash(table)})) AS hash FROM ${table.name} FINAL WHERE batch_id = {batch_id:UUID}`,
    { batch_id: batchId },
  );
  const found = `${row!.rows} rows, hash ${row!.hash}`;
  return { ok: row!.rows === String(rows) && row!.hash === String(hash), found };
}
