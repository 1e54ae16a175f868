// HAProxy with `option httplog`, with or without a syslog header: 'HEADER haproxy[PID]: ADDRESS:PORT [TIME] FRONTEND
// BACKEND/SERVER T/T/T/T/T STATUS BYTES COOKIE COOKIE STATE C/C/C/C/C Q/Q {REQUEST HEADERS} {RESPONSE HEADERS} "REQUEST"'.
// Bytes include headers. Unprintable characters are written '#HH' (configuration manual, 8.6). Lines of `option tcplog`, of
// failed connections and of the process itself have another form and are excluded (other_log).
//
// Only HAProxy's configuration says which header has which position in {…|…}: `fields` names the positions, as in
// `user_agent: request.2`. Otherwise the user agent is the first captured value that is not a host, an address, a number
// or a URL, and the host is the first that looks like one.

import { reason } from '../outcome.ts';
import { hexValue, indexOfByte, isBlank, isIpv6, isPrintableAscii, Scratch, skipBom, utf8 } from '../scan/bytes.ts';
import { Slice, type LineFields } from '../scan/line-fields.ts';
import { type LocalTime, utcTime } from '../scan/local-time.ts';
import { parseClf } from '../scan/time.ts';
import { shareOfRequests } from './detect.ts';
import {
  escapeUnclean,
  outcomeOf,
  setAddress,
  setBytes,
  setHost,
  setOccurredAt,
  setRange,
  setRequestLine,
  setStatus,
  setText,
} from './fields.ts';
import type { Format, FormatOptions, LineParser } from './format.ts';
import { lineStart } from './syslog.ts';
import { syslogMessage, timeBracket } from './text.ts';

/** Tokens between the time and the captured headers: frontend … queues. */
const token = { timers: 2, status: 3, bytes: 4 } as const;
const TOKENS = 10;
const MAX_CAPTURES = 64;
const HAPROXY = utf8('haproxy');

const captureFields = ['user_agent', 'host', 'range', 'token', 'request_id', 'signed_by'] as const;
type CaptureField = (typeof captureFields)[number];
/** Index among the captures, request headers first: request.1 is 0. */
type Positions = Partial<Record<CaptureField, { readonly block: 0 | 1; readonly index: number }>>;

/** @throws Error that names every fault */
function positionsOf(fields: Readonly<Record<string, string>>): Positions {
  const positions: Positions = {};
  const faults: string[] = [];
  for (const [name, place] of Object.entries(fields)) {
    const match = /^(request|response)\.([1-9]\d?)$/.exec(place);
    const field = captureFields.find((known) => known === name);
    if (field === undefined) faults.push(`${name}: not a captured field; one of ${captureFields.join(', ')}`);
    else if (match === null) faults.push(`${name}: '${place}' is no position; write request.1 or response.1`);
    else positions[field] = { block: match[1] === 'request' ? 0 : 1, index: Number(match[2]) - 1 };
  }
  if (faults.length > 0) throw new Error(`fields: ${faults.join('; ')}`);
  return positions;
}

class HaproxyParser implements LineParser {
  private readonly scratch = new Scratch();
  private readonly slice = new Slice();
  private readonly positions: Positions | null;
  private readonly local: LocalTime;
  private readonly start = new Int32Array(TOKENS);
  private readonly end = new Int32Array(TOKENS);
  // Captured values: those of the request, then those of the response.
  private readonly captureStart = new Int32Array(MAX_CAPTURES);
  private readonly captureEnd = new Int32Array(MAX_CAPTURES);
  private captures = 0;
  private requestCaptures = 0;

  constructor(options: FormatOptions = {}) {
    this.positions = options.fields === undefined ? null : positionsOf(options.fields);
    this.local = options.local ?? utcTime;
  }

