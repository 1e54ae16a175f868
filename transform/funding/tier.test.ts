// Service tiers: p95 over all slots, limits at their edges, and what the edge is told.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServiceTiers, TierState } from './policy.ts';
import { rational } from './rational.ts';
import { assignTiers, decideTier, edgeList, measureRate, tierJson, type SlotCount, type TierParty } from './tier.ts';

const level = (name: string, rate: bigint | null, inclusive = false, requests_per_month: bigint | null = null) => ({
  name,
  rate: rate === null ? null : { requests_per_second: rational(rate), inclusive },
  requests_per_month,
});
const tiers = (state: TierState = 'EVALUATION'): ServiceTiers => ({
  state,
  levels: [
    level('free', 3n, false, 5_000_000n),
    level('enterprise', 15n),
    level('xl', 50n, true),
    level('platform', null),
  ],
});
const slots = (length: number, requests: bigint, from = 0): SlotCount[] =>
  Array.from({ length }, (_, index) => ({ slot: from + index, requests }));

describe('measureRate', () => {
  it('counts empty slots: 5 busy slots of 100 leave the p95 at zero, 6 do not', () => {
    expect(measureRate(slots(5, 3000n), 100)).toEqual({ p95: rational(0n), requests_per_month: 15000n });
    expect(measureRate(slots(6, 3000n), 100)).toEqual({ p95: rational(10n), requests_per_month: 18000n });
    expect(measureRate([], 8928)).toEqual({ p95: rational(0n), requests_per_month: 0n });
  });

  it('agrees with sorting every slot, in any order, however the rows of a slot are split', () => {
    const counts = fc.array(fc.record({ slot: fc.nat(39), requests: fc.bigInt(0n, 10n ** 17n) }), { maxLength: 80 });
    fc.assert(
      fc.property(counts, fc.integer({ min: 40, max: 60 }), (rows, slot_count) => {
        const full = new Array<bigint>(slot_count).fill(0n);
        for (const { slot, requests } of rows) full[slot] += requests;
        full.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
        // The smallest value with at least 95 % of all slots at or below it.
        const p95 = full.find((_, index) => (index + 1) * 100 >= slot_count * 95)!;
        const measured = measureRate(rows, slot_count);
        expect(measured.p95).toEqual(rational(p95, 300n));
        expect(measureRate([...rows].reverse(), slot_count)).toEqual(measured);
      }),
    );
  });

  it('refuses a slot outside the month, and negative counts', () => {
    expect(() => measureRate([{ slot: 100, requests: 1n }], 100)).toThrow(RangeError);
    expect(() => measureRate([{ slot: 1.5, requests: 1n }], 100)).toThrow(RangeError);
    expect(() => measureRate([{ slot: 1, requests: -1n }], 100)).toThrow(RangeError);
    expect(() => measureRate([], 0)).toThrow(RangeError);
  });
});

describe('decideTier', () => {
  it.each([
    [899n, 'free'], // requests in 5 minutes: just below 3/s
    [900n, 'enterprise'], // 'below 3' leaves 3 itself out
    [4499n, 'enterprise'],
    [4500n, 'xl'],
    [15000n, 'xl'], // 'up to 50' takes 50 in
    [15001n, 'platform'],
  ])('a p95 of %d requests in 5 minutes is %s', (peak, tier) => {
    expect(decideTier({ p95: rational(peak, 300n), requests_per_month: 0n }, tiers())).toEqual({
      tier,
      decided_by: 'rate',
    });
  });

  it('takes the higher of rate and volume', () => {
    const p95 = rational(0n);
    expect(decideTier({ p95, requests_per_month: 5_000_000n }, tiers())).toEqual({ tier: 'free', decided_by: 'rate' });
    expect(decideTier({ p95, requests_per_month: 5_000_001n }, tiers())).toEqual({
      tier: 'enterprise',
      decided_by: 'volume',
    });
    expect(decideTier({ p95: rational(20n), requests_per_month: 5_000_001n }, tiers())).toEqual({
      tier: 'xl',
      decided_by: 'rate',
    });
  });
});

describe('assignTiers', () => {
  const parties: TierParty[] = [
    { id: '192.0.2.0/24', kind: 'network', counts: slots(100, 6000n) },
    { id: 'Heavy', kind: 'organisation', counts: slots(50, 30000n) },
    { id: 'Free Software', kind: 'organisation', exempt: true, counts: slots(50, 30000n) },
    { id: '198.51.100.0/24', kind: 'network', counts: slots(3, 90000n) },
  ];

  it('reports organisations, then networks, by id', () => {
    const { decisions } = assignTiers(parties, 100, tiers());
    expect(decisions.map(({ id, tier, decided_by }) => [id, tier, decided_by])).toEqual([
      ['Free Software', 'free', 'exemption'],
      ['Heavy', 'platform', 'rate'],
      ['192.0.2.0/24', 'xl', 'rate'],
      ['198.51.100.0/24', 'free', 'rate'],
    ]);
  });

  it('tells the edge nothing in EVALUATION, and who is above the free level in ENFORCEMENT', () => {
    expect(edgeList(assignTiers(parties, 100, tiers('EVALUATION')))).toEqual([]);
    expect(edgeList(assignTiers(parties, 100, tiers('ENFORCEMENT'))).map(tierJson)).toEqual([
      {
        id: 'Heavy',
        kind: 'organisation',
        tier: 'platform',
        decided_by: 'rate',
        p95_requests_per_second: { num: '100', den: '1' },
        requests_per_month: '1500000',
      },
      {
        id: '192.0.2.0/24',
        kind: 'network',
        tier: 'xl',
        decided_by: 'rate',
        p95_requests_per_second: { num: '20', den: '1' },
        requests_per_month: '600000',
      },
    ]);
  });
});
