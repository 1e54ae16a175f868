// Byte strings → small integers, without making strings. Open addressing over typed arrays; the bytes stand in one arena.

const MULTIPLIER = 0x9e3779b1;

/** 32-bit hash of buf[start, end), four bytes a step. */
export function hashBytes(buf: Uint8Array, start: number, end: number): number {
  let h = (end - start) | 0;
  let i = start;
  for (const last = end - 3; i < last; i += 4) {
    h = Math.imul(h ^ (buf[i]! | (buf[i + 1]! << 8) | (buf[i + 2]! << 16) | (buf[i + 3]! << 24)), MULTIPLIER);
    h ^= h >>> 15;
  }
  let tail = 0;
  for (; i < end; i++) tail = (tail << 8) | buf[i]!;
  h = Math.imul(h ^ tail, MULTIPLIER);
  return h ^ (h >>> 13);
}

/**
 * Dictionary of byte strings: code = order of first appearance, from 0.
 * Memory: the arena (sum of distinct lengths) plus 20 bytes an entry; the owner bounds it by watching `size` and `bytes`.
 */
export class ByteDictionary {
  private arena: Uint8Array;
  private arenaEnd = 0;
  private slots: Int32Array;
  private mask: number;
  private hashes: Int32Array;
  private ends: Float64Array;
  size = 0;

  constructor(expectedEntries = 1024) {
    let capacity = 16;
    while (capacity < expectedEntries * 2) capacity *= 2;
    this.slots = new Int32Array(capacity).fill(-1);
    this.mask = capacity - 1;
    this.hashes = new Int32Array(capacity >> 1);
    this.ends = new Float64Array(capacity >> 1);
    this.arena = new Uint8Array(capacity * 16);
  }

  /** Bytes held by distinct values. */
  get bytes(): number {
    return this.arenaEnd;
  }

  /** Code of buf[start, end); a value never seen gets the next code, which is then `size - 1`. */
  intern(buf: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(buf, start, end);
    const length = end - start;
    let slot = hash & this.mask;
    for (;;) {
      const code = this.slots[slot]!;
      if (code < 0) return this.add(slot, hash, buf, start, end);
      if (this.hashes[code] === hash) {
        const from = code === 0 ? 0 : this.ends[code - 1]!;
        if (this.ends[code]! - from === length && this.equals(from, buf, start, length)) return code;
      }
      slot = (slot + 1) & this.mask;
    }
  }

  /** The bytes of a code, as a view that the next `intern` may invalidate. */
  view(code: number): Uint8Array {
    return this.arena.subarray(code === 0 ? 0 : this.ends[code - 1]!, this.ends[code]!);
  }

  clear(): void {
    this.slots.fill(-1);
    this.size = 0;
    this.arenaEnd = 0;
  }

  private equals(from: number, buf: Uint8Array, start: number, length: number): boolean {
    const arena = this.arena;
    for (let i = 0; i < length; i++) if (arena[from + i] !== buf[start + i]) return false;
    return true;
  }

  private add(slot: number, hash: number, buf: Uint8Array, start: number, end: number): number {
    const code = this.size;
    const length = end - start;
    while (this.arenaEnd + length > this.arena.length) this.growArena(length);
    // A loop, not set(subarray): paths and user agents are short, and a view per new value costs more than the copy.
    for (let i = 0; i < length; i++) this.arena[this.arenaEnd + i] = buf[start + i]!;
    this.arenaEnd += length;
    this.ends[code] = this.arenaEnd;
    this.hashes[code] = hash;
    this.slots[slot] = code;
    this.size = code + 1;
    if (this.size >= this.hashes.length) this.growTable();
    return code;
  }

  private growArena(length: number): void {
    const arena = new Uint8Array(Math.max(this.arena.length * 2, this.arenaEnd + length));
    arena.set(this.arena.subarray(0, this.arenaEnd));
    this.arena = arena;
  }

  private growTable(): void {
    const capacity = this.slots.length * 2;
    const hashes = new Int32Array(capacity >> 1);
    hashes.set(this.hashes);
    const ends = new Float64Array(capacity >> 1);
    ends.set(this.ends);
    this.hashes = hashes;
    this.ends = ends;
    this.slots = new Int32Array(capacity).fill(-1);
    this.mask = capacity - 1;
    for (let code = 0; code < this.size; code++) {
      let slot = hashes[code]! & this.mask;
      while (this.slots[slot]! >= 0) slot = (slot + 1) & this.mask;
      this.slots[slot] = code;
    }
  }
}

/** Strings → small integers, for values that are decided once per distinct input and are strings already. */
export class StringDictionary {
  private readonly codes = new Map<string, number>();
  readonly values: string[] = [];

  intern(value: string): number {
    let code = this.codes.get(value);
    if (code === undefined) {
      code = this.values.length;
      this.codes.set(value, code);
      this.values.push(value);
    }
    return code;
  }

  get size(): number {
    return this.values.length;
  }
}
