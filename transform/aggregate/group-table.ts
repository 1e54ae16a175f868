// GROUP BY over integer keys: rows keep the order of their first appearance, so the same input gives the same rows.

const MULTIPLIER = 0x9e3779b1;

/** Keys whose slots are asked for at a time: their cache lines stay in the first cache until they are used. */
const STEP = 1024;
/** Rows grow by so much: what is not used yet is not in memory, and copying is not free. */
export const GROWTH = 4;

/**
 * Hash table from `width` Int32 keys to a row, asked a chunk at a time. A slot holds a row and its hash side by side, and a
 * row's keys stand together: a look-up touches two cache lines, and one where the slot is empty.
 * Memory: a row costs 4 × width bytes and 16 (slots at half load), those twice after growth; the owner watches `size`.
 */
export class GroupTable {
  readonly width: number;
  /** Row r: [r × width, (r + 1) × width). */
  keys: Int32Array;
  size = 0;
  /** Pairs (row + 1, hash); row 0 stands for an empty slot, so that fresh memory is an empty table. */
  private slots: Int32Array;
  private hashes = new Int32Array(0);
  /** Whether rows of the batch before still stand in the slots. */
  private isStale = false;
  /** What the first pass read: kept, so that no compiler drops the reading. */
  protected touched = 0;

  constructor(width: number, expectedRows = 1 << 14) {
    this.width = width;
    let capacity = 1024;
    while (capacity < expectedRows * 2) capacity *= 2;
    this.slots = new Int32Array(capacity * 2);
    this.keys = new Int32Array((capacity / 2) * width);
  }

  /**
   * Writes the row of each of `count` keys into `rows`; a key never seen gets the next row.
   * @param keys one after the other
   */
  find(keys: Int32Array, count: number, rows: Int32Array): void {
    if (this.isStale) {
      this.slots.fill(0);
      this.isStale = false;
    }
    while ((this.size + count) * 4 > this.slots.length) this.growSlots();
    if ((this.size + count) * this.width > this.keys.length) this.growKeys(this.size + count);
    if (this.hashes.length < count) this.hashes = new Int32Array(count);
    for (let from = 0; from < count; from += STEP) this.findStep(keys, from, Math.min(count, from + STEP), rows);
  }

  /** The table is empty then; the slots are wiped when they are needed. */
  clear(): void {
    this.size = 0;
    this.isStale = true;
  }

  private findStep(keys: Int32Array, from: number, to: number, rows: Int32Array): void {
    const { width, hashes, slots, keys: known } = this;
    const mask = slots.length - 2;
    // The slots' cache lines are asked for all at once, before any of them is needed: their misses overlap.
    let touched = 0;
    for (let i = from, at = from * width; i < to; i++) {
      let hash = 0;
      for (const end = at + width; at < end; at++) {
        hash = Math.imul(hash ^ keys[at]!, MULTIPLIER);
        hash ^= hash >>> 15;
      }
      hashes[i] = hash;
      touched ^= slots[(hash << 1) & mask]!;
    }
    this.touched = touched;

    let size = this.size;
    for (let i = from, at = from * width; i < to; i++, at += width) {
      const hash = hashes[i]!;
      let slot = (hash << 1) & mask;
      for (;;) {
        const row = slots[slot]! - 1;
        if (row < 0) {
          rows[i] = size;
          for (let k = 0, to = size * width; k < width; k++) known[to + k] = keys[at + k]!;
          slots[slot] = ++size;
          slots[slot + 1] = hash;
          break;
        }
        if (slots[slot + 1] === hash) {
          let k = 0;
          for (let from = row * width; k < width && known[from + k] === keys[at + k];) k++;
          if (k === width) {
            rows[i] = row;
            break;
          }
        }
        slot = (slot + 2) & mask;
      }
    }
    this.size = size;
  }

  private growSlots(): void {
    const old = this.slots;
    const slots = new Int32Array(old.length * 2);
    const mask = slots.length - 2;
    for (let from = 0; from < old.length; from += 2) {
      if (old[from] === 0) continue;
      let slot = (old[from + 1]! << 1) & mask;
      while (slots[slot] !== 0) slot = (slot + 2) & mask;
      slots[slot] = old[from]!;
      slots[slot + 1] = old[from + 1]!;
    }
    this.slots = slots;
  }

  private growKeys(rows: number): void {
    const keys = new Int32Array(Math.max(rows * this.width, this.keys.length * GROWTH));
    keys.set(this.keys.subarray(0, this.size * this.width));
    this.keys = keys;
  }
}
