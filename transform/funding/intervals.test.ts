// Intervals: what they must hold for any usage, the law they draw from, and one case whose numbers never change.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { usageIntervals, type IntervalUsage, type UsageInterval } from './intervals.ts';
import { type Precision } from './precision.ts';
import { add, compare, rational, zero, type Rational } from './rational.ts';

const row = (fields: Partial<IntervalUsage>): IntervalUsage => ({
  family: 'acme',
  org: 'acme',
  tier: 'E5',
  prefix: '192.0.2.0/24',
  requester_class: 'ci',
  requests: 10n,
  bytes: 1_000n,
  units: rational(10n, 3n),
  ...fields,
});

const tiers = ['E1', 'E2', 'E3', 'E4', 'E5', 'E6'];
const usages = fc.array(
  fc.record({
    family: fc.constantFrom('A', 'B'),
    org: fc.constantFrom('x', 'y', 'é'),
    tier: fc.constantFrom(...tiers),
    prefix: fc.constantFrom('p1', 'p2', 'p3', 'p4'),
    requester_class: fc.constantFrom('ci', 'developer'),
    requests: fc.bigInt(0n, 10n ** 6n),
    bytes: fc.bigInt(0n, 10n ** 18n),
    units: fc.tuple(fc.bigInt(0n, 10n ** 6n), fc.bigInt(1n, 40n)).map(([num, den]) => rational(num, den)),
  }),
  { maxLength: 20 },
);
const precisions: fc.Arbitrary<Precision[]> = fc.uniqueArray(
  fc.record({
    tier: fc.constantFrom('E4', 'E5', 'E6'),
    org: fc.constantFrom('', 'x', 'y', 'z'),
    right: fc.nat(60),
    wrong: fc.nat(9),
  }),
  { maxLength: 8, selector: ({ tier, org }) => `${tier} ${org}` },
);
const inputs = fc.record({ usage: usages, precision: precisions, seed: fc.nat(), draws: fc.constant(60) });
const holds = <T extends unknown[]>(property: fc.IPropertyWithHooks<T>) => fc.assert(property, { numRuns: 200 });
const text = (intervals: readonly UsageInterval[]) =>
  JSON.stringify(intervals, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
const isCertain = (tier: string) => tier < 'E4';
const sumUnits = (rows: readonly IntervalUsage[]): Rational => rows.reduce((sum, { units }) => add(sum, units), zero);

describe('every interval', () => {
  it('lies in order: what E1–E3 proves ≤ low ≤ point ≤ high ≤ attributed, and attributed is the sum of the usage', () => {
    holds(
      fc.property(inputs, (input) => {
        for (const { family, org, tier, requester_class, intervals } of usageIntervals(input)) {
          const own = input.usage.filter(
            (one) =>
              one.family === family &&
              (org === '' || one.org === org) &&
              (tier === '' || (one.tier === tier && one.requester_class === requester_class)),
          );
          const certain = own.filter((one) => isCertain(one.tier));
          expect(intervals.requests.attributed).toEqual(rational(own.reduce((sum, one) => sum + one.requests, 0n)));
          expect(intervals.bytes.attributed).toEqual(rational(own.reduce((sum, one) => sum + one.bytes, 0n)));
          expect(intervals.units.attributed).toEqual(sumUnits(own));
          for (const { attributed, low, point, high } of Object.values(intervals)) {
            expect(compare(low, point)).toBeLessThanOrEqual(0);
            expect(compare(point, high)).toBeLessThanOrEqual(0);
            expect(compare(high, attributed)).toBeLessThanOrEqual(0);
          }
          const proved = certain.reduce((sum, one) => sum + one.requests, 0n);
          expect(compare(intervals.requests.low, rational(proved))).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it('is a point where only E1–E3 attribute', () => {
    holds(
      fc.property(inputs, (input) => {
        const usage = input.usage.filter(({ tier }) => isCertain(tier));
        for (const { intervals } of usageIntervals({ ...input, usage }))
          for (const { attributed, low, point, high } of Object.values(intervals))
            expect([low, point, high]).toEqual([attributed, attributed, attributed]);
      }),
    );
  });

  it('is the same for the same rows in any order, and for other rows of other organisations', () => {
    const shuffled = inputs.chain((input) =>
      fc.record({
        input: fc.constant(input),
        usage: fc.shuffledSubarray([...input.usage], { minLength: input.usage.length }),
      }),
    );
    holds(
      fc.property(shuffled, ({ input, usage }) => {
        const whole = usageIntervals(input);
        expect(text(usageIntervals({ ...input, usage }))).toBe(text(whole));
        const alone = usageIntervals({ ...input, usage: usage.filter(({ family }) => family === 'A') });
        expect(text(alone)).toBe(text(whole.filter(({ family }) => family === 'A')));
      }),
    );
  });

  it('keeps or drops a prefix whole: each draw of a family is the sum of the draws of its organisations', () => {
    // One draw at a time shows the draw itself: low, point and high are it.
    holds(
      fc.property(inputs, (input) => {
        const drawn = usageIntervals({ ...input, draws: 1 });
        for (const family of ['A', 'B']) {
          const own = drawn.filter((one) => one.family === family);
          const requests = (rows: readonly UsageInterval[]) =>
            rows.reduce((sum, { intervals }) => sum + intervals.requests.point.num, 0n);
          const whole = requests(own.filter(({ org }) => org === ''));
          const orgs = own.filter(({ org, tier }) => org !== '' && tier === '');
          expect(whole).toBe(requests(orgs));
          expect(whole).toBe(requests(own.filter(({ org, tier }) => org !== '' && tier !== '')));
        }
        const prefixes = new Map<string, Set<boolean>>();
        for (const one of input.usage) {
          const { intervals } = usageIntervals({ ...input, usage: [one], draws: 1 })[0];
          const key = [one.org, one.tier, one.prefix].join();
          if (one.requests > 0n)
            prefixes.set(key, (prefixes.get(key) ?? new Set()).add(intervals.requests.point.num > 0n));
        }
        for (const kept of prefixes.values()) expect(kept.size).toBe(1);
      }),
    );
  });

  it('never leaves less than nothing where a correction is larger than the usage', () => {
    const [first] = usageIntervals({
      usage: [row({ requests: -5n, prefix: 'a' }), row({ requests: 3n, prefix: 'b' })],
      precision: [{ tier: 'E5', org: 'acme', right: 0, wrong: 5 }],
      seed: 1,
    });
    expect(first.intervals.requests.low).toEqual(zero);
    expect(first.intervals.requests.attributed).toEqual(rational(-2n));
  });
});

describe('the law', () => {
  /** Worlds of organisations, some of whose prefixes were tested: how often an interval holds the truth. */
  function covered(worlds: number, precisionsOf: (random: Random) => () => number, together = false): number {
    let [held, cases] = [0, 0];
    for (let world = 0; world < worlds; world++) {
      const random = new Random(0xc0, world);
      const precisionOf = precisionsOf(random);
      const usage: IntervalUsage[] = [];
      const precision: Precision[] = [];
      const truths = new Map<string, bigint>();
      for (let i = 0; i < 12; i++) {
        const org = `org-${i}`;
        const own = precisionOf();
        const hit = () => random.chance(own);
        const right = Array.from({ length: 6 }, hit).filter(Boolean).length;
        precision.push({ tier: 'E5', org, right, wrong: 6 - right });
        let truth = 0n;
        for (let prefix = 0; prefix < 25; prefix++) {
          const requests = BigInt(1 + random.below(1_000));
          if (hit()) truth += requests;
          usage.push(row({ family: org, org, prefix: `10.${i}.${prefix}.0/24`, requests }));
        }
        truths.set(org, truth);
      }
      const [right, wrong] = [precisionSum(precision, 'right'), precisionSum(precision, 'wrong')];
      const counted = together ? [{ tier: 'E5', org: '', right, wrong }] : precision;
      for (const { org, tier, intervals } of usageIntervals({ usage, precision: counted, seed: world, draws: 200 })) {
        if (org === '' || tier !== '') continue;
        const truth = rational(truths.get(org)!);
        cases++;
        if (compare(intervals.requests.low, truth) <= 0 && compare(intervals.requests.high, truth) >= 0) held++;
      }
    }
    return held / cases;
  }
  const precisionSum = (precision: readonly Precision[], of: 'right' | 'wrong') =>
    precision.reduce((sum, one) => sum + one[of], 0);
  const between = (low: number, high: number) => (random: Random) => low + (random.next() / 2 ** 32) * (high - low);

  it('covers the truth in nine of ten cases where organisations err alike', () => {
    const share = covered(60, (random) => {
      const precision = between(0.7, 0.95)(random);
      return () => precision;
    });
    expect(share).toBeGreaterThan(0.86);
    expect(share).toBeLessThan(0.985);
  });

  it('and in more than eight where they differ, as one precision for all does not', () => {
    const uneven = (random: Random) => () => between(0.4, 1)(random);
    const share = covered(60, uneven);
    expect(share).toBeGreaterThan(0.81);
    expect(share).toBeLessThan(0.97);
    expect(covered(60, uneven, true)).toBeLessThan(0.72);
  });
});

describe('the numbers of a recorded run never change', () => {
  const usage = [
    row({ tier: 'E1', prefix: '', requests: 1_000n, bytes: 10n ** 15n, units: rational(1_000n) }),
    ...Array.from({ length: 12 }, (_, i) =>
      row({
        prefix: `198.51.${i}.0/24`,
        requests: BigInt(10 * (i + 1)),
        bytes: BigInt(i + 1) * 10n ** 12n,
        units: rational(BigInt(i + 1), 7n),
      }),
    ),
    row({ org: 'acme-labs', tier: 'E4', prefix: '203.0.113.0/24', requests: 77n }),
  ];
  const line = ({ org, tier, intervals }: UsageInterval) => {
    const { attributed, low, point, high } = intervals.requests;
    return `${org || 'family'} ${tier || 'all'}: ${[low, point, high, attributed].map(({ num }) => num).join(' ')}`;
  };

  it('where all organisations were counted together', () => {
    const found = usageIntervals({
      usage,
      precision: [
        { tier: 'E5', org: '', right: 30, wrong: 3 },
        { tier: 'E4', org: '', right: 2, wrong: 2 },
      ],
      seed: 202610,
    });
    expect(found.map(line)).toMatchInlineSnapshot(`
      [
        "family all: 1550 1767 1857 1857",
        "acme all: 1530 1720 1780 1780",
        "acme E1: 1000 1000 1000 1000",
        "acme E5: 530 720 780 780",
        "acme-labs all: 0 0 77 77",
        "acme-labs E4: 0 0 77 77",
      ]
    `);
    expect(found[0].intervals.units.low).toMatchInlineSnapshot(`
      {
        "den": 4200000n,
        "num": 4234399997n,
      }
    `);
  });

  it('and where each was counted by itself', () => {
    const found = usageIntervals({
      usage,
      precision: [
        { tier: 'E5', org: 'acme', right: 5, wrong: 3 },
        { tier: 'E5', org: 'globex', right: 14, wrong: 0 },
        { tier: 'E5', org: 'initech', right: 11, wrong: 0 },
        { tier: 'E4', org: 'globex', right: 2, wrong: 2 },
      ],
      seed: 202610,
    });
    expect(found.map(line)).toMatchInlineSnapshot(`
      [
        "family all: 1510 1780 1857 1857",
        "acme all: 1470 1770 1780 1780",
        "acme E1: 1000 1000 1000 1000",
        "acme E5: 470 770 780 780",
        "acme-labs all: 0 0 77 77",
        "acme-labs E4: 0 0 77 77",
      ]
    `);
  });
});
