// A policy is taken exactly or refused with every fault at its path.
import { describe, expect, it } from 'vitest';
import type { RequesterClass } from '../classify/requester.ts';
import { checkPolicy, classWeightBp, type Policy } from './policy.ts';
import { rational } from './rational.ts';

const minimal = {
  version: '1',
  currency: 'USD',
  free_allowance: '10',
  bands: [{ up_to: '100', multiplier_bp: '10000' }, { multiplier_bp: '15000' }],
  cap_bp: '2500',
  minimum: '100.00',
};

/** 'path: message' of every fault. */
function faults(document: unknown): string[] {
  const policy = checkPolicy(document);
  return policy.ok ? [] : policy.faults.map(({ path = [], message }) => `${path.join('.')}: ${message}`);
}

function taken(document: unknown) {
  const policy = checkPolicy(document);
  if (!policy.ok) throw new Error(faults(document).join('\n'));
  return policy.value;
}

describe('weights', () => {
  it("of hosted are unknown's where the policy names no other", () => {
    const policy = (weights: [RequesterClass, bigint][]) =>
      ({ class_weights_bp: new Map(weights) }) as unknown as Policy;
    expect(classWeightBp(policy([['unknown', 5n]]), 'hosted')).toBe(5n);
    expect(classWeightBp(policy([['unknown', 5n], ['hosted', 7n]]), 'hosted')).toBe(7n); // prettier-ignore
    expect(classWeightBp(policy([['ci', 5n]]), 'hosted')).toBe(10_000n);
  });
});

