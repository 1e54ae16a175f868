// The recorded allocation for reports and exports: every family's steps, statement lines that sum to the cent, and where the
// part of the cost goes that no share pays.

import {
  type CommonsPart,
  type FamilyFunding,
  type FamilyShare,
  type Funding,
  type StatementLine,
} from '../../dashboards/report/figures.ts';
import { type AllocationLine, type AllocationResult } from '../../transform/funding/allocate.ts';
import { compareIds } from '../../transform/funding/checked.ts';
import { type CorrectionLine } from '../../transform/funding/corrections.ts';
import { BP, classWeightBp, fromBp, type Policy } from '../../transform/funding/policy.ts';
import { add, commonDenominator, multiply, rational, type Rational, zero } from '../../transform/funding/rational.ts';
import { roundShares, splitStatement } from '../../transform/funding/rounding.ts';
import { type PartyUsage } from '../../transform/funding/units.ts';
import { rowUnits, type PricedTerms } from './parties.ts';
import { type PeriodAllocation } from './run.ts';

export function fundingFigures({ parties, result, corrections }: PeriodAllocation, terms: PricedTerms): Funding {
  const { policy, costs, prices } = terms;
  return {
    currency: result.currency,
    pools: costs.pools,
    cost_pool_cents: result.cost_pool_cents,
    billed_cents: result.billed_cents,
    true_up_cents: result.true_up_cents,
    commons_cents: result.commons_cents,
    corrections_cents: corrections.lines.reduce((sum, { cents }) => sum + cents, 0n),
    pending: corrections.pending,
    commons_parts: commonsParts(result, policy),
    recoverable: result.recoverable,
    tier_sum: result.tier_sum,
    cap_bp: policy.cap_bp,
    cap_cents: result.cap_cents,
    minimum_cents: policy.minimum_cents,
    rho_bp: policy.rho_bp,
    free_allowance: policy.free_allowance,
    alpha: prices.alpha,
    beta: prices.beta,
    units: result.units,
    families: familiesOf(parties, result, corrections.lines).map((family) => ({
      ...familyFunding(family, parties, result, terms),
      corrections: corrections.lines.filter((line) => line.family === family),
    })),
  };
}

/** Families with usage, a contract or a correction, sorted by id. */
function familiesOf(
  parties: readonly PartyUsage[],
  { true_ups }: AllocationResult,
  corrections: readonly CorrectionLine[],
): string[] {
  const used = parties.filter(({ kind }) => kind !== 'unattributed').map(({ party }) => party);
  return [...new Set([...used, ...[...true_ups, ...corrections].map(({ family }) => family)])].sort(compareIds);
}

function familyFunding(
  family: string,
  parties: readonly PartyUsage[],
  result: AllocationResult,
  terms: PricedTerms,
): Omit<FamilyFunding, 'corrections'> {
  const line = result.lines.find((candidate) => candidate.family === family);
  const true_up = result.true_ups.find((candidate) => candidate.family === family);
  const billable = parties.filter(({ party, kind }) => party === family && kind === 'billable');
  return {
    family,
    share: line === undefined ? null : familyShare(line, billable, terms),
    not_billed: result.not_billed
      .filter((candidate) => candidate.family === family && candidate.kind !== 'unattributed')
      .map(({ kind, gross }) => ({ kind, gross })),
    true_up:
      true_up === undefined ? null : { contract_minimum_cents: true_up.contract_minimum_cents, cents: true_up.cents },
  };
}

function familyShare(line: AllocationLine, billable: readonly PartyUsage[], terms: PricedTerms): FamilyShare {
  let from = 0n;
  const bands = terms.policy.bands.map(({ up_to, multiplier_bp }) => {
    const floor = from;
    if (up_to !== null) from = up_to;
    const units = within(line.net, floor, up_to);
    return { from: floor, up_to, multiplier_bp, units, tiered: multiply(units, fromBp(multiplier_bp)) };
  });
  const { gross, net, tiered, raw, billed_cents, rule } = line;
  return { gross, net, bands, tiered, raw, billed_cents, rule, lines: statementLines(billed_cents, billable, terms) };
}

