// Intervals of a period from the warehouse: usage and the measured precision of its evidence → draws, recorded with a run so
// that it can be drawn again when finer data are gone. docs/METHODOLOGY.md, Intervals

import { recordedRun } from '../../dashboards/report/collect.ts';
import { type UsageIntervals } from '../../dashboards/report/figures.ts';
import { intervalFigures, type PrecisionRow } from '../../dashboards/report/intervals.ts';
import { Fault } from '../../transform/fault.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import {
  INTERVAL_DRAWS,
  intervalMeasures,
  usageIntervals,
  type Interval,
  type UsageInterval,
} from '../../transform/funding/intervals.ts';
import { precisionOfTier, type Precision } from '../../transform/funding/precision.ts';
import { formatRational, type Rational, zero } from '../../transform/funding/rational.ts';
import { unitsUnder, type FundingTexts, type PartyUsage } from './parties.ts';
import { sha256 } from '../../sql/sha256.ts';

/** A row of interval_input. */
export interface AttributedUsage {
  readonly family_id: string;
  readonly org_id: string;
  readonly tier: string;
  readonly prefix: string;
  readonly requester_class: string;
  readonly requests: string;
  readonly bytes: string;
}

/** What intervals are drawn from. */
export interface IntervalInputs {
  readonly usage: readonly AttributedUsage[];
  readonly precision: readonly Precision[];
  readonly seed: number;
  readonly draws: number;
}

/** A row's units. */
export type UnitsOf = (row: AttributedUsage) => Rational;

/** One seed for all runs of a month: the same prefix is drawn alike every night. '2026-10' → 202610 */
const seedOf = (period: string): number => Number(period.replace('-', ''));

interface StoredPrecision {
  readonly tier: string;
  readonly org_id: string;
  readonly prefixes_right: string;
  readonly prefixes_wrong: string;
}
const precisionOf = (rows: readonly StoredPrecision[]): Precision[] =>
  rows.map(({ tier, org_id, prefixes_right, prefixes_wrong }) => ({
    tier,
    org: org_id,
    right: Number(prefixes_right),
    wrong: Number(prefixes_wrong),
  }));

/** How often evidence of E4–E6 was seen to name the right organisation in a period, up to a day, by organisation named. */
export const measuredPrecision = async (warehouse: Warehouse, period: string, until: string): Promise<Precision[]> =>
  precisionOf(await warehouse.query<StoredPrecision>(sqlFile('queries/interval_precision.sql'), { period, until }));

/**
 * A period's attributed usage by what errs as a whole, and how often that evidence was seen to err.
 * @param until last day whose bookings count
 * @param precision as it was measured already
 */
export async function periodInputs(
  warehouse: Warehouse,
  period: string,
  until: string,
  precision?: readonly Precision[],
): Promise<IntervalInputs> {
  const usage = await warehouse.query<AttributedUsage>(sqlFile('queries/interval_usage.sql'), { period, until });
  const networks = await warehouse.query<NetworkUsage>(sqlFile('queries/interval_networks.sql'), { period, until });
  return {
    usage: byNetwork(usage, networks),
    precision: precision ?? (await measuredPrecision(warehouse, period, until)),
    seed: seedOf(period),
    draws: INTERVAL_DRAWS,
  };
}

interface NetworkUsage extends Pick<AttributedUsage, 'org_id' | 'tier' | 'requester_class' | 'requests' | 'bytes'> {
  readonly asn: string;
  readonly network: string;
}

/** Usage that an AS number attributes, by network; what no network is kept of stays under the AS number. */
export function byNetwork(usage: readonly AttributedUsage[], networks: readonly NetworkUsage[]): AttributedUsage[] {
  const keyOf = (org: string, tier: string, prefix: string, requesterClass: string) =>
    JSON.stringify([org, tier, prefix, requesterClass]);
  const split = new Map<string, NetworkUsage[]>();
  for (const row of networks) {
    const key = keyOf(row.org_id, row.tier, row.asn, row.requester_class);
    const rows = split.get(key);
    if (rows === undefined) split.set(key, [row]);
    else rows.push(row);
  }
  const rows = usage.flatMap((row) => {
    const parts = split.get(keyOf(row.org_id, row.tier, row.prefix, row.requester_class)) ?? [];
    const rest = (measure: 'requests' | 'bytes') =>
      parts.reduce((left, part) => left - BigInt(part[measure]), BigInt(row[measure]));
    const [requests, bytes] = [rest('requests'), rest('bytes')];
    return [
      ...parts.map((part) => ({ ...row, prefix: part.network, requests: part.requests, bytes: part.bytes })),
      ...(requests === 0n && bytes === 0n && parts.length > 0
        ? []
        : [{ ...row, requests: `${requests}`, bytes: `${bytes}` }]),
    ];
  });
  // A network can be evidence by itself in one part of the month, and by its AS in another: it errs as one.
  const merged = new Map<string, AttributedUsage>();
  for (const row of rows) {
    const key = JSON.stringify([row.family_id, row.org_id, row.tier, row.prefix, row.requester_class]);
    const same = merged.get(key) ?? { requests: '0', bytes: '0' };
    merged.set(key, {
      ...row,
      requests: `${BigInt(same.requests) + BigInt(row.requests)}`,
      bytes: `${BigInt(same.bytes) + BigInt(row.bytes)}`,
    });
  }
  return [...merged.values()];
}

