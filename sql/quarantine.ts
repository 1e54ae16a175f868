// Lines that could not be read: grouped, one by one, and their bytes, which need a right of their own. Only batches that count are read.

import { Fault } from '../transform/fault.ts';
import { type Replayable } from './landing.ts';
import { sqlFile } from './sql-file.ts';
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
  /** Lines whose bytes have expired; their position and reason stay. */
  readonly expired: string;
  /** Lines longer than the stored part of a line. */
  readonly truncated: string;
  /** When the batches were recorded, 'YYYY-MM-DD hh:mm:ss.mmm'. */
  readonly first_seen: string;
  readonly last_seen: string;
  /** Id of one of them, for `show`. */
  readonly sample_id: string;
}

const parameters = ({ source = '', partition = '', reason = '' }: QuarantineFilter) => ({ source, partition, reason });

/** @param lineLimit_bytes how many bytes of a line are stored */
export const quarantineGroups = (
  warehouse: Warehouse,
  filter: QuarantineFilter,
  lineLimit_bytes: number,
): Promise<QuarantineGroup[]> =>
  warehouse.query<QuarantineGroup>(sqlFile('queries/quarantine/groups.sql'), {
    ...parameters(filter),
    limit: lineLimit_bytes,
  });

export interface QuarantinedLine {
  readonly id: string;
  readonly source: string;
  /** 'topic/partition', or the object's name. */
  readonly partition: string;
  /** Offset of the line's message, or byte of the object's content. */
  readonly position: string;
  readonly reason: string;
  /** Length of the whole original line. */
  readonly line_bytes: number;
  /** False once its bytes have expired. */
  readonly is_stored: boolean;
  /** Its stored bytes without content: each letter is an x, each digit a 9. Hex. */
  readonly shape_hex: string;
  readonly recorded_at: string;
}

/** Finds a line by its id, or by its position. */
export type LinePlace =
  { readonly batchId: string; readonly row: number } | { readonly partition: string; readonly position: bigint };

/** All lines of one message have the same position. */
export const quarantinedLines = (warehouse: Warehouse, place: LinePlace, limit = 100): Promise<QuarantinedLine[]> =>
  warehouse.query<QuarantinedLine>(sqlFile('queries/quarantine/lines.sql'), {
    by_id: 'row' in place,
    partition: 'row' in place ? '' : place.partition,
    batch_id: 'row' in place ? place.batchId : '00000000-0000-0000-0000-000000000000',
    row: 'row' in place ? place.row : 0,
    position: 'row' in place ? '0' : `${place.position}`,
    limit,
  });

/**
 * The stored bytes of lines by their id, hex; '' for a line whose bytes have expired.
 * @throws Fault(checkFailed) if this user may not read them
 */
export async function quarantineContent(warehouse: Warehouse, ids: readonly string[]): Promise<Map<string, string>> {
  try {
    const rows = await warehouse.query<{ id: string; line_hex: string }>(sqlFile('queries/quarantine/content.sql'), {
      ids,
    });
    return new Map(rows.map(({ id, line_hex }) => [id, line_hex]));
  } catch (cause) {
    if ((cause as { type?: unknown }).type !== 'ACCESS_DENIED') throw cause;
    throw new Fault(
      'checkFailed',
      'this user may not read the content of quarantined lines',
      'Leave --raw out, or ask for the role fairshare_quarantine (docs/PRIVACY.md).',
      { cause },
    );
  }
}

/** A page of the lines of a batch that can be read again. @param after row of the previous page's last line; -1: first page */
export const replayableLines = (
  warehouse: Warehouse,
  batchId: string,
  replayable: Replayable,
  { after, lines }: { readonly after: number; readonly lines: number },
): Promise<{ readonly row: number; readonly position: string; readonly line_hex: string }[]> =>
  warehouse.query(sqlFile('queries/quarantine/replayable.sql'), {
    batch_id: batchId,
    ...replayable,
    after,
    page: lines,
  });

/** Lines of a batch that cannot be read again: they are longer than their stored part, or their bytes have expired. */
export async function unreplayableLines(
  warehouse: Warehouse,
  batchId: string,
  { kept_bytes }: Replayable,
): Promise<{ readonly truncated: number; readonly expired: number }> {
  const [left] = await warehouse.query<{ truncated: string; expired: string }>(
    sqlFile('queries/quarantine/unreplayable.sql'),
    { batch_id: batchId, kept_bytes },
  );
  return { truncated: Number(left.truncated), expired: Number(left.expired) };
}

export interface QuarantineReason {
  readonly reason: string;
  readonly lines: number;
  /** Lines among these that cannot be read again. */
  readonly kept: number;
}

/** The reasons why lines of a batch could not be read. */
export async function quarantineReasonsOf(
  warehouse: Warehouse,
  batchId: string,
  replayable: Replayable,
): Promise<QuarantineReason[]> {
  const rows = await warehouse.query<{ reason: string; lines: string; kept: string }>(
    sqlFile('queries/quarantine/reasons.sql'),
    { batch_id: batchId, ...replayable },
  );
  return rows.map(({ reason, lines, kept }) => ({ reason, lines: Number(lines), kept: Number(kept) }));
}
