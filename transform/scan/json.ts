// Reads one JSON object per line for a few keys. The whole line is checked against RFC 8259 (this scanner accepts the same objects
// as JSON.parse), but only mapped values are noted: kind, start and end per slot.
//
// Key prediction: a feed writes its keys in one order, or in a few. So the scanner expects the same bytes between the values as in
// earlier lines (their skeletons). If a skeleton fits, a line is one comparison of the skeleton and one pass over the
// values, and it is valid JSON without duplicate keys because the skeleton was. Any other line is parsed in full, at a
// third of the speed, and becomes a skeleton. Measurements are at `predicted`.

import { reason } from '../outcome.ts';
import { hexValue, utf8 } from './bytes.ts';
import { jsonKind, scalarEnd, scalarKind, simpleEscape, TRUNCATED, unescapeJson } from './json-token.ts';

/** Depth of nested objects and arrays, including the line's own object. */
export const MAX_DEPTH = 64;
export const MAX_SKELETON_VALUES = 128;
export const MAX_SKELETON_BYTES = 4096;
/** One for each kind of line that a feed mixes. More would only delay the lines that fit none. */
export const SKELETONS = 4;

const QUOTE = 1;
const BACKSLASH = 2;
const CONTROL = 3;
const UNUSUAL = 4;
/** Byte → 0: an ordinary byte inside a string. */
const stringByte = new Uint8Array(256);
stringByte.fill(CONTROL, 0, 0x20);
stringByte.fill(UNUSUAL, 0x7f);
stringByte[0x22] = QUOTE;
stringByte[0x5c] = BACKSLASH;

/** A key that leads to mapped values: to one itself, or to an object that contains some. */
interface Key {
  readonly name: Uint8Array;
  /** The slot of the key's value; the number of slots if the key itself is not mapped. */
  slot: number;
  children: Key[];
  /** Number of the last line that had this key: the same number again is a duplicate. */
  seenIn: number;
}

/** The literal bytes before each value of a line and after the last, one after the other, and the values' slots. */
export class Skeleton {
  readonly literal = new Uint8Array(MAX_SKELETON_BYTES);
  readonly view = new DataView(this.literal.buffer);
  readonly literalEnd = new Int32Array(MAX_SKELETON_VALUES + 1);
  readonly slot = new Int32Array(MAX_SKELETON_VALUES);
  /** −1: nothing learned yet. */
  values = -1;
}

export class JsonScanner {
  /** Per slot: one of `jsonKind`; null and absent are the same. */
  readonly kind: Uint8Array;
  /** Per slot: the value's bytes; for strings, those between the quotes. */
  readonly start: Int32Array;
  readonly end: Int32Array;

  private readonly slots: number;
  private readonly root: Key[] = [];
  private buf: Uint8Array = new Uint8Array(0);
  private limit = 0;
  private line = 0;
  private fault = 0;
  /** Kind of the string that `string` read last. */
  private textKind = 0;
  private readonly slotSeenIn: Int32Array;

  /** The last one that fitted is first. */
  private readonly known = Array.from({ length: SKELETONS }, () => new Skeleton());
  /** Number of skeletons ever learned, so that owners of copies notice a new one. */
  learned = 0;
  // A view of the last line's memory; lines of one buffer, and buffers cut from one, share it.
  private viewed: Uint8Array = this.buf;
  private view = new DataView(this.buf.buffer);
  private base = 0;
  // The skeleton being learned: place of each value of this line, while it is parsed in full.
  private readonly seenStart = new Int32Array(MAX_SKELETON_VALUES);
  private readonly seenEnd = new Int32Array(MAX_SKELETON_VALUES);
  private readonly seenSlot = new Int32Array(MAX_SKELETON_VALUES);
  private seen = 0;

  /**
   * @param paths per slot, the key path of its value: keys joined by '.'. A key may itself contain dots, and an array
   *   means its first element.
   */
  constructor(paths: readonly string[]) {
    this.slots = paths.length;
    // One slot more, for values that are not mapped, so that the loop needs no branch.
    this.kind = new Uint8Array(paths.length + 1);
    this.start = new Int32Array(paths.length + 1);
    this.end = new Int32Array(paths.length + 1);
    this.slotSeenIn = new Int32Array(paths.length + 1);
    paths.forEach((path, slot) => addPath(this.root, path.split('.'), slot, paths.length));
  }

