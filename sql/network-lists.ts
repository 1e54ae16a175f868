// Published lists as they were read: which are in force, and which were read recently enough to contradict a crawler.

import { sqlFile } from './sql-file.ts';
import { type Warehouse } from './warehouse.ts';
import { DAY_MS } from '../transform/periods.ts';

/** One reading of a list, even if its content had not changed. */
export interface ListReading {
  readonly provider: string;
  /** Path or address. */
  readonly source: string;
  readonly list_version: string;
  /** When the vendor made the list, RFC 3339; null if the vendor does not say. */
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

/** One type of one provider's ranges, as in force now. */
export interface NetworkList {
  readonly provider: string;
  /** 'crawler', or a network type. */
  readonly type: string;
  readonly version: string;
  /** RFC 3339; null if the vendor does not say. */
  readonly published_at: string | null;
  /** RFC 3339 */
  readonly read_at: string;
  readonly ranges: number;
  readonly source: string;
}

export const networkLists = (warehouse: Warehouse): Promise<NetworkList[]> =>
  warehouse.query<NetworkList>(sqlFile('queries/orgs/network_lists.sql'));

/** How old a crawler list may be, counted from its last reading. */
export interface ListAge {
  readonly now: Date;
  readonly maxAge_days: number;
}

/** Whether a crawler list may contradict a claim; null for other lists, which never contradict one. */
export const isFresh = ({ type, read_at }: NetworkList, { now, maxAge_days }: ListAge): boolean | null =>
  type === 'crawler' ? now.getTime() - Date.parse(read_at) <= maxAge_days * DAY_MS : null;
