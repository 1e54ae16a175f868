// Usage by party → shares of the cost, under recorded texts: policy, costs and usage in, the allocation out. No warehouse.

import { Fault } from '../../transform/fault.ts';
import { allocate, type AllocationResult } from '../../transform/funding/allocate.ts';
import { type Policy } from '../../transform/funding/policy.ts';
import { type Rational } from '../../transform/funding/rational.ts';
import {
  type FamilyUnits,
  type UnitPrices,
  type UsageRow,
  unitsFromUsage,
  unitsOf,
} from '../../transform/funding/units.ts';
import { parseCosts, parsePolicy } from './files.ts';

/** One row of allocation_input. */
export interface PartyUsage {
  readonly party: string;
  readonly kind: UsageRow['kind'];
  readonly requester_class: UsageRow['requester_class'];
  readonly tier: string;
  readonly requests: string;
  readonly downloads: string;
  readonly bytes: string;
}

export interface FundingTexts {
  /** policy.yaml and costs.csv as they were read. */
  readonly policy: string;
  readonly costs: string;
}

export const policyOf = (texts: Pick<FundingTexts, 'policy'>): Policy => parsePolicy(texts.policy, 'policy.yaml');

/**
 * Usage of parties → their units and the prices of units, under the texts' costs and a policy.
 * @throws Fault(inputRefused)
 */
function partyUnits(
  parties: readonly PartyUsage[],
  texts: FundingTexts,
  policy: Policy,
  options: { readonly remains?: boolean } = {},
): { readonly families: readonly FamilyUnits[]; readonly prices: UnitPrices; readonly net_cents: bigint } {
  const costs = parseCosts(texts.costs, 'costs.csv');
  if (costs.currency !== policy.currency)
    throw new Fault(
      'inputRefused',
      `policy ${policy.version} is in ${policy.currency}, the costs are in ${costs.currency}`,
      'Convert one of them: an allocation has one currency.',
    );
  const rows = parties.map((row) => ({
    family: row.party,
    kind: row.kind,
    requester_class: row.requester_class,
    requests: BigInt(row.requests),
    bytes: BigInt(row.bytes),
  }));
  const units = unitsFromUsage(rows, costs.pools, policy, options);
  if (!units.ok)
    throw new Fault(
      'inputRefused',
      units.faults.map(({ message }) => message).join('\n'),
      'The file formats are described in docs/FUNDING.md.',
    );
  return { ...units.value, net_cents: costs.net_cents };
}

/** Usage of parties, billable where its evidence is among these tiers. */
export const billedBy = (parties: readonly PartyUsage[], tiers: readonly string[]): PartyUsage[] =>
  parties.map((row) =>
    row.kind === 'billable' || row.kind === 'not_billable'
      ? { ...row, kind: tiers.includes(row.tier) ? 'billable' : 'not_billable' }
      : row,
  );

/** Usage of parties → shares of the cost, under the texts' costs and a policy. @throws Fault(inputRefused) */
export function allocateParties(parties: readonly PartyUsage[], texts: FundingTexts, policy: Policy): AllocationResult {
  const { families, net_cents } = partyUnits(parties, texts, policy);
  return allocate({ families, cost_pool_cents: net_cents, policy });
}

/** A closed period's usage, less what was taken back → shares of its cost; what nobody is left to bear is the commons'. */
export function allocateRemains(parties: readonly PartyUsage[], texts: FundingTexts, policy: Policy): AllocationResult {
  const { families, net_cents } = partyUnits(parties, texts, policy, { remains: true });
  return allocate({ families, cost_pool_cents: net_cents, policy });
}

/** The units of a row of usage, at the prices that all usage of the period has made. */
export function unitsUnder(
  parties: readonly PartyUsage[],
  texts: FundingTexts,
): (row: Pick<PartyUsage, 'requests' | 'bytes'> & { readonly requester_class: string }) => Rational {
  const policy = policyOf(texts);
  const { prices } = partyUnits(parties, texts, policy);
  return ({ requester_class, requests, bytes }) =>
    unitsOf(
      {
        requester_class: requester_class as PartyUsage['requester_class'],
        requests: BigInt(requests),
        bytes: BigInt(bytes),
      },
      prices,
      policy,
    );
}
