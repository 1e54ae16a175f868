import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate } from './allocate.ts';
import { corrections } from './compare.ts';
import { addUsage, correctionColumns, readCorrections } from './corrections.ts';
import { type PartyUsage } from './units.ts';
import { checkPolicy, type Policy } from './policy.ts';
import { unitsFromUsage } from './units.ts';

const row = (party: string, requests: number, kind: PartyUsage['kind'] = 'billable'): PartyUsage => ({
  party,
  kind,
  requester_class: 'ci',
  tier: kind === 'unattributed' ? '' : 'E1',
  requests: String(requests),
  downloads: '0',
  bytes: String(requests * 1000),
});

describe('addUsage', () => {
  it('sums rows of one party, class and tier, and keeps the others', () => {
    const { rows, cut } = addUsage([row('acme', 10), row('globex', 5)], [row('acme', -4), row('new', 1)]);
    expect(rows).toEqual([row('acme', 6), row('globex', 5), row('new', 1)]);
    expect(cut).toBe(0n);
  });

  it('takes back no more than was there, and says how much was not found', () => {
    const { rows, cut } = addUsage([row('acme', 10)], [row('acme', -12)]);
    expect(rows).toEqual([row('acme', 0)]);
    expect(cut).toBe(2n);
  });
});

const policyOf = (plain: object): Policy => {
  const policy = checkPolicy(plain);
  if (!policy.ok) throw new Error(JSON.stringify(policy.faults));
  return policy.value;
};
const policy = policyOf({
  version: 'p',
  currency: 'EUR',
  free_allowance: '100',
  bands: [{ up_to: '2000', multiplier_bp: '10000' }, { multiplier_bp: '15000' }],
  cap_bp: '4000',
  minimum: '1.00',
  contract_minimums: { globex: '25.00' },
});
const pool = (driver: string, cents: bigint) => ({
  pool: driver,
  driver,
  gross_cents: cents,
  donated_cents: 0n,
  net_cents: cents,
});
const pools = [pool('requests', 70_001n), pool('bytes', 30_000n)];
const COST = 100_001n;

const allocated = (rows: readonly PartyUsage[], by = policy) => {
  const units = unitsFromUsage(
    rows.map((each) => ({
      family: each.party,
      kind: each.kind,
      requester_class: 'ci',
      requests: BigInt(each.requests),
      bytes: BigInt(each.bytes),
    })),
    pools,
    by,
    { remains: true },
  );
  if (!units.ok) throw new Error(JSON.stringify(units.faults));
  return allocate({ families: units.value.families, cost_pool_cents: COST, policy: by });
};
const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);
const count = (min: number) => fc.integer({ min, max: 5000 }).filter((value) => value !== 0);
/** Bytes and requests come and go apart from each other. */
const usage = (min: number) =>
  fc.array(
    fc
      .tuple(fc.constantFrom('acme', 'globex', 'initech', 'unknown'), count(min), count(min))
      .map(([party, requests, bytes]) => ({
        ...row(party, requests, party === 'unknown' ? 'unattributed' : 'billable'),
        bytes: String(bytes),
      })),
    { minLength: 1, maxLength: 8 },
  );

describe('corrections of a closed period', () => {
  it('conserve its cost: billed, true-ups, corrections and what is left to the commons are C', () => {
    fc.assert(
      fc.property(usage(1), usage(-5000), (before, late) => {
        const base = [row('unknown', 1, 'unattributed'), ...before];
        const closed = allocated(addUsage(base, []).rows);
        const now = allocated(addUsage(base, late).rows);
        const lines = corrections(closed, now);
        expect(
          closed.billed_cents + closed.true_up_cents + sum(lines.map(({ cents }) => cents)) + now.commons_cents,
        ).toBe(COST);
      }),
      { numRuns: 300 },
    );
  });

  it('credit the cost of a driver whose usage was all taken back, and bill it to nobody', () => {
    const plain = policyOf({
      version: 'p',
      currency: 'EUR',
      free_allowance: '0',
      bands: [{ multiplier_bp: '10000' }],
      cap_bp: '10000',
      minimum: '0',
    });
    const base = [row('acme', 30), row('globex', 70)];
    const less = (measures: readonly ('requests' | 'bytes')[]) =>
      allocated(
        addUsage(
          base,
          base.map((each) => ({
            ...each,
            requests: measures.includes('requests') ? `-${each.requests}` : '0',
            bytes: measures.includes('bytes') ? `-${each.bytes}` : '0',
          })),
        ).rows,
        plain,
      );
    const credits = (measures: readonly ('requests' | 'bytes')[]) =>
      corrections(allocated(base, plain), less(measures)).map(({ cents }) => cents);
    expect(credits(['bytes'])).toEqual([-9_000n, -21_000n]);
    expect(credits(['requests'])).toEqual([-21_000n, -49_001n]);
    expect(credits(['requests', 'bytes'])).toEqual([-30_000n, -70_001n]);
    expect(less(['bytes'])).toMatchObject({ billed_cents: 70_001n, commons_cents: 30_000n });
  });

  it('in two steps come to the same as in one, and a reversal undoes them to the cent', () => {
    fc.assert(
      fc.property(usage(1), usage(1), usage(1), (before, first, second) => {
        const at = [before, [...before, ...first], [...before, ...first, ...second]].map((rows) =>
          allocated(addUsage(rows, []).rows),
        );
        const byFamily = (lines: ReturnType<typeof corrections>[]) => {
          const cents = new Map<string, bigint>();
          for (const { family, cents: amount } of lines.flat()) cents.set(family, (cents.get(family) ?? 0n) + amount);
          return new Map([...cents].filter(([, amount]) => amount !== 0n).sort());
        };
        expect(byFamily([corrections(at[0], at[1]), corrections(at[1], at[2])])).toEqual(
          byFamily([corrections(at[0], at[2])]),
        );
        expect(byFamily([corrections(at[0], at[2]), corrections(at[2], at[0])]).size).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});

describe('readCorrections', () => {
  const read = (...lines: string[]) =>
    readCorrections(
      lines.map((text, index) => ({
        line: index + 2,
        values: Object.fromEntries(text.split(',').map((value, at) => [correctionColumns[at], value])),
      })),
    );

  it('reads credits and charges', () => {
    expect(read('c-1,2026-11,2026-10,acme,-120.50,EUR,token was another’s')).toEqual({
      faults: [],
      lines: [
        {
          line: 2,
          id: 'c-1',
          period: '2026-11',
          of_period: '2026-10',
          family: 'acme',
          cents: -12_050n,
          currency: 'EUR',
          reason: 'token was another’s',
        },
      ],
    });
  });

  it('reports all faults with their lines', () => {
    const faults = read(
      'c-1,2026-10,2026-10,acme,1.00,EUR,x',
      'c-1,2026-13,2026-10,acme,1.005,eur,x',
      'c-3,2026-11,2026-10,,--1,EUR, ',
    );
    expect(faults.faults.map(({ line }) => line)).toEqual([2, 3, 3, 3, 3, 4, 4, 4]);
    // A line that can be read is checked against the warehouse, too, so that all is said at once.
    expect(read('c-1,2026-10,2026-10,acme,1.00,EUR,x', 'c-2,2026-11,2026-10,acme,1.00,EUR,x').lines).toMatchObject([
      { line: 3, id: 'c-2' },
    ]);
  });
});
