// AssemblyScript, compiled by scripts/tools/kernel.mjs into plain-lines.wasm.ts; plain-lines.ts calls it and explains its purpose.
//
// Reads JSON lines with the same bytes between the values as a line seen before, and with plain values: printable ASCII without
// escapes, whole numbers, times in ISO 8601, addresses without ports. Before any other line the kernel stops, and the scanner in
// TypeScript reads it: the kernel decides nothing but "as usual".
//
// Zeros follow the input, and a zero fits nowhere, so nothing here checks whether the input has ended.

// Memory layout, the same as in plain-lines.ts.
const MASKS: i32 = 64; // 16 bytes of ones, 16 of zeros
const LITERALS: i32 = 1024;
const LITERAL_BYTES: i32 = 4096;
const SKELETONS: i32 = 4;
const MAX_VALUES: i32 = 128;
const LITERAL_ENDS: i32 = 17408; // 4 × 129 × 4 bytes
const FIELDS: i32 = 19520; // 4 × 128
const VALUES: i32 = 20032; // 4 × 4
const COLUMNS: i32 = 20480;
const LINES: i32 = 256;

// Columns, LINES long: two of 8 bytes, then of 4, then of 2 and 1.
const OCCURRED_AT: i32 = COLUMNS;
const BYTES: i32 = OCCURRED_AT + 8 * LINES;
const SLICES: i32 = BYTES + 8 * LINES; // starts and ends of eight fields
const COUNTRY: i32 = SLICES + 16 * 4 * LINES;
const ASN: i32 = COUNTRY + 4 * LINES;
const HASHES: i32 = ASN + 4 * LINES; // of path, user agent, address
const STATUS: i32 = HASHES + 3 * 4 * LINES;
const METHOD: i32 = STATUS + 2 * LINES;

/** Distance between the columns of two slices, and from starts to ends. */
const SLICE: i32 = 8 * LINES;
const ENDS: i32 = 4 * LINES;
const PATH: i32 = SLICES;
const USER_AGENT: i32 = PATH + SLICE;
const ADDRESS: i32 = USER_AGENT + SLICE;
const QUERY: i32 = ADDRESS + SLICE;
const HOST: i32 = QUERY + SLICE;
const REQUEST_ID: i32 = HOST + SLICE;
const RANGE: i32 = REQUEST_ID + SLICE;
const TOKEN: i32 = RANGE + SLICE;

// Codes of fields, as in formats/json-lines.ts; 255: the value is not mapped.
const OCCURRED_AT_FIELD: i32 = 2;
const QUERY_FIELD: i32 = 3;
const METHOD_FIELD: i32 = 5;
const PATH_FIELD: i32 = 6;
const STATUS_FIELD: i32 = 7;
const BYTES_FIELD: i32 = 8;
const ADDRESS_FIELD: i32 = 9;
const USER_AGENT_FIELD: i32 = 10;
const HOST_FIELD: i32 = 11;
const REQUEST_ID_FIELD: i32 = 12;
const RANGE_FIELD: i32 = 13;
const TOKEN_FIELD: i32 = 14;
const COUNTRY_FIELD: i32 = 15;
const ASN_FIELD: i32 = 16;
const NO_FIELD: i32 = 255;
const REQUIRED: i32 = (1 << OCCURRED_AT_FIELD) | (1 << METHOD_FIELD) | (1 << PATH_FIELD) | (1 << STATUS_FIELD);

const DECODED: i32 = 1;
const MIN_TIME_MS: f64 = 946684800000.0;
const MAX_TIME_MS: f64 = 4102444800000.0;
/** As MAX_BYTES in request-reader.ts. */
const MAX_BYTES: i64 = 140737488355328;

/** Offset at which `read` stopped. */
export let stopped: i32 = 0;
/** The skeleton that fitted last. */
let current: i32 = 0;
let pathForm: i32 = 0;
/** The stretch of local time whose offset applies to times that name none. */
let localFromMs: f64 = 0;
let localToMs: f64 = 0;
let localOffsetMs: f64 = 0;
/** Lines with a later time are not plain. */
let latestMs: f64 = 0;
/** The day read last: its ten bytes, and its first millisecond. */
let dayHead: i64 = 0;
let dayTail: i32 = 0;
let dayMs: f64 = 0;

export function configure(form: i32): void {
  pathForm = form;
  v128.store(MASKS, i8x16.splat(-1));
  v128.store(MASKS + 16, i8x16.splat(0));
}

export function setLocalTime(fromMs: f64, toMs: f64, offsetMs: f64): void {
  localFromMs = fromMs;
  localToMs = toMs;
  localOffsetMs = offsetMs;
}

