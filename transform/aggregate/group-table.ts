// GROUP BY over integer keys: rows keep the order of their first appearance, so the same input gives the same rows.

import { giveSlab, takeSlab, takeZeroedSlab } from '../scan/slabs.ts';

const MULTIPLIER = 0x9e3779b1;

/** Keys whose slots are read at a time, so that their cache lines stay in the first cache until they are used. */
const STEP = 1024;
/** Growth factor. Large, because copying takes time, and unused rows take no memory. */
export const GROWTH = 4;

/**
 * Hash table from `width` Int32 keys to a row; many keys are looked up in one call. A slot has a row and its hash side by side,
 * and a row's keys are adjacent: a look-up touches two cache lines, or one if the slot is empty.
 * Memory: a row costs 4 × width bytes and 16 to 64 (an eighth to a half of the slots are filled); the owner watches `size`. The
 * memory goes back to the thread's slabs when the table is cleared.
 */
export class GroupTable {
  readonly width: number;
  /** Row r: [r × width, (r + 1) × width). */
  keys: Int32Array;
  size = 0;
  /** Pairs (row + 1, hash); row 0 means an empty slot, so that zeroed memory is an empty table. */
  private slots: Int32Array;
  private leastSlots = 2048;
  private hashes = new Int32Array(0);
  /** Result of the first pass: stored, so that no compiler removes the reads. */
  protected touched = 0;

  constructor(width: number, expectedRows = 1 << 14) {
    this.width = width;
    while (this.leastSlots < expectedRows * 4) this.leastSlots *= 2;
    this.slots = emptySlots(this.leastSlots);
    this.keys = roomFor((this.leastSlots / 4) * width);
  }

  /**
   * Writes the row of each of `count` keys into `rows`; a key never seen gets the next row.
   * @param keys one after the other
   */
  find(keys: Int32Array, count: number, rows: Int32Array): void {
    while ((this.size + count) * 4 > this.slots.length) this.growSlots();
    if ((this.size + count) * this.width > this.keys.length) this.growKeys(this.size + count);
    if (this.hashes.length < count) this.hashes = new Int32Array(count);
    for (let from = 0; from < count; from += STEP) this.findStep(keys, from, Math.min(count, from + STEP), rows);
  }

  /** Empties the table and makes it as small as a new one. */
  clear(): void {
    this.size = 0;
    giveSlab(this.slots.buffer as ArrayBuffer);
    giveSlab(this.keys.buffer as ArrayBuffer);
    this.slots = emptySlots(this.leastSlots);
    this.keys = roomFor((this.leastSlots / 4) * this.width);
  }

  private findStep(keys: Int32Array, from: number, to: number, rows: Int32Array): void {
    const { width, hashes, slots, keys: known } = this;
    const mask = slots.length - 2;
    // The slots' cache lines are read all at once, before any of them is needed, so that their misses overlap.
    let touched = 0;
    for (let i = from, at = from * width; i < to; i++) {
      let hash = 0;
      for (const end = at + width; at < end; at++) {
        hash = Math.imul(hash ^ keys[at], MULTIPLIER);
        hash ^= hash >>> 15;
      }
      hashes[i] = hash;
      touched ^= slots[(hash << 1) & mask];
    }
    this.touched = touched;

    let size = this.size;
    for (let i = from, at = from * width; i < to; i++, at += width) {
      const hash = hashes[i];
      let slot = (hash << 1) & mask;
      for (;;) {
        const row = slots[slot] - 1;
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
    const slots = emptySlots(old.length * GROWTH);
    const mask = slots.length - 2;
    for (let from = 0; from < old.length; from += 2) {
      if (old[from] === 0) continue;
      let slot = (old[from + 1] << 1) & mask;
      while (slots[slot] !== 0) slot = (slot + 2) & mask;
      slots[slot] = old[from]!;
      slots[slot + 1] = old[from + 1]!;
    }
    this.slots = slots;
    giveSlab(old.buffer as ArrayBuffer);
  }

  private growKeys(rows: number): void {
    const old = this.keys;
    this.keys = roomFor(Math.max(rows * this.width, old.length * GROWTH));
    this.keys.set(old.subarray(0, this.size * this.width));
    giveSlab(old.buffer as ArrayBuffer);
  }
}

const emptySlots = (length: number): Int32Array => new Int32Array(takeZeroedSlab(length * 4), 0, length);
const roomFor = (keys: number): Int32Array => new Int32Array(takeSlab(keys * 4), 0, keys);
