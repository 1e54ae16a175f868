// The allocation by example: the worked example to the cent, each rule by itself, rounding, contracts, corrections.
import { describe, expect, it } from 'vitest';
import { allocate, allocationJson, type AllocationResult } from './allocate.ts';
import { compareAllocations, comparisonJson, corrections } from './compare.ts';
import type { Policy } from './policy.ts';
import { rational } from './rational.ts';
import { roundShares, splitStatement } from './rounding.ts';
import type { FamilyUnits, UsageKind } from './units.ts';

const oraclePolicy: Policy = {
  version: 'oracle-1',
  currency: 'USD',
  free_allowance: 10n,
  bands: [
    { up_to: 100n, multiplier_bp: 10000n },
    { up_to: 250n, multiplier_bp: 12000n },
    { up_to: null, multiplier_bp: 15000n },
  ],
  cap_bp: 2500n,
  minimum_cents: 10000n,
  rho_bp: 0n,
  class_weights_bp: new Map(),
  bill_measured: [],
  pools: new Map(),
  fixed_prices: null,
  contract_minimums_cents: new Map(),
  service_tiers: null,
};
/** No allowance, bands, cap or minimum: shares in plain proportion to usage. */
const proportional: Policy = {
  ...oraclePolicy,
  free_allowance: 0n,
  bands: [{ up_to: null, multiplier_bp: 10000n }],
  cap_bp: 10000n,
  minimum_cents: 0n,
};

const row = (family: string, units: number | bigint, kind: UsageKind = 'billable'): FamilyUnits => ({
  family,
  kind,
  units: rational(BigInt(units)),
});
const oracleUnits = [
  row('A', 300),
  row('B', 120),
  row('C', 70),
  row('D', 30),
  row('E', 11),
  row('open-source', 69, 'exempt'),
  row('unknown', 400, 'unattributed'),
];
const run = (families: FamilyUnits[], cost_pool_cents: bigint, policy: Policy) =>
  allocate({ families, cost_pool_cents, policy });
const oracle = (change: Partial<Policy> = {}) => run(oracleUnits, 10_000_000n, { ...oraclePolicy, ...change });
const billed = ({ lines }: AllocationResult) =>
  Object.fromEntries(lines.map(({ family, billed_cents }) => [family, billed_cents]));

describe('the worked example', () => {
  it('is right to the cent', () => {
    const result = oracle();
    expect(result).toMatchObject({
      cost_pool_cents: 10_000_000n,
      recoverable: rational(4_810_000n),
      tier_sum: rational(533n),
      cap_cents: 2_500_000n,
      billed_cents: 4_232_682n,
      commons_cents: 5_767_318n,
      true_up_cents: 0n,
      units: { billable: rational(531n), exempt: rational(69n), unattributed: rational(400n), total: rational(1000n) },
      not_billed: [
        { family: 'open-source', kind: 'exempt', gross: rational(69n) },
        { family: 'unknown', kind: 'unattributed', gross: rational(400n) },
      ],
    });
    const table = result.lines.map(({ family, net, tiered, raw, billed_cents, rule }) => [
      family,
      net.num,
      tiered.num,
      Math.round((Number(raw.num) / Number(raw.den)) * 100) / 10000, // four places, as the table has them
      billed_cents,
      rule,
    ]);
    expect(table).toEqual([
      ['A', 290n, 340n, 30682.9268, 2_500_000n, 'cap'],
      ['B', 110n, 112n, 10107.3171, 1_010_731n, 'share'],
      ['C', 60n, 60n, 5414.6341, 541_463n, 'share'],
      ['D', 20n, 20n, 1804.878, 180_488n, 'share'],
      ['E', 1n, 1n, 90.2439, 0n, 'minimum'],
    ]);
    expect(result.lines[0].raw).toEqual(rational(10_000_000n * 481n * 340n, 1000n * 533n));
  });

  it('is printed in the published shape', () => {
    const printed = JSON.parse(JSON.stringify(allocationJson(oracle())));
    expect(printed).toMatchObject({
      cost_pool_cents: '10000000',
      recoverable: { num: '4810000', den: '1' },
      tier_sum: '533',
      billed_cents: '4232682',
      commons_cents: '5767318',
    });
    expect(printed.lines[0]).toEqual({
      family: 'A',
      gross: '300',
      net: '290',
      tiered: '340',
      raw: { num: '125800000', den: '41' },
      billed_cents: '2500000',
      rule: 'cap',
    });
  });

  it('prints units that are not whole as fractions', () => {
    const third = { family: 'A', kind: 'billable', units: rational(1n, 3n) } as const;
    const printed = allocationJson(run([third], 100n, proportional));
    expect(printed).toMatchObject({ tier_sum: { num: '1', den: '3' }, lines: [{ gross: { num: '1', den: '3' } }] });
  });
});