export function setLatest(ms: f64): void {
  latestMs = ms;
}

/** Reads whole lines from `at` on, at most `maxLines`, none longer than `maxLineBytes`. @returns the number of lines */
export function read(at: i32, end: i32, maxLines: i32, maxLineBytes: i32): i32 {
  let n = 0;
  while (n < maxLines && at < end) {
    let next = line(current, at, n);
    for (let s = 0; next == 0 && s < SKELETONS; s++) {
      if (s == current || load<i32>(VALUES + 4 * s) < 0) continue;
      next = line(s, at, n);
      if (next != 0) current = s;
    }
    if (next == 0 || next - at > maxLineBytes) break;
    at = next;
    n++;
  }
  stopped = at;
  return n;
}

/** Reads one line into row n by skeleton s. @returns start of the next one, or 0 */
function line(s: i32, start: i32, n: i32): i32 {
  const values = load<i32>(VALUES + 4 * s);
  if (values < 0) return 0;
  const ends = LITERAL_ENDS + s * 4 * (MAX_VALUES + 1);
  const fields = FIELDS + s * MAX_VALUES;
  let literal = LITERALS + s * LITERAL_BYTES;
  const literals = literal;
  let i = start;
  let seen = 0;
  const at = n << 2;
  store<f64>(BYTES + (n << 3), -1.0);
  store<i32>(COUNTRY + at, 0);
  store<i32>(ASN + at, 0);
  for (let slice = USER_AGENT; slice <= TOKEN; slice += SLICE) {
    store<i32>(slice + at, 0);
    store<i32>(slice + at + ENDS, 0);
  }
  store<i32>(ADDRESS + at, -1);
  let question = 0;
  let pathEnd = 0;
  for (let v = 0; v < values; v++) {
    const literalEnd = literals + load<i32>(ends + 4 * v);
    i = matched(literal, literalEnd - literal, i);
    if (i == 0) return 0;
    literal = literalEnd;
    const field = <i32>load<u8>(fields + v);
    if (load<u8>(i) != 0x22) {
      const from = i;
      i = scalarEnd(i);
      if (i == 0) return 0;
      if (field == NO_FIELD || load<u8>(from) == 0x6e) continue; // null is absent
      if (field == STATUS_FIELD) {
        if (!setStatus(n, from, i)) return 0;
      } else if (field == BYTES_FIELD) {
        if (!setBytes(n, from, i)) return 0;
      } else if (field == ASN_FIELD) {
        if (!setAsn(n, from, i)) return 0;
      } else return 0;
      seen |= 1 << field;
      continue;
    }
    const from = i + 1;
    const to = plainEnd(from);
    if (load<u8>(to) != 0x22) return 0;
    i = to + 1;
    if (field == NO_FIELD || isAbsent(from, to)) continue;
    seen |= 1 << field;
    switch (field) {
      case OCCURRED_AT_FIELD: {
        const ms = isoMs(from, to);
        if (!(ms >= MIN_TIME_MS && ms < MAX_TIME_MS && ms <= latestMs)) return 0;
        store<f64>(OCCURRED_AT + (n << 3), ms);
        break;
      }
      case PATH_FIELD: {
        if (load<u8>(from) != 0x2f) return 0;
        pathEnd = to;
        const special = specialInPath(from, to);
        if (special < to) {
          if (pathForm == DECODED) return 0;
          question = special;
          while (question < to && load<u8>(question) != 0x3f) question++;
          if (question < to) pathEnd = question;
          else question = 0;
        }
        store<i32>(PATH + at, from);
        store<i32>(PATH + at + ENDS, pathEnd);
        store<i32>(HASHES + at, hash(from, pathEnd - from));
        if (question != 0) question = from;
        break;
      }
      case METHOD_FIELD:
        if (!setMethod(n, from, to)) return 0;
        break;
      case STATUS_FIELD:
        if (!setStatus(n, from, to)) return 0;
        break;
      case BYTES_FIELD:
        if (!setBytes(n, from, to)) return 0;
        break;
      case ADDRESS_FIELD:
        if (!isIpv4(from, to) && !isIpv6(from, to)) return 0;
        setSlice(ADDRESS + at, from, to);
        store<i32>(HASHES + 8 * LINES + at, hash(from, to - from));
        break;
      case USER_AGENT_FIELD:
        setSlice(USER_AGENT + at, from, to);
        break;
      case QUERY_FIELD:
        setSlice(QUERY + at, from, to);
        break;
      case HOST_FIELD:
        setSlice(HOST + at, from, withoutPort(from, to));
        break;
      case REQUEST_ID_FIELD:
        setSlice(REQUEST_ID + at, from, to);
        break;
      case RANGE_FIELD:
        // A range without its unit needs one: the scanner adds it.
        if (load<u8>(from) >= 0x30 && load<u8>(from) <= 0x39) return 0;
        setSlice(RANGE + at, from, to);
        break;
      case TOKEN_FIELD:
        setSlice(TOKEN + at, from, to);
        break;
      case COUNTRY_FIELD:
        setCountry(n, from, to);
        break;
      case ASN_FIELD:
        if (!setAsn(n, from, to)) return 0;
        break;
      default:
        return 0;
    }
  }
  i = matched(literal, literals + load<i32>(ends + 4 * values) - literal, i);
  if (i == 0) return 0;
  if (load<u8>(i) == 0x0d) i++;
  if (load<u8>(i) != 0x0a || (seen & REQUIRED) != REQUIRED) return 0;
  if (question != 0 && load<i32>(QUERY + at + ENDS) == 0) {
    // The query after the path: up to the end of the value, where its scan ended.
    const from = load<i32>(PATH + at + ENDS) + 1;
    setSlice(QUERY + at, from, plainEnd(from));
  }
  const agent = load<i32>(USER_AGENT + at);
  store<i32>(HASHES + 4 * LINES + at, hash(agent, load<i32>(USER_AGENT + at + ENDS) - agent));
  return i + 1;
}

