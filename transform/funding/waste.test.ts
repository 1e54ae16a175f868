import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requesterClasses } from '../classify/requester.ts';
import { checkPolicy, type Policy } from './policy.ts';
import { unitsFromUsage } from './units.ts';
import { familyWaste, type WasteRow } from './waste.ts';

const policyOf = (more: object = {}): Policy => {
  const policy = checkPolicy({
    version: 'p',
    currency: 'EUR',
    free_allowance: '0',
    bands: [{ multiplier_bp: '10000' }],
    cap_bp: '10000',
    minimum: '0',
    ...more,
  });
  if (!policy.ok) throw new Error(JSON.stringify(policy.faults));
  return policy.value;
};
const pools = [
  { pool: 'cdn', driver: 'bytes', gross_cents: 60_000n, donated_cents: 0n, net_cents: 60_000n },
  { pool: 'compute', driver: 'requests', gross_cents: 40_000n, donated_cents: 0n, net_cents: 40_000n },
];
const COST = 100_000n;
const row = (family: string, requests: number, repeats: number, kind: WasteRow['kind'] = 'billable'): WasteRow => ({
  family,
  kind,
  requester_class: 'ci',
  requests: BigInt(requests),
  downloads: BigInt(requests),
  bytes: BigInt(requests) * 1000n,
  repeat_downloads: BigInt(repeats),
  repeat_bytes: BigInt(repeats) * 1000n,
});
const rules = (rows: readonly WasteRow[], policy = policyOf()) => {
  const units = unitsFromUsage(rows, pools, policy);
  if (!units.ok) throw new Error(JSON.stringify(units.faults));
  return { policy, prices: units.value.prices, cost_pool_cents: COST };
};

describe('familyWaste', () => {
  it('is what the repeats have cost, and what the family pays less at the lower cost', () => {
    // 100 requests cost 1,000.00: 10.00 each. acme's 30 repeats cost 300.00; it pays 400.00 instead of 700.00.
    const rows = [row('acme', 70, 30), row('globex', 20, 20), row('unknown', 10, 5, 'unattributed')];
    expect(familyWaste(rows, ['globex', 'acme'], rules(rows))).toEqual([
      { family: 'acme', registry_saves_cents: 30_000n, family_saves_cents: 30_000n },
      { family: 'globex', registry_saves_cents: 20_000n, family_saves_cents: 20_000n },
    ]);
  });

  it('saves an exempt family nothing, and the registry all the same', () => {
    const rows = [row('acme', 50, 0), row('open', 50, 10, 'exempt')];
    expect(familyWaste(rows, ['open'], rules(rows))).toEqual([
      { family: 'open', registry_saves_cents: 10_000n, family_saves_cents: null },
    ]);
  });

  it('names no cents where the policy fixes prices', () => {
    const rows = [row('acme', 50, 10)];
    const [waste] = familyWaste(rows, ['acme'], rules(rows, policyOf({ alpha: '1', beta: '0' })));
    expect(waste.registry_saves_cents).toBeNull();
  });

  it('never costs a family more to cache, and never saves the registry more than the family has caused', () => {
    const usage = fc.array(
      fc
        .tuple(
          fc.constantFrom('a', 'b', 'c'),
          fc.constantFrom<WasteRow['kind']>('billable', 'billable', 'exempt', 'unattributed'),
          fc.constantFrom(...requesterClasses),
          fc.integer({ min: 1, max: 10_000 }),
          fc.integer({ min: 0, max: 10_000 }),
        )
        .map(([family, kind, requester_class, requests, repeats]) => ({
          ...row(kind === 'billable' ? family : `${family}-${kind}`, requests, Math.min(repeats, requests), kind),
          requester_class,
        })),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(usage, (rows) => {
        const families = [...new Set(rows.filter(({ kind }) => kind !== 'unattributed').map(({ family }) => family))];
        for (const waste of familyWaste(rows, families, rules(rows))) {
          expect(waste.registry_saves_cents! >= 0n && waste.registry_saves_cents! <= COST).toBe(true);
          // A cent may go the other way: left-over cents follow the largest remainder.
          if (waste.family_saves_cents !== null) expect(waste.family_saves_cents >= -1n).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
