// Reads the fields that all formats share: each function takes the bytes of one field and writes it into `out`. Only the time makes
// a line unreadable (setOccurredAt returns the reason). Any other field that cannot be read is a degradation: the request counts,
// and `out.degraded` notes what is missing. The rules are the same for every format.

import { degradation, reason } from '../outcome.ts';
import {
  cleanLength,
  equals,
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
import { method, type LineFields, type Slice } from '../scan/line-fields.ts';
import { type LocalTime, utcTime } from '../scan/local-time.ts';
import { MAX_TIME_MS, MIN_TIME_MS } from '../scan/time.ts';

/**
 * @param ms result of a parser of scan/time.ts: NaN if unreadable
 * @param local the parser's argument for a timestamp that names no offset
 */
export function setOccurredAt(out: LineFields, ms: number, local: LocalTime = utcTime): number {
  out.degraded |= local.takeDoubt();
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

export function setMethod(out: LineFields, buf: Uint8Array, start: number, end: number): void {
  const code = isAbsent(buf, start, end) ? -1 : methodCode(buf, start, end);
  if (code >= 0) {
    out.method = code;
    return;
  }
  out.method = method.OTHER;
  out.degraded |= degradation.bad_method;
}

/** An integer from 100 to 599, after the last '/': Azure writes 'TCP_HIT/200'. */
export function setStatus(out: LineFields, buf: Uint8Array, start: number, end: number): void {
  if (end - start !== 3) start = lastPartOf(buf, start, end);
  const status = end - start === 3 ? parseUint(buf, start, end) : -1;
  if (status >= 100 && status <= 599) out.status = status;
  else out.degraded |= saysNoStatus(buf, start, end) ? degradation.no_status : degradation.bad_status;
}

/** Start of the text after the last '/'. */
function lastPartOf(buf: Uint8Array, start: number, end: number): number {
  let i = end;
  while (i > start && buf[i - 1] !== 0x2f) i--;
  return i;
}

/** Nothing, '-', zeros or '-1': what servers write if the client went away before an answer. */
function saysNoStatus(buf: Uint8Array, start: number, end: number): boolean {
  if (isAbsent(buf, start, end) || equals(buf, start, end, MINUS_ONE)) return true;
  for (let i = start; i < end; i++) if (buf[i] !== 0x30) return false;
  return true;
}
const MINUS_ONE = utf8('-1');

/** @param whenAbsent value of '-': 0 in Apache's combined format, −1 (not known) elsewhere */
export function setBytes(out: LineFields, buf: Uint8Array, start: number, end: number, whenAbsent: 0 | -1): void {
  if (isAbsent(buf, start, end)) {
    out.bytes = whenAbsent;
    return;
  }
  out.bytes = parseUint(buf, start, end);
  if (out.bytes < 0) out.degraded |= degradation.bad_bytes;
}

/**
 * An address, possibly with a port or in brackets. An absent one stays empty: not known. So does anything else, such as a host name,
 * 'unix:' or an address with a scope (fe80::1%eth0), but as a degradation. Of a list (X-Forwarded-For) one entry counts: each
 * proxy appends the address that it sees, so a client can write any entry but those of our own proxies, the last ones.
 * @param hops number of our own proxies in the list: the entry counts that the outermost of them has written
 */
export function setAddress(out: LineFields, buf: Uint8Array, start: number, end: number, hops = 1): void {
  if (isIpv4(buf, start, end)) {
    out.address.set(buf, start, end);
    return;
  }
  out.address.clear();
  if (isAbsent(buf, start, end)) return;
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
    const isValid = close < end && isPort(buf, close + 1, end) && isIpv6(buf, start + 1, close);
    if (isValid) out.address.set(buf, start + 1, close);
    else out.degraded |= degradation.bad_address;
    return;
  }
  if (!isIpv6(buf, start, end)) {
    const colon = indexOfByte(buf, 0x3a, start, end);
    if (!isIpv4(buf, start, colon) || !isPort(buf, colon, end)) {
      out.degraded |= degradation.bad_address;
      return;
    }
    end = colon;
  }
  out.address.set(buf, start, end);
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
 * counts unless the log has a query field. Any other form ('*', 'host:443') leaves the path empty.
 */
export function setTarget(out: LineFields, buf: Uint8Array, start: number, end: number): void {
  if (isAbsent(buf, start, end)) {
    out.degraded |= degradation.bad_path;
    return;
  }
  if (buf[start] !== 0x2f) {
    const authority = authorityStart(buf, start, end);
    let i = authority;
    while (i >= 0 && i < end && buf[i] !== 0x2f && buf[i] !== 0x3f) i++;
    if (i === authority) {
      out.degraded |= degradation.bad_path;
      return;
    }
    setHost(out, buf, authority, i);
    start = i;
  }
  const question = indexOfByte(buf, 0x3f, start, end);
  if (question === start) out.path.set(ROOT, 0, 1);
  else out.path.set(buf, start, question);
  if (question < end && out.query.length === 0) out.query.set(buf, question + 1, end);
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
export function setDecodedPath(out: LineFields, buf: Uint8Array, start: number, end: number, scratch: Scratch): void {
  if (start >= end || buf[start] !== 0x2f) {
    out.degraded |= degradation.bad_path;
    return;
  }
  let i = start;
  while (i < end && buf[i] !== 0x25 && buf[i] !== 0x3f) i++;
  if (i === end) {
    out.path.set(buf, start, end);
    return;
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
}
const ENCODED_PERCENT = utf8('%25');
const ENCODED_QUESTION = utf8('%3F');

/**
 * 'GET /path?query HTTP/1.1'; the protocol may be missing (HTTP/0.9), and a path of a faulty client may contain blanks. A text of
 * another form (a TLS handshake, '-') is no method and no path.
 */
export function setRequestLine(out: LineFields, buf: Uint8Array, start: number, end: number): void {
  const blank = indexOfByte(buf, 0x20, start, end);
  setMethod(out, buf, start, blank === end ? start : blank);
  if ((out.degraded & degradation.bad_method) !== 0) {
    out.degraded |= degradation.bad_path;
    return;
  }
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
  setTarget(out, buf, blank + 1, targetEnd);
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

/**
 * The outcome of a line whose time and shape could be read. Without a method and a path, and with an answer that is an error or none,
 * nobody has spoken HTTP. With any other answer the line is a request, so that nobody hides one behind a strange method.
 */
export function outcomeOf(out: LineFields): number {
  if ((out.degraded & NO_HTTP) !== NO_HTTP) return 0;
  return out.status === 0 || out.status >= 400 ? reason.not_http : 0;
}
const NO_HTTP = degradation.bad_method | degradation.bad_path;

/**
 * Escapes bytes that are not text (invalid UTF-8, NUL, other control characters) in the fields that are used: '%HH' in path and
 * query, where it is the same byte, and '\xHH' elsewhere, as nginx writes them. Only for lines that are not plain ASCII.
 */
export function escapeUnclean(out: LineFields, scratch: Scratch): void {
  if (!isClean(out.path)) escapeBytes(out, out.path, PATH_ESCAPE, scratch);
  if (!isClean(out.userAgent)) escapeBytes(out, out.userAgent, TEXT_ESCAPE, scratch);
  if (!isClean(out.query)) escapeBytes(out, out.query, PATH_ESCAPE, scratch);
  if (!isClean(out.host)) escapeBytes(out, out.host, TEXT_ESCAPE, scratch);
  if (!isClean(out.requestId)) escapeBytes(out, out.requestId, TEXT_ESCAPE, scratch);
  if (!isClean(out.range)) escapeBytes(out, out.range, TEXT_ESCAPE, scratch);
  if (!isClean(out.token)) escapeBytes(out, out.token, TEXT_ESCAPE, scratch);
  if (!isClean(out.signedBy)) escapeBytes(out, out.signedBy, TEXT_ESCAPE, scratch);
}
const isClean = (slice: Slice): boolean => isCleanText(slice.buf, slice.start, slice.end);
const PATH_ESCAPE = utf8('%');
const TEXT_ESCAPE = utf8('\\x');
const HEX = utf8('0123456789ABCDEF');

/** A backslash is escaped too, so that two texts never become the same one. In a path '%' is an escape already. */
function escapeBytes(out: LineFields, slice: Slice, escape: Uint8Array, scratch: Scratch): void {
  const { buf, start, end } = slice;
  scratch.reserve((escape.length + 2) * (end - start));
  const from = scratch.used;
  for (let i = start; i < end;) {
    const length = escape === TEXT_ESCAPE && buf[i] === 0x5c ? 0 : cleanLength(buf, i, end);
    if (length > 0) {
      scratch.append(buf, i, i + length);
      i += length;
      continue;
    }
    const byte = buf[i++];
    scratch.append(escape, 0, escape.length);
    scratch.push(HEX[byte >> 4]);
    scratch.push(HEX[byte & 15]);
  }
  slice.set(scratch.buf, from, scratch.used);
  out.degraded |= degradation.bad_encoding;
}

/** A longer text is no name of an edge host. */
const MAX_EDGE_LENGTH = 100;

/** The edge host, as it names itself. Any other text than a short one of printable ASCII names none. */
export function setEdge(out: LineFields, buf: Uint8Array, start: number, end: number): void {
  if (!isAbsent(buf, start, end) && end - start <= MAX_EDGE_LENGTH && isPrintableAscii(buf, start, end))
    out.edge.set(buf, start, end);
}
