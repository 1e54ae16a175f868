// The header that a syslog daemon writes before a line of any format: rsyslog and syslog-ng in the form of RFC 3164 or RFC 5424, with
// or without the priority, and the cookie of CEE before a JSON object. Every format removes it before it reads the line.
//
//   <190>Nov 28 01:02:03 edge-1 nginx: LINE                    (RFC 3164; nginx itself may leave out the host)
//   2026-11-28T01:02:03.123456+00:00 edge-1 nginx[17]: LINE    (rsyslog's file format, syslog-ng with ISO times)
//   <190>1 2026-11-28T01:02:03Z edge-1 nginx 17 - - LINE       (RFC 5424; structured data in the place of the last '-')
//
// Only a whole header is removed. No format's own lines begin like one.

import { equals, indexOfByte, skipBom, startsWith, utf8 } from '../scan/bytes.ts';

const BLANK = 0x20;
const COLON = 0x3a;
const CEE = utf8('@cee:');
const NIL = utf8('-');
const months = new Set(['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']);

/** Start of the line itself, after a byte order mark and a syslog header if there are any. */
export function lineStart(buf: Uint8Array, start: number, end: number): number {
  start = skipBom(buf, start, end);
  if (start >= end || mayBeHeader[buf[start]] === 0) return start;
  const message = afterHeader(buf, start, end);
  return message === start ? start : afterCee(buf, skipBom(buf, message, end), end);
}
/** The first bytes of a header: '<', '@', a digit, or the first letter of a month. */
const mayBeHeader = new Uint8Array(256);
for (const c of utf8('<@0123456789JFMASOND')) mayBeHeader[c] = 1;

function afterHeader(buf: Uint8Array, start: number, end: number): number {
  if (buf[start] === 0x40) return startsWith(buf, start, end, CEE) ? afterCee(buf, start, end) : start;
  const i = afterPriority(buf, start, end);
  // 'VERSION TIME HOST PROGRAM PROCESS MESSAGE-ID DATA '
  if (i + 1 < end && buf[i] === 0x31 && buf[i + 1] === BLANK) return afterRfc5424(buf, i + 2, end, start);
  const time = afterTime(buf, i, end);
  return time < 0 ? start : afterTag(buf, time, end, start);
}

/** After '<PRI>', or `i` if there is none. */
function afterPriority(buf: Uint8Array, i: number, end: number): number {
  if (buf[i] !== 0x3c) return i;
  let k = i + 1;
  while (k < end && k <= i + 3 && isDigit(buf[k])) k++;
  return k > i + 1 && k < end && buf[k] === 0x3e ? k + 1 : i;
}

/** After 'Nov 28 01:02:03 ' or '2026-11-28T01:02:03.123456+00:00 '; −1 if there is neither. */
function afterTime(buf: Uint8Array, i: number, end: number): number {
  if (end - i < 17) return -1;
  if (isDigit(buf[i])) return afterIsoTime(buf, i, end);
  const isTime =
    buf[i + 3] === BLANK &&
    buf[i + 6] === BLANK &&
    buf[i + 9] === COLON &&
    buf[i + 12] === COLON &&
    buf[i + 15] === BLANK &&
    months.has(String.fromCharCode(buf[i], buf[i + 1], buf[i + 2]));
  return isTime ? i + 16 : -1;
}

function afterIsoTime(buf: Uint8Array, i: number, end: number): number {
  if (end - i < 20 || buf[i + 4] !== 0x2d || buf[i + 7] !== 0x2d || buf[i + 10] !== 0x54) return -1;
  if (buf[i + 13] !== COLON || buf[i + 16] !== COLON) return -1;
  const blank = indexOfByte(buf, BLANK, i, Math.min(end, i + 40));
  return blank < Math.min(end, i + 40) ? blank + 1 : -1;
}

/** After 'HOST TAG: ' or 'TAG: '; `whenNone` if there is no tag. */
function afterTag(buf: Uint8Array, i: number, end: number, whenNone: number): number {
  for (let token = 0; token < 2; token++) {
    const blank = indexOfByte(buf, BLANK, i, end);
    if (blank === end || blank === i) return whenNone;
    if (buf[blank - 1] === COLON) return blank + 1;
    i = blank + 1;
  }
  return whenNone;
}

function afterRfc5424(buf: Uint8Array, i: number, end: number, whenNone: number): number {
  const time = equals(buf, i, Math.min(end, i + 1), NIL) ? i + 2 : afterIsoTime(buf, i, end);
  if (time < 0) return whenNone;
  i = time;
  for (let token = 0; token < 4; token++) {
    const blank = indexOfByte(buf, BLANK, i, end);
    if (blank === end || blank === i) return whenNone;
    i = blank + 1;
  }
  if (i < end && buf[i] === 0x2d) i++;
  else if (i < end && buf[i] === 0x5b) while (i < end && buf[i] === 0x5b) i = afterElement(buf, i, end);
  else return whenNone;
  return i < end && buf[i] === BLANK ? i + 1 : whenNone;
}

/** After '[ID NAME="VALUE" …]'; a backslash escapes a byte of a value. */
function afterElement(buf: Uint8Array, i: number, end: number): number {
  let quoted = false;
  for (; i < end; i++) {
    const c = buf[i];
    if (quoted && c === 0x5c) i++;
    else if (c === 0x22) quoted = !quoted;
    else if (c === 0x5d && !quoted) return i + 1;
  }
  return end;
}

/** After '@cee:' and blanks. */
function afterCee(buf: Uint8Array, i: number, end: number): number {
  let k = i;
  while (k < end && buf[k] === BLANK) k++;
  if (!startsWith(buf, k, end, CEE)) return i;
  k += CEE.length;
  while (k < end && buf[k] === BLANK) k++;
  return k;
}

const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;
