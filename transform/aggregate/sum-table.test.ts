import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { Slabs } from '../scan/slabs.ts';
import { SumTable } from './sum-table.ts';

const row = fc.integer({ min: 0, max: 40 });
const size = fc.oneof(
  fc.maxSafeNat(),
  fc.nat({ max: 1000 }),
  fc.constant(2 ** 52),
  fc.constant(Number.MAX_SAFE_INTEGER),
);

// What one run leaves in its columns, the next one finds in its.
const slabs = new Slabs();
afterEach(() => slabs.giveBack());

describe('SumTable', () => {
  it('sums exactly past 2^53, and keeps the largest', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ row, column: fc.constantFrom(0, 1), value: size }), { maxLength: 200 }),
        (additions) => {
          const table = new SumTable(3, 1);
          const sums = [new Array<bigint>(41).fill(0n), new Array<bigint>(41).fill(0n)];
          const largest = new Array<bigint>(41).fill(0n);
          for (const { row, column, value } of additions) {
            table.reserve(row + 1);
            table.add(row, column, value);
            table.max(row, 2, value);
            sums[column][row] += BigInt(value);
            if (BigInt(value) > largest[row]) largest[row] = BigInt(value);
          }
          table.reserve(41);
          expect(table.toUint64(slabs).map((column) => [...column])).toEqual([...sums, largest]);
          const backwards = Int32Array.from({ length: 41 }, (_, at) => 40 - at);
          expect(table.toUint64(slabs, backwards).map((column) => [...column].reverse())).toEqual([...sums, largest]);
        },
      ),
    );
  });

  it('is zero again after it was cleared, however many rows come back, and when', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat({ max: 3000 }), { maxLength: 4 }), { maxLength: 5 }), (batches) => {
        const table = new SumTable(2, 1);
        for (const sizes of batches) {
          let rows = 0;
          for (const size of sizes) {
            const before = rows;
            rows = Math.max(rows, size);
            table.reserve(rows);
            for (let row = before; row < rows; row++) for (let i = 0; i < 2; i++) table.add(row, 1, 2 ** 52 - 1 + row);
          }
          const expected = Array.from({ length: rows }, (_, row) => 2n * (2n ** 52n - 1n + BigInt(row)));
          expect(table.toUint64(slabs).map((column) => [...column])).toEqual([expected.map(() => 0n), expected]);
          table.clear();
        }
      }),
      { numRuns: 30 },
    );
  });
});
