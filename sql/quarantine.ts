// Lines that could not be read: what there is of them, and the bytes of one. Only those of batches that count.

import { type Warehouse } from './warehouse.ts';

export interface QuarantineFilter {
  readonly source?: string;
  /** 'topic/partition', or an object's name or SHA-256. */
  readonly partition?: string;
  readonly reason?: string;
}

export interface QuarantineGroup {
  readonly source: string;
  /** 'topic/partition', or the object's name. */
  readonly partition: string;
  readonly reason: string;
  readonly lines: string;
  /** Their bytes have expired: position and reason stay. */
  readonly expired: string;
  /** Longer than what is kept of a line. */
  readonly truncated: string;
  /** When the batches were recorded, 'YYYY-MM-DD hh:mm:ss.mmm'. */
  readonly first_seen: string;
  readonly last_seen: string;
  /** Id of one of them, for `show`. */
  readonly sample_id: string;
  /** Its first bytes, hex. */
  readonly sample_hex: string;
}

/** A line's id is BATCH/ROW: unique, and it stays until the line's batch is replaced. */
const COUNTED = `quarantine FINAL
  INNER JOIN
  (
      SELECT batch_id, source, partition, if(object = '', partition, object) AS place, recorded_at
      FROM ledger_current
      WHERE state = 'loaded' AND quarantined > 0
          AND ({source:String} = '' OR source = {source:String})
          AND ({partition:String} = '' OR partition = {partition:String} OR object = {partition:String})
  ) AS ledger ON ledger.batch_id = quarantine.batch_id
  WHERE ({reason:String} = '' OR reason = {reason:String})`;

const parameters = ({ source = '', partition = '', reason = '' }: QuarantineFilter) => ({ source, partition, reason });

/** @param lineLimit_bytes what is kept of a line */
export const quarantineGroups = (
  warehouse: Warehouse,
  filter: QuarantineFilter,
  lineLimit_bytes: number,
): Promise<QuarantineGroup[]> =>
  warehouse.query<QuarantineGroup>(
    `SELECT
        source,
        place AS partition,
        reason,
        count() AS lines,
        countIf(line = '') AS expired,
        countIf(line_bytes > {limit:UInt32}) AS truncated,
        min(ledger.recorded_at) AS first_seen,
        max(ledger.recorded_at) AS last_seen,
        argMin(concat(toString(quarantine.batch_id), '/', toString(row)), (line = '', position, row)) AS sample_id,
        argMin(hex(substring(line, 1, 200)), (line = '', position, row)) AS sample_hex
    FROM ${COUNTED}
    GROUP BY source, place, reason
    ORDER BY source, place, count() DESC, reason`,
    { ...parameters(filter), limit: lineLimit_bytes },
  );

export interface QuarantinedLine {
  readonly id: string;
  readonly source: string;
  /** 'topic/partition', or the object's name. */
  readonly partition: string;
  /** Offset of its message, or byte of the object's content. */
  readonly position: string;
  readonly reason: string;
  /** Of the whole line, as it came. */
  readonly line_bytes: number;
  /** What is kept of it, hex; empty once it has expired. */
  readonly line_hex: string;
  readonly recorded_at: string;
}

/** Where a line is looked for: by its id, or by where it stood. */
export type LinePlace =
  { readonly batchId: string; readonly row: number } | { readonly partition: string; readonly position: bigint };

/** A message of many lines has one position for all of them. */
export const quarantinedLines = (warehouse: Warehouse, place: LinePlace, limit = 100): Promise<QuarantinedLine[]> =>
  warehouse.query<QuarantinedLine>(
    `SELECT
        concat(toString(quarantine.batch_id), '/', toString(row)) AS id,
        source,
        place AS partition,
        position,
        reason,
        line_bytes,
        hex(line) AS line_hex,
        ledger.recorded_at AS recorded_at
    FROM ${COUNTED} AND ${'row' in place ? 'quarantine.batch_id = {batch_id:UUID} AND row = {row:UInt32}' : 'position = {position:UInt64}'}
    ORDER BY source, position, row
    LIMIT {limit:UInt32}`,
    'row' in place
      ? { ...parameters({}), batch_id: place.batchId, row: place.row, limit }
      : { ...parameters(place), position: `${place.position}`, limit },
  );
