// Allocates a period's cost, exact to the cent. Units in, lines out; steps as in docs/FUNDING.md. Every value is an integer over
// one common denominator until a result is written.

import { compareIds } from './checked.ts';
import { BP, type Band, type Policy } from './policy.ts';
import { commonDenominator, exactJson, fractionJson, rational, type Rational } from './rational.ts';
import { roundShares } from './rounding.ts';
import { usageKinds, type FamilyUnits, type UsageKind } from './units.ts';

/** Why a family pays this amount: its share, the cap, a share below the minimum, or usage within the allowance. */
export type AllocationRule = 'share' | 'cap' | 'minimum' | 'free';

export interface AllocationLine {
  readonly family: string;
  /** Units: G_i; after the free allowance N_i; after the bands T_i. */
  readonly gross: Rational;
  readonly net: Rational;
  readonly tiered: Rational;
  /** The exact share in cents, before cap, minimum and rounding. */
  readonly raw: Rational;
  readonly billed_cents: bigint;
  readonly rule: AllocationRule;
}

/** Added to a family's share, so that it pays its contract's minimum. */
export interface TrueUp {
  readonly family: string;
  readonly contract_minimum_cents: bigint;
  readonly cents: bigint;
}

export interface AllocationResult {
  readonly policy_version: string;
  readonly currency: string;
  /** C. */
  readonly cost_pool_cents: bigint;
  /** R, in cents. */
  readonly recoverable: Rational;
  /** S. */
  readonly tier_sum: Rational;
  readonly cap_cents: bigint;
  readonly billed_cents: bigint;
  readonly true_up_cents: bigint;
  /** cost_pool = billed + true_up + commons. Negative if contracts bring more than the cost. */
  readonly commons_cents: bigint;
  /** Gross units by kind, and of all. */
  readonly units: Readonly<Record<UsageKind | 'total', Rational>>;
  /** Billable families by id bytes. */
  readonly lines: readonly AllocationLine[];
  readonly true_ups: readonly TrueUp[];
  /** Usage that nobody is billed for, by kind and id bytes. */
  readonly not_billed: readonly { readonly family: string; readonly kind: UsageKind; readonly gross: Rational }[];
}

export interface AllocationInput {
  /** In any order; rows of one family and kind are summed first. */
  readonly families: readonly FamilyUnits[];
  readonly cost_pool_cents: bigint;
  readonly policy: Policy;
}

/** T: units above each band's floor times its multiplier, scaled by BP; net and the bands in 1/scale units. */
function tier(net: bigint, bands: readonly Band[], scale: bigint): bigint {
  let tiered = 0n;
  let floor = 0n;
  for (const { up_to, multiplier_bp } of bands) {
    const end = up_to === null || up_to * scale > net ? net : up_to * scale;
    tiered += multiplier_bp * (end - floor);
    floor = end;
  }
  return tiered;
}

