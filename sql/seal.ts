// Sealing builds a day's partition of the sealed tables from landing. An open day can be sealed again at any time. A closed day
// never changes: later rows are booked on a later day.

import { Fault } from '../transform/fault.ts';
import { versionOfDay } from '../transform/methodology.ts';
import { damageFault, isDamage } from './damage.ts';
import { methodologyOf } from './methodology.ts';
import { lostBatches, restoreCommand } from './dropped.ts';
import { type PlaceholderValues, sqlFile } from './sql-file.ts';
import { type QueryParams, type Warehouse } from './warehouse.ts';

/** Analysts read them beside usage_daily; nobody is billed by them. */
const facetTables = ['client_daily', 'status_daily', 'package_daily'] as const;
export const sealedTables = ['usage_daily', 'usage_hourly', 'network_daily', 'request_rate', ...facetTables] as const;

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
  /** Transfers of parts of files. */
  readonly partials: string;
  readonly bytes: string;
  readonly usage_rows: string;
  readonly usage_hash: string;
  /** Whether `facetTables` have this booking. */
  readonly has_facets: boolean;
}

export interface SealOutcome extends Pick<
  DaySeal,
  'day' | 'booked_day' | 'requests' | 'downloads' | 'partials' | 'bytes' | 'usage_rows' | 'usage_hash'
> {
  /** sealed; unchanged: the same batches as in the last seal; empty: nothing left to book */
  readonly status: 'sealed' | 'unchanged';
  readonly batches: number;
}

interface DayBatch {
  readonly batch_id: string;
  readonly source: string;
  readonly revision: number;
  readonly methodology_version: number;
  readonly requests: string;
  readonly downloads: string;
  readonly partials: string;
  readonly bytes: string;
  readonly usage_rows: string;
  /** 0 all rows, 1 some rows twice, -1 rows are missing */
  readonly landed: number;
}

/** Reading must collapse rows if a repeated load stored rows again. */
type Final = NonNullable<PlaceholderValues['final']>;

async function batchesOf(warehouse: Warehouse, day: string): Promise<{ batches: DayBatch[]; final: Final }> {
  const read = (final: Final) => warehouse.query<DayBatch>(sqlFile('queries/seal/day_batches.sql', { final }), { day });
  const batches = await read('');
  if (!batches.some(({ landed }) => landed === 1)) return { batches, final: '' };
  return { batches: await read('FINAL'), final: 'FINAL' };
}

/** Days in landing or in a seal, in order. */
export async function knownDays(warehouse: Warehouse): Promise<string[]> {
  const rows = await warehouse.query<{ day: string }>(sqlFile('queries/seal/known_days.sql'));
  return rows.map(({ day }) => day);
}

const sealsOf = (warehouse: Warehouse, day: string): Promise<DaySeal[]> =>
  warehouse.query<DaySeal>(sqlFile('queries/seal/bookings_of_day.sql'), { day });

export interface SealOptions {
  /** Late rows of a closed day are booked on this day, of an open period. YYYY-MM-DD */
  readonly lateBookedDay: string;
  readonly now: Date;
  /** Seal again even if the batches are the same. */
  readonly force?: boolean;
  /** Landing rows that are grouped at a time. Bounds a seal's memory, about 1 KB a row, for a day of any size. */
  readonly rowsAtATime?: number;
}

/** A day that could not be sealed. */
export interface UnsealedDay {
  readonly day: string;
  readonly fault: Fault;
  /** Whether its figures may still change; else the figures of its earlier seals are final, and only late rows wait. */
  readonly isOpen: boolean;
}

/**
 * Seals several days. A day that cannot be sealed does not keep the others: it is returned with its fault.
 * @param onDay called after each day that was sealed or had not changed
 */
