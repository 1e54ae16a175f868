// GROUP BY over integer keys: rows keep the order of their first appearance, so the same input gives the same rows.

const MULTIPLIER = 0x9e3779b1;

/** Keys whose slots are asked for at a time: their cache lines stay in the first cache until they are used. */
const STEP = 1024;
/** Slots of a part at first, and at most when it is kept for the next batch. */
const FIRST_SLOTS = 128;
const KEPT_SLOTS = 1 << 14;

/**
 * Hash table from `width` Int32 keys to a row, asked a chunk at a time. A slot holds a row and its hash side by side, and a
 * row's keys stand together: a look-up touches two cache lines, and one where the slot is empty.
 *
 * The first key chooses one of `parts` tables by its low bits. Where it is a time, and lines come nearly in order of time,
 * all look-ups for a while are in one small table, which stays in the cache: a month of 1 M lines took 0.30 s in one
 * table and takes 0.12 in 128. Any other order only costs misses.
 *
 * Memory: a row costs 4 × width bytes and 16 (slots at half load), twice that after growth; the owner watches `size`.
 */
export class GroupTable {
  readonly width: number;
  /** Row r: [r × width, (r + 1) × width). */
  keys: Int32Array;
  size = 0;
  /** Per part: pairs (row + 1, hash); row 0 stands for an empty slot, so that fresh memory is an empty table. */
  private readonly parts: Int32Array[];
  /** Rows of each part. */
  private readonly sizes: Int32Array;
  private hashes = new Int32Array(0);
  /** Whether rows of the batch before still stand in the parts. */
  private isStale = false;
  /** What the first pass read: kept, so that no compiler drops the reading. */
  protected touched = 0;

  /** @param parts a power of two */
  constructor(width: number, parts = 1) {
    this.width = width;
    this.parts = Array.from({ length: parts }, () => new Int32Array(2 * FIRST_SLOTS));
    this.sizes = new Int32Array(parts);
    this.keys = new Int32Array(1024 * width);
  }

  /**
   * Writes the row of each of `count` keys into `rows`; a key never seen gets the next row.
   * @param keys one after the other
   */
  find(keys: Int32Array, count: number, rows: Int32Array): void {
    if (this.isStale) this.empty();
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
    const { width, hashes, parts, sizes, keys: known } = this;
    const partMask = parts.length - 1;
    // The slots' cache lines are asked for all at once, before any of them is needed: their misses overlap.
    let touched = 0;
    for (let i = from, at = from * width; i < to; i++) {
      const slots = parts[keys[at]! & partMask]!;
      let hash = 0;
      for (const end = at + width; at < end; at++) {
        hash = Math.imul(hash ^ keys[at]!, MULTIPLIER);
        hash ^= hash >>> 15;
      }
      hashes[i] = hash;
      touched ^= slots[(hash << 1) & (slots.length - 2)]!;
    }
    this.touched = touched;

    let size = this.size;
    for (let i = from, at = from * width; i < to; i++, at += width) {
      const part = keys[at]! & partMask;
      const slots = parts[part]!;
      const mask = slots.length - 2;
      const hash = hashes[i]!;
      let slot = (hash << 1) & mask;
      for (;;) {
        const row = slots[slot]! - 1;
        if (row < 0) {
          rows[i] = size;
          for (let k = 0, to = size * width; k < width; k++) known[to + k] = keys[at + k]!;
          slots[slot] = ++size;
          slots[slot + 1] = hash;
          if (++sizes[part]! * 4 > slots.length) parts[part] = grown(slots);
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

  private growKeys(rows: number): void {
    const keys = new Int32Array(Math.max(rows * this.width, this.keys.length * 2));
    keys.set(this.keys.subarray(0, this.size * this.width));
    this.keys = keys;
  }

  /** A part that grew is given back: other parts will grow in the next batch, and not all may stay as they were at their largest. */
  private empty(): void {
    this.isStale = false;
    for (let part = 0; part < this.parts.length; part++) {
      if (this.sizes[part] === 0) continue;
      this.sizes[part] = 0;
      const slots = this.parts[part]!;
      if (slots.length > 2 * KEPT_SLOTS && this.parts.length > 1) this.parts[part] = new Int32Array(2 * FIRST_SLOTS);
      else slots.fill(0);
    }
  }
}

/** The slots' content in twice as many. */
function grown(old: Int32Array): Int32Array {
  const slots = new Int32Array(old.length * 2);
  const mask = slots.length - 2;
  for (let from = 0; from < old.length; from += 2) {
    if (old[from] === 0) continue;
    let slot = (old[from + 1]! << 1) & mask;
    while (slots[slot] !== 0) slot = (slot + 2) & mask;
    slots[slot] = old[from]!;
    slots[slot + 1] = old[from + 1]!;
  }
  return slots;
}
