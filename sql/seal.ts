// Sealing: a day's landing becomes its partition of the sealed tables. Open days re-seal freely; a closed day never
// changes, and what comes later is booked on a later day.

import { Fault } from '../transform/fault.ts';
import { sqlFile } from './sql-file.ts';
import { type QueryParams, type Warehouse } from './warehouse.ts';

const sealedTables = ['usage_daily', 'usage_hourly', 'network_daily', 'request_rate'] as const;

export type DayState = 'open' | 'closed' | 'dropped';

export interface DaySeal {
  readonly day: string;
  /** The day itself, or the day on which late rows were booked. */
  readonly booked_day: string;
  readonly seal_no: string;
  readonly state: DayState;
  readonly batches: readonly string[];
  readonly requests: string;
  readonly downloads: string;
  readonly bytes: string;
  readonly usage_rows: string;
  readonly usage_hash: string;
}

export interface SealOutcome extends Pick<
  DaySeal,
  'day' | 'booked_day' | 'requests' | 'downloads' | 'bytes' | 'usage_rows' | 'usage_hash'
> {
  /** sealed; unchanged: the same batches as in its last seal; empty: nothing left to book */
  readonly status: 'sealed' | 'unchanged';
  readonly batches: number;
}

interface DayBatch {
  readonly batch_id: string;
  readonly revision: number;
  readonly methodology_version: number;
  readonly requests: string;
  readonly downloads: string;
  readonly bytes: string;
  readonly usage_rows: string;
  /** 0 all of it, 1 rows twice, -1 not all */
  readonly landed: number;
}

/** FINAL reads a third slower and is needed only where a repeated load stored rows again. */
type Final = '' | 'FINAL';

async function batchesOf(warehouse: Warehouse, day: string): Promise<{ batches: DayBatch[]; final: Final }> {
  const read = (final: Final) =>
    warehouse.query<DayBatch>(sqlFile('queries/day_batches.sql').replaceAll('{{final}}', final), { day });
  const batches = await read('');
  if (!batches.some(({ landed }) => landed === 1)) return { batches, final: '' };
  return { batches: await read('FINAL'), final: 'FINAL' };
}

/** Days that landing or a seal knows of, in order. */
export async function knownDays(warehouse: Warehouse): Promise<string[]> {
  const rows = await warehouse.query<{ day: string }>(
    "SELECT DISTINCT day FROM (SELECT arrayJoin(days) AS day FROM ledger_current WHERE state = 'loaded' UNION ALL SELECT day FROM seal_current) ORDER BY day",
  );
  return rows.map(({ day }) => day);
}

export const sealsOf = (warehouse: Warehouse, day: string): Promise<DaySeal[]> =>
  warehouse.query<DaySeal>('SELECT * FROM seal_current WHERE day = {day:Date} ORDER BY booked_day', { day });

export interface SealOptions {
  /** Where rows of a day that is closed already are booked: a day whose period is open. YYYY-MM-DD */
  readonly lateBookedDay: string;
  readonly now: Date;
  /** Seal again even where the same batches stand. */
  readonly force?: boolean;
  /** Landing rows that are grouped at a time: what bounds a seal's memory, about 1 KB each, whatever the day's size. */
  readonly rowsAtATime?: number;
}

/**
 * Seals one day.
 * @throws Fault(checkFailed) where landing does not hold what the ledger says, or batches used several methodologies
 */
