// Units from usage and cost pools, and from rows of text.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requesterClasses } from '../classify/requester.ts';
import type { Checked } from './checked.ts';
import type { CostPool } from './costs.ts';
import { checkPolicy, type Policy } from './policy.ts';
import { add, compare, rational, zero } from './rational.ts';
import { driverCosts, readUnits, unitsFromUsage, unitsOf, usageKinds, type UsageRow } from './units.ts';

function must<T>(result: Checked<T>): T {
  if (!result.ok) throw new Error(result.faults.map(({ message }) => message).join('\n'));
  return result.value;
}
const messages = (result: Checked<unknown>) =>
  result.ok ? [] : result.faults.map(({ line, message }) => `${line ?? '-'}: ${message}`);

const policyWith = (more: object = {}): Policy =>
  must(
    checkPolicy({
      version: '1',
      currency: 'USD',
      free_allowance: 0,
      bands: [{ multiplier_bp: 10000 }],
      cap_bp: 10000,
      minimum: 0,
      ...more,
    }),
  );

const pool = (name: string, driver: string, net_cents: bigint): CostPool => ({
  pool: name,
  driver,
  gross_cents: net_cents,
  donated_cents: 0n,
  net_cents,
});

describe('driverCosts', () => {
  const pools = [pool('cdn', 'bytes', 10000n), pool('api', 'requests', 3000n), pool('staff', '', 1n)];

  it("splits by the policy's shares first, else by the pool's own driver, exactly", () => {
    const policy = policyWith({ pools: { staff: { requests_bp: 3333, bytes_bp: 6667 }, cdn: { requests_bp: 10000 } } });
    expect(must(driverCosts(pools, policy))).toEqual({
      requests: rational(130003333n, 10000n),
      bytes: rational(6667n, 10000n),
    });
  });

  it('refuses a pool that neither names', () => {
    expect(messages(driverCosts(pools, policyWith()))).toEqual([
      '-: pool staff: its driver is "", neither requests nor bytes, and the policy\'s pools do not name it',
    ]);
  });
});

const usage = fc.array(
  fc.record({
    family: fc.constantFrom('A', 'B', 'C', 'unknown'),
    kind: fc.constantFrom(...usageKinds),
    requester_class: fc.constantFrom(...requesterClasses),
    requests: fc.bigInt(0n, 10n ** 13n),
    bytes: fc.bigInt(0n, 10n ** 18n),
  }),
  { minLength: 1, maxLength: 20 },
);
const weighing = fc
  .record({ ci: fc.nat(30000), developer: fc.nat(30000), storage: fc.nat(10000) })
  .map(({ ci, developer, storage }) =>
    policyWith({
      class_weights_bp: { ci, developer },
      pools: { storage: { requests_bp: storage, bytes_bp: 10000 - storage } },
    }),
  );
const poolsOf = (storage: bigint, cdn: bigint, api: bigint): CostPool[] => [
  pool('storage', '', storage),
  pool('cdn', 'bytes', cdn),
  pool('api', 'requests', api),
];
const cents = fc.bigInt(0n, 10n ** 12n);
const always: UsageRow = {
  family: 'unknown',
  kind: 'unattributed',
  requester_class: 'unknown',
  requests: 1n,
  bytes: 1n,
};

