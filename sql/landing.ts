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

/** What a batch holds of the landing tables. */
export interface LandingBatch {
  readonly id: string;
  readonly source: string;
  readonly tables: readonly LandingRows[];
  /** YYYY-MM-DD, of the rows */
  readonly days: readonly string[];
}

/** Rows of one or more batches for one landing table. */
export interface LandingInsert {
  readonly table: LandingTable;
  readonly batches: readonly Pick<LandingBatch, 'id' | 'source'>[];
  /** Arrow IPC stream; of several batches with the column `batch` before all others, which numbers them. */
  readonly ipc: Uint8Array;
}

/** One insert. Repeating it changes nothing. */
export async function insertLanding(warehouse: Warehouse, { table, batches, ipc }: LandingInsert): Promise<void> {
  const { name, columns } = table;
  const numbered = batches.length > 1;
  const ofBatch = (parameter: string) => `{${parameter}}[${numbered ? 'batch + 1' : '1'}]`;
  const inserted = [
    ['batch_id', ofBatch('batch_ids:Array(UUID)')],
    ...(name === 'rate_batch' ? [['source', ofBatch('sources:Array(String)')]] : []),
    ...columns.map((column) => [column.name, storedExpression(column)]),
  ];
  await warehouse.insertArrow({
    sql: `INSERT INTO ${name} (${inserted.map(([column]) => column).join(', ')}) SELECT ${inserted.map(([, value]) => value).join(', ')} FROM {{input}} ${INSERT_SETTINGS}`,
    structure: [
      ...(numbered ? ['batch UInt32'] : []),
      ...columns.map((column) => `${column.name} ${column.read}`),
    ].join(', '),
    ipc,
    params: { batch_ids: batches.map(({ id }) => id), sources: batches.map(({ source }) => source) },
  });
}

/** Rows of one landing table that another batch takes over, under numbers of their own. */
export interface CarriedRows {
  readonly table: LandingTable;
  readonly from: string;
  /** Added to the number of each row. */
  readonly shift: number;
  /** Which rows of the batch; default: all. */
  readonly where?: string;
}

const carriedRows = ({ table, where = 'true' }: CarriedRows): string =>
  `FROM ${table.name} FINAL WHERE batch_id = {from:UUID} AND (${where})`;

/** How many rows there are, their hash, and the hash that they will have under their new numbers. */
export async function carriedSums(
  warehouse: Warehouse,
  carried: CarriedRows,
): Promise<{ readonly rows: number; readonly hash: bigint; readonly shiftedHash: bigint }> {
  const { table, from, shift } = carried;
  const sumOf = (numbered: string) =>
    `(SELECT sum(toUInt64(${rowHash(table)})) FROM (SELECT * REPLACE (${numbered} AS row) ${carriedRows(carried)}))`;
  const [sums] = await warehouse.query<{ rows: string; hash: string; shifted: string }>(
    `SELECT (SELECT count() ${carriedRows(carried)}) AS rows, ${sumOf('row')} AS hash, ${sumOf('toUInt32(row + {shift:UInt32})')} AS shifted`,
    { from, shift },
  );
  return { rows: Number(sums.rows), hash: BigInt(sums.hash), shiftedHash: BigInt(sums.shifted) };
}

/** Copies them under another batch. Repeating it changes nothing. */
export async function carryOver(warehouse: Warehouse, carried: CarriedRows, batchId: string): Promise<void> {
  const { table, from, shift } = carried;
  await warehouse.command(
    `INSERT INTO ${table.name} SELECT * REPLACE ({batch_id:UUID} AS batch_id, toUInt32(row + {shift:UInt32}) AS row) FROM (SELECT * ${carriedRows(carried)}) ${INSERT_SETTINGS}`,
    { batch_id: batchId, from, shift },
  );
}

/** What is stored of a batch that is not what was sent. */
export interface ReadBackFault extends Pick<LandingBatch, 'id' | 'source'> {
  readonly table: string;
  readonly found: string;
}

const TIME_COLUMN = { usage_batch: 'hour', rate_batch: 'slot', quarantine: undefined } as const;

/**
 * Compares what is stored of batches with what was sent, in one query. DISTINCT instead of FINAL: a row that was stored
 * twice collapses if it is the same row, and is one row too many if it is not; the days prune partitions.
 * @returns the first difference; undefined where all is there
 */
export async function readBack(
  warehouse: Warehouse,
  batches: readonly LandingBatch[],
): Promise<ReadBackFault | undefined> {
  const sent = batches.flatMap(({ id, source, tables }) =>
    tables.filter(({ rows }) => rows > 0).map((rows) => ({ id, source, ...rows })),
  );
  if (sent.length === 0) return undefined;
  const parts = [...new Set(sent.map(({ table }) => table))].map((table) => {
    const time = TIME_COLUMN[table.name];
    const partitions = time === undefined ? '' : ` AND toYYYYMMDD(${time}) IN {partitions:Array(UInt32)}`;
    return `SELECT '${table.name}' AS name, batch_id AS id, count() AS rows, sum(toUInt64(hash)) AS hash
      FROM (SELECT DISTINCT batch_id, row, ${rowHash(table)} AS hash FROM ${table.name} WHERE batch_id IN {batch_ids:Array(UUID)}${partitions})
      GROUP BY batch_id`;
  });
  const stored = await warehouse.query<{ name: string; id: string; rows: string; hash: string }>(
    parts.join(' UNION ALL '),
    {
      batch_ids: batches.map(({ id }) => id),
      partitions: [...new Set(batches.flatMap(({ days }) => days))].map((day) => Number(day.replaceAll('-', ''))),
    },
  );
  const foundOf = new Map(stored.map((row) => [`${row.name} ${row.id}`, row]));
  for (const { id, source, table, rows, hash } of sent) {
    const { rows: foundRows = '0', hash: foundHash = '0' } = foundOf.get(`${table.name} ${id}`) ?? {};
    if (foundRows !== String(rows) || foundHash !== String(hash))
      return {
        id,
        source,
        table: table.name,
        found: `${foundRows} rows, hash ${foundHash} instead of ${rows} rows, hash ${hash}`,
      };
  }
  return undefined;
}
