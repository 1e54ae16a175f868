// What is kept no longer: the bytes of quarantined lines after some days; landing and other facts about single networks of
// days that are closed; hours that charts no longer show. Days count back from the last sealed one, so that history that is
// loaded again is not eaten by the wall clock; only quarantine, which is of no use but for its mending, goes by the clock.

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

const engineTime = (now: Date, daysBefore: number): string =>
  new Date(now.getTime() - daysBefore * DAY_MS).toISOString().replace('T', ' ').replace('Z', '');

/**
 * Lines that still have bytes and shall have none: of ranges first recorded long ago (a replay does not begin their time
 * anew), and of loads that were given up and never counted.
 */
const expiredLines = (limits: RetentionLimits, now: Date): string => `line != '' AND (
    batch_id IN
    (
        SELECT batch_id
        FROM (SELECT batch_id, min(recorded_at) OVER (PARTITION BY source, epoch, partition, if(object = '', first, 0)) AS since FROM ingest_ledger)
        WHERE since < toDateTime64('${engineTime(now, limits.quarantine_days)}', 3, 'UTC')
    )
    OR batch_id IN (SELECT arrayJoin({given_up:Array(UUID)}))
)`;

/** Batches that no ledger row names, of parts that nobody writes to any more. */
async function givenUp(warehouse: Warehouse, now: Date): Promise<string[]> {
  const rows = await warehouse.query<{ batch_id: string }>(
    `SELECT DISTINCT batch_id FROM quarantine
    WHERE line != '' AND batch_id NOT IN (SELECT batch_id FROM ingest_ledger)
        AND _part IN (SELECT name FROM system.parts WHERE database = currentDatabase() AND table = 'quarantine' AND active AND modification_time < toDateTime('${engineTime(now, QUIET_DAYS).slice(0, 19)}', 'UTC'))
    ORDER BY batch_id LIMIT 200`,
  );
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
  const [found] = await warehouse.query<{ lines: string }>(
    `SELECT count() AS lines FROM quarantine FINAL WHERE ${expiredLines(limits, now)}`,
    { given_up },
  );
  const lines = Number(found.lines);
  // The statement is kept by the engine until it is done: it takes no parameters from here.
  if (lines > 0 && !dryRun)
    await warehouse.command(
      `ALTER TABLE quarantine UPDATE line = '' WHERE ${expiredLines(limits, now).replace('{given_up:Array(UUID)}', `CAST([${given_up.map((id) => `'${id}'`).join(', ')}], 'Array(UUID)')`)} SETTINGS mutations_sync = 2`,
    );
  return lines;
}

/** Days before the last sealed one, by that many days. */
const olderThan = (days: number): string => `day < (SELECT max(day) FROM seal_current) - ${days}`;

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
  warehouse.query<DayState>(
    `WITH
        stored AS
        (
            SELECT toDate(parseDateTimeBestEffort(partition)) AS day, sum(system.parts.rows) AS rows, max(modification_time) >= toDateTime('${engineTime(now, QUIET_DAYS).slice(0, 19)}', 'UTC') AS is_written
            FROM system.parts
            WHERE database = currentDatabase() AND table IN ('usage_batch', 'rate_batch') AND active
            GROUP BY day
        ),
        sealed AS
        (
            SELECT day, max(state = 'open') AS is_open, min(state = 'dropped') AS is_dropped, max(sealed_at) >= toDateTime64('${engineTime(now, CLOSED_DAYS)}', 3, 'UTC') AS closed_lately, groupUniqArrayArray(batches) AS batches
            FROM seal_current
            GROUP BY day
        ),
        counted AS
        (
            SELECT day, groupArray(batch_id) AS batches
            FROM (SELECT batch_id, arrayJoin(days) AS day FROM ledger_current WHERE state = 'loaded')
            GROUP BY day
        )
    SELECT
        stored.day AS day, stored.rows AS rows, stored.is_written AS is_written, sealed.is_open AS is_open, sealed.is_dropped AS is_dropped, sealed.closed_lately AS closed_lately,
        length(arrayFilter(id -> NOT has(sealed.batches, id), counted.batches)) AS unsealed
    FROM stored
    INNER JOIN sealed ON sealed.day = stored.day
    LEFT JOIN counted ON counted.day = stored.day
    WHERE stored.${olderThan(limits.network_days)}
    ORDER BY day`,
  );

function whyKept({ is_open, is_dropped, closed_lately, unsealed, is_written }: DayState): string | undefined {
  if (is_open) return 'it is not closed';
  if (unsealed !== '0') return `${unsealed} batch(es) are not sealed yet`;
  if (closed_lately && !is_dropped) return `it was closed less than ${CLOSED_DAYS} days ago`;
  return is_written ? 'it was written to within the last day' : undefined;
}

const sealedRows = (warehouse: Warehouse, tables: readonly string[], days: number, dropped: readonly string[]) =>
  warehouse.query<ExpiredDay>(
    `SELECT day, sum(n) AS rows
    FROM (${tables.map((table) => `SELECT day, count() AS n FROM ${table} GROUP BY day`).join(' UNION ALL ')})
    WHERE ${olderThan(days)}
        AND (has({dropped:Array(Date)}, day) OR day IN (SELECT day FROM seal_current GROUP BY day HAVING min(state = 'dropped')))
    GROUP BY day ORDER BY day`,
    { dropped },
  );

const NETWORK_TABLES = ['network_daily', 'request_rate'] as const;

/** What goes, and what stays although it is old. A day's landing goes first: what it could still give is then all sealed. */
export async function planRetention(warehouse: Warehouse, limits: RetentionLimits, now: Date): Promise<RetentionPlan> {
  const days = await landingDays(warehouse, limits, now);
  const landing = days.filter((day) => whyKept(day) === undefined);
  const dropped = landing.map(({ day }) => day);
  return {
    quarantinedLines: await expireQuarantine(warehouse, limits, now, true),
    landing: landing.map(({ day, rows }) => ({ day, rows })),
    networks: await sealedRows(warehouse, NETWORK_TABLES, limits.network_days, dropped),
    hours: await sealedRows(warehouse, ['usage_hourly'], limits.hourly_days, dropped),
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
      "SELECT * FROM seal_current WHERE day = {day:Date} AND state = 'closed'",
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
      await warehouse.command(`ALTER TABLE ${table} DROP PARTITION ${day.replaceAll('-', '')}`);
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
    `SELECT DISTINCT day, booked_day FROM ${table} WHERE has({days:Array(Date)}, day) ORDER BY day, booked_day`,
    { days: days.map(({ day }) => day) },
  );
  for (const { day, booked_day } of partitions)
    await warehouse.command(`ALTER TABLE ${table} DROP PARTITION ('${day}', '${booked_day}')`);
}