/** @throws RangeError on negative units or cost: a defect of the caller, because files are checked before. */
export function allocate({ families, cost_pool_cents: cost, policy }: AllocationInput): AllocationResult {
  if (cost < 0n) throw new RangeError('the cost pool is negative');
  // All units as whole numbers of 1/scale.
  const scale = commonDenominator(families.map(({ units }) => units));
  const gross = Object.fromEntries(usageKinds.map((kind) => [kind, new Map<string, bigint>()])) as Record<
    UsageKind,
    Map<string, bigint>
  >;
  for (const { family, kind, units } of families) {
    if (units.num < 0n) throw new RangeError(`units of ${family} are negative`);
    gross[kind].set(family, (gross[kind].get(family) ?? 0n) + units.num * (scale / units.den));
  }
  const totals = Object.fromEntries(usageKinds.map((kind) => [kind, sum(gross[kind].values())])) as Record<
    UsageKind,
    bigint
  >;
  const gross_total = sum(Object.values(totals));
  const units = (scaled: bigint): Rational => rational(scaled, scale);

  const payers = byId(gross.billable).map(([family, family_gross]) => {
    const above = family_gross - policy.free_allowance * scale;
    const net = above > 0n ? above : 0n;
    return { family, gross: family_gross, net, tiered: tier(net, policy.bands, scale) };
  });
  const tier_sum = sum(payers.map(({ tiered }) => tiered));

  // R = C·(ΣN + ρ·G_unattributed) / G_total; raw_i = R·T_i / S, over the one denominator `whole`.
  const recoverable_num = cost * (sum(payers.map(({ net }) => net)) * BP + policy.rho_bp * totals.unattributed);
  const recoverable_den = gross_total === 0n ? 1n : gross_total * BP;
  const whole = recoverable_den * (tier_sum === 0n ? 1n : tier_sum);
  const cap_cents = (cost * policy.cap_bp) / BP;
  const shares = payers.map(({ family, net, tiered }) => {
    const raw = recoverable_num * tiered;
    const rule: AllocationRule =
      net === 0n || tiered === 0n
        ? 'free'
        : raw < policy.minimum_cents * whole
          ? 'minimum'
          : raw > cap_cents * whole
            ? 'cap'
            : 'share';
    const kept = { free: 0n, minimum: 0n, cap: cap_cents * whole, share: raw }[rule];
    return { id: family, raw, rule, numerator: kept, weight: tiered };
  });
  const billed = roundShares(shares, whole);

  const lines = payers.map((payer, index): AllocationLine => ({
    family: payer.family,
    gross: units(payer.gross),
    net: units(payer.net),
    tiered: rational(payer.tiered, BP * scale),
    raw: rational(shares[index].raw, whole),
    billed_cents: billed[index],
    rule: shares[index].rule,
  }));
  const billed_cents = sum(billed);
  const true_ups = trueUps(lines, policy);
  const true_up_cents = sum(true_ups.map(({ cents }) => cents));
  return {
    policy_version: policy.version,
    currency: policy.currency,
    cost_pool_cents: cost,
    recoverable: rational(recoverable_num, recoverable_den),
    tier_sum: rational(tier_sum, BP * scale),
    cap_cents,
    billed_cents,
    true_up_cents,
    commons_cents: cost - billed_cents - true_up_cents,
    units: {
      billable: units(totals.billable),
      exempt: units(totals.exempt),
      not_billable: units(totals.not_billable),
      unattributed: units(totals.unattributed),
      total: units(gross_total),
    },
    lines,
    true_ups,
    not_billed: usageKinds
      .filter((kind) => kind !== 'billable')
      .flatMap((kind) => byId(gross[kind]).map(([family, scaled]) => ({ family, kind, gross: units(scaled) }))),
  };
}

/** Step 8: a contract's minimum is due even if its family used nothing in the period. */
function trueUps(lines: readonly AllocationLine[], policy: Policy): TrueUp[] {
  const billed = new Map(lines.map(({ family, billed_cents }) => [family, billed_cents]));
  return byId(policy.contract_minimums_cents)
    .map(([family, contract_minimum_cents]) => ({
      family,
      contract_minimum_cents,
      cents: contract_minimum_cents - (billed.get(family) ?? 0n),
    }))
    .filter(({ cents }) => cents > 0n);
}

const sum = (values: Iterable<bigint>): bigint => {
  let total = 0n;
  for (const value of values) total += value;
  return total;
};

const byId = <T>(map: ReadonlyMap<string, T>): [string, T][] => [...map].sort(([a], [b]) => compareIds(a, b));

/** The published shape: integers as text; recoverable and raw always {num, den}; units {num, den} if not whole. */
export function allocationJson(result: AllocationResult): Record<string, unknown> {
  return {
    cost_pool_cents: String(result.cost_pool_cents),
    recoverable: fractionJson(result.recoverable),
    tier_sum: exactJson(result.tier_sum),
    billed_cents: String(result.billed_cents),
    commons_cents: String(result.commons_cents),
    lines: result.lines.map((line) => ({
      family: line.family,
      gross: exactJson(line.gross),
      net: exactJson(line.net),
      tiered: exactJson(line.tiered),
      raw: fractionJson(line.raw),
      billed_cents: String(line.billed_cents),
      rule: line.rule,
    })),
    policy_version: result.policy_version,
    currency: result.currency,
    cap_cents: String(result.cap_cents),
    true_up_cents: String(result.true_up_cents),
    true_ups: result.true_ups.map(({ family, contract_minimum_cents, cents }) => ({
      family,
      contract_minimum_cents: String(contract_minimum_cents),
      cents: String(cents),
    })),
    units: Object.fromEntries(Object.entries(result.units).map(([kind, units]) => [kind, exactJson(units)])),
    not_billed: result.not_billed.map(({ family, kind, gross }) => ({ family, kind, gross: exactJson(gross) })),
  };
}