describe('checkPolicy', () => {
  it('takes the least policy, with nothing billed for unattributed usage', () => {
    expect(taken(minimal)).toEqual({
      version: '1',
      currency: 'USD',
      free_allowance: 10n,
      bands: [
        { up_to: 100n, multiplier_bp: 10000n },
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
    });
  });

  it('takes every key, and numbers as text, bigint or number', () => {
    const policy = taken({
      ...minimal,
      version: 2,
      free_allowance: 2n ** 60n,
      bands: [{ up_to: null, multiplier_bp: 10000 }],
      minimum: 100.1,
      rho_bp: 500,
      class_weights_bp: { ci: 12000, developer: '0' },
      pools: { storage: { requests_bp: 4000, bytes_bp: 6000 }, bandwidth: { bytes_bp: 10000 } },
      contract_minimums: { Acme: '5000' },
      service_tiers: {
        state: 'ENFORCEMENT',
        levels: [
          { name: 'free', below_requests_per_second: 3, up_to_requests_per_month: '5000000' },
          { name: 'xl', up_to_requests_per_second: '50.5' },
          { name: 'platform' },
        ],
      },
    });
    expect(policy).toMatchObject({
      version: '2',
      free_allowance: 2n ** 60n,
      bands: [{ up_to: null, multiplier_bp: 10000n }],
      minimum_cents: 10010n,
      rho_bp: 500n,
    });
    expect([...policy.class_weights_bp]).toEqual([
      ['ci', 12000n],
      ['developer', 0n],
    ]);
    expect([...policy.pools]).toEqual([
      ['storage', { requests_bp: 4000n, bytes_bp: 6000n }],
      ['bandwidth', { requests_bp: 0n, bytes_bp: 10000n }],
    ]);
    expect([...policy.contract_minimums_cents]).toEqual([['Acme', 500000n]]);
    expect(policy.service_tiers).toEqual({
      state: 'ENFORCEMENT',
      levels: [
        { name: 'free', rate: { requests_per_second: rational(3n), inclusive: false }, requests_per_month: 5000000n },
        { name: 'xl', rate: { requests_per_second: rational(101n, 2n), inclusive: true }, requests_per_month: null },
        { name: 'platform', rate: null, requests_per_month: null },
      ],
    });
  });

  it('takes fixed prices exactly', () => {
    expect(taken({ ...minimal, alpha: '1/3', beta: '0.001' }).fixed_prices).toEqual({
      alpha: rational(1n, 3n),
      beta: rational(1n, 1000n),
    });
  });

  it.each([undefined, null, 'text', [], 5])('refuses %j as a document', (document) => {
    expect(faults(document)[0]).toBe(': must be a mapping of keys to values');
  });

  it('reports all faults at once, each with its path', () => {
    expect(
      faults({
        currency: 'usd',
        free_alowance: 10,
        bands: [{ up_to: 100, multiplier_bp: -1 }, { up_to: 100, multiplier_bp: 1, x: 1 }, { up_to: 300 }],
        cap_bp: 10001,
        minimum: '1.005',
      }),
    ).toEqual([
      expect.stringMatching(/^free_alowance: unknown key; known are version, /),
      'version: is missing',
      'free_allowance: is missing',
      'currency: must be an ISO 4217 code, such as USD',
      'bands.0.multiplier_bp: must be a whole number, zero or more',
      'bands.1.x: unknown key; known are up_to, multiplier_bp',
      'bands.1.up_to: must be above 100, where the band begins',
      'bands.2.multiplier_bp: is missing',
      'bands.2.up_to: the last band has no end: remove up_to',
      'cap_bp: must be a whole number from 0 to 10000',
      'minimum: must be an amount with at most two places, such as 100.00',
    ]);
  });

  it.each([
    [{ bands: [] }, 'bands: must be a list with at least one entry'],
    [
      { bands: [{ multiplier_bp: 1 }, { multiplier_bp: 1 }] },
      'bands.0.up_to: is missing: only the last band has no end',
    ],
    [
      { bands: [{ up_to: 0, multiplier_bp: 1 }, { multiplier_bp: 1 }] },
      'bands.0.up_to: must be above 0, where the band begins',
    ],
    [{ free_allowance: 2 ** 53 }, 'free_allowance: must be a whole number, zero or more'],
    [{ free_allowance: '1e6' }, 'free_allowance: must be a whole number, zero or more'],
    [{ free_allowance: 0.5 }, 'free_allowance: must be a whole number, zero or more'],
    [{ free_allowance: true }, 'free_allowance: must be a whole number, zero or more'],
    [{ version: ' ' }, 'version: must be a text without control characters or blanks at its ends'],
    [{ version: '\u001b[31m' }, 'version: must be a text without control characters or blanks at its ends'],
    [{ bill_measured: ['E4', 'E6'] }, 'bill_measured.1: must be E4 or E5: E1 to E3 are billed, E6 never is'],
    [{ bill_measured: [] }, 'bill_measured: must be a list with at least one entry'],
    [{ class_weights_bp: { robot: 1 } }, /^class_weights_bp.robot: unknown key; known are mirror_proxy, /],
    [{ class_weights_bp: { ci: -1 } }, 'class_weights_bp.ci: must be a whole number, zero or more'],
    [{ pools: { a: { requests_bp: 4000 } } }, 'pools.a: requests_bp and bytes_bp must sum to 10000, not 4000'],
    [{ pools: { a: { bytes_bp: 'all' } } }, 'pools.a.bytes_bp: must be a whole number from 0 to 10000'],
    [
      { contract_minimums: { A: '1.001' } },
      'contract_minimums.A: must be an amount with at most two places, such as 100.00',
    ],
    [{ alpha: 1 }, 'beta: is missing: alpha and beta are fixed together'],
    [{ beta: 1 }, 'alpha: is missing: alpha and beta are fixed together'],
    [{ alpha: 'x', beta: 1 }, 'alpha: must be a decimal or a fraction, such as 0.5 or 1/3'],
    [{ alpha: 0, beta: 0 }, 'alpha: alpha and beta are both 0: no usage would count'],
    [{ alpha: 1, beta: 1, pools: {} }, 'pools: has no effect beside alpha and beta: remove one or the other'],
  ])('refuses %j', (change, message) => {
    const found = faults({ ...minimal, ...change });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(message);
  });

  it('refuses levels that leave a party without one, or out of order', () => {
    expect(
      faults({
        ...minimal,
        service_tiers: {
          state: 'evaluation',
          levels: [
            { name: 'free', below_requests_per_second: 3, up_to_requests_per_second: 3 },
            { name: 'free', up_to_requests_per_second: 3, up_to_requests_per_month: 0 },
            { name: 'open' },
            { name: 'last', up_to_requests_per_month: 5 },
          ],
        },
      }),
    ).toEqual([
      'service_tiers.state: must be EVALUATION or ENFORCEMENT',
      'service_tiers.levels.0: needs one of below_requests_per_second and up_to_requests_per_second',
      'service_tiers.levels.1.name: free is named twice',
      'service_tiers.levels.1.up_to_requests_per_second: must be above the limit of the level before it',
      'service_tiers.levels.1.up_to_requests_per_month: must be above the limit of the level before it',
      'service_tiers.levels.2: needs one of below_requests_per_second and up_to_requests_per_second',
      'service_tiers.levels.3.up_to_requests_per_month: the last level has no limit: remove it',
    ]);
  });
});
