// A short form of `make bench-estimate`, on seeds of its own: the rates that docs/METHODOLOGY.md promises.

import { expect, it } from 'vitest';
import { measureEstimate } from './measure.ts';

const seeds = (count: number): number[] => Array.from({ length: count }, (_, i) => 9_000 + i);

it('holds the truth of what it answers, and is silent where unknown traffic is not like known traffic', async () => {
  const { figures } = await measureEstimate([
    ['none', seeds(60)],
    ['all', seeds(30)],
    ['within', seeds(15)],
    ['some', seeds(15)],
  ]);
  const [alike, ...differing] = figures;
  expect(alike.spoken).toBeGreaterThan(15);
  expect(alike.held / alike.spoken).toBeGreaterThanOrEqual(0.85);
  const sum = (pick: (one: (typeof figures)[number]) => number) => differing.reduce((all, one) => all + pick(one), 0);
  expect(
    (sum(({ worlds, spoken }) => worlds - spoken) + sum(({ held }) => held)) / sum(({ worlds }) => worlds),
  ).toBeGreaterThanOrEqual(0.9);
  expect(sum(({ silent }) => (silent.unknown_flags_less ?? 0) + (silent.unknown_flags_more ?? 0))).toBeGreaterThan(30);
});
