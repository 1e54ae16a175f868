import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitNested, type Leaf } from './nested-split.ts';
import { rational } from './rational.ts';

const name = fc.constantFrom('a', 'b', 'c');
const leaf: fc.Arbitrary<Leaf> = fc.record({
  path: fc.tuple(name, name, name),
  weight: fc
    .tuple(fc.bigInt({ min: -5n, max: 10n ** 12n }), fc.constantFrom(1n, 3n, 7n))
    .map(([num, den]) => rational(num, den)),
});
/** At least one leaf has weight, whatever the others take back. */
const leaves = fc
  .array(leaf, { maxLength: 30 })
  .map((some): Leaf[] => [...some, { path: ['a', 'a', 'a'], weight: rational(10n ** 3n) }]);
const cents = fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n });
const total = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n);

describe('splitNested', () => {
  it('sums to the cents, and reverses with their sign', () => {
    fc.assert(
      fc.property(cents, leaves, (amount, all) => {
        const parts = splitNested(amount, all);
        expect(total(parts)).toBe(amount);
        expect(splitNested(-amount, all)).toEqual(parts.map((part) => -part || 0n));
        for (const [index, { weight }] of all.entries()) if (weight.num <= 0n) expect(parts[index]).toBe(0n);
      }),
    );
  });

  it('keeps each level, however far the split goes', () => {
    fc.assert(
      fc.property(cents, leaves, (amount, all) => {
        const fine = splitNested(amount, all);
        const coarse = splitNested(
          amount,
          all.map(({ path, weight }) => ({ path: path.slice(0, 2), weight })),
        );
        const sums = (parts: readonly bigint[]) => {
          const groups: Record<string, bigint> = {};
          parts.forEach((part, index) => {
            const key = all[index].path.slice(0, 2).join('/');
            groups[key] = (groups[key] ?? 0n) + part;
          });
          return groups;
        };
        expect(sums(fine)).toEqual(sums(coarse));
      }),
    );
  });

  it('rounds the highest level first: a thousand rows of a part of a cent cost their group what it used', () => {
    const rows = Array.from({ length: 1000 }, (_, day) => ({ path: ['many', String(day)], weight: rational(1n) }));
    const parts = splitNested(200n, [...rows, { path: ['one', '0'], weight: rational(1000n) }]);
    expect(total(parts.slice(0, 1000))).toBe(100n);
    expect(parts[1000]).toBe(100n);
  });

  it('refuses cents that nobody has weight for', () => {
    expect(() => splitNested(1n, [])).toThrow(RangeError);
    expect(splitNested(0n, [])).toEqual([]);
  });
});
