// GROUP BY over integer keys: rows keep the order of their first appearance, so the same input gives the same rows.

/** 2^52: a sum is kept as high × 2^52 + low, so that it stays exact past what a double can count. */
const CARRY = 2 ** 52;

const MULTIPLIER = 0x9e3779b1;

/**
 * Hash table from `keyWidth` Int32 keys to a row. Keys of a row stand side by side, so that a look-up touches one cache line.
 * Memory: a row costs 4 × keyWidth + 8 (slots at half load); the owner bounds it by watching `size`.
 */
export class GroupTable {
  readonly keyWidth: number;
  keys: Int32Array;
  size = 0;
  private slots: Int32Array;
  private mask: number;

  constructor(keyWidth: number, expectedRows = 1 << 14) {
    this.keyWidth = keyWidth;
    let capacity = 1024;
    while (capacity < expectedRows * 2) capacity *= 2;
    this.slots = new Int32Array(capacity).fill(-1);
    this.mask = capacity - 1;
    this.keys = new Int32Array((capacity >> 1) * keyWidth);
  }

  /** Row of key[0 … keyWidth); a key never seen gets the next row, which is then `size - 1`. */
  row(key: Int32Array): number {
    const width = this.keyWidth;
    const hash = hashKey(key, 0, width);
    let slot = hash & this.mask;
    for (;;) {
      const row = this.slots[slot]!;
      if (row < 0) return this.add(slot, key);
      let i = 0;
      for (let at = row * width; i < width && this.keys[at + i] === key[i];) i++;
      if (i === width) return row;
      slot = (slot + 1) & this.mask;
    }
  }

  clear(): void {
    this.slots.fill(-1);
    this.size = 0;
  }

  private add(slot: number, key: Int32Array): number {
    const row = this.size++;
    this.slots[slot] = row;
    this.keys.set(key, row * this.keyWidth);
    if (this.size * 2 >= this.slots.length) this.grow();
    return row;
  }

  private grow(): void {
    const capacity = this.slots.length * 2;
    const keys = new Int32Array((capacity >> 1) * this.keyWidth);
    keys.set(this.keys);
    this.keys = keys;
    this.slots = new Int32Array(capacity).fill(-1);
    this.mask = capacity - 1;
    for (let row = 0; row < this.size; row++) {
      let slot = hashKey(keys, row * this.keyWidth, this.keyWidth) & this.mask;
      while (this.slots[slot]! >= 0) slot = (slot + 1) & this.mask;
      this.slots[slot] = row;
    }
  }
}

function hashKey(keys: Int32Array, at: number, width: number): number {
  let h = 0;
  for (let i = 0; i < width; i++) {
    h = Math.imul(h ^ keys[at + i]!, MULTIPLIER);
    h ^= h >>> 15;
  }
  return h;
}

/** A growable column of exact sums below 2^64. */
export class SumColumn {
  private low: Float64Array;
  private high: Uint32Array | undefined;

  constructor(expectedRows = 1 << 14) {
    this.low = new Float64Array(expectedRows);
  }

  /** Adds an integer from 0 to 2^53 − 1 to a row; a row that is `size` of its table must be zeroed by `open` first. */
  add(row: number, value: number): void {
    const sum = this.low[row]! + (value >= CARRY ? this.carry(row, value) : value);
    this.low[row] = sum >= CARRY ? this.carry(row, sum) : sum;
  }

  max(row: number, value: number): void {
    if (value > this.low[row]!) this.low[row] = value;
  }

  /** Makes room for a new row and zeroes it. */
  open(row: number): void {
    if (row >= this.low.length) this.grow();
    this.low[row] = 0;
    if (this.high !== undefined) this.high[row] = 0;
  }

  /** Writes rows [0, size) as UInt64, two little-endian words each: no BigInt is made per row. */
  toUint64(size: number): BigUint64Array {
    const out = new BigUint64Array(size);
    const words = new Uint32Array(out.buffer);
    for (let row = 0; row < size; row++) {
      const low = this.low[row]!;
      words[row * 2] = low % 0x1_0000_0000;
      words[row * 2 + 1] = Math.floor(low / 0x1_0000_0000) + (this.high?.[row] ?? 0) * 0x10_0000;
    }
    return out;
  }

  private carry(row: number, value: number): number {
    this.high ??= new Uint32Array(this.low.length);
    this.high[row]! += 1;
    return value - CARRY;
  }

  private grow(): void {
    const low = new Float64Array(this.low.length * 2);
    low.set(this.low);
    this.low = low;
    if (this.high !== undefined) {
      const high = new Uint32Array(low.length);
      high.set(this.high);
      this.high = high;
    }
  }
}
