// Bytes of a log line: small checks and conversions, without strings. Pure; every function reads [start, end) only.

import { method, type Slice } from './line-fields.ts';

/** Value of a hexadecimal digit, −1 for every other byte. */
export const hexValue = new Int8Array(256).fill(-1);
for (let i = 0; i < 10; i++) hexValue[0x30 + i] = i;
for (let i = 0; i < 6; i++) hexValue[0x41 + i] = hexValue[0x61 + i] = 10 + i;

const encoder = new TextEncoder();
export const utf8 = (text: string): Uint8Array => encoder.encode(text);

/** Index of the first `byte` in [start, end), or end. */
export function indexOfByte(buf: Uint8Array, byte: number, start: number, end: number): number {
  let i = start;
  while (i < end && buf[i] !== byte) i++;
  return i;
}

export function equals(buf: Uint8Array, start: number, end: number, expected: Uint8Array): boolean {
  return end - start === expected.length && startsWith(buf, start, end, expected);
}

export function startsWith(buf: Uint8Array, start: number, end: number, prefix: Uint8Array): boolean {
  if (end - start < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (buf[start + i] !== prefix[i]) return false;
  return true;
}

/** Skips a UTF-8 byte order mark. */
export function skipBom(buf: Uint8Array, start: number, end: number): number {
  return end - start >= 3 && buf[start] === 0xef && buf[start + 1] === 0xbb && buf[start + 2] === 0xbf
    ? start + 3
    : start;
}

/** True if there are only blanks, tabs and carriage returns. */
export function isBlank(buf: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (buf[i] !== 0x20 && buf[i] !== 0x09 && buf[i] !== 0x0d) return false;
  return true;
}

/** True for the texts that logs write for a missing value: nothing, '-', or Fastly's '(null)'. */
export function isAbsent(buf: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  return length <= 0 || (length === 1 && buf[start] === 0x2d) || (length === 6 && equals(buf, start, end, nullText));
}
const nullText = utf8('(null)');

/** True if all bytes are 0x20–0x7e: no control character, no UTF-8, nothing to check. */
export function isPrintableAscii(buf: Uint8Array, start: number, end: number): boolean {
  let i = start;
  while (i < end && cleanAscii[buf[i]] !== 0) i++;
  return i >= end;
}
const cleanAscii = new Uint8Array(256).fill(1, 0x20, 0x7f);

/** True for well-formed UTF-8 (RFC 3629: no overlong form, no surrogate, nothing past U+10FFFF) without C0 controls and DEL. */
export function isCleanText(buf: Uint8Array, start: number, end: number): boolean {
  let i = start;
  for (;;) {
    while (i < end && cleanAscii[buf[i]] !== 0) i++;
    if (i >= end) return true;
    const length = cleanLength(buf, i, end);
    if (length === 0) return false;
    i += length;
  }
}

/** Bytes of the well-formed character at i, if it is not a C0 control or DEL; else 0. */
export function cleanLength(buf: Uint8Array, i: number, end: number): number {
  const c = buf[i];
  if (c < 0x80) return cleanAscii[c];
  const more = c < 0xc2 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf5 ? 3 : 0;
  if (more === 0 || end - i <= more) return 0;
  const second = buf[i + 1];
  const low = c === 0xe0 ? 0xa0 : c === 0xf0 ? 0x90 : 0x80;
  const high = c === 0xed ? 0x9f : c === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let k = 2; k <= more; k++) if ((buf[i + k] & 0xc0) !== 0x80) return 0;
  return more + 1;
}

/** Decimal digits → integer below 2^53; −1 for anything else (empty, signs, fractions, too large). */
export function parseUint(buf: Uint8Array, start: number, end: number): number {
  if (start >= end) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = buf[i] - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
    if (value > Number.MAX_SAFE_INTEGER) return -1;
  }
  return value;
}

/** Dotted quad without leading zeros, as inet_pton reads it. */
export function isIpv4(buf: Uint8Array, start: number, end: number): boolean {
  if (end - start < 7 || end - start > 15) return false;
  let dots = 0;
  let value = -1;
  for (let i = start; i < end; i++) {
    const c = buf[i];
    if (c === 0x2e) {
      if (value < 0 || ++dots > 3) return false;
      value = -1;
    } else {
      const digit = c - 0x30;
      if (digit < 0 || digit > 9 || value === 0) return false;
      value = value < 0 ? digit : value * 10 + digit;
      if (value > 255) return false;
    }
  }
  return dots === 3 && value >= 0;
}

