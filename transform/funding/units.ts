// Steps 0 and 1: from usage and cost pools to units. A unit is a cent of caused cost, unless the policy fixes alpha and beta or a
// file contains the units.

import type { RequesterClass } from '../classify/requester.ts';
import { checked, compareIds, isName, type Checked, type InputFault, type TextRecord } from './checked.ts';
import type { CostPool } from './costs.ts';
import { formatCents } from '../numbers.ts';
import { BP, classWeightBp, fromBp, type DriverShares, type Policy } from './policy.ts';
import { add, multiply, rational, round, zero, type Rational } from './rational.ts';

/** Kinds of usage: only billable families pay. */
export const usageKinds = ['billable', 'exempt', 'not_billable', 'unattributed'] as const;
export type UsageKind = (typeof usageKinds)[number];

/** Units of a legal family. Unattributed: units of the kind that is known instead (platform, negative, conflict, unknown). */
export interface FamilyUnits {
  readonly family: string;
  readonly kind: UsageKind;
  readonly units: Rational;
}

export interface UsageRow {
  readonly family: string;
  readonly kind: UsageKind;
  readonly requester_class: RequesterClass;
  readonly requests: bigint;
  readonly bytes: bigint;
}

/** Usage of one party by class and evidence, as in allocation_input; counts as text, as the warehouse returns them. */
export interface PartyUsage {
  /** A family. Unattributed: the kind that is known instead. */
  readonly party: string;
  readonly kind: UsageKind;
  readonly requester_class: RequesterClass;
  readonly tier: string;
  readonly requests: string;
  readonly downloads: string;
  readonly bytes: string;
}

/** Units per weighted request (alpha) and per weighted byte (beta). */
export interface UnitPrices {
  readonly alpha: Rational;
  readonly beta: Rational;
}

/** The units of one row: w_class · (alpha·requests + beta·bytes). Also the weight of a statement's line. */
export const unitsOf = (
  row: Pick<UsageRow, 'requester_class' | 'requests' | 'bytes'>,
  { alpha, beta }: UnitPrices,
  policy: Policy,
): Rational =>
  multiply(
    fromBp(classWeightBp(policy, row.requester_class)),
    add(multiply(alpha, rational(row.requests)), multiply(beta, rational(row.bytes))),
  );

/** The shares of a pool's drivers: the policy's, or else all of the pool's own driver. They sum to 10,000, or to nothing. */
export const poolShares = ({ pool, driver }: Pick<CostPool, 'pool' | 'driver'>, policy: Policy): DriverShares =>
  policy.pools.get(pool) ?? {
    requests_bp: driver === 'requests' ? BP : 0n,
    bytes_bp: driver === 'bytes' ? BP : 0n,
  };

/** Step 0: each pool's net cost by the policy's shares, or else by the pool's own driver. In cents, exact; sums to C. */
export function driverCosts(
  pools: readonly CostPool[],
  policy: Policy,
): Checked<{ requests: Rational; bytes: Rational }> {
  const faults: InputFault[] = [];
  let requests = 0n;
  let bytes = 0n;
  for (const { pool, driver, net_cents } of pools) {
    const shares = poolShares({ pool, driver }, policy);
    if (shares.requests_bp + shares.bytes_bp !== BP) {
      faults.push({
        message: `pool ${pool}: its driver is ${JSON.stringify(driver)}, neither requests nor bytes, and the policy's pools do not name it`,
      });
    }
    requests += net_cents * shares.requests_bp;
    bytes += net_cents * shares.bytes_bp;
  }
  return checked({ requests: rational(requests, BP), bytes: rational(bytes, BP) }, faults);
}

/**
 * Usage × prices → units per family and kind, and the prices. With prices from the pools, the units sum to C exactly.
 * @param options.remains the rows are the rest of a closed period after retractions. If all usage of a driver was retracted, its
 * cost counts as exempt usage of no family. Default: this is a fault, because nobody could pay the cost.
 */