// @ts-ignore: decorator
@inline
function setSlice(column: i32, from: i32, to: i32): void {
  store<i32>(column, from);
  store<i32>(column + ENDS, to);
}

/** Whether `length` bytes of a literal are at i. @returns the index after them, or 0 */
// @ts-ignore: decorator
@inline
function matched(literal: i32, length: i32, i: i32): i32 {
  const end = i + length;
  const last = end - 16;
  while (i < last) {
    if (v128.any_true(v128.xor(v128.load(i), v128.load(literal)))) return 0;
    i += 16;
    literal += 16;
  }
  const difference = v128.xor(v128.load(i), v128.load(literal));
  return v128.any_true(v128.and(difference, v128.load(MASKS + 16 - (end - i)))) ? 0 : end;
}

/** Index of the first byte from i on that is not plain in a string: quote, backslash, control, DEL, not ASCII. */
// @ts-ignore: decorator
@inline
function plainEnd(i: i32): i32 {
  let mask = 0;
  for (;;) {
    const x = v128.load(i);
    const special = v128.or(
      v128.or(i8x16.eq(x, i8x16.splat(0x22)), i8x16.eq(x, i8x16.splat(0x5c))),
      i8x16.ge_u(i8x16.sub(x, i8x16.splat(0x20)), i8x16.splat(0x5f)),
    );
    mask = i8x16.bitmask(special);
    if (mask != 0) break;
    i += 16;
  }
  return i + ctz(mask);
}

/** Index of the first '?' or '%' of a path, or its end. */
function specialInPath(i: i32, end: i32): i32 {
  for (; i < end; i += 16) {
    const x = v128.load(i);
    const mask = i8x16.bitmask(v128.or(i8x16.eq(x, i8x16.splat(0x3f)), i8x16.eq(x, i8x16.splat(0x25))));
    if (mask != 0) {
      i += ctz(mask);
      return i < end ? i : end;
    }
  }
  return end;
}

/** End of the number, true, false or null that starts at i, by RFC 8259; 0 if there is none. */
function scalarEnd(i: i32): i32 {
  const first = <i32>load<u8>(i);
  if (first == 0x74) return load<i32>(i) == 0x65757274 ? i + 4 : 0;
  if (first == 0x6e) return load<i32>(i) == 0x6c6c756e ? i + 4 : 0;
  if (first == 0x66) return load<i32>(i + 1) == 0x65736c61 ? i + 5 : 0;
  if (first == 0x2d) i++;
  let from = i;
  if (load<u8>(i) == 0x30) i++;
  else {
    i = digitsEnd(i);
    if (i == from) return 0;
  }
  if (load<u8>(i) == 0x2e) {
    from = ++i;
    i = digitsEnd(i);
    if (i == from) return 0;
  }
  if ((load<u8>(i) | 0x20) == 0x65) {
    i++;
    if (load<u8>(i) == 0x2b || load<u8>(i) == 0x2d) i++;
    from = i;
    i = digitsEnd(i);
    if (i == from) return 0;
  }
  return i;
}

// @ts-ignore: decorator
@inline
function isDigit(i: i32): bool {
  return <u32>load<u8>(i) - 0x30 <= 9;
}

