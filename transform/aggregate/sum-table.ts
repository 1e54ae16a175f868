// Exact sums below 2^64, several per row, side by side: a row's sums are one or two cache lines.

import { giveSlab, type Slabs, takeSlab } from '../scan/slabs.ts';
import { GROWTH } from './group-table.ts';

/** 2^52: a sum is kept as carries × 2^52 + value, so that it stays exact beyond the integers of a double. */
const CARRY = 2 ** 52;
const TWO_32 = 2 ** 32;

/** Rows that are turned into columns at a time, so that they stay in the cache from column to column. */
const BLOCK_ROWS = 1024;

/** Memory: 8 bytes a sum, in the thread's slabs. */
export class SumTable {
  readonly width: number;
  private readonly leastSums: number;
  private values: Float64Array;
  /** Number of rows. */
  private rows = 0;
  /** Index of a sum → its carries. Only hostile sizes have any. */
  private readonly carries = new Map<number, number>();

  constructor(width: number, expectedRows = 1 << 14) {
    this.width = width;
    this.leastSums = expectedRows * width;
    this.values = roomFor(this.leastSums);
  }

  /** Creates rows [0, rows); new ones are zero. */
  reserve(rows: number): void {
    if (rows <= this.rows) return;
    const { width } = this;
    if (rows * width > this.values.length) {
      const old = this.values;
      this.values = roomFor(Math.max(rows * width, old.length * GROWTH));
      this.values.set(old.subarray(0, this.rows * width));
      giveSlab(old.buffer as ArrayBuffer);
    }
    this.values.fill(0, this.rows * width, rows * width);
    this.rows = rows;
  }

  /** @param value an integer from 0 to 2^53 − 1 */
  add(row: number, column: number, value: number): void {
    const at = row * this.width + column;
    const { values } = this;
    const sum = values[at] + (value < CARRY ? value : this.carry(at, value));
    values[at] = sum < CARRY ? sum : this.carry(at, sum);
  }

  /** A column takes sums or maxima, never both. */
  max(row: number, column: number, value: number): void {
    const at = row * this.width + column;
    if (value > this.values[at]) this.values[at] = value;
  }

  /**
   * All rows, column by column, as UInt64: two little-endian words each, so that no BigInt is made per row.
   * @param slabs memory of the columns
   * @param places new position of each row; without it rows keep their order
   */
  toUint64(
    slabs: Slabs,
    places: Int32Array = Int32Array.from({ length: this.rows }, (_, row) => row),
  ): BigUint64Array[] {
    const { values, width, carries, rows } = this;
    const columns = Array.from({ length: width }, () => new BigUint64Array(slabs.take(rows * 8), 0, rows));
    const words = columns.map((column) => new Uint32Array(column.buffer));
    const filled = columns.map((_, column) => column).filter((column) => hasSums(values, width, column, rows));
    columns.forEach((column, at) => {
      if (!filled.includes(at)) column.fill(0n);
    });
    for (let from = 0; from < rows; from += BLOCK_ROWS) {
      const to = Math.min(rows, from + BLOCK_ROWS);
      for (const column of filled) copyColumn(values, width, column, places, words[column], from, to);
    }
    for (const [at, count] of carries)
      words[at % width][places[Math.floor(at / width)] * 2 + 1] += count * (CARRY / TWO_32);
    return columns;
  }

  /** Removes all rows. */
  clear(): void {
    this.rows = 0;
    this.carries.clear();
    giveSlab(this.values.buffer as ArrayBuffer);
    this.values = roomFor(this.leastSums);
  }

  private carry(at: number, value: number): number {
    this.carries.set(at, (this.carries.get(at) ?? 0) + 1);
    return value - CARRY;
  }
}

const roomFor = (sums: number): Float64Array => new Float64Array(takeSlab(sums * 8), 0, sums);

/** Whether any row has one: most logs have no partial transfers. A sum of whole carries and 0 has its carries added later. */
function hasSums(values: Float64Array, width: number, column: number, rows: number): boolean {
  for (let at = column, end = rows * width; at < end; at += width) if (values[at] !== 0) return true;
  return false;
}

function copyColumn(
  values: Float64Array,
  width: number,
  column: number,
  places: Int32Array,
  words: Uint32Array,
  from: number,
  to: number,
): void {
  for (let row = from, at = from * width + column; row < to; row++, at += width) {
    const value = values[at];
    const word = places[row] * 2;
    if (value < TWO_32) {
      words[word] = value;
      words[word + 1] = 0;
    } else {
      // Not %: a remainder of doubles is a call of the C library, 20 ns.
      const high = Math.floor(value / TWO_32);
      words[word] = value - high * TWO_32;
      words[word + 1] = high;
    }
  }
}
