// The ledger of one Kafka partition: where it ends, and the rows that begin it, skip a gap, or begin it anew.

import { type Warehouse } from './warehouse.ts';

export interface PartitionLedger {
  /** Incarnation of the topic that counts now. */
  readonly epoch: number;
  /** L: one past the last offset that is accounted for; undefined where the partition was never begun. */
  readonly end: bigint | undefined;
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
  const [row] = await warehouse.query<{ epoch: number; end: string; sha256: string; at: string }>(
    `SELECT epoch, last AS end, last_record_sha256 AS sha256, last_record_at AS at
    FROM ledger_current
    WHERE source = {source:String} AND partition = {partition:String}
    ORDER BY epoch DESC, last DESC, first DESC
    LIMIT 1`,
    { source, partition },
  );
  if (row === undefined) return { epoch: 0, end: undefined, lastRecordSha256: '', lastRecordAt: '' };
  return { epoch: row.epoch, end: BigInt(row.end), lastRecordSha256: row.sha256, lastRecordAt: row.at };
}