describe('the rules', () => {
  it('sums a family before its allowance, so that subsidiaries get none of their own', () => {
    expect(billed(run([row('A', 6), row('A', 6)], 1200n, { ...proportional, free_allowance: 10n }))).toEqual({
      A: 200n,
    });
  });

  it('bills nobody within the free allowance', () => {
    const { lines } = run([row('A', 10), row('B', 11)], 2100n, { ...proportional, free_allowance: 10n });
    expect(lines.map(({ rule, billed_cents }) => [rule, billed_cents])).toEqual([
      ['free', 0n],
      ['share', 100n],
    ]);
  });

  it('has no cliffs: a band raises only the units above it', () => {
    const at = (units: bigint) => run([row('A', units)], 100n, { ...oraclePolicy, free_allowance: 0n }).lines[0].tiered;
    expect([100n, 101n, 250n, 251n].map(at)).toEqual([
      rational(100n),
      rational(506n, 5n),
      rational(280n),
      rational(563n, 2n),
    ]);
  });

  it('keeps what exempt, not billable and unattributed usage caused in the commons', () => {
    const others = [row('X', 1, 'exempt'), row('A', 2, 'not_billable'), row('unknown', 3, 'unattributed')];
    const result = run([row('A', 4), ...others], 1000n, proportional);
    expect(billed(result)).toEqual({ A: 400n });
    expect(result.commons_cents).toBe(600n);
  });

  it('lets payers bear rho of what is unattributed, and of nothing else', () => {
    const others = [row('X', 1, 'exempt'), row('Y', 2, 'not_billable'), row('unknown', 3, 'unattributed')];
    const result = run([row('A', 4), ...others], 1000n, { ...proportional, rho_bp: 5000n });
    expect(billed(result)).toEqual({ A: 550n });
  });

  it('floors the cap, and cuts only what is above it', () => {
    const capped = (cap_bp: bigint) =>
      run([row('A', 1), row('unknown', 1, 'unattributed')], 99n, { ...proportional, cap_bp });
    expect(capped(5000n)).toMatchObject({ cap_cents: 49n, lines: [{ billed_cents: 49n, rule: 'cap' }] });
    const even = run([row('A', 1), row('unknown', 1, 'unattributed')], 100n, { ...proportional, cap_bp: 5000n });
    expect(even.lines[0]).toMatchObject({ billed_cents: 50n, rule: 'share' });
  });

  it('tests the minimum on the exact share, before rounding', () => {
    // Raw shares of 99.75 and 100 cents against a minimum of 100: 99.75 would round to it, and is still not billed.
    const minimum = (units: bigint, all: bigint) =>
      run([row('A', units), row('unknown', all - units, 'unattributed')], 400n, {
        ...proportional,
        minimum_cents: 100n,
      }).lines[0];
    expect(minimum(399n, 1600n)).toMatchObject({ raw: rational(399n, 4n), billed_cents: 0n, rule: 'minimum' });
    expect(minimum(400n, 1600n)).toMatchObject({ billed_cents: 100n, rule: 'share' });
  });

  it('gives what cap and minimum cut to the commons, not to other payers', () => {
    const without = billed(oracle({ cap_bp: 10000n, minimum_cents: 0n }));
    const result = billed(oracle());
    expect([result.B - without.B, result.C - without.C, result.D - without.D]).toEqual([-1n, 0n, 0n]);
  });

  it('stands empty months, nothing to share and nothing that counts', () => {
    expect(run([], 500n, oraclePolicy)).toMatchObject({ lines: [], billed_cents: 0n, commons_cents: 500n });
    expect(billed(run(oracleUnits, 0n, { ...oraclePolicy, minimum_cents: 0n }))).toEqual({
      A: 0n,
      B: 0n,
      C: 0n,
      D: 0n,
      E: 0n,
    });
    const nothing = run([row('A', 5)], 500n, { ...proportional, bands: [{ up_to: null, multiplier_bp: 0n }] });
    expect(nothing).toMatchObject({ commons_cents: 500n, lines: [{ rule: 'free', raw: rational(0n) }] });
  });

  it('takes figures beyond 2^53', () => {
    const big = 10n ** 30n;
    expect(billed(run([row('A', big), row('B', 2n * big)], 3n * 10n ** 18n + 1n, proportional))).toEqual({
      A: 10n ** 18n,
      B: 2n * 10n ** 18n + 1n,
    });
  });

  it('refuses negative units and costs as defects of the caller', () => {
    expect(() => run([row('A', -1)], 1n, proportional)).toThrow(RangeError);
    expect(() => run([], -1n, proportional)).toThrow(RangeError);
  });
});

