// What tells whether days are complete: requests by source, day, hour and part; lines that could not be read; objects that were
// refused; and what people decided about days that are held back.

import { sqlFile } from './sql-file.ts';
import { type Warehouse } from './warehouse.ts';

/** Days, YYYY-MM-DD; both belong to it. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

export interface DayCount {
  readonly source: string;
  /** 'topic/partition'; '' for objects. */
  readonly part: string;
  readonly day: string;
  readonly requests: number;
}

export interface HourCount extends DayCount {
  /** '' if the log names none. */
  readonly edge: string;
  /** 0 to 23 */
  readonly hour: number;
}

/** Numbers that the warehouse returns as text. */
const numbered = <Row>(rows: readonly (Row & { readonly requests: string })[]): (Row & { requests: number })[] =>
  rows.map((row) => ({ ...row, requests: Number(row.requests) }));

export async function requestsByDay(warehouse: Warehouse, range: DayRange): Promise<DayCount[]> {
  return numbered(await warehouse.query(sqlFile('queries/completeness/days.sql'), { ...range }));
}

export async function requestsByHour(warehouse: Warehouse, range: DayRange): Promise<HourCount[]> {
  return numbered(await warehouse.query(sqlFile('queries/completeness/hours.sql'), { ...range }));
}

/** Source → its first day with requests. */
export async function firstDays(warehouse: Warehouse): Promise<Map<string, string>> {
  const rows = await warehouse.query<{ source: string; day: string }>(sqlFile('queries/completeness/first_days.sql'));
  return new Map(rows.map(({ source, day }) => [source, day]));
}

/** Days from one on that never change any more (YYYY-MM-DD), and months that are closed (YYYY-MM). */
export async function fixedDays(warehouse: Warehouse, from: string): Promise<Set<string>> {
  const rows = await warehouse.query<{ fixed: string }>(sqlFile('queries/completeness/fixed_days.sql'), { from });
  return new Set(rows.map(({ fixed }) => fixed));
}

export interface UnreadableLines {
  readonly source: string;
  readonly day: string;
  readonly lines: number;
  /** Whole lines; a batch of several days divides its own by their requests. */
  readonly unreadable: number;
}

/** Sources and days with lines that could not be read. */
export async function unreadableLines(warehouse: Warehouse, range: DayRange): Promise<UnreadableLines[]> {
  const rows = await warehouse.query<{ source: string; day: string; lines_of_day: number; unreadable: number }>(
    sqlFile('queries/completeness/unreadable.sql'),
    { ...range },
  );
  return rows.map(({ source, day, lines_of_day, unreadable }) => ({
    source,
    day,
    lines: Math.round(lines_of_day),
    unreadable: Math.max(0, Math.ceil(unreadable - 1e-6)),
  }));
}

/** Why a day is held back. */
export type HeldKind = 'hole' | 'unreadable';

/** A row of day_decision. */
export interface DayDecision {
  readonly source: string;
  readonly day: string;
  readonly kind: HeldKind;
  readonly number: number;
  readonly state: 'accepted' | 'withdrawn';
  /** Requests (hole) or lines (unreadable) when the day was accepted. */
  readonly came: number;
  readonly found: string;
  readonly reason: string;
  readonly decided_by: string;
  /** Reading gives 'YYYY-MM-DD hh:mm:ss.mmm', UTC; writing accepts that form or RFC 3339. */
  readonly recorded_at: string;
}

/** The last decision about each (source, day, kind), by day. */
export async function dayDecisions(warehouse: Warehouse): Promise<DayDecision[]> {
  const rows = await warehouse.query<Omit<DayDecision, 'came'> & { readonly came: string }>(
    sqlFile('queries/completeness/decisions.sql'),
  );
  return rows.map((row) => ({ ...row, came: Number(row.came) }));
}

export const recordDecisions = (warehouse: Warehouse, decisions: readonly DayDecision[]): Promise<void> =>
  warehouse.insert(
    'day_decision',
    decisions.map((decision) => ({ ...decision })),
  );

/** The last day that can be judged; undefined if nothing was loaded. */
export async function lastJudgedDay(warehouse: Warehouse): Promise<string | undefined> {
  const [row] = await warehouse.query<{ day: string | null }>(sqlFile('queries/completeness/last_day.sql'));
  return row?.day ?? undefined;
}
