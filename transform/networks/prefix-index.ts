// Longest-prefix look-up over typed arrays. Nested prefixes are flattened once, at build, into disjoint intervals, so
// that a look-up is a binary search over sorted starts: no tree, no objects (net.BlockList: 50 k look-ups/s).

import { cidrBits, parseCidr, wordMask, type Address, type Cidr } from './address.ts';

/** Value of an interval from its own value and the enclosing one: the longest-prefix rule returns `own`, the set rule the union. */
type Combine = (outer: number, own: number) => number;

const NONE = -1;

/** Growable rows of `width` words (1: IPv4, 4: IPv6), with prefix bits and value. */
class PrefixTable {
  readonly width: 1 | 4;
  length = 0;
  words: Uint32Array;
  bits = new Uint8Array(16);
  values = new Int32Array(16);

  constructor(width: 1 | 4) {
    this.width = width;
    this.words = new Uint32Array(16 * width);
  }

  push(cidr: Cidr, value: number): void {
    if (this.length === this.values.length) this.grow();
    const row = this.length++;
    for (let k = 0; k < this.width; k++) this.words[row * this.width + k] = cidr.words[4 - this.width + k]!;
    this.bits[row] = cidrBits(cidr) - 32 * (4 - this.width);
    this.values[row] = value;
  }

  private grow(): void {
    const grown = <T extends Uint32Array | Uint8Array | Int32Array>(to: T, from: T): T => (to.set(from), to);
    this.words = grown(new Uint32Array(2 * this.words.length), this.words);
    this.bits = grown(new Uint8Array(2 * this.bits.length), this.bits);
    this.values = grown(new Int32Array(2 * this.values.length), this.values);
  }

  /** Row numbers by first address, wider before narrower, then in order of arrival. */
  sorted(): Uint32Array {
    const { words, bits, width } = this;
    const order = Uint32Array.from({ length: this.length }, (_, row) => row);
    return order.sort((a, b) => {
      for (let k = 0; k < width; k++) {
        const difference = words[a * width + k] - words[b * width + k];
        if (difference !== 0) return difference;
      }
      return bits[a] - bits[b] || a - b;
    });
  }

  contains(outer: number, inner: number): boolean {
    const bits = this.bits[outer];
    if (bits > this.bits[inner]) return false;
    for (let k = 0; k < this.width; k++) {
      const difference = this.words[outer * this.width + k] ^ this.words[inner * this.width + k];
      if ((difference & wordMask(bits - 32 * k)) !== 0) return false;
    }
    return true;
  }
}

/**
 * Disjoint intervals in ascending order, the first one from 0, each up to the next one's start. A row has `width` words of start
 * and one word of value (as Int32; −1: no prefix), side by side so that a look-up ends in one cache line.
 * One sweep over the sorted prefixes, with a stack of the open ones; at most 2n + 1 intervals.
 */
function flatten(table: PrefixTable, combine: Combine): Uint32Array {
  const { width } = table;
  const stride = width + 1;
  const rows = new Uint32Array((2 * table.length + 1) * stride);
  let end = 0;
  const position = new Uint32Array(width);
  const emit = (value: number): void => {
    let k = 0;
    while (end > 0 && k < width && rows[end - stride + k] === position[k]) k++;
    if (k < width) {
      rows.set(position, end);
      end += stride;
    }
    rows[end - 1] = value;
  };
  /** Moves `position` to the first address after a prefix; false at the end of the address space. */
  const moveBehind = (row: number): boolean => {
    const bits = table.bits[row];
    if (bits === 0) return false;
    position.set(table.words.subarray(row * width, (row + 1) * width));
    let carry = 2 ** (31 - ((bits - 1) & 31));
    for (let k = (bits - 1) >> 5; k >= 0 && carry > 0; k--) {
      const sum = position[k] + carry;
      position[k] = sum;
      carry = sum > 0xffffffff ? 1 : 0;
    }
    return carry === 0;
  };
  const openRows: number[] = [];
  const openValues: number[] = [];
  const close = (): void => {
    openValues.pop();
    if (moveBehind(openRows.pop()!)) emit(openValues.at(-1) ?? NONE);
  };

  emit(NONE);
  for (const row of table.sorted()) {
    while (openRows.length > 0 && !table.contains(openRows.at(-1)!, row)) close();
    const value = combine(openValues.at(-1) ?? NONE, table.values[row]);
    openRows.push(row);
    openValues.push(value);
    position.set(table.words.subarray(row * width, (row + 1) * width));
    emit(value);
  }
  while (openRows.length > 0) close();
  return rows.slice(0, end);
}

