// Writes text as bytes: copies fragments and spells numbers into one buffer, and allocates nothing per line. It copies four bytes
// at a time: 0.24 µs for the fixed text of a line, against 0.5 byte by byte and 0.39 with the native copy.

import { DAY_MS } from '../../transform/periods.ts';

const WORD = 4;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const hexDigits = Uint8Array.from(Buffer.from('0123456789abcdef'));

/** Bytes to copy, with room after them so that whole words can be read. */
export class Fragment {
  readonly length: number;
  readonly view: DataView;

  constructor(text: string) {
    const bytes = Buffer.from(text, 'utf8');
    const padded = new Uint8Array(bytes.length + WORD);
    padded.set(bytes);
    this.length = bytes.length;
    this.view = new DataView(padded.buffer);
  }
}
export const fragmentOf = (text: string): Fragment => new Fragment(text);
export const NOTHING = new Fragment('');

export class TextBuffer {
  readonly bytes: Buffer;
  private readonly view: DataView;
  length = 0;
  private day = -1;
  private isoDay = NOTHING;
  private clfDay = NOTHING;
  private readonly digits = new Uint8Array(16);

  /** @param size_bytes room; the caller must empty the buffer before it is full */
  constructor(size_bytes: number) {
    this.bytes = Buffer.from(new ArrayBuffer(size_bytes));
    this.view = new DataView(this.bytes.buffer);
  }

  byte(value: number): void {
    this.bytes[this.length++] = value;
  }

  fragment({ view: from, length }: Fragment): void {
    const to = this.view;
    const at = this.length;
    for (let i = 0; i < length; i += WORD) to.setInt32(at + i, from.getInt32(i, true), true);
    this.length = at + length;
  }

  /** Bytes [start, end) of a fragment. */
  slice({ view: from }: Fragment, start: number, end: number): void {
    const to = this.view;
    const shift = this.length - start;
    for (let i = start; i < end; i += WORD) to.setInt32(shift + i, from.getInt32(i, true), true);
    this.length = shift + end;
  }

  /** A non-negative integer below 10^15. */
  decimal(value: number): void {
    const { bytes, digits } = this;
    let n = 0;
    let rest = value;
    while (rest > 0x7fffffff) {
      const tenth = Math.floor(rest / 10);
      digits[n++] = 48 + (rest - tenth * 10);
      rest = tenth;
    }
    let small = rest | 0;
    do {
      const tenth = (small / 10) | 0;
      digits[n++] = 48 + (small - tenth * 10);
      small = tenth;
    } while (small > 0);
    let at = this.length;
    while (n > 0) bytes[at++] = digits[--n]!;
    this.length = at;
  }

  two(value: number): void {
    const tens = (value / 10) | 0;
    this.bytes[this.length++] = 48 + tens;
    this.bytes[this.length++] = 48 + value - tens * 10;
  }

  three(value: number): void {
    const hundreds = (value / 100) | 0;
    this.bytes[this.length++] = 48 + hundreds;
    this.two(value - hundreds * 100);
  }

  /** 32 bits as eight hex digits. */
  hex(value: number): void {
    for (let shift = 28; shift >= 0; shift -= 4) this.bytes[this.length++] = hexDigits[(value >>> shift) & 15]!;
  }

  private turnTo(day: number): void {
    if (day === this.day) return;
    this.day = day;
    const iso = new Date(day * DAY_MS).toISOString();
    this.isoDay = new Fragment(iso.slice(0, 10));
    this.clfDay = new Fragment(`${iso.slice(8, 10)}/${months[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}`);
  }

  /** hh:mm:ss */
  private clock(time_ms: number, day: number): void {
    const second = ((time_ms - day * DAY_MS) / 1000) | 0;
    const minute = (second / 60) | 0;
    const hour = (minute / 60) | 0;
    this.two(hour);
    this.byte(58);
    this.two(minute - hour * 60);
    this.byte(58);
    this.two(second - minute * 60);
  }

  /** `2026-10-01?00:00:00`; `separator` is the character code for ?. */
  isoTime(time_ms: number, separator: number): void {
    const day = Math.floor(time_ms / DAY_MS);
    this.turnTo(day);
    this.fragment(this.isoDay);
    this.byte(separator);
    this.clock(time_ms, day);
  }

  /** `01/Oct/2026:00:00:00` */
  clfTime(time_ms: number): void {
    const day = Math.floor(time_ms / DAY_MS);
    this.turnTo(day);
    this.fragment(this.clfDay);
    this.byte(58);
    this.clock(time_ms, day);
  }
}