export async function sealDay(warehouse: Warehouse, day: string, options: SealOptions): Promise<SealOutcome> {
  const seals = await sealsOf(warehouse, day);
  const { batches, final } = await batchesOf(warehouse, day);
  const closed = seals.filter(({ state }) => state !== 'open');
  const dropped = seals.some(({ state }) => state === 'dropped');
  const bookedDay = closed.length === 0 ? day : options.lateBookedDay;
  if (closed.some(({ booked_day }) => booked_day === bookedDay))
    throw new Fault(
      'checkFailed',
      `${day}: its rows booked on ${bookedDay} are closed`,
      'Book late rows on a day of an open period, with --booked-day.',
    );
  const last = seals.find(({ booked_day }) => booked_day === bookedDay) ?? closed.at(-1);
  const ids = batches.map(({ batch_id }) => batch_id);
  if (!options.force && last !== undefined && sameBatches(last.batches, ids))
    return { ...pickSums(last), status: 'unchanged', batches: ids.length };

  // Where a closed day's landing is gone, what was sealed from it stands, and only newer batches are added.
  const gone = new Set(
    dropped ? seals.filter(({ booked_day }) => booked_day !== bookedDay).flatMap((seal) => seal.batches) : [],
  );
  const lost = [...gone].filter((id) => !ids.includes(id));
  if (lost.length > 0)
    throw new Fault(
      'checkFailed',
      `${day}: ${lost.length} batch(es) were taken back after the day's landing was dropped`,
      'Their rows are in the closed figures and can only be corrected by a correction line (docs/FUNDING.md).',
    );
  const fresh = batches.filter(({ batch_id }) => !gone.has(batch_id));
  const missing = fresh.filter(({ landed }) => landed !== 0);
  if (missing.length > 0)
    throw new Fault(
      'checkFailed',
      `${day}: landing does not hold what the ledger says of ${missing.length} of ${batches.length} batches (first: ${missing[0].batch_id})`,
      'Nothing was sealed. Run `fairshare doctor`; ingest the objects again after `fairshare ingest retract`.',
    );
  const versions = [...new Set(fresh.map(({ methodology_version }) => methodology_version))];
  if (versions.length > 1)
    throw new Fault(
      'checkFailed',
      `${day}: its batches used methodology versions ${versions.join(' and ')}`,
      'Ingest the older ones again: the methodology is chosen by the day.',
    );

  const params = {
    day,
    booked_day: bookedDay,
    batches: fresh.map(({ batch_id }) => batch_id),
    subtract: !dropped,
  };
  const rows = fresh.reduce((sum, batch) => sum + Number(batch.usage_rows), 0);
  const parts = Math.max(1, Math.min(BUCKETS, Math.ceil(rows / (options.rowsAtATime ?? 1_500_000))));
  await stage(warehouse, params, parts, final);
  await checkAgainstLedger(warehouse, params, dropped ? fresh : batches);
  for (const table of sealedTables) await swap(warehouse, table, params);
  const [sums] = await warehouse.query<{
    requests: string;
    downloads: string;
    bytes: string;
    rows: string;
    hash: string;
  }>(sqlFile('queries/partition_sums.sql'), params);
  const seal = {
    day,
    booked_day: bookedDay,
    seal_no: String(BigInt(last?.booked_day === bookedDay ? last.seal_no : 0) + 1n),
    state: 'open',
    batches: ids,
    revisions: [...new Set(batches.map(({ revision }) => revision))],
    methodology_version: versions[0] ?? 0,
    requests: sums.requests,
    downloads: sums.downloads,
    bytes: sums.bytes,
    usage_rows: sums.rows,
    usage_hash: sums.hash,
    sealed_at: options.now.toISOString(),
  };
  await warehouse.insert('day_seal', [seal]);
  return { ...pickSums(seal), status: 'sealed', batches: ids.length };
}

interface Booking {
  readonly day: string;
  readonly booked_day: string;
  /** Whether the staged rows are what the day's other bookings lack, or stand beside them. */
  readonly subtract: boolean;
}

type SealedTable = (typeof sealedTables)[number];

const measuresOf: Record<SealedTable, readonly ('requests' | 'downloads' | 'bytes')[]> = {
  usage_daily: ['requests', 'downloads', 'bytes'],
  usage_hourly: ['requests', 'downloads', 'bytes'],
  network_daily: ['requests', 'downloads', 'bytes'],
  request_rate: ['requests', 'bytes'],
};

