// Splits text lines into fields: blanks, quotes and brackets, and the escapes that servers write inside quotes.

import { reason } from '../outcome.ts';
import { equals, hexValue, type Scratch } from '../scan/bytes.ts';
import type { Slice } from '../scan/line-fields.ts';

const BLANK = 0x20;
const BACKSLASH = 0x5c;

const QUOTE = 1;
const ESCAPE = 2;
const UNUSUAL = 3;
/** Byte → 0: an ordinary byte inside quotes. */
const quotedByte = new Uint8Array(256);
quotedByte.fill(UNUSUAL, 0, 0x20);
quotedByte.fill(UNUSUAL, 0x7f);
quotedByte[0x22] = QUOTE;
quotedByte[BACKSLASH] = ESCAPE;

/**
 * Finds the ends of quoted values and notes on the way which bytes they contain, so that one pass over a line is enough: a second
 * pass for control characters and bytes beyond ASCII took a tenth of the time.
 */
export class Quotes {
  escaped = false;
  unusual = false;

  reset(): void {
    this.escaped = false;
    this.unusual = false;
  }

  /** Index of the closing quote of a value that begins at i (after the opening one); skips escaped bytes; or end. */
  close(buf: Uint8Array, i: number, end: number): number {
    for (;;) {
      while (i < end && quotedByte[buf[i]] === 0) i++;
      if (i >= end) return end;
      const special = quotedByte[buf[i]];
      if (special === QUOTE) return i;
      if (special === ESCAPE) {
        this.escaped = true;
        i += 2;
      } else {
        this.unusual = true;
        i++;
      }
    }
  }
}

/** Index of the closing quote if quotes inside are not escaped: the first quote before a blank or the line's end; or end. */
export function bareClosingQuote(buf: Uint8Array, i: number, end: number): number {
  while (i < end && !(buf[i] === 0x22 && (i + 1 === end || buf[i + 1] === BLANK))) i++;
  return i;
}

/** Index of the '[' of the first ' [dd/Mon/' from i on, or end. The text before it may contain blanks and brackets. */
export function timeBracket(buf: Uint8Array, i: number, end: number): number {
  for (; i + 8 <= end; i++) {
    if (buf[i] !== 0x5b || buf[i + 3] !== 0x2f || buf[i + 7] !== 0x2f) continue;
    if (isDigit(buf[i + 1]) && isDigit(buf[i + 2])) return i;
  }
  return end;
}
const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;

const simpleEscape = new Uint8Array(256);
for (const [letter, byte] of Object.entries({ '"': 0x22, '\\': 0x5c, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 })) {
  simpleEscape[letter.charCodeAt(0)] = byte;
}

/**
 * Removes the escapes that Apache and nginx write in quoted values: '\xHH', '\"', '\\' and C's letters. Other backslashes stay.
 * Does nothing if there is none.
 */
export function unescapeQuoted(slice: Slice, scratch: Scratch): void {
  const { buf, start, end } = slice;
  let i = start;
  while (i < end && buf[i] !== BACKSLASH) i++;
  if (i === end) return;
  scratch.reserve(end - start);
  const from = scratch.used;
  scratch.append(buf, start, i);
  while (i < end) {
    const c = buf[i++];
    if (c !== BACKSLASH || i === end) {
      scratch.push(c);
    } else if (buf[i] === 0x78 && end - i >= 3 && (hexValue[buf[i + 1]] | hexValue[buf[i + 2]]) >= 0) {
      scratch.push((hexValue[buf[i + 1]] << 4) | hexValue[buf[i + 2]]);
      i += 3;
    } else if (simpleEscape[buf[i]] !== 0) {
      scratch.push(simpleEscape[buf[i++]]);
    } else scratch.push(c);
  }
  slice.set(scratch.buf, from, scratch.used);
}

/**
 * Start of the message of the line 'ANYTHING PROGRAM[PID]: MESSAGE' (syslog, RFC 3164, with or without its priority).
 * @returns an index, or −reason: other_log for another program's line, truncated or malformed if there is no header
 */
export function syslogMessage(buf: Uint8Array, start: number, end: number, program: Uint8Array): number {
  for (let i = start; i + 2 < end; i++) {
    if (buf[i] !== 0x5d || buf[i + 1] !== 0x3a || buf[i + 2] !== BLANK) continue;
    let bracket = i;
    while (bracket > start && buf[bracket] !== 0x5b) bracket--;
    let name = bracket;
    while (name > start && buf[name - 1] !== BLANK) name--;
    return equals(buf, name, bracket, program) ? i + 3 : -reason.other_log;
  }
  return buf[start] === 0x3c ? -reason.truncated : -reason.malformed;
}