export const drawIntervals = ({ usage, precision, seed, draws }: IntervalInputs, unitsOf: UnitsOf): UsageInterval[] =>
  usageIntervals({
    usage: usage.map((row) => ({
      family: row.family_id,
      org: row.org_id,
      tier: row.tier,
      prefix: row.prefix,
      requester_class: row.requester_class,
      requests: BigInt(row.requests),
      bytes: BigInt(row.bytes),
      units: unitsOf(row),
    })),
    precision,
    seed,
    draws,
  });

/** Intervals of a recorded run, to be shown. */
export const runIntervals = async (warehouse: Warehouse, runId: string): Promise<UsageIntervals> =>
  intervalFigures(
    await recordedRun(warehouse, runId),
    await recordedIntervals(warehouse, runId),
    precisionFigures(await recordedPrecision(warehouse, runId)),
  );

/** Intervals of a month's requests and bytes by the latest attribution, to be shown; nothing is recorded. */
export async function attributionIntervals(
  warehouse: Warehouse,
  period: string,
  until: string,
): Promise<UsageIntervals> {
  const inputs = await periodInputs(warehouse, period, until);
  return intervalFigures(
    { interval_seed: String(inputs.seed), interval_draws: inputs.draws },
    intervalRows(drawIntervals(inputs, () => zero)),
    precisionFigures(inputs.precision),
  );
}

/** What is shown of it: tier by tier, all organisations together. */
const precisionFigures = (precision: readonly Precision[]): PrecisionRow[] =>
  [...new Set(precision.map(({ tier }) => tier))].map((tier) => {
    const { right, wrong } = precisionOfTier(precision, tier);
    return { tier, prefixes_right: String(right), prefixes_wrong: String(wrong) };
  });

const precisionRow = ({ tier, org, right, wrong }: Precision): StoredPrecision => ({
  tier,
  org_id: org,
  prefixes_right: String(right),
  prefixes_wrong: String(wrong),
});

/** A row of usage_interval without its run, numbers as text. */
export type StoredInterval = Readonly<Record<string, string>>;

const bounds = ['attributed', 'low', 'point', 'high'] as const satisfies readonly (keyof Interval)[];

/** What is recorded: families, organisations, and parts of an organisation whose evidence may err. */
export const intervalRows = (intervals: readonly UsageInterval[]): StoredInterval[] =>
  intervals
    .filter(({ tier }) => tier === '' || tier > 'E3')
    .map(({ family, org, tier, requester_class, intervals: measured }) => ({
      family_id: family,
      org_id: org,
      tier,
      requester_class,
      ...Object.fromEntries(
        intervalMeasures.flatMap((measure) =>
          bounds.map((bound) => [
            `${measure}_${bound}`,
            formatRational(measured[measure][bound], measure === 'units' ? 6 : 0).replaceAll(',', ''),
          ]),
        ),
      ),
    }));

const intervalsSha256 = (rows: readonly StoredInterval[]): string => sha256(JSON.stringify(rows));

const INSERT_ROWS = 100_000;

/** Columns of allocation_run. */
export interface IntervalRun {
  readonly interval_seed: string;
  /** 0: the run is older than intervals. */
  readonly interval_draws: number;
  readonly intervals_sha256: string;
}

/**
 * Draws a run's intervals, and writes what they were drawn from and what they are. The run's own row comes after.
 * @throws Fault(checkFailed) where usage is not what the parties hold
 */
