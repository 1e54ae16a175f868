// How certain an organisation's usage is: point, 5 % and 95 % of its true usage within its attributed usage. E1–E3 are certain.
// E4–E6 are as precise as traffic with a token shows when the token is hidden. docs/METHODOLOGY.md, Intervals

import { Random } from '../random.ts';
import { compareIds } from './checked.ts';
import { hashText, precisionDraws, type Precision } from './precision.ts';
import { add, multiply, rational, round, zero, type Rational } from './rational.ts';

export const INTERVAL_DRAWS = 1_000;
/** Number of draws outside on either side: 5 % below `low`, 5 % above `high`. */
const tail = (draws: number): number => Math.floor(draws / 20);

/** Usage of an organisation by the evidence that attributes it. */
export interface IntervalUsage {
  readonly family: string;
  readonly org: string;
  readonly tier: string;
  /** Rows with the same prefix are right or wrong together: the evidence's CIDR, or the /24 or /48 of an AS number; '' for E1–E3. */
  readonly prefix: string;
  readonly requester_class: string;
  readonly requests: bigint;
  readonly bytes: bigint;
  /** Exact; zero if nothing is priced. */
  readonly units: Rational;
}

export const intervalMeasures = ['requests', 'bytes', 'units'] as const;
export type IntervalMeasure = (typeof intervalMeasures)[number];

/** low ≤ point ≤ high ≤ attributed. 5 % of the draws are below `low`, 5 % above `high`; `point` is their median. */
export interface Interval<Amount = Rational> {
  readonly attributed: Amount;
  readonly low: Amount;
  readonly point: Amount;
  readonly high: Amount;
}
export type Intervals = Readonly<Record<IntervalMeasure, Interval>>;

/** `org` '' means the whole family; `tier` and `requester_class` '' mean all of them. */
export interface UsageInterval {
  readonly family: string;
  readonly org: string;
  readonly tier: string;
  readonly requester_class: string;
  readonly intervals: Intervals;
}

export interface IntervalInput {
  readonly usage: readonly IntervalUsage[];
  readonly precision: readonly Precision[];
  /** Up to 2^53. */
  readonly seed: number;
  readonly draws?: number;
}

/** Tiers that never name a wrong organisation. */
const isCertain = (tier: string): boolean => tier === 'E1' || tier === 'E2' || tier === 'E3';

/** Units are drawn in millionths: whole numbers, exact in a double up to 9 · 10^9 units. */
const UNIT_PARTS = 1_000_000n;

/**
 * Intervals of each family, each organisation of it, and each organisation's (requester class, tier).
 * The same rows in any order give the same intervals; other organisations' rows do not change them.
 */
export function usageIntervals({ usage, precision, seed, draws = INTERVAL_DRAWS }: IntervalInput): UsageInterval[] {
  const thresholdsOf = precisionDraws(precision, seed, draws);
  const found: UsageInterval[] = [];
  // Prefix by prefix, in one order, so that sums of doubles do not depend on the order of the rows. Cells are finished as soon as
  // their organisation or family is complete, so that memory does not grow with the registry.
  let familyCell: Cell | undefined;
  let orgCells = new Map<string, Cell>();
  let thresholds: Float64Array = new Float64Array();
  let dropped: readonly number[] = [];
  let previous: IntervalUsage | undefined;
  const finish = (cells: Iterable<Cell>) => {
    for (const cell of cells) found.push({ ...cell.key, intervals: cell.intervals(draws) });
  };
  for (const row of summed([...usage].sort(byPrefix))) {
    const { family, org, tier, prefix, requester_class } = row;
    const sameFamily = previous?.family === family;
    const sameOrg = sameFamily && previous?.org === org;
    if (!sameOrg) {
      finish(orgCells.values());
      orgCells = new Map([['', new Cell({ family, org, tier: '', requester_class: '' })]]);
    }
    if (!sameFamily) {
      if (familyCell !== undefined) finish([familyCell]);
      familyCell = new Cell({ family, org: '', tier: '', requester_class: '' });
    }
    const sameTier = sameOrg && previous?.tier === tier;
    if (!sameTier && !isCertain(tier)) thresholds = thresholdsOf(tier, org);
    if (!sameTier || previous?.prefix !== prefix) dropped = isCertain(tier) ? [] : droppedDraws(row, thresholds, seed);
    previous = row;
    const key = `${tier} ${requester_class}`;
    if (!orgCells.has(key)) orgCells.set(key, new Cell({ family, org, tier, requester_class }));
    for (const cell of [familyCell!, orgCells.get('')!, orgCells.get(key)!]) cell.add(row, dropped, draws);
  }
  finish(orgCells.values());
  if (familyCell !== undefined) finish([familyCell]);
  return found.sort(
    (a, b) =>
      compareIds(a.family, b.family) ||
      compareIds(a.org, b.org) ||
      compareIds(a.requester_class, b.requester_class) ||
      compareIds(a.tier, b.tier),
  );
}

