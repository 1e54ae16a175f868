// Partitions that wait for a person: a worker records the stop, a command releases the partition, a worker resumes it.

import { sqlFile } from './sql-file.ts';
import { type Warehouse } from './warehouse.ts';

export interface PartitionStop {
  readonly source: string;
  /** 'topic/partition' */
  readonly partition: string;
  readonly state: 'stopped' | 'released' | 'resumed';
  readonly reason: string;
  readonly detail: string;
  /** The next step for a person. */
  readonly next: string;
  /** The committed offset of the group at that time. */
  readonly committed: bigint | null;
}

export interface RecordedStop extends PartitionStop {
  readonly number: number;
  /** 'YYYY-MM-DD hh:mm:ss.mmm' */
  readonly recordedAt: string;
}

interface Row extends Omit<RecordedStop, 'committed' | 'recordedAt'> {
  readonly committed: string | null;
  readonly recorded_at: string;
}

/** The present state of each partition that ever stopped, by source and partition; of one partition if it is named. */
export async function partitionStops(
  warehouse: Warehouse,
  { source = '', partition = '' }: { readonly source?: string; readonly partition?: string } = {},
): Promise<RecordedStop[]> {
  const rows = await warehouse.query<Row>(sqlFile('queries/ledger/partition_stops.sql'), { source, partition });
  return rows.map(({ committed, recorded_at, ...row }) => ({
    ...row,
    committed: committed === null ? null : BigInt(committed),
    recordedAt: recorded_at,
  }));
}

/** The state of one partition; undefined if it never stopped. */
export const partitionStop = async (
  warehouse: Warehouse,
  source: string,
  partition: string,
): Promise<RecordedStop | undefined> => (await partitionStops(warehouse, { source, partition }))[0];

/** @returns the number of the recorded stop */
export async function recordStop(warehouse: Warehouse, stop: PartitionStop, now: Date): Promise<number> {
  const number = ((await partitionStop(warehouse, stop.source, stop.partition))?.number ?? 0) + 1;
  const { source, partition, state, reason, detail, next, committed } = stop;
  await warehouse.insert('partition_stop', [
    {
      source,
      partition,
      number,
      state,
      reason,
      detail,
      next,
      committed: committed === null ? null : `${committed}`,
      recorded_at: now.toISOString(),
    },
  ]);
  return number;
}
