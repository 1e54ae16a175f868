// Deletes old data: the bytes of quarantined lines after some days; landing and other facts about single networks of closed
// days; hours that charts no longer show. Ages count back from the last sealed day with real volume, so that the wall clock does not
// delete history that is loaded again, and a single line with a wrong time does not either. Only quarantine goes by the clock, because its lines are of use only for a repair.

import { sqlFile } from './sql-file.ts';
import { type Warehouse } from './warehouse.ts';
import { DAY_MS } from '../transform/periods.ts';

export interface RetentionLimits {
  /** How long bytes of quarantined lines are kept, from the first record of their range. */
  readonly quarantine_days: number;
  /** How long landing, network_daily and request_rate are kept, for closed days. */
  readonly network_days: number;
  /** How long usage_hourly is kept, for closed days. */
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
  /** Days whose landing is old enough to drop, but must stay. */
  readonly kept: readonly KeptDay[];
}

/** Nobody writes any more to a range that was recorded, or to a part of a table that was written, at least this long ago. */
const QUIET_DAYS = 1;
/** Landing stays this long after its day was closed, so that a wrong ingest just before the closing can be taken back. */
const CLOSED_DAYS = 7;

/** 'YYYY-MM-DD hh:mm:ss.mmm' */
const engineTime = (now: Date, daysBefore: number): string =>
  new Date(now.getTime() - daysBefore * DAY_MS).toISOString().replace('T', ' ').replace('Z', '');

/** The same without its milliseconds. */
const secondsOf = (now: Date, daysBefore: number): string => engineTime(now, daysBefore).slice(0, 19);

/** Batches that no ledger row names, in parts of the table that nobody writes to any more. */
async function givenUp(warehouse: Warehouse, now: Date): Promise<string[]> {
  const rows = await warehouse.query<{ batch_id: string }>(sqlFile('queries/retain/given_up.sql'), {
    quiet_since: secondsOf(now, QUIET_DAYS),
  });
  return rows.map(({ batch_id }) => batch_id);
}

/** Empties the bytes of expired lines; position, length and reason stay. @returns how many lines */
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

/** Days count back from this one; undefined if no day is sealed. */
async function lastDay(warehouse: Warehouse): Promise<string | undefined> {
  const [row] = await warehouse.query<{ day: string | null }>(sqlFile('queries/retain/last_day.sql'));
  return row?.day ?? undefined;
}

/** Days whose landing has expired, and the reasons against dropping it. */
const landingDays = (warehouse: Warehouse, limits: RetentionLimits, last_day: string, now: Date): Promise<DayState[]> =>
  warehouse.query<DayState>(sqlFile('queries/retain/landing_days.sql'), {
    quiet_since: secondsOf(now, QUIET_DAYS),
    closed_since: engineTime(now, CLOSED_DAYS),
    kept_days: limits.network_days,
    last_day,
  });

function whyKept({ is_open, is_dropped, closed_lately, unsealed, is_written }: DayState): string | undefined {
  if (is_open) return 'it is not closed';
  if (unsealed !== '0') return `${unsealed} batch(es) are not sealed yet`;
  if (closed_lately && !is_dropped) return `it was closed less than ${CLOSED_DAYS} days ago`;
  return is_written ? 'it was written to within the last day' : undefined;
}

const NETWORK_TABLES = ['network_daily', 'request_rate'] as const;

/** Lists old data to drop and old data that must stay. A day's landing is dropped first: by then all of it is sealed. */
export async function planRetention(warehouse: Warehouse, limits: RetentionLimits, now: Date): Promise<RetentionPlan> {
  const quarantinedLines = await expireQuarantine(warehouse, limits, now, true);
  const last_day = await lastDay(warehouse);
  if (last_day === undefined) return { quarantinedLines, landing: [], networks: [], hours: [], kept: [] };
  const days = await landingDays(warehouse, limits, last_day, now);
  const landing = days.filter((day) => whyKept(day) === undefined);
  const dropped = landing.map(({ day }) => day);
  return {
    quarantinedLines,
    landing: landing.map(({ day, rows }) => ({ day, rows })),
    networks: await warehouse.query<ExpiredDay>(sqlFile('queries/retain/network_days.sql'), {
      dropped,
      kept_days: limits.network_days,
      last_day,
    }),
    hours: await warehouse.query<ExpiredDay>(sqlFile('queries/retain/hourly_days.sql'), {
      dropped,
      kept_days: limits.hourly_days,
      last_day,
    }),
    kept: days.flatMap((day) => {
      const why = whyKept(day);
      return why === undefined ? [] : [{ day: day.day, why }];
    }),
  };
}

/** Carries out the plan. After an interruption, plan and apply again. */
export async function applyRetention(
  warehouse: Warehouse,
  plan: RetentionPlan,
  limits: RetentionLimits,
  now: Date,
): Promise<void> {
  await expireQuarantine(warehouse, limits, now);
  for (const { day } of plan.landing) {
    // Record first that landing is gone, then drop it, so that no seal is ever built from a part of it.
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
    for (const table of ['usage_batch', 'rate_batch', 'agent_batch'])
      await warehouse.command(sqlFile('queries/retain/drop_landing.sql'), { table, day: day.replaceAll('-', '') });
  }
  for (const [tables, days] of [
    [NETWORK_TABLES, plan.networks],
    [['usage_hourly'], plan.hours],
  ] as const)
    for (const table of tables) await dropSealed(warehouse, table, days);
  if (plan.networks.length > 0)
    await warehouse.command(sqlFile('queries/retain/forget_salts.sql'), { last: plan.networks.at(-1)!.day });
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
