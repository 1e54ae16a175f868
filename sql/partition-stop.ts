// Partitions that wait for a person: recorded by the worker that stopped, released by a command, resumed by a worker.

import { sqlFile } from './sql-file.ts';
import { type Warehouse } from './warehouse.ts';

export interface PartitionStop {
  readonly source: string;
  /** 'topic/partition' */
  readonly partition: string;
  readonly state: 'stopped' | 'released' | 'resumed';
  readonly reason: string;
  readonly detail: string;
  /** What to do about it. */
  readonly next: string;
  /** What the group had committed then. */
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

/** How each partition is now, by source and partition; of one partition where it is named. */
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

/** Of one partition; undefined where it never stopped. */
export const partitionStop = async (
  warehouse: Warehouse,
  source: string,
  partition: string,
): Promise<RecordedStop | undefined> => (await partitionStops(warehouse, { source, partition }))[0];

/** → the number under which it is recorded */
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
