import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requesterClasses } from '../../transform/classify/requester.ts';
import { add, type Rational, zero } from '../../transform/funding/rational.ts';
import { type PartyUsage } from '../../transform/funding/units.ts';
import { fundingFigures } from './figures.ts';
import { allocateParties, priced } from './parties.ts';
import { type PeriodAllocation } from './run.ts';
import { termsOf, type FundingTerms } from './terms.ts';

const costs = `pool,driver,currency,gross,donated,donor
bandwidth,bytes,EUR,25000.00,17500.00,Example CDN
compute,requests,EUR,7500.01,0.00,
`;
interface PolicySeed {
  readonly allowance: number;
  readonly cap_bp: number;
  readonly minimum: number;
  readonly rho_bp: number;
}
const policy = ({ allowance, cap_bp, minimum, rho_bp }: PolicySeed): string => `version: p1
currency: EUR
free_allowance: ${allowance}
bands: [{ up_to: 40000, multiplier_bp: 10000 }, { up_to: 150000, multiplier_bp: 12000 }, { multiplier_bp: 15000 }]
cap_bp: ${cap_bp}
minimum: ${minimum}
rho_bp: ${rho_bp}
class_weights_bp: { developer: 2500, ai_training: 20000 }
contract_minimums: { f1: 1000.00, elsewhere: 12.34 }
`;

const allocationOf = (parties: readonly PartyUsage[], terms: FundingTerms): PeriodAllocation => ({
  run_id: 'run',
  period: '2026-10',
  status: 'open',
  attribution_version: 'attribution',
  lines_sha256: '',
  billable_tiers: ['E1', 'E2', 'E3'],
  terms,
  result: allocateParties(parties, terms),
  until: '2026-10-31',
  parties,
  corrections: { inputs: { late: [], manual: [] }, lines: [], pending: [] },
});

const party = fc.record({
  party: fc.constantFrom('f1', 'f2', 'f3', 'f4'),
  kind: fc.constantFrom('billable', 'billable', 'exempt', 'not_billable', 'unattributed'),
  requester_class: fc.constantFrom(...requesterClasses),
  tier: fc.constantFrom('E1', 'E2'),
  requests: fc.bigInt({ min: 1n, max: 10n ** 12n }).map(String),
  downloads: fc.constant('0'),
  bytes: fc.bigInt({ min: 1n, max: 10n ** 18n }).map(String),
}) as fc.Arbitrary<PartyUsage>;
const seeds = fc.record({
  parties: fc.array(party, { minLength: 1, maxLength: 25 }),
  rules: fc.record({
    allowance: fc.constantFrom(0, 1000, 100_000, 10_000_000),
    cap_bp: fc.constantFrom(100, 2500, 10_000),
    minimum: fc.constantFrom(0, 100, 5000),
    rho_bp: fc.constantFrom(0, 3333, 10_000),
  }),
});
const total = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n);
const totalOf = (values: readonly Rational[]): Rational => values.reduce<Rational>(add, zero);

describe('funding figures', () => {
  it('lines sum to what is billed, bands to the weighted units, parts of the commons to what no share pays', () => {
    fc.assert(
      fc.property(seeds, ({ parties, rules }) => {
        const terms = termsOf({ policy: policy(rules), costs });
        const allocation = allocationOf(parties, terms);
        const figures = fundingFigures(allocation, priced(parties, terms));
        for (const { share } of figures.families) {
          if (share === null) continue;
          expect(total(share.lines.map((line) => line.billed_cents))).toBe(share.billed_cents);
          expect(totalOf(share.lines.map((line) => line.units))).toEqual(share.gross);
          expect(totalOf(share.bands.map((band) => band.units))).toEqual(share.net);
          expect(totalOf(share.bands.map((band) => band.tiered))).toEqual(share.tiered);
        }
        const parts = figures.commons_parts.map(({ cents }) => cents);
        expect(parts.every((cents) => cents > 0n)).toBe(true);
        expect(total(parts)).toBe(figures.cost_pool_cents - figures.billed_cents);
        expect(figures.billed_cents + figures.true_up_cents + figures.commons_cents).toBe(figures.cost_pool_cents);
        // Whoever owes by contract has a statement, used or not.
        expect(figures.families.map(({ family }) => family)).toContain('elsewhere');
      }),
      { numRuns: 50 },
    );
  });

  it('says what the cap, the minimum and the allowance have left to the commons', () => {
    const row = (name: string, kind: PartyUsage['kind'], requests: string, bytes: string): PartyUsage => ({
      party: name,
      kind,
      requester_class: 'ci',
      tier: 'E1',
      requests,
      downloads: '0',
      bytes,
    });
    const parties = [
      row('f1', 'billable', '600', '600'),
      row('f2', 'billable', '10', '10'),
      row('x', 'exempt', '90', '90'),
      row('weak', 'not_billable', '50', '50'),
      row('unknown', 'unattributed', '250', '250'),
    ];
    const terms = termsOf({ policy: policy({ allowance: 3000, cap_bp: 2500, minimum: 400, rho_bp: 0 }), costs });
    const { commons_parts } = fundingFigures(allocationOf(parties, terms), priced(parties, terms));
    expect(commons_parts.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining(['unattributed', 'allowance', 'exempt', 'not_billable', 'cap', 'minimum']),
    );
    // A quarter of all usage is unattributed: a quarter of 15,000.01, to the cent.
    expect(commons_parts.find(({ reason }) => reason === 'unattributed')?.cents).toBe(375_000n);
  });
});