export async function sealDays(
  warehouse: Warehouse,
  days: readonly string[],
  { signal, onDay, ...options }: SealOptions & { signal?: AbortSignal; onDay?: (outcome: SealOutcome) => void },
): Promise<{ readonly outcomes: SealOutcome[]; readonly unsealed: UnsealedDay[] }> {
  const outcomes: SealOutcome[] = [];
  const unsealed: UnsealedDay[] = [];
  for (const day of days) {
    if (signal?.aborted) break;
    try {
      const outcome = await sealDay(warehouse, day, options);
      outcomes.push(outcome);
      onDay?.(outcome);
    } catch (error) {
      const fault = isDamage(error) ? damageFault(`${day}: the engine cannot read it`, error) : error;
      if (!(fault instanceof Fault && fault.kind === 'checkFailed')) throw error;
      const seals = await sealsOf(warehouse, day);
      unsealed.push({ day, fault, isOpen: !seals.some(({ state }) => state !== 'open') });
    }
  }
  return { outcomes, unsealed };
}

/** One fault for all of them. @throws Fault(checkFailed) unless there are none */
export function requireSealed(unsealed: readonly UnsealedDay[], sealed: string): void {
  if (unsealed.length === 0) return;
  throw new Fault(
    'checkFailed',
    `${unsealed.length} day(s) cannot be sealed; ${sealed}\n${unsealed.map(({ fault }) => `  ${fault.message}`).join('\n')}`,
    [...new Set(unsealed.map(({ fault }) => fault.hint))].join('\n'),
  );
}

/**
 * Seals one day.
 * @throws Fault(checkFailed) if landing differs from the ledger, or batches used several methodologies
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

  requireSum(day, batches);
  // After a closed day's landing was dropped, its sealed rows stay, and only newer batches are added. Each booking lists all
  // batches of the day at its time, so the last of them tells what the sealed rows consist of.
  const gone = new Set(dropped ? seals.findLast(({ booked_day }) => booked_day !== bookedDay)?.batches : []);
  const lost = [...gone].filter((id) => !ids.includes(id));
  if (lost.length > 0) throw await lostFault(warehouse, day, lost);
  const fresh = batches.filter(({ batch_id }) => !gone.has(batch_id));
  const missing = fresh.filter(({ landed }) => landed !== 0);
  if (missing.length > 0)
    throw new Fault(
      'checkFailed',
      `${day}: landing does not hold what the ledger says of ${missing.length} of ${batches.length} batches (first: ${missing[0].batch_id})`,
      'Nothing was sealed. Run `fairshare doctor`; ingest the objects again after `fairshare ingest retract`.',
    );
  const version = versionOfDay(await methodologyOf(warehouse), day);
  if (fresh.some(({ methodology_version }) => methodology_version < version))
    throw new Fault(
      'checkFailed',
      `${day}: it has methodology ${version}, and some of its batches were read by a process that did not know it yet`,
      'Restart the workers, retract those objects, and ingest them again.',
    );

  const params = {
    day,
    booked_day: bookedDay,
    batches: fresh.map(({ batch_id }) => batch_id),
    sources: fresh.map(({ source }) => source),
    subtract: !dropped,
    version,
  };
  const rows = fresh.reduce((sum, batch) => sum + Number(batch.usage_rows), 0);
  const parts = Math.max(1, Math.min(BUCKETS, Math.ceil(rows / (options.rowsAtATime ?? 1_500_000))));
  // A day that was closed before the facet tables were there has none: the late rows alone would look like the whole day.
  const hasFacets = seals.every(({ booked_day, has_facets }) => has_facets || booked_day === bookedDay);
  await stage(warehouse, params, { parts, final, hasFacets });
  await checkAgainstLedger(warehouse, params, dropped ? fresh : batches, hasFacets);
  for (const table of sealedTables) await swap(warehouse, table, params);
  const [sums] = await warehouse.query<{
    requests: string;
    downloads: string;
    partials: string;
    bytes: string;
    rows: string;
    hash: string;
  }>(sqlFile('queries/seal/partition_sums.sql'), params);
  const seal = {
    day,
    booked_day: bookedDay,
    seal_no: String(BigInt(last?.booked_day === bookedDay ? last.seal_no : 0) + 1n),
    state: 'open',
    batches: ids,
    revisions: [...new Set(batches.map(({ revision }) => revision))],
    methodology_version: version,
    requests: sums.requests,
    downloads: sums.downloads,
    partials: sums.partials,
    bytes: sums.bytes,
    usage_rows: sums.rows,
    usage_hash: sums.hash,
    sealed_at: options.now.toISOString(),
    has_facets: hasFacets,
  };
  await warehouse.insert('day_seal', [seal]);
  return { ...pickSums(seal), status: 'sealed', batches: ids.length };
}

/** @throws Fault(checkFailed) if the bytes of a day leave 64 bits: the engine's sum would wrap */
function requireSum(day: string, batches: readonly DayBatch[]): void {
  const sum = batches.reduce((total, { bytes }) => total + BigInt(bytes), 0n);
  if (sum < 2n ** 63n) return;
  const most = batches.reduce((a, b) => (BigInt(b.bytes) > BigInt(a.bytes) ? b : a));
  throw new Fault(
    'checkFailed',
    `${day}: its batches have ${sum} bytes, and sums of 64 bits end before that; the largest is of source ${most.source}`,
    'The day was not sealed. Take the objects with impossible sizes back: fairshare ingest retract.',
  );
}