/** RFC 4291 text: groups, one '::', an IPv4 tail; no brackets, no zone. */
export function isIpv6(buf: Uint8Array, start: number, end: number): boolean {
  if (end - start < 2 || end - start > 45) return false;
  let groups = 0;
  let compressed = false;
  let i = start;
  if (buf[i] === 0x3a) {
    if (buf[i + 1] !== 0x3a) return false;
    compressed = true;
    i += 2;
  }
  while (i < end) {
    const groupStart = i;
    while (i < end && hexValue[buf[i]] >= 0) i++;
    if (i < end && buf[i] === 0x2e) {
      groups += 2;
      if (!isIpv4(buf, groupStart, end)) return false;
      break;
    }
    if (i === groupStart || i - groupStart > 4) return false;
    groups++;
    if (i === end) break;
    if (buf[i] !== 0x3a) return false;
    i++;
    if (i === end) return false;
    if (buf[i] === 0x3a) {
      if (compressed) return false;
      compressed = true;
      i++;
    }
  }
  return compressed ? groups <= 7 : groups === 8;
}

const GET = 0x474554;
const POST = 0x504f5354;
const HEAD = 0x48454144;
const otherMethods = (['PUT', 'DELETE', 'OPTIONS', 'PATCH'] as const).map(
  (name) => [utf8(name), method[name]] as const,
);

/** Method text → one of `method`; −1 if it is not an HTTP token at all. Methods are case-sensitive (RFC 9110). */
export function methodCode(buf: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length === 3) {
    if (((buf[start] << 16) | (buf[start + 1] << 8) | buf[start + 2]) === GET) return method.GET;
  } else if (length === 4) {
    const word = (buf[start] << 24) | (buf[start + 1] << 16) | (buf[start + 2] << 8) | buf[start + 3];
    if (word === HEAD) return method.HEAD;
    if (word === POST) return method.POST;
  }
  for (const [name, code] of otherMethods) if (equals(buf, start, end, name)) return code;
  if (length === 0) return -1;
  for (let i = start; i < end; i++) if (isTokenByte[buf[i]] === 0) return -1;
  return method.OTHER;
}
const isTokenByte = new Uint8Array(256);
for (const c of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
  isTokenByte[c.charCodeAt(0)] = 1;

/**
 * Memory for text that had to be unescaped. Slices into it are valid until the next line: `reset` only resets the
 * length, and a buffer that is too small is replaced, not moved, so that earlier slices do not change.
 */
export class Scratch {
  buf = new Uint8Array(1024);
  used = 0;

  reset(): void {
    this.used = 0;
  }

  /** Makes room for `size` more bytes; they start at `used` in `buf`. */
  reserve(size: number): void {
    if (this.used + size <= this.buf.length) return;
    this.buf = new Uint8Array(Math.max(2 * this.buf.length, size));
    this.used = 0;
  }

  /** Appends one byte; room must have been reserved. */
  push(byte: number): void {
    this.buf[this.used++] = byte;
  }

  /** Appends bytes; room must have been reserved. */
  append(buf: Uint8Array, start: number, end: number): void {
    const out = this.buf;
    let to = this.used;
    for (let i = start; i < end; i++) out[to++] = buf[i]!;
    this.used = to;
  }
}

/**
 * Percent-decodes a slice into the scratch, `layers` times, because CloudFront and Akamai encode the client's bytes once
 * or twice. A '%' without two hexadecimal digits stays. Does nothing if there is no '%'.
 */
export function percentDecode(slice: Slice, scratch: Scratch, layers: number): void {
  for (let layer = 0; layer < layers; layer++) {
    const { buf, start, end } = slice;
    if (indexOfByte(buf, 0x25, start, end) === end) return;
    scratch.reserve(end - start);
    const out = scratch.buf;
    const from = scratch.used;
    let to = from;
    for (let i = start; i < end; i++) {
      let c = buf[i];
      if (c === 0x25 && end - i > 2) {
        const decoded = (hexValue[buf[i + 1]] << 4) | hexValue[buf[i + 2]];
        if (decoded >= 0) {
          c = decoded;
          i += 2;
        }
      }
      out[to++] = c;
    }
    scratch.used = to;
    slice.set(out, from, to);
  }
}
