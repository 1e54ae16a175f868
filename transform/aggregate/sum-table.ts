// Exact sums below 2^64, several a row, side by side: a row's sums are one or two cache lines.

/** 2^52: a sum is kept as carries × 2^52 + value, so that it stays exact past what a double can count. */
const CARRY = 2 ** 52;
const TWO_32 = 2 ** 32;

/** All sums are zero until something is added. Memory: 8 bytes a sum. */
export class SumTable {
  readonly width: number;
  private values: Float64Array;
  /** Index of a sum → its carries: only hostile sizes make any. */
  private readonly carries = new Map<number, number>();

  constructor(width: number, expectedRows = 1 << 14) {
    this.width = width;
    this.values = new Float64Array(expectedRows * width);
  }

  /** Makes room for rows [0, rows). */
  reserve(rows: number): void {
    if (rows * this.width <= this.values.length) return;
    const values = new Float64Array(Math.max(rows * this.width, this.values.length * 2));
    values.set(this.values);
    this.values = values;
  }

  /** @param value an integer from 0 to 2^53 − 1 */
  add(row: number, column: number, value: number): void {
    const at = row * this.width + column;
    const { values } = this;
    const sum = values[at]! + (value < CARRY ? value : this.carry(at, value));
    values[at] = sum < CARRY ? sum : this.carry(at, sum);
  }

  /** A column takes sums or maxima, never both. */
  max(row: number, column: number, value: number): void {
    const at = row * this.width + column;
    if (value > this.values[at]!) this.values[at] = value;
  }

  /** Rows [0, size) of a column as UInt64, two little-endian words each: no BigInt is made per row. */
  toUint64(column: number, size: number): BigUint64Array {
    const { values, width, carries } = this;
    const out = new BigUint64Array(size);
    const words = new Uint32Array(out.buffer);
    for (let row = 0, at = column; row < size; row++, at += width) {
      const value = values[at]!;
      // Not %: a remainder of doubles is a call of the C library, 20 ns.
      const high = Math.floor(value / TWO_32);
      words[row * 2] = value - high * TWO_32;
      words[row * 2 + 1] = high;
    }
    for (const [at, count] of carries) {
      const row = Math.floor(at / width);
      if (at % width === column && row < size) words[row * 2 + 1]! += count * (CARRY / TWO_32);
    }
    return out;
  }

  /** Zeroes rows [0, size). */
  clear(size: number): void {
    this.values.fill(0, 0, size * this.width);
    this.carries.clear();
  }

  private carry(at: number, value: number): number {
    this.carries.set(at, (this.carries.get(at) ?? 0) + 1);
    return value - CARRY;
  }
}