/** Names the retractions that must be undone. */
async function lostFault(warehouse: Warehouse, day: string, ids: readonly string[]): Promise<Fault> {
  const batches = (await lostBatches(warehouse)).filter(({ batch_id }) => ids.includes(batch_id));
  const commands = [...new Set(batches.map(restoreCommand))];
  return new Fault(
    'checkFailed',
    `${day}: ${ids.length} batch(es) were taken back after the day's landing was dropped`,
    `Their rows stay in the closed figures. Put the batches back: ${commands.join('; ')}. Then correct the statements: docs/FUNDING.md, "Corrections".`,
  );
}

interface BookedDay {
  readonly day: string;
  readonly booked_day: string;
}
interface Booking extends BookedDay {
  /** Version of the methodology that the day has. */
  readonly version: number;
  /** Whether the day's other bookings are subtracted from the staged rows; if not, the staged rows are added to them. */
  readonly subtract: boolean;
}

type SealedTable = (typeof sealedTables)[number];

/** Sealing finds that some transfers of parts were whole, so it is the sum of both that stays. */
type Measure = 'requests' | 'transfers' | 'bytes';
const measuresOf: Record<Exclude<SealedTable, 'package_daily'>, readonly Measure[]> = {
  usage_daily: ['requests', 'transfers', 'bytes'],
  usage_hourly: ['requests', 'transfers', 'bytes'],
  network_daily: ['requests', 'transfers', 'bytes'],
  request_rate: ['requests', 'bytes'],
  client_daily: ['requests', 'transfers', 'bytes'],
  status_daily: ['requests', 'transfers', 'bytes'],
};

/** Landing is ordered by this many buckets (sql/migrations/0001_landing.sql). */
const BUCKETS = 64;

