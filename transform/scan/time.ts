// Timestamps as logs write them → milliseconds since 1970-01-01T00:00:00Z. Byte arithmetic: no Date, no strings, no
// regular expressions in the hot path. NaN means unreadable; only dates that exist are read. Digits past the
// millisecond are cut off, not rounded, so that a time never moves into the next day.

import { DAY_MS } from '../periods.ts';
import { type LocalTime, utcTime } from './local-time.ts';

/** [2000-01-01, 2100-01-01): a timestamp outside it is from a broken clock, not from a request (docs/METHODOLOGY.md). */
export const MIN_TIME_MS = 946_684_800_000;
export const MAX_TIME_MS = 4_102_444_800_000;

const monthDays = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days since 1970-01-01 in the proleptic Gregorian calendar, or NaN for a date that does not exist. */
export function daysFromCivil(year: number, month: number, day: number): number {
  if (month < 1 || month > 12 || day < 1 || year < 0) return NaN;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day > monthDays[month] + (month === 2 && leap ? 1 : 0)) return NaN;
  // Years start in March, so that the leap day is the last day of a year.
  const y = month > 2 ? year : year - 1;
  const dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0) + day - 1;
  return 365 * y + ((y / 4) | 0) - ((y / 100) | 0) + ((y / 400) | 0) + dayOfYear - 719_468;
}

/**
 * Two digits at i; negative (by the sign bit alone) if they are not digits. Sums and ORs of such values stay negative, so that a
 * caller checks once.
 */
function two(buf: Uint8Array, i: number): number {
  const tens = buf[i] - 0x30;
  const ones = buf[i + 1] - 0x30;
  return (tens | (9 - tens) | ones | (9 - ones)) < 0 ? NOT_DIGITS : tens * 10 + ones;
}
const NOT_DIGITS = -0x1000000;

/** Four digits at i, or a negative number. */
function four(buf: Uint8Array, i: number): number {
  return two(buf, i) * 100 + two(buf, i + 2);
}

/** 'HH:MM:SS' at i (8 bytes must be there) → ms of the day, or NaN. A leap second (59:60) is the second after. */
function clock(buf: Uint8Array, i: number): number {
  const hour = two(buf, i);
  const minute = two(buf, i + 3);
  const second = two(buf, i + 6);
  if ((hour | minute | second) < 0 || buf[i + 2] !== 0x3a || buf[i + 5] !== 0x3a) return NaN;
  if (hour > 23 || minute > 59 || (second > 59 && !(second === 60 && minute === 59))) return NaN;
  return ((hour * 60 + minute) * 60 + second) * 1000;
}

/** Index after the digits that start at i. */
function skipDigits(buf: Uint8Array, i: number, end: number): number {
  while (i < end && buf[i] >= 0x30 && buf[i] <= 0x39) i++;
  return i;
}

/** First `count` digits of [i, end), padded with zeros: '5' with count 3 is 500. */
function leadingDigits(buf: Uint8Array, i: number, end: number, count: number): number {
  let value = 0;
  for (let k = 0; k < count; k++) value = value * 10 + (i + k < end ? buf[i + k] - 0x30 : 0);
  return value;
}

/**
 * Reads the text after the seconds: a fraction, then 'Z', '±HH:MM', '±HHMM', '±HH' or nothing.
 * @param local_ms date and time up to the seconds, as if in UTC
 * @param local for a timestamp that names no offset
 * @returns UTC ms, or NaN
 */
function withFractionAndZone(buf: Uint8Array, i: number, end: number, local_ms: number, local: LocalTime): number {
  if (i < end && (buf[i] === 0x2e || buf[i] === 0x2c)) {
    const from = i + 1;
    i = skipDigits(buf, from, end);
    if (i === from) return NaN;
    local_ms += leadingDigits(buf, from, i, 3);
  }
  if (i === end) return local.toUtc(local_ms);
  const sign = buf[i];
  if (sign === 0x5a || sign === 0x7a) return i + 1 === end ? local_ms : NaN;
  if (sign !== 0x2b && sign !== 0x2d) return NaN;
  const rest = end - i;
  if (rest !== 3 && rest !== 5 && !(rest === 6 && buf[i + 3] === 0x3a)) return NaN;
  const hours = two(buf, i + 1);
  const minutes = rest === 3 ? 0 : two(buf, end - 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return NaN;
  const offset = (hours * 60 + minutes) * 60_000;
  return sign === 0x2b ? local_ms - offset : local_ms + offset;
}

/** 'YYYY-MM-DD' at i (10 bytes must be there) → days, or NaN. */
function isoDate(buf: Uint8Array, i: number): number {
  const year = four(buf, i);
  const month = two(buf, i + 5);
  const day = two(buf, i + 8);
  return buf[i + 4] === 0x2d && buf[i + 7] === 0x2d ? daysFromCivil(year, month, day) : NaN;
}

/** ISO 8601 / RFC 3339: 'YYYY-MM-DD', then 'T' or a blank, 'HH:MM:SS', a fraction, an offset (else `local`). */
export function parseIso(buf: Uint8Array, start: number, end: number, local: LocalTime): number {
  if (end - start < 19) return NaN;
  const separator = buf[start + 10];
  if (separator !== 0x54 && separator !== 0x20 && separator !== 0x74) return NaN;
  const local_ms = isoDate(buf, start) * DAY_MS + clock(buf, start + 11);
  return withFractionAndZone(buf, start + 19, end, local_ms, local);
}

/** Date and time in two fields: 'YYYY-MM-DD' and 'HH:MM:SS', in UTC as W3C logs are. */
export function parseDateAndTime(
  date: Uint8Array,
  dateStart: number,
  dateEnd: number,
  time: Uint8Array,
  timeStart: number,
  timeEnd: number,
): number {
  if (dateEnd - dateStart !== 10 || timeEnd - timeStart < 8) return NaN;
  const ms = isoDate(date, dateStart) * DAY_MS + clock(time, timeStart);
  return withFractionAndZone(time, timeStart + 8, timeEnd, ms, utcTime);
}

// 'Jan' … 'Dec', three bytes as one number.
const monthCodes = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'].map(code);
const weekdayCodes = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].map(code);
function code(name: string): number {
  return (name.charCodeAt(0) << 16) | (name.charCodeAt(1) << 8) | name.charCodeAt(2);
}
function three(buf: Uint8Array, i: number): number {
  return (buf[i] << 16) | (buf[i + 1] << 8) | buf[i + 2];
}