  /**
   * Reads buf[start, end). Slots are valid until the next call.
   * @returns 0, or reason.malformed (also for an object in place of a mapped value), truncated (valid up to its end),
   *   duplicate_key (a mapped key) or too_deep
   */
  scan(buf: Uint8Array, start: number, end: number): number {
    if (buf !== this.viewed) this.look(buf);
    for (let n = 0; n < SKELETONS; n++) {
      const skeleton = this.known[n];
      if (skeleton.values < 0) break;
      this.kind.fill(0);
      if (!this.predicted(skeleton, buf, start, end)) continue;
      if (n > 0) this.toFront(n);
      return 0;
    }
    this.kind.fill(0);
    return this.full(buf, start, end);
  }

  /**
   * Reads a line by a skeleton; false if it does not fit.
   *
   * Measured on the edge capture (357 bytes a line, Node 20, ns a line of this function alone):
   * - skeleton byte by byte 612; eight bytes at a time as a double 427; with the last eight overlapping the ones before
   *   instead of a tail of bytes 367. Doubles compare bit by bit here, because no ASCII bytes are NaN or zero (another key
   *   only loses the shortcut).
   * - strings by a 256-byte table 367; four bytes at a time through a DataView 237. Uint8Array.indexOf costs 45 ns a call.
   */
  private predicted(skeleton: Skeleton, buf: Uint8Array, start: number, end: number): boolean {
    const view = this.view;
    const base = this.base;
    const { literal, view: literalView, literalEnd: literalEnds, slot: valueSlots, values } = skeleton;
    const kinds = this.kind;
    const starts = this.start;
    const ends = this.end;
    let i = start;
    let k = 0;
    for (let v = 0; v <= values; v++) {
      const literalEnd = literalEnds[v];
      if (end - i < literalEnd - k) return false;
      if (literalEnd - k >= 8) {
        const last = literalEnd - 8;
        const shift = base + i - k;
        for (; k < last; k += 8) {
          if (view.getFloat64(shift + k, true) !== literalView.getFloat64(k, true)) return false;
        }
        if (view.getFloat64(shift + last, true) !== literalView.getFloat64(last, true)) return false;
        k = literalEnd;
        i = shift + k - base;
      } else {
        while (k < literalEnd) if (buf[i++] !== literal[k++]) return false;
      }
      if (v === values) break;
      if (i >= end) return false;
      const slot = valueSlots[v];
      const first = buf[i];
      if (first === 0x22) {
        const from = ++i;
        i = plainEnd(buf, view, base, i, end);
        if (i >= end) return false;
        let textKind: number = jsonKind.TEXT;
        if (buf[i] !== 0x22) {
          this.buf = buf;
          this.limit = end;
          i = this.string(i);
          if (i < 0) return false;
          textKind = this.textKind;
        }
        kinds[slot] = textKind;
        starts[slot] = from;
        ends[slot] = i++;
      } else {
        const from = i;
        i = scalarEnd(buf, i, end);
        if (i < 0) return false;
        kinds[slot] = scalarKind(first);
        starts[slot] = from;
        ends[slot] = i;
      }
    }
    return i === end;
  }

  private look(buf: Uint8Array): void {
    if (buf.buffer !== this.view.buffer) this.view = new DataView(buf.buffer);
    this.viewed = buf;
    this.base = buf.byteOffset;
  }

  private full(buf: Uint8Array, start: number, end: number): number {
    this.buf = buf;
    this.limit = end;
    this.fault = 0;
    this.seen = 0;
    if (++this.line > 0x3fffffff) this.restartLineNumbers();
    let i = this.skipSpace(start);
    if (i >= end) return reason.malformed;
    if (buf[i] !== 0x7b) return reason.malformed;
    i = this.object(i + 1, this.root, 1);
    if (i < 0) return this.fault;
    if (this.skipSpace(i) !== end) return reason.malformed;
    if (this.fault === 0) this.learn(start, end);
    return this.fault;
  }

