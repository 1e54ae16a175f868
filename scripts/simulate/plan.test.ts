// The plan: every line has its hour, and none is lost or invented by rounding.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planObjects, weekOf } from './plan.ts';
import { defaultScenario, sourceNames, sourceShares } from './scenario.ts';
import { DAY_MS } from '../../transform/periods.ts';

const segments = defaultScenario(0.1);
const weeks = sourceNames.map((name) => weekOf(name, segments));
const start_ms = Date.UTC(2026, 9, 1);
const plan = (lines: number, days: number, objectsPerDay: number) => [
  ...planObjects({ sources: sourceNames, segments, lines, start_ms, days, objectsPerDay }, weeks),
];

describe('planObjects', () => {
  it('gives out exactly the lines asked for, in objects that follow each other', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50_000 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 30 }),
        (lines, days, objectsPerDay) => {
          const objects = plan(lines, days, objectsPerDay);
          expect(objects.reduce((sum, object) => sum + object.lines, 0)).toBe(lines);
          expect(new Set(objects.map(({ path }) => path)).size).toBe(objects.length);
          for (const { lines: all, slices, start_ms: from, day, path } of objects) {
            expect(slices.reduce((sum, slice) => sum + slice.lines, 0)).toBe(all);
            expect(from).toBe(slices[0].start_ms);
            expect(Math.floor((from - start_ms) / DAY_MS)).toBe(day);
            const [, year, month, date, hour] = /\/(\d{4})\/(\d\d)\/(\d\d)\/(\d\d)-\d\d\.log\.gz$/.exec(path)!;
            expect(new Date(from).toISOString()).toMatch(`${year}-${month}-${date}T${hour}`);
            slices.forEach((slice, i) => {
              expect(slice.lines).toBeGreaterThanOrEqual(0);
              expect(slice.end_ms).toBeGreaterThan(slice.start_ms);
              if (i > 0) expect(slice.start_ms).toBe(slices[i - 1].end_ms);
            });
          }
        },
      ),
      { numRuns: 12 },
    );
  });

  it('covers whole days without gaps', () => {
    const npm = plan(5_000_000, 2, 7).filter(({ source }) => source === 0);
    const slices = npm.flatMap((object) => object.slices);
    expect(slices[0].start_ms).toBe(start_ms);
    expect(slices.at(-1)!.end_ms).toBe(start_ms + 2 * DAY_MS);
    slices.forEach((slice, i) => i > 0 && expect(slice.start_ms).toBe(slices[i - 1].end_ms));
  });

  it('gives each source its share and people their days and nights', () => {
    const objects = plan(1_000_000, 7, 24);
    const linesOf = (test: (object: (typeof objects)[number]) => boolean) =>
      objects.filter(test).reduce((sum, object) => sum + object.lines, 0);
    sourceNames.forEach((name, s) =>
      expect(linesOf(({ source }) => source === s) / 1e6).toBeCloseTo(sourceShares[name], 2),
    );
    const at = (day: number, hour: number) =>
      linesOf(
        (object) =>
          object.source === 0 &&
          object.day === day &&
          object.slices[0].start_ms === start_ms + day * DAY_MS + hour * 3_600_000,
      );
    // 2026-10-01 is a Thursday, day 3 a Sunday.
    expect(at(0, 14) / at(0, 3)).toBeGreaterThan(1.3);
    expect(at(0, 14) / at(3, 14)).toBeGreaterThan(1.3);
  });
});