  parse(buf: Uint8Array, start: number, end: number, out: LineFields): number {
    out.reset();
    const scratch = this.scratch;
    scratch.reset();
    start = skipBom(buf, start, end);
    if (end > start && buf[end - 1] === 0x0d) end--;
    if (isBlank(buf, start, end)) return reason.blank_line;

    const line = lineStart(buf, start, end);
    const bracket = timeBracket(buf, line, end);
    if (bracket === end) {
      const message = syslogMessage(buf, start, end, HAPROXY);
      return message < 0 ? -message : reason.other_log;
    }
    const close = indexOfByte(buf, 0x5d, bracket, end);
    if (close === end) return reason.truncated;
    const addressStart = tokenBefore(buf, line, bracket - 1);
    if (addressStart < 0) return reason.malformed;
    const splitFault = this.split(buf, close + 1, end);
    if (splitFault !== 0) return splitFault;
    const requestStart = this.readCaptures(buf, this.end[TOKENS - 1], end);
    if (requestStart < 0) return -requestStart;
    const requestEnd = indexOfByte(buf, 0x22, requestStart, end);
    if (requestEnd === end) return reason.truncated;
    // `option httpslog` writes two tokens about TLS after the request.
    if (indexOfByte(buf, 0x22, requestEnd + 1, end) !== end) return reason.malformed;

    const request = this.slice;
    request.set(buf, requestStart, requestEnd);
    decodeHash(request, scratch);
    const fault = setOccurredAt(out, parseClf(buf, bracket + 1, close, this.local), this.local);
    if (fault !== 0) return fault;
    setRequestLine(out, request.buf, request.start, request.end);
    setStatus(out, buf, this.start[token.status], this.end[token.status]);
    this.setBytes(buf, out);
    setAddress(out, buf, addressStart, portColon(buf, addressStart, bracket - 1));
    if (this.positions === null) this.guessCaptures(buf, out);
    else this.placeCaptures(buf, out, this.positions);
    if (scratch.used > 0 || !isPrintableAscii(buf, start, end)) escapeUnclean(out, scratch);
    return out.degraded === 0 ? 0 : outcomeOf(out);
  }

  /** Splits the tokens after the time, and checks that they are those of an HTTP log. */
  private split(buf: Uint8Array, i: number, end: number): number {
    for (let n = 0; n < TOKENS; n++) {
      if (i >= end) return reason.truncated;
      if (buf[i++] !== 0x20) return reason.malformed;
      this.start[n] = i;
      this.end[n] = i = indexOfByte(buf, 0x20, i, end);
      // 'frontend/1: Connection error …'
      if (n === 0 && buf[i - 1] === 0x3a) return reason.other_log;
      if (n === token.timers && i < end && slashes(buf, this.start[n], i) !== 4) return reason.other_log;
    }
    return 0;
  }

  /** @returns index after the request's opening quote, or −reason */
  private readCaptures(buf: Uint8Array, i: number, end: number): number {
    this.captures = 0;
    this.requestCaptures = 0;
    for (let block = 0; ; block++) {
      if (end - i < 2) return -reason.truncated;
      if (buf[i] !== 0x20) return -reason.malformed;
      if (buf[i + 1] === 0x22) return i + 2;
      if (buf[i + 1] !== 0x7b || block === 2) return -reason.malformed;
      i += 2;
      const close = indexOfByte(buf, 0x7d, i, end);
      if (close === end) return -reason.truncated;
      while (i <= close) {
        const bar = indexOfByte(buf, 0x7c, i, close);
        if (this.captures < MAX_CAPTURES) {
          this.captureStart[this.captures] = i;
          this.captureEnd[this.captures++] = bar;
        }
        i = bar + 1;
      }
      if (block === 0) this.requestCaptures = this.captures;
    }
  }

  /** With `option logasap` a '+' means that more was sent later: not known. */
  private setBytes(buf: Uint8Array, out: LineFields): void {
    const start = this.start[token.bytes];
    if (buf[start] !== 0x2b) setBytes(out, buf, start, this.end[token.bytes], -1);
  }

  private placeCaptures(buf: Uint8Array, out: LineFields, positions: Positions): void {
    for (const field of captureFields) {
      const place = positions[field];
      if (place === undefined) continue;
      const n = place.block === 0 ? place.index : this.requestCaptures + place.index;
      if (n < (place.block === 0 ? this.requestCaptures : this.captures)) this.setCapture(buf, n, field, out);
    }
  }

