// The numbers that must always hold, as checks that say what to do. The nightly job and `doctor` run the same ones.

import { pendingMigrations } from './migrate.ts';
import { type Warehouse } from './warehouse.ts';

export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  /** What was found: figures, or the first offender. */
  readonly detail: string;
  /** What to do, where it failed. */
  readonly next: string;
}

interface Check {
  readonly name: string;
  readonly next: string;
  /** Rows of offenders; none is well. {{in COLUMN}}: the day is among those that are checked. */
  readonly sql: string;
  readonly describe: (row: Record<string, string>) => string;
}

const checks: readonly Check[] = [
  {
    name: 'ledger tiles every partition without gap or overlap',
    next: 'A gap or overlap cannot come from ingest: report it with the rows of ledger_current, and retract the range.',
    sql: `SELECT source, partition, first, last, neighbour
      FROM
      (
          SELECT source, epoch, partition, first, last, leadInFrame(toNullable(ledger_current.first)) OVER (PARTITION BY source, epoch, partition ORDER BY first, last ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS neighbour
          FROM ledger_current
      )
      WHERE neighbour IS NOT NULL AND neighbour != last`,
    describe: (row) => `${row.source} ${row.partition}: [${row.first}, ${row.last}) is followed by ${row.neighbour}`,
  },
  {
    name: 'lines = requests + excluded + quarantined, in every batch',
    next: 'Report it: the transform lost or made a line.',
    sql: "SELECT source, partition, first FROM ledger_current WHERE state = 'loaded' AND (lines != requests + excluded + quarantined OR requests != arraySum(day_requests) OR quarantined != quarantine_rows)",
    describe: (row) => `${row.source} ${row.partition} from ${row.first}`,
  },
  {
    name: 'landing holds what the ledger says',
    next: 'Take the batch back (fairshare ingest retract) and ingest its object or range again.',
    sql: `SELECT toString(ledger.batch_id) AS batch_id, ledger.usage_rows AS expected, landed.rows AS found
      FROM
      (
          SELECT batch_id, usage_rows, requests, days
          FROM ledger_current
          WHERE state = 'loaded' AND arrayExists(day -> {{in day}}, days)
              AND NOT hasAny(days, (SELECT groupArray(day) FROM seal_current WHERE state = 'dropped'))
      ) AS ledger
      LEFT JOIN
      (
          SELECT batch_id, count() AS rows, sum(usage_batch.requests) AS requests
          FROM usage_batch FINAL
          WHERE toYYYYMMDD(hour) IN (SELECT toYYYYMMDD(arrayJoin(days)) FROM ledger_current WHERE state = 'loaded' AND arrayExists(day -> {{in day}}, days))
          GROUP BY batch_id
      ) AS landed ON landed.batch_id = ledger.batch_id
      WHERE landed.rows != ledger.usage_rows OR landed.requests != ledger.requests`,
    describe: (row) => `batch ${row.batch_id}: ${row.expected} rows in the ledger, ${row.found} in usage_batch`,
  },
  {
    name: 'sealed days hold what the ledger said when they were sealed',
    next: 'Seal the day again: fairshare seal --day DAY --force.',
    sql: `SELECT seal.day AS day, seal.booked_day AS booked_day, seal.requests AS expected, sealed.requests AS found
      FROM seal_current AS seal
      LEFT JOIN (SELECT day, booked_day, sum(usage_daily.requests) AS requests, sum(usage_daily.bytes) AS bytes, count() AS rows FROM usage_daily WHERE {{in day}} GROUP BY day, booked_day) AS sealed
          ON sealed.day = seal.day AND sealed.booked_day = seal.booked_day
      WHERE {{in seal.day}} AND (sealed.requests != seal.requests OR sealed.bytes != seal.bytes OR sealed.rows != seal.usage_rows)`,
    describe: (row) =>
      `${row.day} booked on ${row.booked_day}: ${row.expected} requests in its seal, ${row.found} in usage_daily`,
  },
  {
    name: 'bookings of a sealed day add up to its batches',
    next: 'Seal the day again: fairshare seal --day DAY --force.',
    sql: `WITH
          sealed AS (SELECT day, argMax(batches, booked_day) AS batches, sum(seal_current.requests) AS requests, sum(seal_current.bytes) AS bytes FROM seal_current WHERE {{in day}} GROUP BY day),
          listed AS (SELECT batch_id, arrayJoin(arrayZip(days, day_requests, day_bytes)) AS entry FROM (SELECT * FROM ingest_ledger FINAL LIMIT 1 BY batch_id))
      SELECT sealed.day AS day, any(sealed.requests) AS found, sumIf(entry.2, has(sealed.batches, batch_id)) AS expected
      FROM sealed
      INNER JOIN listed ON listed.entry.1 = sealed.day
      GROUP BY day
      HAVING found != toInt64(expected)`,
    describe: (row) => `${row.day}: ${row.found} requests sealed, ${row.expected} in its batches`,
  },
  {
    name: 'attributed + unattributed = total',
    next: 'Run fairshare attribute; if it stays, report it.',
    sql: `SELECT total.requests AS expected, attributed.requests AS found
      FROM (SELECT sum(requests) AS requests, sum(bytes) AS bytes FROM usage_known WHERE {{in day}}) AS total
      CROSS JOIN (SELECT sum(requests) AS requests, sum(bytes) AS bytes FROM attributed_usage WHERE {{in day}}) AS attributed
      WHERE total.requests != attributed.requests OR total.bytes != attributed.bytes`,
    describe: (row) => `${row.expected} requests in all, ${row.found} in the attribution`,
  },
  {
    name: 'an evidence set has one verdict a day, and moves of usage add up to nothing',
    next: 'Run fairshare attribute; if it stays, report it.',
    sql: `SELECT 'evidence set ' || toString(evidence_set) AS what
      FROM
      (
          SELECT evidence_set, valid_to, leadInFrame(valid_from, 1, valid_to) OVER (PARTITION BY evidence_set ORDER BY valid_from ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_from
          FROM verdict_current
      )
      WHERE next_from < valid_to
      UNION ALL
      SELECT 'moves of ' || toString(day) AS what
      FROM usage_adjustment
      GROUP BY attribution_version, day, booked_day
      HAVING sum(usage_adjustment.requests) != 0 OR sum(usage_adjustment.downloads) != 0 OR sum(usage_adjustment.bytes) != 0`,
    describe: ({ what }) => what,
  },
  {
    name: 'an evidence id stands for one evidence set',
    next: 'Report it: two sets share a 64-bit hash.',
    sql: 'SELECT id, uniqExact(token_id, prefix, range_id, asn, network_type) AS sets FROM evidence_set GROUP BY id HAVING sets > 1',
    describe: (row) => `evidence set ${row.id} has ${row.sets} contents`,
  },
];