/** The part of `net` within a band. */
function within(net: Rational, from: bigint, up_to: bigint | null): Rational {
  const end = up_to === null || net.num < up_to * net.den ? net : rational(up_to);
  const units = add(end, rational(-from));
  return units.num > 0n ? units : zero;
}

/** One line per requester class, the largest first. Cents are split by units and sum to the billed amount. */
function statementLines(billed_cents: bigint, billable: readonly PartyUsage[], terms: PricedTerms): StatementLine[] {
  const classes = new Map<string, { requests: bigint; bytes: bigint; units: Rational; weight_bp: bigint }>();
  for (const row of billable) {
    const sum = classes.get(row.requester_class) ?? {
      requests: 0n,
      bytes: 0n,
      units: zero,
      weight_bp: classWeightBp(terms.policy, row.requester_class),
    };
    classes.set(row.requester_class, {
      ...sum,
      requests: sum.requests + BigInt(row.requests),
      bytes: sum.bytes + BigInt(row.bytes),
      units: add(sum.units, rowUnits(row, terms)),
    });
  }
  const parts = [...classes].sort(([a], [b]) => compareIds(a, b));
  const cents = splitStatement(
    billed_cents,
    parts.map(([id, { units }]) => ({ id, weight: units })),
  );
  return parts
    .map(([requester_class, sum], index) => ({ requester_class, ...sum, billed_cents: cents[index] }))
    .sort((a, b) => descending(a.billed_cents, b.billed_cents) || descending(a.bytes, b.bytes));
}

const descending = (a: bigint, b: bigint): number => (a < b ? 1 : a > b ? -1 : 0);

/** C less the billed amount, by cause, in whole cents that sum to it. The model: docs/FUNDING.md */
function commonsParts(result: AllocationResult, { rho_bp }: Policy): CommonsPart[] {
  const { lines, units, recoverable, cost_pool_cents, billed_cents } = result;
  const cost = rational(cost_pool_cents);
  const negative = ({ num, den }: Rational): Rational => ({ num: -num, den });
  const total = (values: Rational[]): Rational => values.reduce(add, zero);
  const rawOf = (rule: string) => total(lines.filter((line) => line.rule === rule).map(({ raw }) => raw));
  const capped = lines.filter(({ rule }) => rule === 'cap').length;
  const kept = add(rawOf('share'), rational(result.cap_cents * BigInt(capped)));
  /** The part of the cost that these units caused. */
  const causedBy = (part: Rational): Rational =>
    units.total.num === 0n ? zero : multiply(cost, multiply(part, { num: units.total.den, den: units.total.num }));
  const net = total(lines.map((line) => line.net));

  const parts: [reason: string, cents: Rational][] = [
    ['unattributed', causedBy(multiply(units.unattributed, fromBp(BP - rho_bp)))],
    ['allowance', causedBy(add(units.billable, negative(net)))],
    ['exempt', causedBy(units.exempt)],
    ['not_billable', causedBy(units.not_billable)],
    ['cap', add(rawOf('cap'), rational(-result.cap_cents * BigInt(capped)))],
    ['minimum', rawOf('minimum')],
    // No family is above the allowance, so the recoverable cost has no payer.
    ['unborne', add(recoverable, negative(total(lines.map(({ raw }) => raw))))],
    ['rounding', add(kept, rational(-billed_cents))],
    ['unused', units.total.num === 0n ? cost : zero],
  ];
  const denominator = commonDenominator(parts.map(([, cents]) => cents));
  const shares = parts.map(([id, { num, den }]) => {
    const numerator = num * (denominator / den);
    return { id, numerator, weight: numerator };
  });
  const rounded = roundShares(shares, denominator);
  return parts.map(([reason], index) => ({ reason, cents: rounded[index] })).filter(({ cents }) => cents !== 0n);
}