  /** Parses an object from the byte after '{'. @returns index after '}', or −1 with `fault` set */
  private object(i: number, keys: readonly Key[] | null, depth: number): number {
    if (depth > MAX_DEPTH) return this.fail(reason.too_deep);
    const buf = this.buf;
    const end = this.limit;
    i = this.skipSpace(i);
    if (i < end && buf[i] === 0x7d) return i + 1;
    for (;;) {
      if (i >= end) return this.fail(reason.truncated);
      if (buf[i] !== 0x22) return this.fail(reason.malformed);
      const nameStart = i + 1;
      i = this.string(nameStart);
      if (i < 0) return -1;
      const key = keys === null ? null : this.findKey(keys, nameStart, i);
      i = this.skipSpace(i + 1);
      if (i >= end) return this.fail(reason.truncated);
      if (buf[i] !== 0x3a) return this.fail(reason.malformed);
      i = this.value(
        this.skipSpace(i + 1),
        key === null ? this.slots : key.slot,
        key === null ? null : key.children,
        depth,
      );
      if (i < 0) return -1;
      i = this.skipSpace(i);
      if (i >= end) return this.fail(reason.truncated);
      if (buf[i] === 0x7d) return i + 1;
      if (buf[i] !== 0x2c) return this.fail(reason.malformed);
      i = this.skipSpace(i + 1);
    }
  }

  /** Parses an array from the byte after '['; its first element goes to `slot`. */
  private array(i: number, slot: number, depth: number): number {
    if (depth > MAX_DEPTH) return this.fail(reason.too_deep);
    const buf = this.buf;
    const end = this.limit;
    i = this.skipSpace(i);
    if (i < end && buf[i] === 0x5d) return i + 1;
    for (;;) {
      i = this.value(i, slot, null, depth);
      if (i < 0) return -1;
      slot = this.slots;
      i = this.skipSpace(i);
      if (i >= end) return this.fail(reason.truncated);
      if (buf[i] === 0x5d) return i + 1;
      if (buf[i] !== 0x2c) return this.fail(reason.malformed);
      i = this.skipSpace(i + 1);
    }
  }

  private value(i: number, slot: number, keys: readonly Key[] | null, depth: number): number {
    const buf = this.buf;
    const end = this.limit;
    if (i >= end) return this.fail(reason.truncated);
    const first = buf[i];
    if (first === 0x7b) {
      if (slot < this.slots) this.fault = reason.malformed;
      return this.object(i + 1, keys !== null && keys.length > 0 ? keys : null, depth + 1);
    }
    if (first === 0x5b) return this.array(i + 1, slot, depth + 1);
    const from = i;
    if (first === 0x22) {
      i = this.string(i + 1);
      if (i < 0) return -1;
      this.kind[slot] = this.textKind;
      this.start[slot] = from + 1;
      this.end[slot] = i++;
    } else {
      i = scalarEnd(buf, i, end);
      if (i < 0) return this.fail(i === TRUNCATED ? reason.truncated : reason.malformed);
      this.kind[slot] = scalarKind(first);
      this.start[slot] = from;
      this.end[slot] = i;
    }
    if (this.seen < MAX_SKELETON_VALUES) {
      this.seenStart[this.seen] = from;
      this.seenEnd[this.seen] = i;
      this.seenSlot[this.seen] = slot;
    }
    this.seen++;
    return i;
  }

  /** Reads string bytes from i on. @returns index of the closing quote, or −1 with `fault` set */
  private string(i: number): number {
    const buf = this.buf;
    const end = this.limit;
    let kind: number = jsonKind.TEXT;
    for (;;) {
      i = plainEnd(buf, this.view, this.base, i, end);
      if (i >= end) return this.fail(reason.truncated);
      const special = stringByte[buf[i]];
      if (special === QUOTE) {
        this.textKind = kind;
        return i;
      }
      if (special === CONTROL) return this.fail(reason.malformed);
      i++;
      if (special === UNUSUAL) {
        kind |= jsonKind.DIRTY;
        continue;
      }
      kind |= jsonKind.ESCAPED;
      if (i >= end) return this.fail(reason.truncated);
      const escaped = buf[i++];
      if (escaped === 0x75) {
        for (let k = 0; k < 4; k++, i++) {
          if (i >= end) return this.fail(reason.truncated);
          if (hexValue[buf[i]] < 0) return this.fail(reason.malformed);
        }
      } else if (simpleEscape[escaped] === 0) return this.fail(reason.malformed);
    }
  }

