// What is known of precision: against closed forms, and against what counts must mean.

import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { drawBeta, precisionDraws, precisionOfTier, spreadPosterior, type Precision } from './precision.ts';

const counts = (...pairs: readonly (readonly [right: number, wrong: number])[]) =>
  pairs.map(([right, wrong]) => ({ right, wrong }));
const spreads = Array.from({ length: 11 }, (_, i) => (i * 5) / 100);
const strengths = spreads.map((spread) => 1 / spread ** 2);

/** Probability of each strength. */
const byStrength = (of: Parameters<typeof spreadPosterior>[0]): number[] =>
  spreadPosterior(of).map(({ upTo }, i, all) => upTo - (all[i - 1]?.upTo ?? 0));
const shares = (weights: readonly number[]) => {
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
};
const expectClose = (found: readonly number[], expected: readonly number[]) =>
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 3));

describe('how organisations differ', () => {
  it('is not shown by one prefix each: every spread stays as likely as the others', () => {
    const one = counts([1, 0], [0, 1], [1, 0], [1, 0], [1, 0]);
    expectClose(byStrength(one), shares(strengths.map(() => 1)));
  });

  it('follows the chance of two prefixes of one organisation, both right: (3κ/8 + 1/2) / (κ + 1)', () => {
    const chance = strengths.map((strength) =>
      strength === Infinity ? 3 / 8 : ((3 / 8) * strength + 1 / 2) / (strength + 1),
    );
    expectClose(byStrength(counts([2, 0])), shares(chance));
  });

  it('and of one right, one wrong: κ/8 / (κ + 1)', () => {
    const chance = strengths.map((strength) => (strength === Infinity ? 1 / 8 : strength / 8 / (strength + 1)));
    expectClose(byStrength(counts([1, 1])), shares(chance));
  });

  it('is little where all err as often, and much where each errs always or never', () => {
    const alike = byStrength(counts(...Array.from({ length: 40 }, () => [18, 2] as const)));
    expect(alike[0] + alike[1] + alike[2]).toBeGreaterThan(0.9);
    const apart = byStrength(counts([9, 0], [9, 0], [0, 9], [9, 0], [0, 9], [9, 0]));
    expect(apart.slice(-4).reduce((a, b) => a + b)).toBeGreaterThan(0.9);
  });

  it('is found with a million prefixes, in a grid as fine as they say', () => {
    // Of precisions 0.975 and 0.925 the variance is that of Beta with strength 75.
    const found = byStrength(
      counts(...Array.from({ length: 1_000 }, (_, i) => (i % 2 === 0 ? ([975, 25] as const) : ([925, 75] as const)))),
    );
    expect(found[spreads.indexOf(0.1)] + found[spreads.indexOf(0.15)]).toBeGreaterThan(0.99);
    expect(byStrength(counts(...Array.from({ length: 1_000 }, () => [950, 50] as const)))[0]).toBeGreaterThan(0.99);
  });

  it('is not known where nobody was counted by itself: alike', () => {
    expect(spreadPosterior([])).toEqual([{ spread: 0, upTo: 1 }]);
  });
});

describe('a draw', () => {
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length / 2 ** 32;
  const spread = (values: Float64Array) =>
    Math.sqrt(values.reduce((sum, value) => sum + (value / 2 ** 32 - mean(values)) ** 2, 0) / values.length);
  const of = (precision: readonly Precision[]) => precisionDraws(precision, 202610, 2_000);
  const seen = (org: string, right: number, wrong: number): Precision => ({ tier: 'E4', org, right, wrong });

  it('differs from organisation to organisation as much as the counts do, around the mean of all of them', () => {
    const uneven = of([seen('a', 20, 0), seen('b', 8, 12), seen('c', 20, 0), seen('d', 12, 8), seen('', 20, 0)]);
    const even = of([seen('a', 16, 4), seen('b', 16, 4), seen('c', 16, 4), seen('d', 16, 4), seen('', 16, 4)]);
    for (const org of ['a', 'b', 'other']) {
      expect(mean(uneven('E4', org))).toBeCloseTo(0.8, 1);
      expect(mean(even('E4', org))).toBeCloseTo(0.8, 1);
      expect(spread(uneven('E4', org))).toBeGreaterThan(2 * spread(even('E4', org)));
    }
    expect(uneven('E4', 'a')).not.toEqual(uneven('E4', 'b'));
  });

  it('is one precision for all organisations where they were counted together, or not at all', () => {
    for (const precision of [[seen('', 40, 4)], []]) {
      const drawn = of(precision);
      expect(drawn('E4', 'x')).toEqual(drawn('E4', 'y'));
    }
    expect(mean(of([])('E4', 'x'))).toBeCloseTo(0.5, 1);
    expect(spread(of([])('E4', 'x'))).toBeCloseTo(Math.sqrt(1 / 8), 1);
  });

  it('of one organisation and tier is its own: asked again, or first, it is the same', () => {
    const precision = [seen('x', 5, 2), seen('y', 9, 0), { ...seen('x', 1, 1), tier: 'E5' }];
    const [first, second] = [of(precision), of([...precision].reverse())];
    const x = first('E4', 'x');
    second('E5', 'x');
    second('E4', 'y');
    expect(second('E4', 'x')).toEqual(x);
    expect(first('E4', 'y')).not.toEqual(x);
    expect(first('E5', 'x')).not.toEqual(x);
  });
});

it('counts of a tier are those of its organisations together', () => {
  const precision = [
    { tier: 'E4', org: 'x', right: 5, wrong: 2 },
    { tier: 'E5', org: 'x', right: 1, wrong: 1 },
    { tier: 'E4', org: 'y', right: 9, wrong: 0 },
  ];
  expect(precisionOfTier(precision, 'E4')).toEqual({ right: 14, wrong: 2 });
  expect(precisionOfTier(precision, 'E6')).toEqual({ right: 0, wrong: 0 });
});

describe('the law', () => {
  it.each([
    [0.5, 0.5],
    [1.5, 0.5],
    [9.5, 1.5],
    [500.5, 20.5],
    [3.5, 30.5],
    [0.05, 0.95],
    [96.04, 3.96],
    [1, 1],
  ])('draws the mean and spread of Beta(%d, %d)', (a, b) => {
    const random = new Random(Math.round(a * 100), Math.round(b * 100));
    const n = 20_000;
    const drawn = Array.from({ length: n }, () => drawBeta(random, a, b));
    const expected = a / (a + b);
    const variance = (a * b) / ((a + b) ** 2 * (a + b + 1));
    const found = drawn.reduce((sum, value) => sum + value, 0) / n;
    const squares = drawn.reduce((sum, value) => sum + (value - found) ** 2, 0) / n;
    expect(Math.abs(found - expected)).toBeLessThan(4 * Math.sqrt(variance / n));
    expect(squares / variance).toBeGreaterThan(0.9);
    expect(squares / variance).toBeLessThan(1.1);
    expect(drawn.every((value) => value >= 0 && value <= 1)).toBe(true);
  });
});
