// A short form of `make bench-holes`, on seeds of its own: the rates that docs/METHODOLOGY.md promises.

import { expect, it } from 'vitest';
import { measureHoles } from './measure.ts';

it('finds lost days and edges, and rarely holds a day without a reason', () => {
  const { sourceDays, falseAlarms, days, edges } = measureHoles(Array.from({ length: 24 }, (_, i) => 5_000 + i));
  expect(days.lost).toBeGreaterThan(20);
  expect(edges.lost).toBeGreaterThan(10);
  expect(days.found / days.lost).toBeGreaterThanOrEqual(0.95);
  expect(edges.found / edges.lost).toBeGreaterThanOrEqual(0.9);
  expect(falseAlarms).toBeLessThanOrEqual(sourceDays / 200);
});
