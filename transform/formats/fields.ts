// Reads the fields that all formats share: each function takes the bytes of one field, writes it into `out`, and returns 0 or the
// reason why the line cannot be read. The rules are the same for every format.

import { reason } from '../outcome.ts';
import {
  indexOfByte,
  isAbsent,
  isCleanText,
  isIpv4,
  isIpv6,
  isPrintableAscii,
  methodCode,
  parseUint,
  utf8,
  type Scratch,
} from '../scan/bytes.ts';
import type { LineFields, Slice } from '../scan/line-fields.ts';
import { type LocalTime, utcTime } from '../scan/local-time.ts';
import { MAX_TIME_MS, MIN_TIME_MS } from '../scan/time.ts';

/**
 * @param ms result of a parser of scan/time.ts: NaN if unreadable
 * @param local the parser's argument for a timestamp that names no offset
 */
export function setOccurredAt(out: LineFields, ms: number, local: LocalTime = utcTime): number {
  out.degraded = local.takeDoubt();
  if (ms >= MIN_TIME_MS && ms < MAX_TIME_MS) {
    out.occurredAt = ms;
    return 0;
  }
  return Number.isNaN(ms) ? reason.bad_timestamp : reason.timestamp_out_of_range;
}

/** Sets a text field that may be missing. */
export function setText(slice: Slice, buf: Uint8Array, start: number, end: number): void {
  if (!isAbsent(buf, start, end)) slice.set(buf, start, end);
}

export function setMethod(out: LineFields, buf: Uint8Array, start: number, end: number): number {
  if (isAbsent(buf, start, end)) return reason.missing_field;
  out.method = methodCode(buf, start, end);
  return out.method < 0 ? reason.malformed : 0;
}

/** An integer from 100 to 599, after the last '/': Azure writes 'TCP_HIT/200'. */
export function setStatus(out: LineFields, buf: Uint8Array, start: number, end: number): number {
  if (isAbsent(buf, start, end)) return reason.missing_field;
  if (end - start !== 3) {
    let slash = end - 1;
    while (slash >= start && buf[slash] !== 0x2f) slash--;
    if (slash < start) return reason.bad_status;
    start = slash + 1;
  }
  const status = end - start === 3 ? parseUint(buf, start, end) : -1;
  if (status < 100 || status > 599) return reason.bad_status;
  out.status = status;
  return 0;
}

/** @param whenAbsent value of '-': 0 in Apache's combined format, −1 (not known) elsewhere */
export function setBytes(out: LineFields, buf: Uint8Array, start: number, end: number, whenAbsent: 0 | -1): number {
  if (isAbsent(buf, start, end)) {
    out.bytes = whenAbsent;
    return 0;
  }
  out.bytes = parseUint(buf, start, end);
  return out.bytes < 0 ? reason.bad_bytes : 0;
}

/**
 * An address, possibly with a port or in brackets. An absent one stays empty. Of a list (X-Forwarded-For) one entry counts: each
 * proxy appends the address that it sees, so a client can write any entry but those of our own proxies, the last ones.
 * @param hops number of our own proxies in the list: the entry counts that the outermost of them has written
 */
export function setAddress(out: LineFields, buf: Uint8Array, start: number, end: number, hops = 1): number {
  if (isIpv4(buf, start, end)) {
    out.address.set(buf, start, end);
    return 0;
  }
  if (isAbsent(buf, start, end)) return 0;
  for (let i = end - 1, left = hops; i >= start; i--) {
    if (buf[i] !== 0x2c) continue;
    if (--left === 0) {
      start = i + 1;
      break;
    }
    end = i;
  }
  while (start < end && buf[start] === 0x20) start++;
  while (start < end && buf[end - 1] === 0x20) end--;
  if (start < end && buf[start] === 0x5b) {
    const close = indexOfByte(buf, 0x5d, start, end);
    if (close === end || !isPort(buf, close + 1, end) || !isIpv6(buf, start + 1, close)) return reason.bad_address;
    out.address.set(buf, start + 1, close);
    return 0;
  }
  if (!isIpv6(buf, start, end)) {
    const colon = indexOfByte(buf, 0x3a, start, end);
    if (!isIpv4(buf, start, colon) || !isPort(buf, colon, end)) return reason.bad_address;
    end = colon;
  }
  out.address.set(buf, start, end);
  return 0;
}

/** Nothing, or ':' and digits. */
function isPort(buf: Uint8Array, start: number, end: number): boolean {
  return start === end || (buf[start] === 0x3a && end - start <= 6 && parseUint(buf, start + 1, end) >= 0);
}

/** Host without port: 'example.org:443' is 'example.org'. */
export function setHost(out: LineFields, buf: Uint8Array, start: number, end: number): void {
  if (isAbsent(buf, start, end)) return;
  const colon = indexOfByte(buf, 0x3a, start, end);
  // A second colon: an IPv6 literal, not changed.
  if (colon < end && indexOfByte(buf, 0x3a, colon + 1, end) === end) end = colon;
  out.host.set(buf, start, end);
}

/**
 * A request target: '/path?query', or absolute-form 'https://host/path?query', which also sets the host. Its query
 * counts unless the log has a query field.
 */
export function setTarget(out: LineFields, buf: Uint8Array, start: number, end: number): number {
  if (isAbsent(buf, start, end)) return reason.missing_field;
  if (buf[start] !== 0x2f) {
    const authority = authorityStart(buf, start, end);
    if (authority < 0) return reason.bad_path;
    let i = authority;
    while (i < end && buf[i] !== 0x2f && buf[i] !== 0x3f) i++;
    if (i === authority) return reason.bad_path;
    setHost(out, buf, authority, i);
    start = i;
  }
  const question = indexOfByte(buf, 0x3f, start, end);
  if (question === start) out.path.set(ROOT, 0, 1);
  else out.path.set(buf, start, question);
  if (question < end && out.query.length === 0) out.query.set(buf, question + 1, end);
  return 0;
}
const ROOT = utf8('/');