/** 'dd/Mon/yyyy:HH:MM:SS +0000' (Apache, nginx, S3), without zone and with milliseconds (HAProxy). */
export function parseClf(buf: Uint8Array, start: number, end: number, local: LocalTime): number {
  if (end - start < 20) return NaN;
  if (buf[start + 2] !== 0x2f || buf[start + 6] !== 0x2f || buf[start + 11] !== 0x3a) return NaN;
  const month = monthCodes.indexOf(three(buf, start + 3)) + 1;
  const days = daysFromCivil(four(buf, start + 7), month, two(buf, start));
  let i = start + 20;
  // Only a signed offset may follow the blank.
  if (i < end && buf[i] === 0x20) {
    i++;
    if (i === end || (buf[i] !== 0x2b && buf[i] !== 0x2d)) return NaN;
  }
  return withFractionAndZone(buf, i, end, days * DAY_MS + clock(buf, start + 12), local);
}

/** 'Thu, 07 Jan 2021 20:54:54 GMT' (RFC 9110). The weekday is not checked. */
export function parseHttpDate(buf: Uint8Array, start: number, end: number): number {
  if (end - start !== 29) return NaN;
  if (weekdayCodes.indexOf(three(buf, start)) < 0 || buf[start + 3] !== 0x2c) return NaN;
  for (const blank of [4, 7, 11, 16, 25]) if (buf[start + blank] !== 0x20) return NaN;
  if (three(buf, start + 26) !== GMT && three(buf, start + 26) !== UTC) return NaN;
  const month = monthCodes.indexOf(three(buf, start + 8)) + 1;
  return daysFromCivil(four(buf, start + 12), month, two(buf, start + 5)) * DAY_MS + clock(buf, start + 17);
}
const GMT = code('GMT');
const UTC = code('UTC');

/**
 * Seconds, milliseconds, microseconds or nanoseconds since 1970, as an integer or with a fraction. The size of the
 * integer part decides which (2000 to 2100 are 10, 12–13, 15–16 and 18–19 digits). A number with an exponent is read as a double.
 */
export function parseEpoch(buf: Uint8Array, start: number, end: number): number {
  const intEnd = skipDigits(buf, start, end);
  let fracStart = intEnd;
  let fracEnd = intEnd;
  if (intEnd < end && buf[intEnd] === 0x2e) {
    fracStart = intEnd + 1;
    fracEnd = skipDigits(buf, fracStart, end);
    if (fracEnd === fracStart) return NaN;
  }
  if (intEnd === start) return NaN;
  if (fracEnd !== end) return exponentForm(buf, start, end);
  let from = start;
  while (from < intEnd - 1 && buf[from] === 0x30) from++;
  const digits = intEnd - from;
  if (digits > 20) return Infinity;
  if (digits <= 11) return leadingDigits(buf, from, intEnd, digits) * 1000 + leadingDigits(buf, fracStart, fracEnd, 3);
  const cut = digits <= 14 ? 0 : digits <= 17 ? 3 : 6;
  return leadingDigits(buf, from, intEnd, digits - cut);
}

function exponentForm(buf: Uint8Array, start: number, end: number): number {
  let text = '';
  for (let i = start; i < end && i < start + 64; i++) text += String.fromCharCode(buf[i]);
  const value = /^\d+(\.\d+)?[eE][+-]?\d+$/.test(text) ? Number(text) : NaN;
  if (!Number.isFinite(value)) return value;
  const ms = value < 1e11 ? value * 1000 : value < 1e14 ? value : value < 1e17 ? value / 1e3 : value / 1e6;
  return Math.floor(ms);
}

/** Any of the forms above, told apart by their first bytes. For feeds without a fixed form. */
export function parseTimestamp(buf: Uint8Array, start: number, end: number, local: LocalTime): number {
  const length = end - start;
  if (length >= 19) {
    if (buf[start + 4] === 0x2d) return parseIso(buf, start, end, local);
    if (buf[start + 2] === 0x2f) return parseClf(buf, start, end, local);
    if (buf[start + 3] === 0x2c) return parseHttpDate(buf, start, end);
  }
  return length > 0 && buf[start] !== 0x2d ? parseEpoch(buf, start, end) : negative(buf, start, end);
}

/** A negative epoch is readable, but out of range. */
function negative(buf: Uint8Array, start: number, end: number): number {
  if (end - start < 2) return NaN;
  return -parseEpoch(buf, start + 1, end);
}
