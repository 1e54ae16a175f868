// Service tiers: from 5-minute request counts to the level a party needs, by the policy's limits on rate and volume.

import { compareIds } from './checked.ts';
import type { ServiceTiers, TierState } from './policy.ts';
import { compare, fractionJson, rational, type Rational } from './rational.ts';

/** request_rate is kept by 5 minutes. */
export const SLOT_SECONDS = 300n;

/** Requests in a slot, 0 ≤ slot < slots of the month. Sparse; a slot may come in several rows (sources), which are summed. */
export interface SlotCount {
  readonly slot: number;
  readonly requests: bigint;
}

export interface Measured {
  /** Requests per second in the 95th percentile of all slots, empty ones included (nearest rank). */
  readonly p95: Rational;
  readonly requests_per_month: bigint;
}

/** @throws RangeError for a slot outside the month or a negative count. */
export function measureRate(counts: Iterable<SlotCount>, slot_count: number): Measured {
  if (!Number.isInteger(slot_count) || slot_count < 1) throw new RangeError(`a month of ${slot_count} slots`);
  const slots = new Map<number, bigint>();
  let requests_per_month = 0n;
  for (const { slot, requests } of counts) {
    if (!Number.isInteger(slot) || slot < 0 || slot >= slot_count)
      throw new RangeError(`slot ${slot} of ${slot_count}`);
    if (requests < 0n) throw new RangeError(`slot ${slot} has a negative count`);
    slots.set(slot, (slots.get(slot) ?? 0n) + requests);
    requests_per_month += requests;
  }
  const ascending = [...slots.values()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const empty = slot_count - ascending.length;
  const rank = Math.ceil((slot_count * 95) / 100);
  const peak = rank > empty ? ascending[rank - empty - 1] : 0n;
  return { p95: rational(peak, SLOT_SECONDS), requests_per_month };
}

export interface TierParty {
  readonly id: string;
  readonly kind: 'organisation' | 'network';
  /** Free by decision, such as an open-source project that applied. */
  readonly exempt?: boolean;
  readonly counts: Iterable<SlotCount>;
}

export interface TierDecision extends Measured {
  readonly id: string;
  readonly kind: TierParty['kind'];
  readonly tier: string;
  /** Reason of the level: its rate, its volume if only that needs a higher level, or an exemption. */
  readonly decided_by: 'rate' | 'volume' | 'exemption';
}

export interface TierReport {
  readonly state: TierState;
  /** Name of the free level. */
  readonly free: string;
  /** By kind, then id bytes. */
  readonly decisions: readonly TierDecision[];
}

/** The lowest level that includes both the rate and the volume. */
export function decideTier(
  { p95, requests_per_month }: Measured,
  { levels }: ServiceTiers,
): { tier: string; decided_by: 'rate' | 'volume' } {
  const byRate = levels.findIndex(
    ({ rate }) => rate === null || compare(p95, rate.requests_per_second) < (rate.inclusive ? 1 : 0),
  );
  const byVolume = levels.findIndex(
    (level) => level.requests_per_month === null || requests_per_month <= level.requests_per_month,
  );
  return { tier: levels[Math.max(byRate, byVolume)].name, decided_by: byVolume > byRate ? 'volume' : 'rate' };
}

export function assignTiers(parties: Iterable<TierParty>, slot_count: number, tiers: ServiceTiers): TierReport {
  const free = tiers.levels[0].name;
  const decisions = [...parties].map(({ id, kind, exempt, counts }): TierDecision => {
    const measured = measureRate(counts, slot_count);
    const decision = exempt ? ({ tier: free, decided_by: 'exemption' } as const) : decideTier(measured, tiers);
    return { id, kind, ...decision, ...measured };
  });
  decisions.sort((a, b) => compareIds(b.kind, a.kind) || compareIds(a.id, b.id));
  return { state: tiers.state, free, decisions };
}

/** Decisions that the edge must enforce: parties above the free level, and only in ENFORCEMENT. */
export const edgeList = ({ state, free, decisions }: TierReport): readonly TierDecision[] =>
  state === 'ENFORCEMENT' ? decisions.filter(({ tier }) => tier !== free) : [];

export const tierJson = ({
  id,
  kind,
  tier,
  decided_by,
  p95,
  requests_per_month,
}: TierDecision): Record<string, unknown> => ({
  id,
  kind,
  tier,
  decided_by,
  p95_requests_per_second: fractionJson(p95),
  requests_per_month: String(requests_per_month),
});
