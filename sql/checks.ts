// Checks of the numbers that must always hold; each says what to do if it fails. The nightly job and `doctor` run the same ones.

import { restoreCommand } from './dropped.ts';
import { pendingMigrations } from './migrate.ts';
import { sqlFile } from './sql-file.ts';
import { type Warehouse } from './warehouse.ts';

export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  /** The figures, or the first offender. */
  readonly detail: string;
  /** The next step for a person, if the check failed. */
  readonly next: string;
}

interface Check {
  readonly name: string;
  readonly next: string;
  /** Its query returns offenders, at most OFFENDERS. No row means that the check passed. */
  readonly file: string;
  readonly describe: (row: Record<string, string>) => string;
}

/** At most this many are listed. */
const OFFENDERS = 100;

const checks: readonly Check[] = [
  {
    name: 'ledger tiles every partition without gap or overlap',
    next: 'A gap or overlap cannot come from ingest: report it with the rows of ledger_current, and retract the range.',
    file: 'queries/check/ledger_tiles.sql',
    describe: (row) => `${row.source} ${row.partition}: [${row.first}, ${row.last}) is followed by ${row.neighbour}`,
  },
  {
    name: 'lines = requests + excluded + quarantined, in every batch',
    next: 'Report it: the transform lost or made a line.',
    file: 'queries/check/lines_add_up.sql',
    describe: (row) => `${row.source} ${row.partition} from ${row.first}`,
  },
  {
    name: 'landing holds what the ledger says',
    next: 'Take the batch back (fairshare ingest retract) and ingest its object or range again.',
    file: 'queries/check/landing.sql',
    describe: (row) => `batch ${row.batch_id}: ${row.expected} rows in the ledger, ${row.found} in usage_batch`,
  },
  {
    name: 'landing holds the rates that the ledger says',
    next: 'Take the batch back (fairshare ingest retract) and ingest its object or range again.',
    file: 'queries/check/landing_rates.sql',
    describe: (row) => `batch ${row.batch_id}: ${row.expected} rows in the ledger, ${row.found} in rate_batch`,
  },
  {
    name: 'quarantine holds the lines that the ledger says',
    next: 'Take the batch back (fairshare ingest retract) and ingest its object or range again.',
    file: 'queries/check/quarantine.sql',
    describe: (row) => `batch ${row.batch_id}: ${row.expected} lines in the ledger, ${row.found} in quarantine`,
  },
  {
    name: 'sealed days hold what the ledger said when they were sealed',
    next: 'Seal the day again: fairshare seal --day DAY --force.',
    file: 'queries/check/sealed_days.sql',
    describe: (row) =>
      `${row.day} booked on ${row.booked_day}: ${row.expected} requests in its seal, ${row.found} in usage_daily`,
  },
  {
    name: 'sealed facets add up to the usage of their day',
    next: 'Seal the day again: fairshare seal --day DAY --force.',
    file: 'queries/check/sealed_facets.sql',
    describe: (row) =>
      `${row.day} booked on ${row.booked_day}: ${row.expected} requests in its seal, ${row.found} in ${row.table}`,
  },
  {
    name: 'bookings of a sealed day add up to its batches',
    next: 'Seal the day again: fairshare seal --day DAY --force.',
    file: 'queries/check/bookings.sql',
    describe: (row) => `${row.day}: ${row.found} requests sealed, ${row.expected} in its batches`,
  },
  {
    name: 'the ledger counts what the sealed rows of dropped days come from',
    next: 'Put the batches back (fairshare ingest restore), then correct the statements: docs/FUNDING.md, "Corrections".',
    file: 'queries/check/lost_batches.sql',
    describe: ({ source, object, partition, first, last }) =>
      `taken back: ${restoreCommand({ source, object, partition, first, last })}`,
  },
  {
    name: 'attributed + unattributed = total',
    next: 'Run fairshare attribute; if it stays, report it.',
    file: 'queries/check/attribution.sql',
    describe: (row) => `${row.expected} requests in all, ${row.found} in the attribution`,
  },
  {
    name: 'an evidence set has one verdict a day, and moves of usage add up to nothing',
    next: 'Run fairshare attribute; if it stays, report it.',
    file: 'queries/check/verdicts.sql',
    describe: ({ what }) => what,
  },
  {
    name: 'an allocation run is recorded once',
    next: 'Find out who wrote the second row, and restore the backup: reports and exports show the last row.',
    file: 'queries/check/run_ids.sql',
    describe: (row) => `run ${row.run_id} has ${row.rows} rows`,
  },
  {
    name: 'an evidence id stands for one evidence set',
    next: 'Report it: two sets share a 64-bit hash.',
    file: 'queries/check/evidence_sets.sql',
    describe: (row) => `evidence set ${row.id} has ${row.sets} contents`,
  },
];

/**
 * Days that a night must check: days that it seals, and days that may still change. Closed days were checked before they closed.
 * @returns YYYY-MM-DD
 */
export async function openDays(warehouse: Warehouse): Promise<string[]> {
  const rows = await warehouse.query<{ day: string }>(sqlFile('queries/seal/open_days.sql'));
  return rows.map(({ day }) => day);
}

/**
 * Runs every check. If the engine fails in one, that check fails; the others still run.
 * @param days whose landing and sealed rows are read, YYYY-MM-DD; default: all. Data that is not stored by day is checked whole.
 */
export async function runChecks(warehouse: Warehouse, days?: readonly string[]): Promise<CheckResult[]> {
  const results: CheckResult[] = [await schemaCheck(warehouse)];
  const params = { all_days: days === undefined, days: days ?? [] };
  for (const { name, file, describe, next } of checks) {
    try {
      const rows = await warehouse.query<Record<string, string>>(sqlFile(file), params);
      results.push({
        name,
        ok: rows.length === 0,
        detail:
          rows.length === 0
            ? ''
            : `${rows.length}${rows.length === OFFENDERS ? ' or more' : ''} offender(s), first: ${describe(rows[0])}`,
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