// @ts-ignore: decorator
@inline
function digitsEnd(i: i32): i32 {
  while (isDigit(i)) i++;
  return i;
}

/** Nothing, '-' or '(null)'. */
// @ts-ignore: decorator
@inline
function isAbsent(from: i32, to: i32): bool {
  const length = to - from;
  return (
    length == 0 ||
    (length == 1 && load<u8>(from) == 0x2d) ||
    (length == 6 && load<i32>(from) == 0x6c756e28 && load<u16>(from + 4) == 0x296c)
  );
}

/** The value of up to 15 digits, or −1. */
function digits(from: i32, to: i32): i64 {
  if (to - from > 15) return -1;
  let value: i64 = 0;
  for (let i = from; i < to; i++) {
    const digit = <i64>load<u8>(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function setStatus(n: i32, from: i32, to: i32): bool {
  if (to - from != 3) return false;
  const status = <i32>digits(from, to);
  if (status < 100 || status > 599) return false;
  store<u16>(STATUS + (n << 1), <u16>status);
  return true;
}

function setBytes(n: i32, from: i32, to: i32): bool {
  const value = digits(from, to);
  if (value < 0 || value > MAX_BYTES) return false;
  store<f64>(BYTES + (n << 3), <f64>value);
  return true;
}

/** '13335' or 'AS13335'. Any other text is not known; the scanner reads it. */
function setAsn(n: i32, from: i32, to: i32): bool {
  if (to - from > 2 && (load<u16>(from) | 0x2020) == 0x7361) from += 2;
  const value = digits(from, to);
  if (value < 0 || value > 0xffffffff) return false;
  store<i32>(ASN + (n << 2), <i32>value);
  return true;
}

function setMethod(n: i32, from: i32, to: i32): bool {
  const length = to - from;
  let code: i32 = 0;
  if (length == 3 && load<u16>(from) == 0x4547 && load<u8>(from + 2) == 0x54) code = 1;
  else if (length == 4 && load<i32>(from) == 0x44414548) code = 2;
  else if (length == 4 && load<i32>(from) == 0x54534f50) code = 3;
  else return false;
  store<u8>(METHOD + n, <u8>code);
  return true;
}

function setCountry(n: i32, from: i32, to: i32): void {
  if (to - from != 2) return;
  const first = <i32>load<u8>(from) & 0xdf;
  const second = <i32>load<u8>(from + 1) & 0xdf;
  if (first < 0x41 || first > 0x5a || second < 0x41 || second > 0x5a) return;
  store<i32>(COUNTRY + (n << 2), (first << 8) | second);
}

/** End of a host without its port; an IPv6 literal, which has more than one colon, is not changed. */
function withoutPort(from: i32, to: i32): i32 {
  let colon = 0;
  for (let i = from; i < to; i++) {
    if (load<u8>(i) != 0x3a) continue;
    if (colon != 0) return to;
    colon = i;
  }
  return colon == 0 ? to : colon;
}

/** Dotted quad without leading zeros. */
function isIpv4(from: i32, to: i32): bool {
  if (to - from < 7 || to - from > 15) return false;
  let dots = 0;
  let value = -1;
  for (let i = from; i < to; i++) {
    const c = <i32>load<u8>(i);
    if (c == 0x2e) {
      if (value < 0 || ++dots > 3) return false;
      value = -1;
    } else {
      const digit = c - 0x30;
      if (digit < 0 || digit > 9 || value == 0) return false;
      value = value < 0 ? digit : value * 10 + digit;
      if (value > 255) return false;
    }
  }
  return dots == 3 && value >= 0;
}

/** Groups of hexadecimal digits and at most one '::'. The scanner reads one with an IPv4 tail. */
function isIpv6(from: i32, to: i32): bool {
  if (to - from < 2 || to - from > 39) return false;
  let groups = 0;
  let compressed = false;
  let i = from;
  if (load<u8>(i) == 0x3a) {
    if (load<u8>(i + 1) != 0x3a) return false;
    compressed = true;
    i += 2;
  }
  while (i < to) {
    const groupStart = i;
    while (i < to) {
      const c = <u32>load<u8>(i);
      if (c - 0x30 > 9 && (c | 0x20) - 0x61 > 5) break;
      i++;
    }
    if (i == groupStart || i - groupStart > 4) return false;
    groups++;
    if (i == to) break;
    if (load<u8>(i) != 0x3a) return false;
    i++;
    if (i == to) return false;
    if (load<u8>(i) == 0x3a) {
      if (compressed) return false;
      compressed = true;
      i++;
    }
  }
  return compressed ? groups <= 7 : groups == 8;
}

/** Two digits at i, or a negative number. */
// @ts-ignore: decorator
@inline
function two(i: i32): i32 {
  const tens = <i32>load<u8>(i) - 0x30;
  const ones = <i32>load<u8>(i + 1) - 0x30;
  return (tens | (9 - tens) | ones | (9 - ones)) < 0 ? -0x1000000 : tens * 10 + ones;
}

/** 'YYYY-MM-DDTHH:MM:SS', a fraction, 'Z' or '+HH:MM' or nothing → ms since 1970; −1 for any other form. */
function isoMs(from: i32, to: i32): f64 {
  if (to - from < 19) return -1;
  if (load<i64>(from) != dayHead || <i32>load<u16>(from + 8) != dayTail) {
    const ms = civilMs(from);
    if (ms < 0) return -1;
    dayHead = load<i64>(from);
    dayTail = <i32>load<u16>(from + 8);
    dayMs = ms;
  }
  const separator = <i32>load<u8>(from + 10);
  if (separator != 0x54 && separator != 0x20 && separator != 0x74) return -1;
  const hour = two(from + 11);
  const minute = two(from + 14);
  const second = two(from + 17);
  if ((hour | minute | second) < 0 || load<u8>(from + 13) != 0x3a || load<u8>(from + 16) != 0x3a) return -1;
  if (hour > 23 || minute > 59 || second > 59) return -1;
  let ms = dayMs + <f64>(((hour * 60 + minute) * 60 + second) * 1000);
  let i = from + 19;
  if (i < to && (load<u8>(i) == 0x2e || load<u8>(i) == 0x2c)) {
    const first = i + 1;
    i = digitsEnd(first);
    if (i == first) return -1;
    let fraction = 0;
    for (let k = first; k < first + 3; k++) fraction = fraction * 10 + (k < i ? <i32>load<u8>(k) - 0x30 : 0);
    ms += <f64>fraction;
  }
  if (i == to) return ms >= localFromMs && ms < localToMs ? ms - localOffsetMs : -1;
  const sign = <i32>load<u8>(i);
  if (sign == 0x5a || sign == 0x7a) return i + 1 == to ? ms : -1;
  if ((sign != 0x2b && sign != 0x2d) || to - i != 6 || load<u8>(i + 3) != 0x3a) return -1;
  const hours = two(i + 1);
  const minutes = two(i + 4);
  if ((hours | minutes) < 0 || hours > 23 || minutes > 59) return -1;
  const offset = <f64>((hours * 60 + minutes) * 60000);
  return sign == 0x2b ? ms - offset : ms + offset;
}

/** 'YYYY-MM-DD' of the Gregorian calendar → ms since 1970; −1 for a date that does not exist, or before 1970. */
function civilMs(i: i32): f64 {
  const year = two(i) * 100 + two(i + 2);
  const month = two(i + 5);
  const day = two(i + 8);
  if ((year | month | day) < 0 || load<u8>(i + 4) != 0x2d || load<u8>(i + 7) != 0x2d) return -1;
  if (year < 1970 || month < 1 || month > 12 || day < 1) return -1;
  const leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  const long = month == 1 || month == 3 || month == 5 || month == 7 || month == 8 || month == 10 || month == 12;
  if (day > (month == 2 ? (leap ? 29 : 28) : long ? 31 : 30)) return -1;
  // Years start in March, so that the leap day is the last day of a year.
  const y = month > 2 ? year : year - 1;
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return <f64>(365 * y + y / 4 - y / 100 + y / 400 + dayOfYear - 719468) * 86400000.0;
}

/** hashWords of intern.ts. */
function hash(from: i32, length: i32): i32 {
  const MULTIPLIER: i32 = 0x9e3779b1;
  let a = length;
  if (length < 4) {
    for (let i = 0; i < length; i++) a = (a << 8) | <i32>load<u8>(from + i);
  } else {
    let b = MULTIPLIER;
    const last = from + length - 4;
    let at = from;
    for (; at + 4 < last; at += 8) {
      a = (a ^ load<i32>(at)) * MULTIPLIER;
      b = (b ^ load<i32>(at + 4)) * MULTIPLIER;
      a ^= a >>> 15;
      b ^= b >>> 13;
    }
    if (at < last) a = (a ^ load<i32>(at)) * MULTIPLIER;
    a ^= (b ^ load<i32>(last)) * MULTIPLIER;
    a ^= a >>> 15;
  }
  a = a * MULTIPLIER;
  return a ^ (a >>> 13);
}
