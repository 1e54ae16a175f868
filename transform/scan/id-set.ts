// The set of ids seen so far: 64 bits of hash each, in typed arrays. A Set of numbers takes four times the memory, and has at most
// 2^24.

import { hashBytes } from './intern.ts';

const SECOND_SEED = 0x85ebca6b;

/** Two ids have the same hash with a chance of 2^−64: good for a reported rate, not for a figure that counts. */
export class IdSet {
  size = 0;
  /** Pairs of hashes; (0, 0) is an empty slot. */
  private slots = new Int32Array(1 << 10);

  /** Adds buf[start, end). @returns whether it was there already */
  add(buf: Uint8Array, start: number, end: number): boolean {
    const first = hashBytes(buf, start, end);
    // No id has the hash of an empty slot.
    const second = hashBytes(buf, start, end, SECOND_SEED) || 1;
    const at = this.place(first, second);
    if (this.slots[at + 1] !== 0) return true;
    this.slots[at] = first;
    this.slots[at + 1] = second;
    if (++this.size * 4 > this.slots.length) this.grow();
    return false;
  }

  clear(): void {
    if (this.size === 0) return;
    this.slots = new Int32Array(1 << 10);
    this.size = 0;
  }

  private place(first: number, second: number): number {
    const { slots } = this;
    const mask = slots.length - 2;
    let at = (first << 1) & mask;
    while (slots[at + 1] !== 0 && (slots[at] !== first || slots[at + 1] !== second)) at = (at + 2) & mask;
    return at;
  }

  private grow(): void {
    const old = this.slots;
    this.slots = new Int32Array(old.length * 2);
    for (let from = 0; from < old.length; from += 2) {
      if (old[from + 1] === 0) continue;
      const at = this.place(old[from], old[from + 1]);
      this.slots[at] = old[from]!;
      this.slots[at + 1] = old[from + 1]!;
    }
  }
}
