import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GroupTable } from './group-table.ts';

describe('GroupTable', () => {
  it('groups as a Map over the joined key does, rows in order of first appearance, whatever stood in it before', () => {
    const key = fc.tuple(fc.integer(), fc.integer({ min: 0, max: 3 }), fc.integer({ min: -2, max: 2 }));
    const chunks = fc.array(fc.array(key, { maxLength: 3000 }), { maxLength: 5 });
    // One table for all runs: whatever stood in it before must be gone.
    const table = new GroupTable(3, 1);
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
});
