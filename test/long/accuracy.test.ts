// The small version of `make accuracy`: one world with all evidence, one with wrong evidence (docs/ACCURACY.md).

import { expect, it } from 'vitest';
import { erringWorld, fullWorld, measureIntervals, measureShares, shareError } from '../../bench/accuracy/measure.ts';

it('measures half the L1 distance between shares', () => {
  const usage = (...values: number[]) => new Map(values.map((value, i) => [String(i), BigInt(value)]));
  expect(shareError(usage(1, 1), usage(7, 7))).toBe(0);
  expect(shareError(usage(1, 0), usage(0, 1))).toBe(1);
  expect(shareError(usage(50, 50), usage(60, 40))).toBeCloseTo(0.1, 12);
  expect(shareError(usage(1, 1), usage(0, 0))).toBe(1);
});

it('attributes all to the right organisation at full evidence, and nothing to a wrong one at any', async () => {
  const errors = await measureShares({ ...fullWorld(1, 2_000), days: 1, sources: ['pypi'] });
  expect(errors[0]).toMatchObject({ coverage: 1, requests_error: 0, bytes_error: 0, attributed: 1 });
  for (const { wrong_requests, claimed_requests } of errors) expect([wrong_requests, claimed_requests]).toEqual([0, 0]);
  expect(errors.at(-1)!.attributed).toBeLessThan(0.9);
});

it('draws intervals that mostly hold the truth where evidence errs', async () => {
  const { cases, precision } = await measureIntervals({ ...erringWorld(2, 4_000, false), days: 1, sources: ['pypi'] });
  expect(precision.map(({ tier }) => tier)).toEqual(['E4', 'E5', 'E6']);
  for (const { right, wrong } of precision) expect(right + wrong).toBeGreaterThan(5);
  expect(cases.length).toBeGreaterThan(10);
  expect(cases.some(({ width }) => width > 0)).toBe(true);
  expect(cases.filter(({ requests }) => requests === 0).length / cases.length).toBeGreaterThan(0.7);
});
