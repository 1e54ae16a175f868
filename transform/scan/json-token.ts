// The tokens of JSON: scalars without quotes, and the escapes of strings. For scan/json.ts.

import { hexValue, utf8, type Scratch } from './bytes.ts';

/** Kinds of the value in a slot. Text kinds are bit sets: TEXT, with DIRTY for DEL or non-ASCII bytes, ESCAPED for escapes. */
export const jsonKind = { ABSENT: 0, TEXT: 1, DIRTY: 2, ESCAPED: 4, NUMBER: 8, TRUE: 16, FALSE: 32 } as const;

/** Letter after a backslash → byte, 0 if there is no such escape. */
export const simpleEscape = new Uint8Array(256);
for (const [letter, byte] of Object.entries({ '"': 0x22, '\\': 0x5c, '/': 0x2f, b: 8, f: 12, n: 10, r: 13, t: 9 })) {
  simpleEscape[letter.charCodeAt(0)] = byte;
}

/** Unescapes the bytes between two quotes into the scratch. @returns their start; they end at `scratch.used` */
export function unescapeInto(buf: Uint8Array, start: number, end: number, scratch: Scratch): number {
  scratch.reserve(end - start);
  const from = scratch.used;
  scratch.used = unescapeJson(buf, start, end, scratch.buf, from);
  return from;
}

/**
 * Unescapes a valid JSON string into `out` from `to` on. Never longer than its source. A surrogate without its partner
 * becomes three bytes that are not UTF-8, so that the check of the text finds it.
 * @returns index after the last byte written
 */
export function unescapeJson(buf: Uint8Array, start: number, end: number, out: Uint8Array, to: number): number {
  for (let i = start; i < end;) {
    const c = buf[i++];
    if (c !== 0x5c) {
      out[to++] = c;
      continue;
    }
    const escaped = buf[i++];
    if (escaped !== 0x75) {
      out[to++] = simpleEscape[escaped]!;
      continue;
    }
    let point = hex4(buf, i);
    i += 4;
    if (point >= 0xd800 && point < 0xdc00 && end - i >= 6 && buf[i] === 0x5c && buf[i + 1] === 0x75) {
      const low = hex4(buf, i + 2);
      if (low >= 0xdc00 && low < 0xe000) {
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
        i += 6;
      }
    }
    if (point < 0x80) out[to++] = point;
    else if (point < 0x800) {
      out[to++] = 0xc0 | (point >> 6);
      out[to++] = 0x80 | (point & 0x3f);
    } else if (point < 0x10000) {
      out[to++] = 0xe0 | (point >> 12);
      out[to++] = 0x80 | ((point >> 6) & 0x3f);
      out[to++] = 0x80 | (point & 0x3f);
    } else {
      out[to++] = 0xf0 | (point >> 18);
      out[to++] = 0x80 | ((point >> 12) & 0x3f);
      out[to++] = 0x80 | ((point >> 6) & 0x3f);
      out[to++] = 0x80 | (point & 0x3f);
    }
  }
  return to;
}

function hex4(buf: Uint8Array, i: number): number {
  return (hexValue[buf[i]] << 12) | (hexValue[buf[i + 1]] << 8) | (hexValue[buf[i + 2]] << 4) | hexValue[buf[i + 3]];
}

const MALFORMED = -1;
export const TRUNCATED = -2;
const TRUE_WORD = utf8('true');
const FALSE_WORD = utf8('false');
const NULL_WORD = utf8('null');

export function scalarKind(first: number): number {
  return first === 0x74
    ? jsonKind.TRUE
    : first === 0x66
      ? jsonKind.FALSE
      : first === 0x6e
        ? jsonKind.ABSENT
        : jsonKind.NUMBER;
}

/** End of the number, true, false or null that starts at i; MALFORMED or TRUNCATED if there is none. */
export function scalarEnd(buf: Uint8Array, i: number, end: number): number {
  const first = buf[i];
  if (first === 0x74) return wordEnd(buf, i, end, TRUE_WORD);
  if (first === 0x66) return wordEnd(buf, i, end, FALSE_WORD);
  if (first === 0x6e) return wordEnd(buf, i, end, NULL_WORD);
  if (first === 0x2d && ++i >= end) return TRUNCATED;
  if (buf[i] === 0x30) i++;
  else {
    const from = i;
    i = digitsEnd(buf, i, end);
    if (i === from) return MALFORMED;
  }
  if (i < end && buf[i] === 0x2e) {
    const from = ++i;
    i = digitsEnd(buf, i, end);
    if (i === from) return i >= end ? TRUNCATED : MALFORMED;
  }
  if (i < end && (buf[i] === 0x65 || buf[i] === 0x45)) {
    i++;
    if (i < end && (buf[i] === 0x2b || buf[i] === 0x2d)) i++;
    const from = i;
    i = digitsEnd(buf, i, end);
    if (i === from) return i >= end ? TRUNCATED : MALFORMED;
  }
  return i;
}

function digitsEnd(buf: Uint8Array, i: number, end: number): number {
  while (i < end && buf[i] >= 0x30 && buf[i] <= 0x39) i++;
  return i;
}

function wordEnd(buf: Uint8Array, i: number, end: number, word: Uint8Array): number {
  for (let k = 0; k < word.length; k++) {
    if (i + k >= end) return TRUNCATED;
    if (buf[i + k] !== word[k]) return MALFORMED;
  }
  return i + word.length;
}