export function unitsFromUsage(
  rows: readonly UsageRow[],
  pools: readonly CostPool[],
  policy: Policy,
  { remains = false }: { readonly remains?: boolean } = {},
): Checked<{ prices: UnitPrices; families: FamilyUnits[] }> {
  // Weighted sums stay whole numbers (of basis points) until the end: one fraction per family.
  interface Weighted {
    readonly family: string;
    readonly kind: UsageKind;
    requests_bp: bigint;
    bytes_bp: bigint;
  }
  const parties = new Map<string, Weighted>();
  const total = { requests_bp: 0n, bytes_bp: 0n };
  for (const { family, kind, requester_class, requests, bytes } of rows) {
    if (requests < 0n || bytes < 0n) throw new RangeError(`usage of ${family} is negative`);
    const weight_bp = classWeightBp(policy, requester_class);
    const key = `${kind} ${family}`;
    let party = parties.get(key);
    if (!party) parties.set(key, (party = { family, kind, requests_bp: 0n, bytes_bp: 0n }));
    for (const sum of [party, total]) {
      sum.requests_bp += weight_bp * requests;
      sum.bytes_bp += weight_bp * bytes;
    }
  }

  const prices = policy.fixed_prices
    ? ({ ok: true, value: { ...policy.fixed_prices, unborne: zero } } as const)
    : pricesFromPools(total, pools, policy, remains);
  if (!prices.ok) return prices;
  const { alpha, beta, unborne } = prices.value;
  const families: FamilyUnits[] = [...parties.values()].map(({ family, kind, requests_bp, bytes_bp }) => ({
    family,
    kind,
    units: add(multiply(alpha, rational(requests_bp, BP)), multiply(beta, rational(bytes_bp, BP))),
  }));
  if (unborne.num > 0n) families.push({ family: '', kind: 'exempt', units: unborne });
  families.sort((a, b) => compareIds(a.kind, b.kind) || compareIds(a.family, b.family));
  return { ok: true, value: { prices: { alpha, beta }, families } };
}

/** `unborne`: cents of drivers without usage, if that is no fault. */
function pricesFromPools(
  total: { readonly requests_bp: bigint; readonly bytes_bp: bigint },
  pools: readonly CostPool[],
  policy: Policy,
  remains: boolean,
): Checked<UnitPrices & { readonly unborne: Rational }> {
  const costs = driverCosts(pools, policy);
  if (!costs.ok) return costs;
  const faults: InputFault[] = [];
  let unborne = zero;
  const price = (driver: 'requests' | 'bytes', weighted_bp: bigint): Rational => {
    const cost = costs.value[driver];
    if (weighted_bp > 0n) return multiply(cost, rational(BP, weighted_bp));
    if (remains) unborne = add(unborne, cost);
    else if (cost.num > 0n) {
      faults.push({
        message: `${formatCents(round(cost), policy.currency)} of cost is caused by ${driver}, but no weighted ${driver} were counted`,
      });
    }
    return zero;
  };
  const [alpha, beta] = [price('requests', total.requests_bp), price('bytes', total.bytes_bp)];
  return checked({ alpha, beta, unborne }, faults);
}

export const unitColumns = ['family', 'kind', 'units'] as const;

/** Rows of units.csv (unitColumns), not yet summed. */
export function readUnits(records: readonly TextRecord[]): Checked<FamilyUnits[]> {
  const faults: InputFault[] = [];
  const payers = new Map<string, { kind: UsageKind; line: number }>();
  const families: FamilyUnits[] = [];
  for (const { line, values } of records) {
    const family = values.family;
    const kind = usageKinds.find((name) => name === values.kind);
    const units = /^\d+$/.test(values.units) ? BigInt(values.units) : undefined;
    if (!kind)
      faults.push({
        line,
        message: `kind is ${JSON.stringify(values.kind)}: one of ${usageKinds.join(', ')} is needed`,
      });
    if (units === undefined) {
      faults.push({
        line,
        message: `units is ${JSON.stringify(values.units)}: a whole number, zero or more, is needed`,
      });
    }
    // Usage that is not attributed may have no name; a payer must have one.
    if (!isName(family) && !(family === '' && kind !== 'billable')) {
      faults.push({ line, message: 'family must be a text without control characters or blanks at its ends' });
    }
    if (kind === 'billable' || kind === 'exempt') {
      const first = payers.get(family);
      if (!first) payers.set(family, { kind, line });
      else if (first.kind !== kind) {
        faults.push({
          line,
          message: `${family} is ${kind} here and ${first.kind} in line ${first.line}: a family is one or the other`,
        });
      }
    }
    if (kind && units !== undefined) families.push({ family, kind, units: rational(units) });
  }
  return checked(families, faults);
}