const partitionOf = ({ day, booked_day }: Booking): string => `('${day}', '${booked_day}')`;

/** Landing is ordered by as many buckets (sql/migrations/0001_landing.sql). */
const BUCKETS = 64;

/** Builds a day's partitions beside the tables, some buckets at a time. */
async function stage(warehouse: Warehouse, booking: Booking & QueryParams, parts: number, final: Final): Promise<void> {
  for (const table of sealedTables)
    await warehouse.command(`ALTER TABLE ${table}_staging DROP PARTITION ${partitionOf(booking)}`);
  const fetched = `seal_fetched_${booking.day}_${booking.booked_day}`.replaceAll('-', '');
  const run = (query: string, params: QueryParams = {}) =>
    warehouse.command(
      sqlFile(`queries/${query}.sql`).replaceAll('{{final}}', final).replaceAll('{{fetched}}', fetched),
      {
        ...booking,
        ...params,
      },
    );
  try {
    for (let part = 0; part < parts; part++) {
      const bucket_from = Math.floor((BUCKETS * part) / parts);
      const bucket_to = Math.floor((BUCKETS * (part + 1)) / parts);
      for (const query of ['seal_fetched', 'seal_usage_daily', 'seal_network_daily', 'seal_request_rate'])
        await run(query, { bucket_from, bucket_to });
    }
  } finally {
    await warehouse.command(`DROP TABLE IF EXISTS ${fetched}`);
  }
  await run('seal_usage_hourly');
}

async function swap(warehouse: Warehouse, table: SealedTable, booking: Booking): Promise<void> {
  const [staged] = await warehouse.query<{ rows: string }>(
    `SELECT count() AS rows FROM ${table}_staging WHERE day = {day:Date} AND booked_day = {booked_day:Date}`,
    { ...booking },
  );
  // The engine refuses to replace a partition by an empty one.
  await warehouse.command(
    staged.rows === '0'
      ? `ALTER TABLE ${table} DROP PARTITION ${partitionOf(booking)}`
      : `ALTER TABLE ${table} REPLACE PARTITION ${partitionOf(booking)} FROM ${table}_staging`,
  );
  await warehouse.command(`ALTER TABLE ${table}_staging DROP PARTITION ${partitionOf(booking)}`);
}

/** What is staged, with the day's other bookings, must be what the ledger says; nothing is swapped in otherwise. */
async function checkAgainstLedger(warehouse: Warehouse, booking: Booking, batches: readonly DayBatch[]): Promise<void> {
  for (const table of sealedTables) {
    const measures = measuresOf[table];
    const sums = measures.map((measure) => `sum(bookings.${measure}) AS ${measure}`).join(', ');
    const [row] = await warehouse.query<Record<string, string>>(
      `SELECT ${sums} FROM
      (
          SELECT ${measures.join(', ')} FROM ${table}_staging WHERE day = {day:Date} AND booked_day = {booked_day:Date}
          UNION ALL
          SELECT ${measures.join(', ')} FROM ${table} WHERE day = {day:Date} AND booked_day != {booked_day:Date} AND {subtract:Bool}
      ) AS bookings`,
      { ...booking },
    );
    for (const measure of measures) {
      const ledger = batches.reduce((sum, batch) => sum + BigInt(batch[measure]), 0n);
      if (BigInt(row[measure]) !== ledger)
        throw new Fault(
          'checkFailed',
          `${booking.day}: ${table} would hold ${row[measure]} ${measure}, the ledger says ${ledger}`,
          'The day was not sealed. Run `fairshare doctor` and report this.',
        );
    }
  }
}

const sameBatches = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((id, i) => id === b[i]);

const pickSums = ({
  day,
  booked_day,
  requests,
  downloads,
  bytes,
  usage_rows,
  usage_hash,
}: Omit<SealOutcome, 'status' | 'batches'>) => ({
  day,
  booked_day,
  requests,
  downloads,
  bytes,
  usage_rows,
  usage_hash,
});
