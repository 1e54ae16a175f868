// GROUP BY over integer keys: rows keep the order of their first appearance, so the same input gives the same rows.

const MULTIPLIER = 0x9e3779b1;

/**
 * Hash table from `width` Int32 keys to a row, asked a chunk at a time. A slot holds a row and its hash side by side, and a
 * row's keys stand together: a look-up touches two cache lines, and one where the slot is empty.
 * Memory: a row costs 4 × width bytes and 16 (slots at half load), twice that after growth; the owner watches `size`.
 */
export class GroupTable {
  readonly width: number;
  /** Row r: [r × width, (r + 1) × width). */
  keys: Int32Array;
  size = 0;
  /** Pairs (row + 1, hash); row 0 stands for an empty slot, so that fresh memory is an empty table. */
  private slots: Int32Array;
  private hashes = new Int32Array(0);
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
    const { width } = this;
    while ((this.size + count) * 4 > this.slots.length) this.grow();
    if (this.hashes.length < count) this.hashes = new Int32Array(count);
    const { hashes, slots, keys: known } = this;
    const mask = slots.length - 2;
    // The slots' cache lines are asked for all at once, before any of them is needed: their misses overlap.
    let touched = 0;
    for (let i = 0, at = 0; i < count; i++) {
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
    for (let i = 0, at = 0; i < count; i++, at += width) {
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

  clear(): void {
    this.slots.fill(0);
    this.size = 0;
  }

  private grow(): void {
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
    const keys = new Int32Array((slots.length / 4) * this.width);
    keys.set(this.keys.subarray(0, this.size * this.width));
    this.keys = keys;
  }
}
