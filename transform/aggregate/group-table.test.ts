import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GroupTable, SumColumn } from './group-table.ts';

describe('GroupTable', () => {
  it('groups as a Map over the joined key does, rows in order of first appearance', () => {
    const key = fc.tuple(fc.integer(), fc.integer({ min: 0, max: 3 }), fc.integer({ min: -2, max: 2 }));
    fc.assert(
      fc.property(fc.array(key, { maxLength: 3000 }), (keys) => {
        const table = new GroupTable(3, 1);
        const rows = new Map<string, number>();
        for (const parts of keys) {
          const text = parts.join();
          if (!rows.has(text)) rows.set(text, rows.size);
          expect(table.row(Int32Array.from(parts))).toBe(rows.get(text));
        }
        expect(table.size).toBe(rows.size);
        for (const [text, row] of rows) expect([...table.keys.subarray(row * 3, row * 3 + 3)].join()).toBe(text);
      }),
      { numRuns: 50 },
    );
  });
});

describe('SumColumn', () => {
  it('sums exactly past 2^53', () => {
    const amounts = fc.array(fc.record({ row: fc.integer({ min: 0, max: 4 }), value: fc.maxSafeNat() }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(amounts, (additions) => {
        const column = new SumColumn(1);
        const expected = [0n, 0n, 0n, 0n, 0n];
        for (let row = 0; row < 5; row++) column.open(row);
        for (const { row, value } of additions) {
          column.add(row, value);
          expected[row]! += BigInt(value);
        }
        expect([...column.toUint64(5)]).toEqual(expected);
      }),
    );
  });

  it('starts a row anew when it is opened again', () => {
    const column = new SumColumn(1);
    column.open(0);
    for (let i = 0; i < 4; i++) column.add(0, Number.MAX_SAFE_INTEGER);
    column.open(0);
    column.add(0, 7);
    expect([...column.toUint64(1)]).toEqual([7n]);
  });
});
