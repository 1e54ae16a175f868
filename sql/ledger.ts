// The ledger of one Kafka partition: where it ends, and the rows that begin it, skip a gap, or begin it anew.

import { type Warehouse } from './warehouse.ts';

export interface PartitionLedger {
  /** Incarnation of the topic that counts now. */
  readonly epoch: number;
  /** L: one past the last offset that is accounted for; undefined where the partition was never begun. */
  readonly end: bigint | undefined;
  /** Where the row begins that ends at L; L itself for a mark. */
  readonly first: bigint;
  /** Of that row: what follows it is loaded under this one or a higher. */
  readonly revision: number;
  /** Of the record at L − 1; '' where there was none, or none is known. */
  readonly lastRecordSha256: string;
  /** 'YYYY-MM-DD hh:mm:ss.mmm' of that record. */
  readonly lastRecordAt: string;
}

export async function partitionLedger(
  warehouse: Warehouse,
  source: string,
  partition: string,
): Promise<PartitionLedger> {
  const [row] = await warehouse.query<{
    epoch: number;
    end: string;
    begin: string;
    revision: number;
    sha256: string;
    at: string;
  }>(
    `SELECT epoch, last AS end, first AS begin, revision, last_record_sha256 AS sha256, last_record_at AS at
    FROM ledger_current
    WHERE source = {source:String} AND partition = {partition:String}
    ORDER BY epoch DESC, last DESC, first DESC
    LIMIT 1`,
    { source, partition },
  );
  if (row === undefined)
    return { epoch: 0, end: undefined, first: 0n, revision: 0, lastRecordSha256: '', lastRecordAt: '' };
  return {
    epoch: row.epoch,
    end: BigInt(row.end),
    first: BigInt(row.begin),
    revision: row.revision,
    lastRecordSha256: row.sha256,
    lastRecordAt: row.at,
  };
}

/**
 * Repeats the row of a batch under a higher revision: the same facts count, and no row of a lower one can replace it.
 * Does nothing where another row has replaced it meanwhile: look again afterwards.
 */
export async function raiseRevision(
  warehouse: Warehouse,
  row: {
    readonly source: string;
    readonly epoch: number;
    readonly partition: string;
    readonly first: bigint;
    readonly end: bigint;
  },
  revision: number,
): Promise<void> {
  await warehouse.command(
    `INSERT INTO ingest_ledger SELECT * REPLACE ({revision:UInt32} AS revision)
    FROM ledger_current
    WHERE source = {source:String} AND epoch = {epoch:UInt32} AND partition = {partition:String} AND first = {first:UInt64} AND last = {end:UInt64}
    SETTINGS async_insert = 0, deduplicate_insert = 'disable'`,
    { ...row, first: `${row.first}`, end: `${row.end}`, revision },
  );
}
