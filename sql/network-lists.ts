// Published lists as they were read: which are in force, and which were not read lately enough to contradict a crawler.

import { type Warehouse } from './warehouse.ts';
import { DAY_MS } from '../transform/periods.ts';

/** One reading of a list, whether or not it said anything new. */
export interface ListReading {
  readonly provider: string;
  /** Path or address. */
  readonly source: string;
  readonly list_version: string;
  /** When the vendor made it, RFC 3339; null where it does not say. */
  readonly published_at: string | null;
  /** RFC 3339 */
  readonly read_at: string;
  readonly sha256: string;
  readonly ranges: number;
}

export async function recordReadings(warehouse: Warehouse, readings: readonly ListReading[]): Promise<void> {
  if (readings.length > 0)
    await warehouse.insert(
      'network_list',
      readings.map((reading) => ({ ...reading })),
    );
}

/** One type of one provider's ranges, as they stand. */
export interface NetworkList {
  readonly provider: string;
  /** 'crawler', or a network type. */
  readonly type: string;
  readonly version: string;
  /** RFC 3339; null where the vendor does not say. */
  readonly published_at: string | null;
  /** RFC 3339 */
  readonly read_at: string;
  readonly ranges: number;
  readonly source: string;
}

const RFC_3339 = "'%Y-%m-%dT%H:%i:%SZ', 'UTC'";

export const networkLists = (warehouse: Warehouse): Promise<NetworkList[]> =>
  warehouse.query<NetworkList>(
    `SELECT provider, type, list_version AS version, formatDateTime(list.published_at, ${RFC_3339}) AS published_at,
        formatDateTime(list.read_at, ${RFC_3339}) AS read_at, toUInt32(list.ranges) AS ranges, source
    FROM network_list_current AS list
    ORDER BY type, provider`,
  );

/** How old a crawler list may be, counted from when it was last read. */
export interface ListAge {
  readonly now: Date;
  readonly maxAge_days: number;
}

/** Whether a crawler list may contradict a claim; null for other lists, which contradict nobody. */
export const isFresh = ({ type, read_at }: NetworkList, { now, maxAge_days }: ListAge): boolean | null =>
  type === 'crawler' ? now.getTime() - Date.parse(read_at) <= maxAge_days * DAY_MS : null;