  private guessCaptures(buf: Uint8Array, out: LineFields): void {
    for (let n = 0; n < this.requestCaptures; n++) {
      const shape = shapeOf(buf, this.captureStart[n], this.captureEnd[n]);
      if (shape === 'host') {
        if (out.host.length === 0) this.setCapture(buf, n, 'host', out);
      } else if (shape === 'text' && out.userAgent.length === 0) this.setCapture(buf, n, 'user_agent', out);
    }
  }

  private setCapture(buf: Uint8Array, n: number, field: CaptureField, out: LineFields): void {
    const slice = this.slice;
    slice.set(buf, this.captureStart[n], this.captureEnd[n]);
    decodeHash(slice, this.scratch);
    const { start, end } = slice;
    if (field === 'user_agent') setText(out.userAgent, slice.buf, start, end);
    else if (field === 'host') setHost(out, slice.buf, start, end);
    else if (field === 'range') setRange(out, slice.buf, start, end, this.scratch);
    else if (field === 'token') setText(out.token, slice.buf, start, end);
    else if (field === 'signed_by') setText(out.signedBy, slice.buf, start, end);
    else setText(out.requestId, slice.buf, start, end);
  }
}

/** Start of the token that ends at `end` (a blank): the line's first, or one after ': ', the end of a syslog header. −1 otherwise. */
function tokenBefore(buf: Uint8Array, start: number, end: number): number {
  if (end <= start || buf[end] !== 0x20) return -1;
  let i = end;
  while (i > start && buf[i - 1] !== 0x20) i--;
  return i === start || (i - 2 >= start && buf[i - 2] === 0x3a) ? i : -1;
}

/** Index of the last ':', before the port, because HAProxy writes IPv6 without brackets. */
function portColon(buf: Uint8Array, start: number, end: number): number {
  let i = end;
  while (i > start && buf[i - 1] !== 0x3a) i--;
  return i > start ? i - 1 : end;
}

function slashes(buf: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) if (buf[i] === 0x2f) count++;
  return count;
}

/** Form of a captured value: 'host' ('example.org:443'), 'text', or neither (empty, a number, an address, a URL). */
function shapeOf(buf: Uint8Array, start: number, end: number): 'host' | 'text' | 'other' {
  let dots = 0;
  let letters = 0;
  let others = 0;
  for (let i = start; i < end; i++) {
    const c = buf[i];
    if (c === 0x2e) dots++;
    else if ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a) letters++;
    else if ((c < 0x30 || c > 0x3a) && c !== 0x2d) others++;
    if (c === 0x3a && end - i > 2 && buf[i + 1] === 0x2f && buf[i + 2] === 0x2f && others === 0) return 'other';
  }
  if (letters === 0 || isIpv6(buf, start, end)) return 'other';
  return others === 0 && dots > 0 ? 'host' : 'text';
}

/** '#HH' → the byte. A '#' in the client's text is written '#23'. */
function decodeHash(slice: Slice, scratch: Scratch): void {
  const { buf, start, end } = slice;
  if (indexOfByte(buf, 0x23, start, end) === end) return;
  scratch.reserve(end - start);
  const from = scratch.used;
  for (let i = start; i < end; i++) {
    if (buf[i] === 0x23 && end - i > 2 && (hexValue[buf[i + 1]] | hexValue[buf[i + 2]]) >= 0) {
      scratch.push((hexValue[buf[i + 1]] << 4) | hexValue[buf[i + 2]]);
      i += 2;
    } else scratch.push(buf[i]);
  }
  slice.set(scratch.buf, from, scratch.used);
}

export const haproxy: Format = {
  name: 'haproxy',
  description: 'HAProxy HTTP log (option httplog), with captured headers',
  bytesIncludeHeaders: true,
  detect: (lines) => shareOfRequests(lines, new HaproxyParser()),
  parser: (options) => new HaproxyParser(options),
};
