// Usage by party → shares of the cost, under the terms of an allocation. Uses no warehouse.

import { Fault } from '../../transform/fault.ts';
import { allocate, type AllocationResult } from '../../transform/funding/allocate.ts';
import { type Rational } from '../../transform/funding/rational.ts';
import {
  type FamilyUnits,
  type PartyUsage,
  type UnitPrices,
  type UsageRow,
  unitsFromUsage,
  unitsOf,
} from '../../transform/funding/units.ts';
import { type FundingTerms } from './terms.ts';

/** Terms, with the prices of units that follow from a period's usage. */
export interface PricedTerms extends FundingTerms {
  readonly prices: UnitPrices;
}

const counted = (row: Pick<PartyUsage, 'requester_class' | 'requests' | 'bytes'>) => ({
  requester_class: row.requester_class,
  requests: BigInt(row.requests),
  bytes: BigInt(row.bytes),
});

/**
 * Usage of parties → their units, and the prices of units.
 * @throws Fault(inputRefused)
 */
function partyUnits(
  parties: readonly PartyUsage[],
  { costs, policy }: FundingTerms,
  options: { readonly remains?: boolean } = {},
): { readonly families: readonly FamilyUnits[]; readonly prices: UnitPrices } {
  const rows = parties.map((row): UsageRow => ({ family: row.party, kind: row.kind, ...counted(row) }));
  const units = unitsFromUsage(rows, costs.pools, policy, options);
  if (units.ok) return units.value;
  throw new Fault(
    'inputRefused',
    units.faults.map(({ message }) => message).join('\n'),
    'A pool whose driver no usage has can be shared by the other one: pools, in the policy. docs/FUNDING.md, "Files"',
  );
}

/** The same usage, billable if its evidence has one of these tiers. */
export const billedBy = (parties: readonly PartyUsage[], tiers: readonly string[]): PartyUsage[] =>
  parties.map((row) =>
    row.kind === 'billable' || row.kind === 'not_billable'
      ? { ...row, kind: tiers.includes(row.tier) ? 'billable' : 'not_billable' }
      : row,
  );

/** Usage of parties → shares of the cost. @throws Fault(inputRefused) */
export const allocateParties = (parties: readonly PartyUsage[], terms: FundingTerms): AllocationResult =>
  allocate({
    families: partyUnits(parties, terms).families,
    cost_pool_cents: terms.costs.net_cents,
    policy: terms.policy,
  });

/** A closed period's usage, less retracted usage → shares of its cost. If a cost has no payer left, it goes to the commons. */
export const allocateRemains = (parties: readonly PartyUsage[], terms: FundingTerms): AllocationResult =>
  allocate({
    families: partyUnits(parties, terms, { remains: true }).families,
    cost_pool_cents: terms.costs.net_cents,
    policy: terms.policy,
  });

/** Terms with the unit prices that follow from all usage of the period. @throws Fault(inputRefused) */
export const priced = (parties: readonly PartyUsage[], terms: FundingTerms): PricedTerms => ({
  ...terms,
  prices: partyUnits(parties, terms).prices,
});

/** The units of a row of usage. */
export const rowUnits = (
  row: Pick<PartyUsage, 'requester_class' | 'requests' | 'bytes'>,
  { policy, prices }: PricedTerms,
): Rational => unitsOf(counted(row), prices, policy);
