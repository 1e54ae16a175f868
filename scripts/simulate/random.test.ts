// The simulation's chance: the same stream for the same seed, and choices as often as their weights say.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AliasTable, harmonicWeights, Random } from './random.ts';

const take = (random: Random, n: number) => Array.from({ length: n }, () => random.next());

describe('Random', () => {
  it('gives the same stream for the same parts and another for any other', () => {
    const part = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), part, (parts, other) => {
        const stream = take(new Random(...parts), 8);
        expect(take(new Random(...parts), 8)).toEqual(stream);
        expect(take(new Random(...parts, other), 8)).not.toEqual(stream);
        fc.pre(other !== parts[0]);
        expect(take(new Random(other, ...parts.slice(1)), 8)).not.toEqual(stream);
      }),
    );
  });

  it('never changes: these numbers are in every simulation that was ever shared', () => {
    expect(take(new Random(1), 4)).toMatchInlineSnapshot(`
      [
        1753522120,
        3021632285,
        867443210,
        833066346,
      ]
    `);
  });

  it('draws every bit and every number below a limit equally often', () => {
    const random = new Random(5);
    const counts = new Array<number>(10).fill(0);
    const bits = new Array<number>(32).fill(0);
    for (let i = 0; i < 100_000; i++) {
      counts[random.below(10)]++;
      const drawn = random.next();
      for (let b = 0; b < 32; b++) bits[b] += (drawn >>> b) & 1;
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
    for (const count of bits) expect(Math.abs(count - 50_000)).toBeLessThan(1_000);
  });
});

describe('AliasTable', () => {
  it('chooses as often as the weights say, and never what weighs nothing', () => {
    const weights = fc
      .array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 40 })
      .filter((list) => list.some((weight) => weight > 0));
    fc.assert(
      fc.property(weights, fc.nat(), (list, seed) => {
        const table = new AliasTable(list);
        const random = new Random(seed);
        const counts = new Array<number>(list.length).fill(0);
        const draws = 20_000;
        for (let i = 0; i < draws; i++) counts[table.pick(random)]++;
        const total = list.reduce((a, b) => a + b, 0);
        list.forEach((weight, i) => {
          if (weight === 0) expect(counts[i]).toBe(0);
          expect(Math.abs(counts[i] / draws - weight / total)).toBeLessThan(0.025);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('refuses weights that cannot be drawn from', () => {
    for (const weights of [[], [0, 0], [1, NaN], [Infinity]]) expect(() => new AliasTable(weights)).toThrow(RangeError);
  });

  it('takes popularity laws of any length', () => {
    expect(Array.from(harmonicWeights(3, 1))).toEqual([1, 1 / 2, 1 / 3]);
  });
});