describe('rounding', () => {
  it('gives left-over cents by the largest remainder, ties to the larger T, then to the earlier id', () => {
    const share = (id: string, numerator: bigint, weight: bigint) => ({ id, numerator, weight });
    // 1.5 + 1.5 + 1.5 + 0.6 = 5.1: floors sum to 3, two cents are left; 0.6 first, then the tie.
    const shares = [share('c', 15n, 1n), share('b', 15n, 2n), share('a', 15n, 1n), share('d', 6n, 1n)];
    expect(roundShares(shares, 10n)).toEqual([1n, 2n, 1n, 1n]);
    const tied = shares.map((one) => ({ ...one, weight: 1n }));
    expect(roundShares(tied, 10n)).toEqual([1n, 1n, 2n, 1n]);
    // U+FF21 comes before U+1F600 by bytes, after it by UTF-16.
    expect(roundShares([share('\u{1F600}', 5n, 1n), share('\uFF21', 5n, 1n)], 10n)).toEqual([0n, 1n]);
  });

  it('bills three equal shares of a dollar as 34, 33, 33', () => {
    expect(billed(run([row('C', 1), row('B', 1), row('A', 1)], 100n, proportional))).toEqual({
      A: 34n,
      B: 33n,
      C: 33n,
    });
  });

  it('splits a statement over its lines so that they sum to it; a correction is the exact opposite', () => {
    const parts = [
      { id: 'ci', weight: rational(1n, 3n) },
      { id: 'developer', weight: rational(1n, 3n) },
      { id: 'unknown', weight: rational(1n, 3n) },
    ];
    expect(splitStatement(1_010_732n, parts)).toEqual([336_911n, 336_911n, 336_910n]);
    expect(splitStatement(-1_010_732n, parts)).toEqual([-336_911n, -336_911n, -336_910n]);
    expect(splitStatement(0n, [{ id: 'ci', weight: rational(0n) }])).toEqual([0n]);
    expect(() => splitStatement(1n, [{ id: 'ci', weight: rational(0n) }])).toThrow(RangeError);
    expect(() => splitStatement(1n, [{ id: 'ci', weight: rational(-1n) }])).toThrow(RangeError);
  });
});

describe('contract minimums', () => {
  it('are true-ups on lines of their own, also without usage, and reduce the commons', () => {
    const contract_minimums_cents = new Map([
      ['E', 50_000n],
      ['B', 1_000_000n],
      ['Absent', 7n],
    ]);
    const result = oracle({ contract_minimums_cents });
    expect(result.true_ups).toEqual([
      { family: 'Absent', contract_minimum_cents: 7n, cents: 7n },
      { family: 'E', contract_minimum_cents: 50_000n, cents: 50_000n },
    ]);
    expect(result).toMatchObject({ billed_cents: 4_232_682n, true_up_cents: 50_007n, commons_cents: 5_717_311n });
  });

  it('may bring more than the cost: the commons is then negative, and says so', () => {
    const result = run([], 100n, { ...proportional, contract_minimums_cents: new Map([['A', 150n]]) });
    expect(result.commons_cents).toBe(-50n);
  });
});

describe('compareAllocations', () => {
  it('shows who would pay what under another policy, true-ups included', () => {
    const other = oracle({ cap_bp: 10000n, minimum_cents: 5000n, contract_minimums_cents: new Map([['Z', 3n]]) });
    const comparison = compareAllocations(oracle(), other);
    const row = (family: string) => comparison.families.find((one) => one.family === family);
    expect(comparison.families.map(({ family }) => family)).toEqual(['A', 'B', 'C', 'D', 'E', 'Z']);
    expect(row('A')).toEqual({
      family: 'A',
      a_cents: 2_500_000n,
      b_cents: 3_068_293n,
      difference_cents: 568_293n,
      a_rule: 'cap',
      b_rule: 'share',
    });
    expect(row('Z')).toMatchObject({ a_cents: 0n, b_cents: 3n, a_rule: null, b_rule: null });
    const moved = comparison.families.reduce((sum, { difference_cents }) => sum + difference_cents, 0n);
    expect(comparison.commons_difference_cents).toBe(-moved);
    expect(() => JSON.stringify(comparisonJson(comparison))).not.toThrow();
    expect(() => compareAllocations(oracle(), oracle({ currency: 'EUR' }))).toThrow(RangeError);
  });

  it('gives the corrections of a closed period: what was billed too little, or too much', () => {
    const recomputed = run([row('A', 1), row('B', 3)], 100n, proportional);
    const closed = run([row('A', 1), row('B', 1), row('C', 2)], 100n, proportional);
    expect(corrections(closed, recomputed)).toEqual([
      { family: 'B', cents: 50n },
      { family: 'C', cents: -50n },
    ]);
    expect(corrections(closed, closed)).toEqual([]);
  });
});
