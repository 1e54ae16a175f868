import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GroupTable } from './group-table.ts';

describe('GroupTable', () => {
  it.each([1, 8])('groups as a Map over the joined key does, in order of first appearance (%d parts)', (parts) => {
    const key = fc.tuple(fc.integer(), fc.integer({ min: 0, max: 3 }), fc.integer({ min: -2, max: 2 }));
    const chunks = fc.array(fc.array(key, { maxLength: 3000 }), { maxLength: 5 });
    // One table for all runs: whatever stood in it before must be gone.
    const table = new GroupTable(3, parts);
    fc.assert(
      fc.property(chunks, (given) => {
        table.clear();
        const rows = new Map<string, number>();
        for (const keys of given) {
          const expected = keys.map((parts) => {
            const text = parts.join();
            if (!rows.has(text)) rows.set(text, rows.size);
            return rows.get(text);
          });
          const found = new Int32Array(keys.length);
          table.find(Int32Array.from(keys.flat()), keys.length, found);
          expect([...found]).toEqual(expected);
        }
        expect(table.size).toBe(rows.size);
        for (const [text, row] of rows) expect([...table.keys.subarray(row * 3, row * 3 + 3)].join()).toBe(text);
      }),
      { numRuns: 50 },
    );
  });

  it('gives back parts that grew, and finds nothing of the batch before', () => {
    const table = new GroupTable(2, 4);
    const count = 40_000;
    const rows = new Int32Array(count);
    const keys = (part: number) => Int32Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? part : i >> 1));
    for (const part of [0, 1, 2, 3, 0]) {
      table.find(keys(part), count, rows);
      expect(table.size).toBe(count);
      expect(rows.every((row, i) => row === i)).toBe(true);
      table.clear();
    }
  });
});
