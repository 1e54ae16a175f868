// Writes rows of the landing tables and reads them back before they count. The statements name every column, in the order of
// transform/schema.ts; a test compares the two.

import { type LandingTable } from '../transform/schema.ts';
import { sqlFile } from './sql-file.ts';
import { type Warehouse } from './warehouse.ts';

const inserts = {
  usage_batch: 'queries/landing/insert_usage_batch.sql',
  rate_batch: 'queries/landing/insert_rate_batch.sql',
  quarantine: 'queries/landing/insert_quarantine.sql',
} as const;

export interface LandingRows {
  readonly table: LandingTable;
  readonly rows: number;
  readonly hash: bigint;
  readonly ipc: Uint8Array;
}

/** The rows of a batch in the landing tables. */
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
  /** Arrow IPC stream. With several batches, its first column `batch` numbers them. */
  readonly ipc: Uint8Array;
}

/** One insert. It can be repeated: nothing changes. */
export async function insertLanding(warehouse: Warehouse, { table, batches, ipc }: LandingInsert): Promise<void> {
  const numbered = batches.length > 1;
  await warehouse.insertArrow({
    sql: sqlFile(inserts[table.name], { batch: numbered ? 'batch + 1' : '1' }),
    structure: [
      ...(numbered ? ['batch UInt32'] : []),
      ...table.columns.map((column) => `${column.name} ${column.read}`),
    ].join(', '),
    ipc,
    params: { batch_ids: batches.map(({ id }) => id), sources: batches.map(({ source }) => source) },
  });
}

/** Tells which quarantined lines can be read again from their stored bytes. All others stay as they are. */
export interface Replayable {
  /** How many bytes of a line are stored. */
  readonly kept_bytes: number;
  /** Reasons for which log lines are quarantined. */
  readonly reasons: readonly string[];
}

/** Rows of one landing table that are copied to another batch, under new row numbers. */
export interface CarriedRows {
  readonly table: LandingTable;
  readonly from: string;
  /** YYYY-MM-DD, of the rows */
  readonly days: readonly string[];
  /** Added to the number of each row. */
  readonly shift: number;
  /** Lines of quarantine that are not copied. */
  readonly unless: Replayable;
}

/** The number of rows, their hash, and the hash that they will have under their new numbers. */
export async function carriedSums(
  warehouse: Warehouse,
  { table, from, days, shift, unless }: CarriedRows,
): Promise<{ readonly rows: number; readonly hash: bigint; readonly shiftedHash: bigint }> {
  const sums = async (by: number) => {
    const [row] = await storedRows(warehouse, { tables: [table.name], batchIds: [from], days, shift: by, unless });
    return { rows: Number(row?.rows ?? 0), hash: BigInt(row?.hash ?? 0) };
  };
  return { ...(await sums(0)), shiftedHash: (await sums(shift)).hash };
}

/** Copies the rows to another batch. It can be repeated: nothing changes. */
export async function carryOver(
  warehouse: Warehouse,
  { table, from, shift, unless }: CarriedRows,
  batchId: string,
): Promise<void> {
  const params = { batch_id: batchId, from, shift };
  if (table.name === 'quarantine')
    await warehouse.command(sqlFile('queries/landing/carry_over_quarantine.sql'), { ...params, ...unless });
  else await warehouse.command(sqlFile('queries/landing/carry_over.sql'), { ...params, table: table.name });
}

/** A batch has fewer rows of its own. */
const AGENT_ROWS = 1_000;

/** Copies the user agents of a batch to the batch that replaces it. It can be repeated: nothing changes. */
export const carryOverAgents = (warehouse: Warehouse, from: string, batchId: string): Promise<void> =>
  warehouse.command(sqlFile('queries/landing/carry_over.sql'), {
    batch_id: batchId,
    from,
    shift: AGENT_ROWS,
    table: 'agent_batch',
  });

interface StoredRows {
  readonly name: string;
  readonly id: string;
  readonly rows: string;
  readonly hash: string;
}

const storedRows = (
  warehouse: Warehouse,
  {
    tables,
    batchIds,
    days,
    shift,
    unless,
  }: {
    readonly tables: readonly string[];
    readonly batchIds: readonly string[];
    readonly days: readonly string[];
    readonly shift: number;
    readonly unless?: Replayable;
  },
): Promise<StoredRows[]> =>
  warehouse.query<StoredRows>(sqlFile('queries/landing/stored_rows.sql'), {
    tables,
    batch_ids: batchIds,
    partitions: [...new Set(days)].map((day) => Number(day.replaceAll('-', ''))),
    shift,
    only_unreplayable: unless !== undefined,
    ...(unless ?? { kept_bytes: 0, reasons: [] }),
  });

/** A difference between the rows that were sent and the rows that are stored. */
export interface ReadBackFault extends Pick<LandingBatch, 'id' | 'source'> {
  readonly table: string;
  readonly found: string;
}

/**
 * Compares the stored rows of batches with the sent ones, in one query.
 * @returns the first difference; undefined if there is none
 */
export async function readBack(
  warehouse: Warehouse,
  batches: readonly LandingBatch[],
): Promise<ReadBackFault | undefined> {
  const sent = batches.flatMap(({ id, source, tables }) =>
    tables.filter(({ rows }) => rows > 0).map((rows) => ({ id, source, ...rows })),
  );
  if (sent.length === 0) return undefined;
  const stored = await storedRows(warehouse, {
    tables: [...new Set(sent.map(({ table }) => table.name))],
    batchIds: batches.map(({ id }) => id),
    days: batches.flatMap(({ days }) => days),
    shift: 0,
  });
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
