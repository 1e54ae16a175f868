import { expect, it } from 'vitest';
import { mostUnusual } from './unusual.ts';

const days = Array.from({ length: 14 }, (_, i) => `2026-11-${String(i + 1).padStart(2, '0')}`);
const rows = (value: string, before: bigint, after: bigint) =>
  days.map((day, i) => ({ day, value, bytes: i < 7 ? before : after }));

it('names the value whose share of all bytes changed most', () => {
  const found = mostUnusual(
    [...rows('ci', 100n, 100n), ...rows('ai_training', 1n, 40n), ...rows('unknown', 50n, 49n)],
    days,
  );
  expect(found).toEqual({ value: 'ai_training', before: 7n, after: 280n });
});

it('names no growth in which all grew alike', () => {
  expect(mostUnusual([...rows('ci', 100n, 200n), ...rows('unknown', 50n, 100n)], days)).toBeUndefined();
});

it('compares whole weeks only, and says nothing of fewer than fourteen days', () => {
  expect(mostUnusual(rows('ci', 1n, 900n), days.slice(1))).toBeUndefined();
  const older = [{ day: '2026-10-31', value: 'developer', bytes: 9_000n }];
  expect(
    mostUnusual([...older, ...rows('ci', 5n, 5n), ...rows('unknown', 5n, 6n)], ['2026-10-31', ...days])?.value,
  ).not.toBe('developer');
});