export async function recordIntervals(
  warehouse: Warehouse,
  runId: string,
  { period, until }: { readonly period: string; readonly until: string },
  parties: readonly PartyUsage[],
  texts: FundingTexts,
  precision: readonly Precision[],
): Promise<IntervalRun> {
  const inputs = await periodInputs(warehouse, period, until, precision);
  requireSameUsage(inputs.usage, parties);
  const rows = intervalRows(drawIntervals(inputs, unitsUnder(parties, texts)));
  const insert = async (table: string, all: readonly object[]) => {
    for (let from = 0; from < all.length; from += INSERT_ROWS)
      await warehouse.insert(
        table,
        all.slice(from, from + INSERT_ROWS).map((row) => ({ run_id: runId, ...row })),
      );
  };
  await insert('interval_precision', inputs.precision.map(precisionRow));
  await insert('interval_input', inputs.usage);
  await insert('usage_interval', rows);
  return {
    interval_seed: String(inputs.seed),
    interval_draws: inputs.draws,
    intervals_sha256: intervalsSha256(rows),
  };
}

/** Whether a run's intervals, drawn again from what was recorded, are what was recorded. */
export async function sameIntervals(
  warehouse: Warehouse,
  run: IntervalRun & FundingTexts & { readonly run_id: string },
  parties: readonly PartyUsage[],
): Promise<boolean> {
  if (run.interval_draws === 0) return true;
  const usage = await warehouse.query<AttributedUsage>(
    'SELECT family_id, org_id, tier, prefix, requester_class, requests, bytes FROM interval_input FINAL WHERE run_id = {run_id:String}',
    { run_id: run.run_id },
  );
  const precision = await recordedPrecision(warehouse, run.run_id);
  const inputs = { usage, precision, seed: Number(run.interval_seed), draws: run.interval_draws };
  return (
    intervalsSha256(intervalRows(drawIntervals(inputs, unitsUnder(parties, run)))) === run.intervals_sha256 &&
    intervalsSha256(await recordedIntervals(warehouse, run.run_id)) === run.intervals_sha256
  );
}

export const recordedPrecision = async (warehouse: Warehouse, runId: string): Promise<Precision[]> =>
  precisionOf(
    await warehouse.query<StoredPrecision>(
      'SELECT tier, org_id, prefixes_right, prefixes_wrong FROM interval_precision FINAL WHERE run_id = {run_id:String} ORDER BY tier, org_id',
      { run_id: runId },
    ),
  );

/** Recorded intervals by id, of one family or of all. */
export const recordedIntervals = (warehouse: Warehouse, runId: string, family = ''): Promise<StoredInterval[]> =>
  warehouse.query<StoredInterval>(sqlFile('queries/report_intervals.sql'), { run_id: runId, family });

/** Units that are truly an organisation's, 5 % and 95 %, in decimals. */
export interface UnitRange {
  readonly low: string;
  readonly high: string;
}
export const rangeKey = (row: { readonly org_id: string; readonly requester_class: string; readonly tier: string }) =>
  JSON.stringify([row.org_id, row.requester_class, row.tier]);

/** Units of a family's usage whose evidence may err, as exports show them. */
export async function unitRanges(warehouse: Warehouse, runId: string, family: string): Promise<Map<string, UnitRange>> {
  const rows = await recordedIntervals(warehouse, runId, family);
  return new Map(
    rows
      .filter(({ tier }) => tier !== '')
      .map((row) => [
        rangeKey({ org_id: row.org_id, requester_class: row.requester_class, tier: row.tier }),
        { low: row.units_low, high: row.units_high },
      ]),
  );
}

/**
 * Intervals show the same usage as the allocation.
 * @throws Fault(checkFailed) where usage changed between the two
 */
function requireSameUsage(usage: readonly AttributedUsage[], parties: readonly PartyUsage[]): void {
  const sums = new Map<string, bigint>();
  const book = (
    family: string,
    tier: string,
    requesterClass: string,
    sign: bigint,
    row: { requests: string; bytes: string },
  ) => {
    for (const measure of ['requests', 'bytes'] as const) {
      const key = JSON.stringify([family, tier, requesterClass, measure]);
      sums.set(key, (sums.get(key) ?? 0n) + sign * BigInt(row[measure]));
    }
  };
  for (const row of parties) if (row.kind !== 'unattributed') book(row.party, row.tier, row.requester_class, 1n, row);
  for (const row of usage) book(row.family_id, row.tier, row.requester_class, -1n, row);
  const different = [...sums].find(([, difference]) => difference !== 0n);
  if (different !== undefined)
    throw new Fault(
      'checkFailed',
      `usage of ${(JSON.parse(different[0]) as string[]).join(', ')} is not what its intervals are drawn from`,
      'Usage changed while it was allocated: run the same command again.',
    );
}