/** Builds a day's partitions in the staging tables, some buckets at a time. */
async function stage(
  warehouse: Warehouse,
  booking: Booking & QueryParams,
  { parts, final, hasFacets }: { readonly parts: number; readonly final: Final; readonly hasFacets: boolean },
): Promise<void> {
  for (const table of sealedTables) await dropBooking(warehouse, stagingOf(table), booking);
  const [fetched, whole, hours] = ['fetched', 'whole', 'hours'].map((name) =>
    `seal_${name}_${booking.day}_${booking.booked_day}`.replaceAll('-', ''),
  );
  const run = (file: string, params: QueryParams = {}) =>
    warehouse.command(sqlFile(file, { final }), { ...booking, fetched, whole, hours, ...params });
  const files = [
    'queries/seal/fetched.sql',
    'queries/seal/usage_daily.sql',
    'queries/seal/network_daily.sql',
    'queries/seal/request_rate.sql',
    ...(hasFacets ? ['queries/seal/client_daily.sql', 'queries/seal/package_daily.sql'] : []),
  ];
  if (hasFacets) await run('queries/seal/make_salt.sql');
  try {
    await run('queries/seal/whole.sql');
    const [{ rows }] = await warehouse.query<{ rows: string }>(sqlFile('queries/seal/whole_rows.sql'), { whole });
    const has_whole = rows !== '0';
    for (let part = 0; part < parts; part++) {
      const bucket_from = Math.floor((BUCKETS * part) / parts);
      const bucket_to = Math.floor((BUCKETS * (part + 1)) / parts);
      for (const file of files) await run(file, { bucket_from, bucket_to, has_whole });
    }
    await run('queries/seal/hours.sql', { has_whole });
    await run('queries/seal/usage_hourly.sql');
    if (hasFacets) await run('queries/seal/status_daily.sql');
  } finally {
    for (const table of [fetched, whole, hours])
      await warehouse.command(sqlFile('queries/seal/drop_fetched.sql'), { table });
  }
}

const stagingOf = <Table extends SealedTable>(table: Table): `${Table}_staging` => `${table}_staging`;

export const dropBooking = (warehouse: Warehouse, table: string, { day, booked_day }: BookedDay): Promise<void> =>
  warehouse.command(sqlFile('queries/seal/drop_booking.sql'), { table, day, booked_day });

/** Puts the staged rows of a booking in the place of its stored ones. */
export async function swap(warehouse: Warehouse, table: SealedTable, booking: BookedDay): Promise<void> {
  const { day, booked_day } = booking;
  const staging = stagingOf(table);
  const [staged] = await warehouse.query<{ rows: string }>(sqlFile('queries/seal/staged_rows.sql'), {
    table: staging,
    day,
    booked_day,
  });
  // The engine refuses to replace a partition by an empty one.
  if (staged.rows === '0') await dropBooking(warehouse, table, booking);
  else await warehouse.command(sqlFile('queries/seal/replace_booking.sql', { staging }), { table, day, booked_day });
  await dropBooking(warehouse, staging, booking);
}

/** The staged rows plus the day's other bookings must equal the ledger. Otherwise nothing is swapped in. */
async function checkAgainstLedger(
  warehouse: Warehouse,
  booking: Booking,
  batches: readonly DayBatch[],
  hasFacets: boolean,
): Promise<void> {
  const ledger: Record<Measure, bigint> = { requests: 0n, transfers: 0n, bytes: 0n };
  for (const { requests, downloads, partials, bytes } of batches) {
    ledger.requests += BigInt(requests);
    ledger.transfers += BigInt(downloads) + BigInt(partials);
    ledger.bytes += BigInt(bytes);
  }
  for (const table of Object.keys(measuresOf) as (keyof typeof measuresOf)[]) {
    if (!hasFacets && facetTables.some((each) => each === table)) continue;
    const [row] = await warehouse.query<Record<Measure, string>>(
      sqlFile(table === 'request_rate' ? 'queries/seal/staged_rate_sums.sql' : 'queries/seal/staged_usage_sums.sql'),
      { ...booking, table, staging: stagingOf(table) },
    );
    for (const measure of measuresOf[table]) {
      if (BigInt(row[measure]) !== ledger[measure])
        throw new Fault(
          'checkFailed',
          `${booking.day}: ${table} would hold ${row[measure]} ${measure}, the ledger says ${ledger[measure]}`,
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
  partials,
  bytes,
  usage_rows,
  usage_hash,
}: Omit<SealOutcome, 'status' | 'batches'>) => ({
  day,
  booked_day,
  requests,
  downloads,
  partials,
  bytes,
  usage_rows,
  usage_hash,
});