/**
 * Days that a night answers for: those that it seals or that may still change. Closed days were checked before they closed.
 * @returns YYYY-MM-DD
 */
export async function openDays(warehouse: Warehouse): Promise<string[]> {
  const rows = await warehouse.query<{ day: string }>(
    "SELECT DISTINCT day FROM seal_current WHERE state = 'open' ORDER BY day",
  );
  return rows.map(({ day }) => day);
}

/**
 * Runs every check. An engine error in one is that check's failure; the others still run.
 * @param days whose landing and sealed rows are read, YYYY-MM-DD; default: all. What is not kept by day is checked whole.
 */
export async function runChecks(warehouse: Warehouse, days?: readonly string[]): Promise<CheckResult[]> {
  const results: CheckResult[] = [await schemaCheck(warehouse)];
  const chosen = (_all: string, column: string) => (days === undefined ? 'true' : `${column} IN {days:Array(Date)}`);
  for (const { name, sql, describe, next } of checks) {
    try {
      const rows = await warehouse.query<Record<string, string>>(
        `SELECT * FROM (${sql.replaceAll(/\{\{in ([\w.]+)\}\}/g, chosen)}) LIMIT 100`,
        { days: days ?? [] },
      );
      results.push({
        name,
        ok: rows.length === 0,
        detail:
          rows.length === 0
            ? ''
            : `${rows.length}${rows.length === 100 ? ' or more' : ''} offender(s), first: ${describe(rows[0])}`,
        next: rows.length === 0 ? '' : next,
      });
    } catch (error) {
      results.push({
        name,
        ok: false,
        detail: (error as Error).message,
        next: 'The check itself could not run: see the message.',
      });
    }
  }
  return results;
}

async function schemaCheck(warehouse: Warehouse): Promise<CheckResult> {
  const name = 'schema is what this version expects';
  try {
    const pending = await pendingMigrations(warehouse);
    return pending.length === 0
      ? { name, ok: true, detail: '', next: '' }
      : {
          name,
          ok: false,
          detail: `missing: ${pending.map((migration) => migration.name).join(', ')}`,
          next: 'Run fairshare migrate.',
        };
  } catch (error) {
    return { name, ok: false, detail: (error as Error).message, next: (error as { hint?: string }).hint ?? '' };
  }
}
