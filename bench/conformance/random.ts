// A seeded random source, so that a labelled set is the same on every machine.

import { Random as Chance } from '../../transform/random.ts';

export interface Random {
  /** 0 ≤ x < n */
  below(n: number): number;
  pick<T>(values: readonly T[]): T;
  chance(probability: number): boolean;
  hex(length: number): string;
  /** `a.b.c`, sometimes a pre-release. */
  version(major?: readonly number[]): string;
}

export function randomOf(seed: number): Random {
  const chance = new Chance(seed);
  const below = (n: number): number => chance.below(n);
  const pick = <T>(values: readonly T[]): T => values[below(values.length)];
  return {
    below,
    pick,
    chance: (probability) => chance.chance(probability),
    hex: (length) => Array.from({ length }, () => '0123456789abcdef'[below(16)]).join(''),
    version: (major = [0, 1, 2, 3, 5, 10]) =>
      `${pick(major)}.${below(60)}.${below(30)}${chance.chance(0.05) ? pick(['-beta.1', '-rc.2', 'rc1', '.dev0', '-alpha', '+build.7']) : ''}`,
  };
}