/** Index after 'scheme://', or −1. */
function authorityStart(buf: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && (buf[i] | 0x20) >= 0x61 && (buf[i] | 0x20) <= 0x7a) i++;
  return i > start && end - i > 3 && buf[i] === 0x3a && buf[i + 1] === 0x2f && buf[i + 2] === 0x2f ? i + 3 : -1;
}

/**
 * A path that the log has percent-decoded already (nginx's $uri): '%' and '?' in it are characters of the name, so they
 * are encoded again. It has no query.
 */
export function setDecodedPath(out: LineFields, buf: Uint8Array, start: number, end: number, scratch: Scratch): number {
  if (isAbsent(buf, start, end)) return reason.missing_field;
  if (buf[start] !== 0x2f) return reason.bad_path;
  let i = start;
  while (i < end && buf[i] !== 0x25 && buf[i] !== 0x3f) i++;
  if (i === end) {
    out.path.set(buf, start, end);
    return 0;
  }
  scratch.reserve(3 * (end - start));
  const from = scratch.used;
  for (i = start; i < end; i++) {
    const c = buf[i];
    if (c === 0x25) scratch.append(ENCODED_PERCENT, 0, 3);
    else if (c === 0x3f) scratch.append(ENCODED_QUESTION, 0, 3);
    else scratch.push(c);
  }
  out.path.set(scratch.buf, from, scratch.used);
  return 0;
}
const ENCODED_PERCENT = utf8('%25');
const ENCODED_QUESTION = utf8('%3F');

/** 'GET /path?query HTTP/1.1'; the protocol may be missing (HTTP/0.9), and a path of a faulty client may contain blanks. */
export function setRequestLine(out: LineFields, buf: Uint8Array, start: number, end: number): number {
  if (isAbsent(buf, start, end)) return reason.missing_field;
  const blank = indexOfByte(buf, 0x20, start, end);
  if (blank === end) return reason.bad_path;
  const methodFault = setMethod(out, buf, start, blank);
  if (methodFault !== 0) return methodFault;
  let targetEnd = end;
  for (let i = end - 1; i > blank; i--) {
    if (buf[i] !== 0x20) continue;
    if (
      end - i > 6 &&
      buf[i + 1] === 0x48 &&
      buf[i + 2] === 0x54 &&
      buf[i + 3] === 0x54 &&
      buf[i + 4] === 0x50 &&
      buf[i + 5] === 0x2f
    ) {
      targetEnd = i;
    }
    break;
  }
  return setTarget(out, buf, blank + 1, targetEnd);
}

/** ISO 3166-1 alpha-2 in upper case; anything else ('united states', 'XX1') is not a code and stays empty. */
export function setCountry(out: LineFields, buf: Uint8Array, start: number, end: number, scratch: Scratch): void {
  if (end - start !== 2) return;
  const first = buf[start];
  const second = buf[start + 1];
  if (!isLetter(first) || !isLetter(second)) return;
  if (((first | second) & 0x20) === 0) return out.country.set(buf, start, end);
  scratch.reserve(2);
  out.country.set(scratch.buf, scratch.used, scratch.used + 2);
  scratch.push(first & 0xdf);
  scratch.push(second & 0xdf);
}
const isLetter = (c: number): boolean => (c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a;

/** A Range header as logged ('bytes=0-99'), or a bare '0-99' or '0', which gets its unit. */
export function setRange(out: LineFields, buf: Uint8Array, start: number, end: number, scratch: Scratch): void {
  if (isAbsent(buf, start, end)) return;
  if (buf[start] < 0x30 || buf[start] > 0x39) return out.range.set(buf, start, end);
  scratch.reserve(end - start + BYTES_UNIT.length);
  const from = scratch.used;
  scratch.append(BYTES_UNIT, 0, BYTES_UNIT.length);
  scratch.append(buf, start, end);
  out.range.set(scratch.buf, from, scratch.used);
}
const BYTES_UNIT = utf8('bytes=');

/** An AS number: '13335' or 'AS13335'; anything else is not known. */
export function setAsn(out: LineFields, buf: Uint8Array, start: number, end: number): void {
  if (end - start > 2 && (buf[start] | 0x20) === 0x61 && (buf[start + 1] | 0x20) === 0x73) start += 2;
  const asn = parseUint(buf, start, end);
  if (asn > 0 && asn <= 0xffffffff) out.asn = asn;
}

/** Whether a field that is used has invalid UTF-8, NUL or another control character. Only for lines that are not plain ASCII. */
export function encodingFault(out: LineFields): number {
  return isClean(out.path) &&
    isClean(out.userAgent) &&
    isClean(out.query) &&
    isClean(out.host) &&
    isClean(out.requestId) &&
    isClean(out.range) &&
    isClean(out.token) &&
    isClean(out.signedBy)
    ? 0
    : reason.bad_encoding;
}
const isClean = (slice: Slice): boolean => isCleanText(slice.buf, slice.start, slice.end);

/** A longer text is no name of an edge host. */
const MAX_EDGE_LENGTH = 100;

/** The edge host, as it names itself. Any other text than a short one of printable ASCII names none. */
export function setEdge(out: LineFields, buf: Uint8Array, start: number, end: number): void {
  if (!isAbsent(buf, start, end) && end - start <= MAX_EDGE_LENGTH && isPrintableAscii(buf, start, end))
    out.edge.set(buf, start, end);
}