const byPrefix = (a: IntervalUsage, b: IntervalUsage): number =>
  compareIds(a.family, b.family) ||
  compareIds(a.org, b.org) ||
  compareIds(a.tier, b.tier) ||
  compareIds(a.prefix, b.prefix) ||
  compareIds(a.requester_class, b.requester_class);

/** Merges rows with one key, so that no rounding depends on how they were split. */
function summed(sorted: readonly IntervalUsage[]): IntervalUsage[] {
  const rows: IntervalUsage[] = [];
  for (const row of sorted) {
    const same = rows.at(-1);
    if (same === undefined || byPrefix(same, row) !== 0) rows.push(row);
    else
      rows[rows.length - 1] = {
        ...row,
        requests: same.requests + row.requests,
        bytes: same.bytes + row.bytes,
        units: add(same.units, row.units),
      };
  }
  return rows;
}

/** Sums of one cell, and the part that each draw drops. */
class Cell {
  readonly key: Pick<UsageInterval, 'family' | 'org' | 'tier' | 'requester_class'>;
  private requests = 0n;
  private bytes = 0n;
  private units = zero;
  private dropped: Record<IntervalMeasure, Float64Array> | null = null;

  constructor(key: Cell['key']) {
    this.key = key;
  }

  /** @param draws_dropped the draws that drop the row */
  add(row: IntervalUsage, draws_dropped: readonly number[], draws: number): void {
    this.requests += row.requests;
    this.bytes += row.bytes;
    this.units = add(this.units, row.units);
    if (draws_dropped.length === 0) return;
    this.dropped ??= {
      requests: new Float64Array(draws),
      bytes: new Float64Array(draws),
      units: new Float64Array(draws),
    };
    const parts = {
      requests: row.requests,
      bytes: row.bytes,
      units: round(multiply(row.units, rational(UNIT_PARTS))),
    };
    for (const measure of intervalMeasures) {
      // A correction can make a row negative: dropping it would add usage.
      const part = parts[measure] > 0n ? Number(parts[measure]) : 0;
      const sums = this.dropped[measure];
      for (const draw of draws_dropped) sums[draw] += part;
    }
  }

  intervals(draws: number): Intervals {
    const of = (measure: IntervalMeasure, attributed: Rational): Interval => {
      if (this.dropped === null) return { attributed, low: attributed, point: attributed, high: attributed };
      const sorted = this.dropped[measure].sort();
      const scale = measure === 'units' ? UNIT_PARTS : 1n;
      const without = (index: number): Rational => {
        const kept = add(attributed, rational(-BigInt(sorted[index]), scale));
        return kept.num < 0n ? zero : kept;
      };
      return {
        attributed,
        low: without(draws - 1 - tail(draws)),
        point: without(draws >> 1),
        high: without(tail(draws)),
      };
    };
    return {
      requests: of('requests', rational(this.requests)),
      bytes: of('bytes', rational(this.bytes)),
      units: of('units', this.units),
    };
  }
}

/** The draws that drop a prefix. The random numbers of a prefix depend on its name. */
function droppedDraws(
  { org, tier, prefix }: Pick<IntervalUsage, 'org' | 'tier' | 'prefix'>,
  thresholds: Float64Array,
  seed: number,
): number[] {
  const name = `${tier}\n${prefix}\n${org}`;
  const random = new Random(seed, hashText(name), hashText(`${name}\n`));
  const dropped: number[] = [];
  for (let draw = 0; draw < thresholds.length; draw++) if (random.next() >= thresholds[draw]) dropped.push(draw);
  return dropped;
}
