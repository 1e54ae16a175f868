// Byte strings → small integers, without making strings. Open addressing over typed arrays; all bytes are in one arena.

import { TextsWriter, type Texts } from './texts.ts';

const MULTIPLIER = 0x9e3779b1;

const encoder = new TextEncoder();

/** 32-bit hash of buf[start, end), four bytes a step. It must never change, because evidence sets are stored under it. */
export function hashBytes(buf: Uint8Array, start: number, end: number, seed = 0): number {
  let h = (end - start) ^ seed;
  let i = start;
  for (const last = end - 3; i < last; i += 4) {
    h = Math.imul(h ^ (buf[i] | (buf[i + 1] << 8) | (buf[i + 2] << 16) | (buf[i + 3] << 24)), MULTIPLIER);
    h ^= h >>> 15;
  }
  let tail = 0;
  for (; i < end; i++) tail = (tail << 8) | buf[i];
  h = Math.imul(h ^ tail, MULTIPLIER);
  return h ^ (h >>> 13);
}

/** Number of values that `internMany` takes at a time. */
export const INTERN_BATCH = 64;

/** Bytes before each value in the arena: its code, its length. */
const HEADER = 8;

/**
 * Dictionary of byte strings: code = order of first appearance, from 0.
 * Memory: the arena (each distinct value and 8 bytes) and 20 bytes an entry, twice that after growth; the owner watches `size`
 * and `bytes` to limit it.
 *
 * Its cost is cache misses: on a month of logs, 0.9 of 1.0 µs a line for path, user agent and address. So a slot tells all
 * but equal values apart, code and length are stored before the bytes, and many values are looked up at once (`internMany`).
 */
export class ByteDictionary {
  private arena: Uint8Array;
  private arenaView: DataView;
  private arenaEnd = HEADER;
  /** Pairs (place in the arena, hash); place 0 is an empty slot. */
  private slots: Int32Array;
  /** Code → place. */
  private places: Uint32Array;
  /** A view of the last value's memory; lines of one buffer share it. */
  private viewed: ArrayBufferLike;
  private bufView: DataView;
  private readonly hashes = new Int32Array(INTERN_BATCH);
  private scratch = new Uint8Array(256);
  /** Result of the first passes: stored, so that no compiler removes the reads. */
  protected touched = 0;
  size = 0;

  constructor(expectedEntries = 1024) {
    let capacity = 16;
    while (capacity * 3 < expectedEntries * 4) capacity *= 2;
    this.slots = new Int32Array(capacity * 2);
    this.places = new Uint32Array((capacity / 4) * 3);
    this.arena = new Uint8Array(capacity * 16);
    this.arenaView = new DataView(this.arena.buffer);
    this.viewed = this.arena.buffer;
    this.bufView = this.arenaView;
  }

  /** Bytes of all distinct values. */
  get bytes(): number {
    return this.arenaEnd;
  }

  /** Code of buf[start, end); a new value gets the next code, which is then `size - 1`. */
  intern(buf: Uint8Array, start: number, end: number): number {
    const view = this.viewOf(buf);
    const from = buf.byteOffset + start;
    return this.find(view, from, end - start, hashWords(view, from, end - start));
  }

  /**
   * Interns buf[starts[i], ends[i]) for i from 0 to count − 1 into out[at + i]; a negative start is skipped. All hashes are
   * computed first, then the slots are read, then the values, so that the cache misses of each kind overlap.
   */
  internMany(buf: Uint8Array, starts: Int32Array, ends: Int32Array, count: number, out: Int32Array, at: number): void {
    const view = this.viewOf(buf);
    const base = buf.byteOffset;
    const { hashes } = this;
    for (let i = 0; i < count; i++) {
      const start = starts[i];
      hashes[i] = start < 0 ? 0 : hashWords(view, base + start, ends[i] - start);
    }
    this.internHashed(buf, { starts, ends, hashes }, count, out, at);
  }

  /** As internMany, with hashes that are known already. */
  internHashed(
    buf: Uint8Array,
    { starts, ends, hashes }: { starts: Int32Array; ends: Int32Array; hashes: Int32Array },
    count: number,
    out: Int32Array,
    at: number,
  ): void {
    const view = this.viewOf(buf);
    const base = buf.byteOffset;
    const { slots, arenaView } = this;
    const mask = slots.length - 2;
    let touched = 0;
    for (let i = 0; i < count; i++) touched ^= slots[(hashes[i] << 1) & mask];
    for (let i = 0; i < count; i++) touched ^= arenaView.getInt32(slots[(hashes[i] << 1) & mask] >>> 0, true);
    this.touched = touched;
    for (let i = 0; i < count; i++) {
      const start = starts[i];
      if (start >= 0) out[at + i] = this.find(view, base + start, ends[i] - start, hashes[i]);
    }
  }

  /** As `intern`, of a string. */
  internText(text: string): number {
    if (this.scratch.length < 3 * text.length) this.scratch = new Uint8Array(6 * text.length);
    return this.intern(this.scratch, 0, encoder.encodeInto(text, this.scratch).written);
  }

