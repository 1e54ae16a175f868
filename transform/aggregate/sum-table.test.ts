import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SumTable } from './sum-table.ts';

const row = fc.integer({ min: 0, max: 40 });
const size = fc.oneof(
  fc.maxSafeNat(),
  fc.nat({ max: 1000 }),
  fc.constant(2 ** 52),
  fc.constant(Number.MAX_SAFE_INTEGER),
);

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
            sums[column]![row]! += BigInt(value);
            if (BigInt(value) > largest[row]!) largest[row] = BigInt(value);
          }
          table.reserve(41);
          expect([...table.toUint64(0, 41)]).toEqual(sums[0]);
          expect([...table.toUint64(1, 41)]).toEqual(sums[1]);
          expect([...table.toUint64(2, 41)]).toEqual(largest);
        },
      ),
    );
  });

  it('is zero again after it was cleared', () => {
    const table = new SumTable(2);
    for (let i = 0; i < 4; i++) table.add(0, 1, Number.MAX_SAFE_INTEGER);
    table.clear(1);
    table.add(0, 1, 7);
    expect([...table.toUint64(1, 1)]).toEqual([7n]);
  });
});
