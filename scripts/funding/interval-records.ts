// Records the intervals of a run with their inputs, so that they can be drawn again when finer data have been deleted.

import { type UsageIntervals } from '../../dashboards/report/figures.ts';
import { intervalFigures, type IntervalRow } from '../../dashboards/report/intervals.ts';
import { allocationRun, type AllocationRun } from '../../sql/allocation-run.ts';
import { sha256 } from '../../sql/sha256.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { Fault } from '../../transform/fault.ts';
import { type Precision } from '../../transform/funding/precision.ts';
import { type Rational } from '../../transform/funding/rational.ts';
import { type PartyUsage } from '../../transform/funding/units.ts';
import {
  drawIntervals,
  intervalRows,
  periodInputs,
  precisionOf,
  type AttributedUsage,
  type StoredPrecision,
} from './intervals.ts';
import { rowUnits, type PricedTerms } from './parties.ts';

/** Intervals of a recorded run, for display. */
export const runIntervals = async (warehouse: Warehouse, runId: string): Promise<UsageIntervals> =>
  intervalFigures(
    await allocationRun(warehouse, runId),
    await recordedIntervals(warehouse, runId),
    await recordedPrecision(warehouse, runId),
  );

const unitsUnder =
  (terms: PricedTerms) =>
  (row: AttributedUsage): Rational =>
    rowUnits({ ...row, requester_class: row.requester_class as PartyUsage['requester_class'] }, terms);

const intervalsSha256 = (rows: readonly IntervalRow[]): string => sha256(JSON.stringify(rows));

const INSERT_ROWS = 100_000;

const precisionRow = ({ tier, org, right, wrong }: Precision): StoredPrecision => ({
  tier,
  org_id: org,
  prefixes_right: String(right),
  prefixes_wrong: String(wrong),
});

/** A run with the usage that it took. */
interface RunUsage {
  readonly run_id: string;
  readonly period: string;
  readonly until: string;
  readonly parties: readonly PartyUsage[];
}

/**
 * Draws a run's intervals, and writes them with their inputs. The caller writes the run's own row afterwards.
 * @throws Fault(checkFailed) if this usage differs from the parties' usage
 */
export async function recordIntervals(
  warehouse: Warehouse,
  { run_id, period, until, parties }: RunUsage,
  terms: PricedTerms,
  precision: readonly Precision[],
): Promise<Pick<AllocationRun, 'interval_seed' | 'interval_draws' | 'intervals_sha256'>> {
  const inputs = await periodInputs(warehouse, period, until, precision);
  requireSameUsage(inputs.usage, parties);
  const rows = intervalRows(drawIntervals(inputs, unitsUnder(terms)));
  const insert = async (table: string, all: readonly object[]) => {
    for (let from = 0; from < all.length; from += INSERT_ROWS)
      await warehouse.insert(
        table,
        all.slice(from, from + INSERT_ROWS).map((row) => ({ run_id, ...row })),
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

/**
 * Draws a run's intervals again from the recorded inputs.
 * @param redraw false: only the recorded intervals are hashed, because an erasure has changed the inputs
 * @returns whether they equal the recorded ones
 */
export async function sameIntervals(
  warehouse: Warehouse,
  run: AllocationRun,
  terms: PricedTerms,
  redraw: boolean,
): Promise<boolean> {
  if (run.interval_draws === 0) return true;
  const isRecorded = intervalsSha256(await recordedIntervals(warehouse, run.run_id)) === run.intervals_sha256;
  if (!redraw) return isRecorded;
  const usage = await warehouse.query<AttributedUsage>(sqlFile('queries/period/interval_input.sql'), {
    run_id: run.run_id,
  });
  const precision = await recordedPrecision(warehouse, run.run_id);
  const inputs = { usage, precision, seed: Number(run.interval_seed), draws: run.interval_draws };
  return isRecorded && intervalsSha256(intervalRows(drawIntervals(inputs, unitsUnder(terms)))) === run.intervals_sha256;
}

export const recordedPrecision = async (warehouse: Warehouse, runId: string): Promise<Precision[]> =>
  precisionOf(
    await warehouse.query<StoredPrecision>(sqlFile('queries/period/recorded_precision.sql'), { run_id: runId }),
  );

/** Recorded intervals by id, of one family or of all. */
const recordedIntervals = (warehouse: Warehouse, runId: string, family = ''): Promise<IntervalRow[]> =>
  warehouse.query<IntervalRow>(sqlFile('queries/report/intervals.sql'), { run_id: runId, family });

/** Units that are truly an organisation's: 5 % and 95 %, in decimals. */
export interface UnitRange {
  readonly low: string;
  readonly high: string;
}
export const rangeKey = (row: { readonly org_id: string; readonly requester_class: string; readonly tier: string }) =>
  JSON.stringify([row.org_id, row.requester_class, row.tier]);

/** Unit ranges of a family's usage whose evidence may err, for exports. */
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
 * Intervals must show the same usage as the allocation.
 * @throws Fault(checkFailed) if usage changed between the two
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
