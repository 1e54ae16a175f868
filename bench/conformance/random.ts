// A seeded source of choices, so that a labelled set is the same everywhere.

export interface Random {
  /** 0 ≤ x < n */
  below(n: number): number;
  pick<T>(values: readonly T[]): T;
  chance(probability: number): boolean;
  hex(length: number): string;
  /** `a.b.c`, sometimes a pre-release. */
  version(major?: readonly number[]): string;
}

/** mulberry32 */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  const below = (n: number): number => Math.floor(next() * n);
  const pick = <T>(values: readonly T[]): T => values[below(values.length)];
  return {
    below,
    pick,
    chance: (probability) => next() < probability,
    hex: (length) => Array.from({ length }, () => '0123456789abcdef'[below(16)]).join(''),
    version: (major = [0, 1, 2, 3, 5, 10]) =>
      `${pick(major)}.${below(60)}.${below(30)}${next() < 0.05 ? pick(['-beta.1', '-rc.2', 'rc1', '.dev0', '-alpha', '+build.7']) : ''}`,
  };
}
