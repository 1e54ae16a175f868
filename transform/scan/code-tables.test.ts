import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodeTable, DecisionTable } from './code-tables.ts';

describe('CodeTable', () => {
  it('keeps what is set, through growth, and says −1 elsewhere', () => {
    for (const width of [3, 4] as const) {
      const table = new CodeTable(width);
      table.reserve(5000);
      table.set(3, 7, 8, 9, 10);
      table.reserve(100_000);
      table.set(99_999, 1, 2, 3, 4);
      const record = (code: number) => [...table.values.subarray(code * width, (code + 1) * width)];
      expect(record(3)).toEqual([7, 8, 9, 10].slice(0, width));
      expect(record(4)).toEqual([-1, -1, -1, -1].slice(0, width));
      expect(record(99_999)).toEqual([1, 2, 3, 4].slice(0, width));
      expect(table.values[50_000]).toBe(-1);
      table.clear();
      expect(table.values[3 * width]).toBe(-1);
    }
  });
});

describe('DecisionTable', () => {
  it('answers as a Map over the joined key does, through growth', () => {
    const part = fc.oneof(fc.nat({ max: 20 }), fc.integer());
    const entries = fc.array(fc.tuple(part, part, fc.integer({ min: -1, max: 1 }), fc.nat()), { maxLength: 3000 });
    const table = new DecisionTable();
    fc.assert(
      fc.property(entries, (given) => {
        table.clear();
        const expected = new Map<string, number>();
        for (const [a, b, c, decision] of given) {
          expect(table.get(a, b, c)).toBe(expected.get(`${a} ${b} ${c}`) ?? -1);
          table.set(a, b, c, decision);
          expected.set(`${a} ${b} ${c}`, decision);
        }
        for (const [a, b, c] of given) expect(table.get(a, b, c)).toBe(expected.get(`${a} ${b} ${c}`));
        expect(table.size).toBe(expected.size);
      }),
      { numRuns: 30 },
    );
  });
});