export interface PrefixEntry {
  /** Need not be canonical, but host bits must be clear. */
  readonly cidr: string;
  /** 0 to 2^31 − 1. */
  readonly value: number;
}

/**
 * Immutable. Memory: at most 2n + 1 intervals of 8 bytes (IPv4) or 20 bytes (IPv6) for n prefixes, and 256 KiB. During the
 * build, up to 42 bytes a prefix more (rows in growing arrays, their order).
 */
export class PrefixIndex {
  private readonly ipv4: Uint32Array;
  private readonly ipv6: Uint32Array;
  /** Index: first 16 bits h of an IPv4 address → the interval that contains h.0.0. It narrows the search to a few steps. */
  private readonly buckets = new Uint32Array(65_537);

  /** Rows of `flatten`. */
  constructor(ipv4: Uint32Array, ipv6: Uint32Array) {
    this.ipv4 = ipv4;
    this.ipv6 = ipv6;
    const last = ipv4.length / 2 - 1;
    for (let high = 0, i = 0; high < 65_536; high++) {
      while (i < last && ipv4[2 * i + 2] <= high * 65_536) i++;
      this.buckets[high] = i;
    }
    this.buckets[65_536] = last;
  }

  /** Value of the longest prefix that contains the address, or −1. */
  lookup(address: Address): number {
    const words = address.words;
    return address.isIpv4 ? this.lookupIpv4(words[3]) : this.lookupIpv6(words, 0);
  }

  /**
   * @param words four words an address, as in Address
   * @param out one value an address; if given, it is filled and returned
   */
  lookupMany(words: Uint32Array, out = new Int32Array(words.length >> 2)): Int32Array {
    for (let i = 0, at = 0; at + 4 <= words.length; i++, at += 4) {
      const ipv4 = words[at] === 0 && words[at + 1] === 0 && words[at + 2] === 0xffff;
      out[i] = ipv4 ? this.lookupIpv4(words[at + 3]) : this.lookupIpv6(words, at);
    }
    return out;
  }

  private lookupIpv4(address: number): number {
    const rows = this.ipv4;
    let low = this.buckets[address >>> 16];
    let high = this.buckets[(address >>> 16) + 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (rows[2 * middle] <= address) low = middle;
      else high = middle - 1;
    }
    return rows[2 * low + 1] | 0;
  }

  private lookupIpv6(words: Uint32Array, at: number): number {
    const rows = this.ipv6;
    let low = 0;
    let high = rows.length / 5 - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      const row = 5 * middle;
      let k = 0;
      while (k < 3 && rows[row + k] === words[at + k]) k++;
      if (rows[row + k] <= words[at + k]) low = middle;
      else high = middle - 1;
    }
    return rows[5 * low + 4] | 0;
  }
}

function build(entries: Iterable<PrefixEntry>, combine: Combine): PrefixIndex {
  const ipv4 = new PrefixTable(1);
  const ipv6 = new PrefixTable(4);
  for (const { cidr: text, value } of entries) {
    const { cidr, fault } = parseCidr(text);
    if (cidr === null) throw new RangeError(fault);
    (cidr.family === 4 ? ipv4 : ipv6).push(cidr, value);
  }
  return new PrefixIndex(flatten(ipv4, combine), flatten(ipv6, combine));
}

/** The last of equal prefixes counts. @throws RangeError for a bad CIDR: callers validate their input */
export function buildPrefixIndex(entries: Iterable<PrefixEntry>): PrefixIndex {
  return build(entries, (_outer, own) => own);
}

/** Look-up of all prefixes that contain an address, for small tables whose lists overlap. */
export interface PrefixSetIndex {
  /** Number of the set of values, the same for equal sets; −1: none. */
  lookup(address: Address): number;
  /** Set number → its values, ascending and without repetition. */
  readonly sets: readonly (readonly number[])[];
}

/** @throws RangeError for a bad CIDR */
export function buildPrefixSetIndex(entries: Iterable<PrefixEntry>): PrefixSetIndex {
  const sets: (readonly number[])[] = [];
  const numberOf = new Map<string, number>();
  const index = build(entries, (outer, own) => {
    const set = [...new Set([...(sets[outer] ?? []), own])].sort((a, b) => a - b);
    const key = set.join();
    const known = numberOf.get(key) ?? sets.push(set) - 1;
    numberOf.set(key, known);
    return known;
  });
  return { lookup: (address) => index.lookup(address), sets };
}