  /** The values of these codes. */
  texts(codes: Int32Array): Texts {
    const writer = new TextsWriter();
    for (let i = 0; i < codes.length; i++) {
      const place = this.places[codes[i]];
      const start = place + HEADER;
      writer.addBytes(this.arena, start, start + this.arenaView.getInt32(place + 4, true));
    }
    return writer.done();
  }

  /** The bytes of a code, as a view that the next `intern` may invalidate. */
  view(code: number): Uint8Array {
    const place = this.places[code];
    return this.arena.subarray(place + HEADER, place + HEADER + this.arenaView.getInt32(place + 4, true));
  }

  clear(): void {
    this.slots.fill(0);
    this.size = 0;
    this.arenaEnd = HEADER;
  }

  private viewOf(buf: Uint8Array): DataView {
    if (buf.buffer !== this.viewed) {
      this.viewed = buf.buffer;
      this.bufView = new DataView(buf.buffer);
    }
    return this.bufView;
  }

  private find(view: DataView, from: number, length: number, hash: number): number {
    const { slots, arenaView } = this;
    const mask = slots.length - 2;
    let slot = (hash << 1) & mask;
    for (;;) {
      const place = slots[slot] >>> 0;
      if (place === 0) return this.add(slot, hash, view, from, length);
      if (slots[slot + 1] === hash && equals(arenaView, place, view, from, length))
        return arenaView.getInt32(place, true);
      slot = (slot + 2) & mask;
    }
  }

  private add(slot: number, hash: number, view: DataView, from: number, length: number): number {
    const code = this.size;
    const place = this.arenaEnd;
    if (place + HEADER + length > this.arena.length) this.growArena(HEADER + length);
    const { arenaView } = this;
    arenaView.setInt32(place, code, true);
    arenaView.setInt32(place + 4, length, true);
    // A loop, not set(subarray): paths and user agents are short, and a view per new value costs more than the copy.
    for (let i = 0; i < length; i++) arenaView.setUint8(place + HEADER + i, view.getUint8(from + i));
    this.arenaEnd = place + HEADER + length;
    this.places[code] = place;
    this.slots[slot] = place;
    this.slots[slot + 1] = hash;
    this.size = code + 1;
    if (this.size * 8 >= this.slots.length * 3) this.growTable();
    return code;
  }

  private growArena(length: number): void {
    const arena = new Uint8Array(Math.max(this.arena.length * 2, this.arenaEnd + length));
    arena.set(this.arena.subarray(0, this.arenaEnd));
    this.arena = arena;
    this.arenaView = new DataView(arena.buffer);
  }

  private growTable(): void {
    const old = this.slots;
    const slots = new Int32Array(old.length * 2);
    const mask = slots.length - 2;
    for (let from = 0; from < old.length; from += 2) {
      if (old[from] === 0) continue;
      let slot = (old[from + 1] << 1) & mask;
      while (slots[slot] !== 0) slot = (slot + 2) & mask;
      slots[slot] = old[from]!;
      slots[slot + 1] = old[from + 1]!;
    }
    this.slots = slots;
    const places = new Uint32Array((slots.length / 8) * 3);
    places.set(this.places.subarray(0, this.size));
    this.places = places;
  }
}

/** Whether the value at a place of the arena is [from, from + length) of a view: eight bytes a step, the last step overlaps. */
function equals(arena: DataView, place: number, view: DataView, from: number, length: number): boolean {
  if (arena.getInt32(place + 4, true) !== length) return false;
  const at = place + HEADER;
  if (length < 8) {
    for (let i = 0; i < length; i++) if (arena.getUint8(at + i) !== view.getUint8(from + i)) return false;
    return true;
  }
  const last = length - 8;
  for (let i = 0; i < last; i += 8) if (differ(arena, at + i, view, from + i)) return false;
  return !differ(arena, at + last, view, from + last);
}

const differ = (a: DataView, i: number, b: DataView, k: number): boolean =>
  ((a.getInt32(i, true) ^ b.getInt32(k, true)) | (a.getInt32(i + 4, true) ^ b.getInt32(k + 4, true))) !== 0;

/**
 * 32-bit hash of bytes [from, from + length) of a view; plain-lines.as computes the same. Two lanes, so that one multiplication
 * does not wait for the other.
 */
function hashWords(view: DataView, from: number, length: number): number {
  let a = length;
  if (length < 4) {
    for (let i = 0; i < length; i++) a = (a << 8) | view.getUint8(from + i);
  } else {
    let b = MULTIPLIER;
    const last = from + length - 4;
    let at = from;
    for (; at + 4 < last; at += 8) {
      a = Math.imul(a ^ view.getInt32(at, true), MULTIPLIER);
      b = Math.imul(b ^ view.getInt32(at + 4, true), MULTIPLIER);
      a ^= a >>> 15;
      b ^= b >>> 13;
    }
    // One word that may overlap the last one, then the last.
    if (at < last) a = Math.imul(a ^ view.getInt32(at, true), MULTIPLIER);
    a ^= Math.imul(b ^ view.getInt32(last, true), MULTIPLIER);
    a ^= a >>> 15;
  }
  a = Math.imul(a, MULTIPLIER);
  return a ^ (a >>> 13);
}

/** Strings → small integers, for strings that are classified once per distinct value. */
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
