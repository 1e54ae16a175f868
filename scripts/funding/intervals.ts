// Computes a period's intervals from the warehouse: usage and the measured precision of its evidence → draws.
// docs/METHODOLOGY.md, Intervals

import { type UsageIntervals } from '../../dashboards/report/figures.ts';
import { intervalFigures, type IntervalRow } from '../../dashboards/report/intervals.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import {
  INTERVAL_DRAWS,
  intervalMeasures,
  usageIntervals,
  type Interval,
  type UsageInterval,
} from '../../transform/funding/intervals.ts';
import { type Precision } from '../../transform/funding/precision.ts';
import { decimalText, type Rational, zero } from '../../transform/funding/rational.ts';

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

/** Inputs of the draws. */
export interface IntervalInputs {
  readonly usage: readonly AttributedUsage[];
  readonly precision: readonly Precision[];
  readonly seed: number;
  readonly draws: number;
}

/** A row's units. */
export type UnitsOf = (row: AttributedUsage) => Rational;

/** One seed for all runs of a month, so that the same prefix gets the same draws every night. '2026-10' → 202610 */
const seedOf = (period: string): number => Number(period.replace('-', ''));

/** A row of interval_precision. */
export interface StoredPrecision {
  readonly tier: string;
  readonly org_id: string;
  readonly prefixes_right: string;
  readonly prefixes_wrong: string;
}
export const precisionOf = (rows: readonly StoredPrecision[]): Precision[] =>
  rows.map(({ tier, org_id, prefixes_right, prefixes_wrong }) => ({
    tier,
    org: org_id,
    right: Number(prefixes_right),
    wrong: Number(prefixes_wrong),
  }));

/** How often evidence of E4–E6 named the right organisation in a period, up to a day, by organisation named. */
export const measuredPrecision = async (warehouse: Warehouse, period: string, until: string): Promise<Precision[]> =>
  precisionOf(
    await warehouse.query<StoredPrecision>(sqlFile('queries/period/interval_precision.sql'), { period, until }),
  );

/**
 * A period's attributed usage, by the unit that errs as a whole, and how often such evidence named the wrong organisation.
 * @param until last day whose bookings count
 * @param precision measured already
 */
export async function periodInputs(
  warehouse: Warehouse,
  period: string,
  until: string,
  precision?: readonly Precision[],
): Promise<IntervalInputs> {
  const usage = await warehouse.query<AttributedUsage>(sqlFile('queries/period/interval_usage.sql'), { period, until });
  const networks = await warehouse.query<NetworkUsage>(sqlFile('queries/period/interval_networks.sql'), {
    period,
    until,
  });
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

/** Splits usage of an AS number by network. Usage whose networks are not stored stays under the AS number. */
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
  // A network can be evidence by itself in one part of the month, and by its AS in another. Both parts err together.
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

const bounds = ['attributed', 'low', 'point', 'high'] as const satisfies readonly (keyof Interval)[];

/** The rows to record: families, organisations, and parts of an organisation whose evidence may err. */
export const intervalRows = (intervals: readonly UsageInterval[]): IntervalRow[] =>
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
            decimalText(measured[measure][bound], measure === 'units' ? 6 : 0),
          ]),
        ),
      ),
    }));

/** Intervals of a month's requests and bytes by the latest attribution, for display. Nothing is recorded. */
export async function attributionIntervals(
  warehouse: Warehouse,
  period: string,
  until: string,
): Promise<UsageIntervals> {
  const inputs = await periodInputs(warehouse, period, until);
  return intervalFigures(
    { interval_seed: String(inputs.seed), interval_draws: inputs.draws },
    intervalRows(drawIntervals(inputs, () => zero)),
    inputs.precision,
  );
}
