// What is kept no longer: the bytes of quarantined lines after some days; landing and other facts about single networks of
// days that are closed; hours that charts no longer show. Days count back from the last sealed one, so that history that is
// loaded again is not eaten by the wall clock; only quarantine, which is of no use but for its mending, goes by the clock.

import { sqlFile } from './sql-file.ts';
import { type Warehouse } from './warehouse.ts';
import { DAY_MS } from '../transform/periods.ts';

export interface RetentionLimits {
  /** Bytes of quarantined lines, from when their range was first recorded. */
  readonly quarantine_days: number;
  /** Landing, network_daily and request_rate, of closed days. */
  readonly network_days: number;
  /** usage_hourly, of closed days. */
  readonly hourly_days: number;
}

export interface ExpiredDay {
  readonly day: string;
  readonly rows: string;
}

export interface KeptDay {
  readonly day: string;
  readonly why: string;
}

export interface RetentionPlan {
  readonly quarantinedLines: number;
  readonly landing: readonly ExpiredDay[];
  readonly networks: readonly ExpiredDay[];
  readonly hours: readonly ExpiredDay[];
  /** Days whose landing is old enough to go, and is kept. */
  readonly kept: readonly KeptDay[];
}

/** A range that was recorded before this and a part of a table that was written before this are at rest. */
const QUIET_DAYS = 1;
/** A day that was closed only now may have been loaded only now: time to take a wrong ingest back. */
const CLOSED_DAYS = 7;

/** 'YYYY-MM-DD hh:mm:ss.mmm' */
const engineTime = (now: Date, daysBefore: number): string =>
  new Date(now.getTime() - daysBefore * DAY_MS).toISOString().replace('T', ' ').replace('Z', '');

/** The same without its milliseconds. */
const secondsOf = (now: Date, daysBefore: number): string => engineTime(now, daysBefore).slice(0, 19);

/** Batches that no ledger row names, of parts that nobody writes to any more. */
async function givenUp(warehouse: Warehouse, now: Date): Promise<string[]> {
  const rows = await warehouse.query<{ batch_id: string }>(sqlFile('queries/retain/given_up.sql'), {
    quiet_since: secondsOf(now, QUIET_DAYS),
  });
  return rows.map(({ batch_id }) => batch_id);
}

/** Empties the bytes of lines whose time is over; position, length and reason stay. @returns how many lines */
export async function expireQuarantine(
  warehouse: Warehouse,
  limits: RetentionLimits,
  now: Date,
  dryRun = false,
): Promise<number> {
  const given_up = await givenUp(warehouse, now);
  const params = { given_up, recorded_before: engineTime(now, limits.quarantine_days) };
  const [found] = await warehouse.query<{ lines: string }>(sqlFile('queries/retain/expired_lines.sql'), params);
  const lines = Number(found.lines);
  if (lines > 0 && !dryRun) await warehouse.command(sqlFile('queries/retain/expire_lines.sql'), params);
  return lines;
}

interface DayState {
  readonly day: string;
  readonly rows: string;
  readonly is_open: number;
  readonly is_dropped: number;
  readonly closed_lately: number;
  readonly unsealed: string;
  readonly is_written: number;
}

/** Days whose landing has passed its time, and what stands against dropping it. */
const landingDays = (warehouse: Warehouse, limits: RetentionLimits, now: Date): Promise<DayState[]> =>
  warehouse.query<DayState>(sqlFile('queries/retain/landing_days.sql'), {
    quiet_since: secondsOf(now, QUIET_DAYS),
    closed_since: engineTime(now, CLOSED_DAYS),
    kept_days: limits.network_days,
  });

function whyKept({ is_open, is_dropped, closed_lately, unsealed, is_written }: DayState): string | undefined {
  if (is_open) return 'it is not closed';
  if (unsealed !== '0') return `${unsealed} batch(es) are not sealed yet`;
  if (closed_lately && !is_dropped) return `it was closed less than ${CLOSED_DAYS} days ago`;
  return is_written ? 'it was written to within the last day' : undefined;
}

const NETWORK_TABLES = ['network_daily', 'request_rate'] as const;

/** What goes, and what stays although it is old. A day's landing goes first: what it could still give is then all sealed. */
export async function planRetention(warehouse: Warehouse, limits: RetentionLimits, now: Date): Promise<RetentionPlan> {
  const days = await landingDays(warehouse, limits, now);
  const landing = days.filter((day) => whyKept(day) === undefined);
  const dropped = landing.map(({ day }) => day);
  return {
    quarantinedLines: await expireQuarantine(warehouse, limits, now, true),
    landing: landing.map(({ day, rows }) => ({ day, rows })),
    networks: await warehouse.query<ExpiredDay>(sqlFile('queries/retain/network_days.sql'), {
      dropped,
      kept_days: limits.network_days,
    }),
    hours: await warehouse.query<ExpiredDay>(sqlFile('queries/retain/hourly_days.sql'), {
      dropped,
      kept_days: limits.hourly_days,
    }),
    kept: days.flatMap((day) => {
      const why = whyKept(day);
      return why === undefined ? [] : [{ day: day.day, why }];
    }),
  };
}

/** Does what the plan says. Cut short, it is planned and run again. */
export async function applyRetention(
  warehouse: Warehouse,
  plan: RetentionPlan,
  limits: RetentionLimits,
  now: Date,
): Promise<void> {
  await expireQuarantine(warehouse, limits, now);
  for (const { day } of plan.landing) {
    // First that its landing is gone, then it goes: a seal must never be made from a part of it.
    const seals = await warehouse.query<Record<string, unknown> & { seal_no: string }>(
      sqlFile('queries/retain/closed_bookings.sql'),
      { day },
    );
    await warehouse.insert(
      'day_seal',
      seals.map((seal) => ({
        ...seal,
        state: 'dropped',
        seal_no: `${BigInt(seal.seal_no) + 1n}`,
        sealed_at: now.toISOString(),
      })),
    );
    for (const table of ['usage_batch', 'rate_batch'])
      await warehouse.command(sqlFile('queries/retain/drop_landing.sql'), { table, day: day.replaceAll('-', '') });
  }
  for (const [tables, days] of [
    [NETWORK_TABLES, plan.networks],
    [['usage_hourly'], plan.hours],
  ] as const)
    for (const table of tables) await dropSealed(warehouse, table, days);
}

async function dropSealed(warehouse: Warehouse, table: string, days: readonly ExpiredDay[]): Promise<void> {
  if (days.length === 0) return;
  const partitions = await warehouse.query<{ day: string; booked_day: string }>(
    sqlFile('queries/retain/stored_bookings.sql'),
    { table, days: days.map(({ day }) => day) },
  );
  for (const { day, booked_day } of partitions)
    await warehouse.command(sqlFile('queries/seal/drop_booking.sql'), { table, day, booked_day });
}