describe('unitsFromUsage', () => {
  it('makes the units of all weighted usage sum to the cost', () => {
    fc.assert(
      fc.property(usage, weighing, cents, cents, cents, (rows, policy, storage, cdn, api) => {
        const { families } = must(unitsFromUsage([...rows, always], poolsOf(storage, cdn, api), policy));
        const sum = families.reduce((total, { units }) => add(total, units), zero);
        expect(sum).toEqual(rational(storage + cdn + api));
      }),
    );
  });

  it('gives each family the sum of its rows, each by its class, in any order', () => {
    fc.assert(
      fc.property(usage, weighing, cents, (rows, policy, cost) => {
        const all = [...rows, always];
        const { families, prices } = must(unitsFromUsage(all, poolsOf(cost, 7n, 5n), policy));
        for (const { family, kind, units } of families) {
          const own = all.filter((row) => row.family === family && row.kind === kind);
          expect(units).toEqual(own.reduce((total, row) => add(total, unitsOf(row, prices, policy)), zero));
        }
        expect(must(unitsFromUsage(all.reverse(), poolsOf(cost, 7n, 5n), policy)).families).toEqual(families);
      }),
    );
  });

  it('gives a family no fewer units when it uses more', () => {
    fc.assert(
      fc.property(usage, weighing, cents, fc.bigInt(1n, 10n ** 12n), (rows, policy, cost, more) => {
        const unitsOfFirst = (first: UsageRow) => {
          const { families } = must(
            unitsFromUsage([first, ...rows.slice(1), always], poolsOf(cost, cost, cost), policy),
          );
          return families.find(({ family, kind }) => family === first.family && kind === first.kind)!.units;
        };
        const first = rows[0];
        const grown = { ...first, requests: first.requests + more };
        expect(compare(unitsOfFirst(grown), unitsOfFirst(first))).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('weighs by class: an example by hand', () => {
    const policy = policyWith({ class_weights_bp: { ci: 20000, developer: 0 } });
    const row = (
      family: string,
      requester_class: UsageRow['requester_class'],
      requests: bigint,
      bytes: bigint,
    ): UsageRow => ({
      family,
      kind: 'billable',
      requester_class,
      requests,
      bytes,
    });
    const rows = [row('A', 'ci', 10n, 1n), row('A', 'developer', 99n, 99n), row('B', 'unknown', 10n, 4n)];
    // Weighted: 2·10 + 10 = 30 requests for 900 cents, 2·1 + 4 = 6 bytes for 90 cents.
    const { prices, families } = must(unitsFromUsage(rows, poolsOf(0n, 90n, 900n).slice(1), policy));
    expect(prices).toEqual({ alpha: rational(30n), beta: rational(15n) });
    expect(families.map(({ family, units }) => [family, units])).toEqual([
      ['A', rational(630n)],
      ['B', rational(360n)],
    ]);
  });

  it('uses fixed prices without looking at the pools', () => {
    const policy = policyWith({ alpha: '1/3', beta: 0 });
    const { families } = must(unitsFromUsage([{ ...always, requests: 2n }], [], policy));
    expect(families).toEqual([{ family: 'unknown', kind: 'unattributed', units: rational(2n, 3n) }]);
  });

  it('refuses a cost that no usage drives: its units could not sum to it', () => {
    expect(messages(unitsFromUsage([{ ...always, bytes: 0n }], poolsOf(0n, 1200n, 5n).slice(1), policyWith()))).toEqual(
      ['-: 12.00 of cost is caused by bytes, but no weighted bytes were counted'],
    );
    expect(() => unitsFromUsage([{ ...always, bytes: -1n }], [], policyWith())).toThrow(RangeError);
  });
});

describe('readUnits', () => {
  const read = (...rows: [string, string, string][]) =>
    readUnits(rows.map(([family, kind, units], index) => ({ line: index + 2, values: { family, kind, units } })));

  it('takes whole numbers of any size, and unattributed usage without a name', () => {
    expect(must(read(['A', 'billable', '9007199254740993'], ['', 'unattributed', '0']))).toEqual([
      { family: 'A', kind: 'billable', units: rational(9007199254740993n) },
      { family: '', kind: 'unattributed', units: zero },
    ]);
  });

  it('refuses all faults at once', () => {
    expect(
      messages(
        read(
          ['A', 'billed', '1'],
          ['', 'billable', '-1'],
          ['B', 'billable', '1.5'],
          ['B', 'exempt', '1'],
          ['\u001b[2J', 'exempt', '1'],
        ),
      ),
    ).toEqual([
      '2: kind is "billed": one of billable, exempt, not_billable, unattributed is needed',
      '3: units is "-1": a whole number, zero or more, is needed',
      '3: family must be a text without control characters or blanks at its ends',
      '4: units is "1.5": a whole number, zero or more, is needed',
      '5: B is exempt here and billable in line 4: a family is one or the other',
      '6: family must be a text without control characters or blanks at its ends',
    ]);
  });
});