  /** Key of this name. A mapped key seen before in this line is a duplicate; a worse fault later in the line may replace this one. */
  private findKey(keys: readonly Key[], start: number, end: number): Key | null {
    let buf = this.buf;
    if (this.textKind & jsonKind.ESCAPED) {
      buf = new Uint8Array(end - start);
      end = unescapeJson(this.buf, start, end, buf, 0);
      start = 0;
    }
    const length = end - start;
    search: for (let k = 0; k < keys.length; k++) {
      const key = keys[k];
      const name = key.name;
      if (name.length !== length) continue;
      for (let i = 0; i < length; i++) if (buf[start + i] !== name[i]) continue search;
      if (key.seenIn === this.line) this.fault = reason.duplicate_key;
      key.seenIn = this.line;
      if (key.slot < this.slots) {
        if (this.slotSeenIn[key.slot] === this.line) this.fault = reason.duplicate_key;
        this.slotSeenIn[key.slot] = this.line;
      }
      return key;
    }
    return null;
  }

  private skipSpace(i: number): number {
    const buf = this.buf;
    const end = this.limit;
    while (i < end) {
      const c = buf[i];
      if (c > 0x20 || (c !== 0x20 && c !== 0x09 && c !== 0x0d && c !== 0x0a)) break;
      i++;
    }
    return i;
  }

  private fail(code: number): -1 {
    this.fault = code;
    return -1;
  }

  private toFront(n: number): void {
    const skeletons = this.known;
    const skeleton = skeletons[n];
    for (; n > 0; n--) skeletons[n] = skeletons[n - 1]!;
    skeletons[0] = skeleton;
  }

  /** Makes the line the first skeleton. It replaces the one that fitted longest ago. */
  private learn(start: number, end: number): void {
    const values = this.seen;
    if (values > MAX_SKELETON_VALUES) return;
    const skeleton = this.known[SKELETONS - 1];
    skeleton.values = -1;
    let from = start;
    let used = 0;
    for (let v = 0; v <= values; v++) {
      const to = v === values ? end : this.seenStart[v];
      if (used + to - from > MAX_SKELETON_BYTES) return;
      for (let i = from; i < to; i++) skeleton.literal[used++] = this.buf[i]!;
      skeleton.literalEnd[v] = used;
      if (v === values) break;
      skeleton.slot[v] = this.seenSlot[v]!;
      from = this.seenEnd[v]!;
    }
    skeleton.values = values;
    this.toFront(SKELETONS - 1);
    this.learned++;
  }

  get skeletons(): readonly Skeleton[] {
    return this.known;
  }

  private restartLineNumbers(): void {
    this.line = 1;
    this.slotSeenIn.fill(0);
    const clear = (keys: Key[]): void => {
      for (const key of keys) {
        key.seenIn = 0;
        clear(key.children);
      }
    };
    clear(this.root);
  }
}

/** Index of the first byte from i on that is not plain in a string (a quote, a backslash, a control, DEL, not ASCII), or end. */
function plainEnd(buf: Uint8Array, view: DataView, base: number, i: number, end: number): number {
  for (; i + 4 <= end; i += 4) {
    const x = view.getInt32(base + i, true);
    // Per byte, the high bit is set if it is special: ≥ 0x80; 0x7f; not (x ^ 2 ≥ 0x21, so neither a control nor '"'); '\\'.
    const special =
      (x |
        (x + 0x01010101) |
        ~((((x ^ 0x02020202) | 0x80808080) - 0x21212121) & (((x ^ 0x5c5c5c5c) | 0x80808080) - 0x01010101))) &
      0x80808080;
    if (special !== 0) return i + ((31 - Math.clz32(special & -special)) >> 3);
  }
  while (i < end && stringByte[buf[i]] === 0) i++;
  return i;
}

/** Adds a path in every grouping: 'a.b' is the key 'b' in the object 'a', or the key 'a.b'. */
function addPath(keys: Key[], segments: readonly string[], slot: number, none: number): void {
  for (let n = 1; n <= segments.length; n++) {
    const text = segments.slice(0, n).join('.');
    const name = utf8(text);
    let key = keys.find((other) => other.name.length === name.length && other.name.every((c, i) => c === name[i]));
    if (key === undefined) {
      key = { name, slot: none, children: [], seenIn: 0 };
      keys.push(key);
    }
    if (n === segments.length) key.slot = slot;
    else addPath(key.children, segments.slice(n), slot, none);
  }
}
