// What an open month would cost each family at its pace so far: the whole month's cost, shared by the usage so far as if the rest of the
// month went on like it. The interval draws the days that are to come from those that were, of the same weekday where there are any.

import { type FamilyPace, type MonthPace } from '../../dashboards/report/figures.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { compareIds } from '../../transform/funding/checked.ts';
import { multiply, rational } from '../../transform/funding/rational.ts';
import { type PartyUsage } from '../../transform/funding/units.ts';
import { addDays, daysBetween, daysIn, lastDay, periodStart, startOf } from '../../transform/periods.ts';
import { Random } from '../../transform/random.ts';
import { allocateParties } from './parties.ts';
import { type PeriodAllocation } from './run.ts';
import { termsOf, type FundingTerms } from './terms.ts';

/** Usage of a party on one day. */
export type DayUsage = Pick<PartyUsage, 'party' | 'kind' | 'requester_class' | 'requests' | 'bytes'> & {
  readonly day: string;
};

const DRAWS = 200;
/** Of fewer days, how the days differ is not known. */
const LEAST_DAYS = 7;

/** null: the month is closed, or its last day counts. */
export async function monthPace(
  warehouse: Warehouse,
  { period, status, until, terms, billable_tiers }: PeriodAllocation,
): Promise<MonthPace | null> {
  if (status === 'closed' || until === lastDay(period)) return null;
  const usage = await warehouse.query<DayUsage>(sqlFile('queries/period/parties_by_day.sql'), {
    period,
    until,
    billable_tiers,
  });
  return paceOf(usage, { period, until }, termsOf(terms.texts));
}

const weekdayOf = (day: string): number => new Date(startOf(day)).getUTCDay();

/** @param whole terms of the whole month */
export function paceOf(
  usage: readonly DayUsage[],
  { period, until }: { readonly period: string; readonly until: string },
  whole: FundingTerms,
): MonthPace {
  const elapsed = daysBetween(periodStart(period), until) + 1;
  const of = daysIn(period);
  const days = Array.from({ length: elapsed }, (_, index) => addDays(periodStart(period), index));
  const parties = partiesOf(usage, days);
  // Usage times the days of the month, over the days so far: exact, because fixed prices take the division.
  const point = payments(
    parties.map(({ total, ...party }) => rowOf(party, total.requests * BigInt(of), total.bytes * BigInt(of))),
    pricedPer(elapsed, whole),
  );
  const draws = elapsed < LEAST_DAYS ? [] : drawMonths(parties, days, { period, of }, whole);
  const families = [...new Set([point, ...draws].flatMap((paid) => [...paid.keys()]))].sort(compareIds);
  return {
    days: elapsed,
    of,
    cost_cents: whole.costs.net_cents,
    families: families.map((family): FamilyPace => {
      const cents = point.get(family) ?? 0n;
      const drawn = draws.map((paid) => paid.get(family) ?? 0n).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
      if (drawn.length === 0) return { family, cents, low_cents: null, high_cents: null };
      const low = drawn[Math.floor(drawn.length * 0.05)];
      const high = drawn[Math.ceil(drawn.length * 0.95) - 1];
      return { family, cents, low_cents: low < cents ? low : cents, high_cents: high > cents ? high : cents };
    }),
  };
}

/** Prices that the policy fixes, divided. Prices that follow from the cost adapt to the usage by themselves. */
function pricedPer(divisor: number, terms: FundingTerms): FundingTerms {
  const { fixed_prices } = terms.policy;
  if (fixed_prices === null) return terms;
  const part = rational(1n, BigInt(divisor));
  const prices = { alpha: multiply(fixed_prices.alpha, part), beta: multiply(fixed_prices.beta, part) };
  return { ...terms, policy: { ...terms.policy, fixed_prices: prices } };
}

interface Measured {
  requests: bigint;
  bytes: bigint;
}
interface Party extends Pick<PartyUsage, 'party' | 'kind' | 'requester_class'> {
  readonly total: Measured;
  /** By the number of the day, from 0. */
  readonly daily: readonly Measured[];
}

function partiesOf(usage: readonly DayUsage[], days: readonly string[]): Party[] {
  const numberOf = new Map(days.map((day, index) => [day, index]));
  const parties = new Map<string, Party>();
  for (const { day, party, kind, requester_class, requests, bytes } of usage) {
    const key = JSON.stringify([kind, party, requester_class]);
    const none = () => ({ requests: 0n, bytes: 0n });
    const own = parties.get(key) ?? { party, kind, requester_class, total: none(), daily: days.map(none) };
    parties.set(key, own);
    const number = numberOf.get(day);
    for (const sum of number === undefined ? [own.total] : [own.total, own.daily[number]]) {
      sum.requests += BigInt(requests);
      sum.bytes += BigInt(bytes);
    }
  }
  return [...parties.values()];
}

function rowOf(
  { party, kind, requester_class }: Pick<Party, 'party' | 'kind' | 'requester_class'>,
  requests: bigint,
  bytes: bigint,
): PartyUsage {
  const atLeastNone = (count: bigint) => String(count < 0n ? 0n : count);
  return {
    party,
    kind,
    requester_class,
    tier: '',
    requests: atLeastNone(requests),
    downloads: '0',
    bytes: atLeastNone(bytes),
  };
}

/** What each family pays, with the difference to its contract. */
function payments(rows: readonly PartyUsage[], terms: FundingTerms): Map<string, bigint> {
  const { lines, true_ups } = allocateParties(rows, terms);
  const paid = new Map(lines.map(({ family, billed_cents }) => [family, billed_cents]));
  for (const { family, cents } of true_ups) paid.set(family, (paid.get(family) ?? 0n) + cents);
  return paid;
}

/** Payments of drawn months: the days so far, and for each day to come one of them. The same month gives the same draws. */
function drawMonths(
  parties: readonly Party[],
  days: readonly string[],
  { period, of }: { readonly period: string; readonly of: number },
  whole: FundingTerms,
): Map<string, bigint>[] {
  const random = new Random(Number(period.replace('-', '')), 0x9ace);
  const all = days.map((_, index) => index);
  const choices = Array.from({ length: of - days.length }, (_, index) => {
    const weekday = weekdayOf(addDays(days[0], days.length + index));
    const same = all.filter((number) => weekdayOf(days[number]) === weekday);
    return same.length > 0 ? same : all;
  });
  return Array.from({ length: DRAWS }, () => {
    const times = days.map(() => 0n);
    for (const choice of choices) times[choice[random.below(choice.length)]] += 1n;
    const drawn = all.filter((number) => times[number] > 0n);
    const rows = parties.map(({ total, daily, ...party }) => {
      const sum = (measure: keyof Measured) =>
        drawn.reduce((result, number) => result + times[number] * daily[number][measure], total[measure]);
      return rowOf(party, sum('requests'), sum('bytes'));
    });
    return payments(rows, whole);
  });
}
