// Combined log of Apache and nginx: 'ADDRESS IDENT USER [TIME] "REQUEST" STATUS BYTES "REFERER" "USER AGENT"', also with
// "X-FORWARDED-FOR" appended, and Apache's vhost_combined with 'HOST:PORT ' in front.
//
// The address is the peer's. An appended X-Forwarded-For counts only if the peer is our own proxy (a private, loopback or link-local
// address), or if the source says how many proxies of ours append to it. The last entries are theirs; the client can write all others.

import { reason } from '../outcome.ts';
import {
  equals,
  hexValue,
  indexOfByte,
  isAbsent,
  isBlank,
  isIpv4,
  isIpv6,
  parseUint,
  Scratch,
  utf8,
} from '../scan/bytes.ts';
import { Slice, type LineFields } from '../scan/line-fields.ts';
import { type LocalTime, utcTime } from '../scan/local-time.ts';
import { parseClf } from '../scan/time.ts';
import { textFormat } from './detect.ts';
import {
  escapeUnclean,
  outcomeOf,
  setAddress,
  setBytes,
  setHost,
  setOccurredAt,
  setRequestLine,
  setStatus,
  setText,
} from './fields.ts';
import type { FormatOptions, LineParser } from './format.ts';
import { lineStart } from './syslog.ts';
import { Quotes, timeBracket, unescapeQuoted } from './text.ts';

class CombinedParser implements LineParser {
  private readonly scratch = new Scratch();
  private readonly quotes = new Quotes();
  private readonly request = new Slice();
  private readonly local: LocalTime;
  private readonly trustedHops: number | undefined;

  constructor(options: FormatOptions = {}) {
    this.local = options.local ?? utcTime;
    this.trustedHops = options.trustedHops;
  }

  parse(buf: Uint8Array, start: number, end: number, out: LineFields): number {
    out.reset();
    const scratch = this.scratch;
    scratch.reset();
    start = lineStart(buf, start, end);
    if (end > start && buf[end - 1] === 0x0d) end--;
    if (isBlank(buf, start, end)) return reason.blank_line;

    const quotes = this.quotes;
    quotes.reset();

    // ADDRESS or HOST:PORT ADDRESS, an unused field, the user, then the time.
    let addressStart = start;
    let addressEnd = indexOfByte(buf, 0x20, start, end);
    const second = indexOfByte(buf, 0x20, addressEnd + 1, end);
    if (second >= end) return reason.truncated;
    if (isAddress(buf, addressEnd + 1, second)) {
      setHost(out, buf, start, addressEnd);
      addressStart = addressEnd + 1;
      addressEnd = second;
    }
    const bracket = timeBracket(buf, addressEnd, end);
    if (bracket === end) return reason.malformed;
    const close = indexOfByte(buf, 0x5d, bracket, end);
    if (close === end) return reason.truncated;

    // ' "REQUEST" STATUS BYTES "REFERER" "USER AGENT"'
    let i = opening(buf, close + 1, end);
    if (i < 0) return -i;
    const requestStart = i;
    const requestEnd = quotes.close(buf, i, end);
    const statusStart = requestEnd + 2;
    const statusEnd = indexOfByte(buf, 0x20, statusStart, end);
    const bytesStart = statusEnd + 1;
    const bytesEnd = indexOfByte(buf, 0x20, bytesStart, end);
    if (bytesEnd >= end) return reason.truncated;
    if (buf[requestEnd + 1] !== 0x20) return reason.malformed;
    i = opening(buf, bytesEnd, end);
    if (i < 0) return -i;
    i = opening(buf, quotes.close(buf, i, end) + 1, end);
    if (i < 0) return -i;
    const agentStart = i;
    const agentEnd = quotes.close(buf, i, end);
    if (agentEnd === end) return reason.truncated;

    const request = this.request;
    request.set(buf, requestStart, requestEnd);
    if (quotes.escaped) unescapeQuoted(request, scratch);
    const timeFault = setOccurredAt(out, parseClf(buf, bracket + 1, close, this.local), this.local);
    if (timeFault !== 0) return timeFault;
    setRequestLine(out, request.buf, request.start, request.end);
    setStatus(out, buf, statusStart, statusEnd);
    setBytes(out, buf, bytesStart, bytesEnd, 0);
    setAddress(out, buf, addressStart, addressEnd);
    setUser(out, buf, addressEnd, bracket - 1);
    const tailFault = this.readForwardedFor(buf, agentEnd + 1, end, out);
    if (tailFault !== 0) return tailFault;
    setText(out.userAgent, buf, agentStart, agentEnd);
    if (quotes.escaped) unescapeQuoted(out.userAgent, scratch);
    if (quotes.escaped || quotes.unusual || out.host.length > 0) escapeUnclean(out, scratch);
    return out.degraded === 0 ? 0 : outcomeOf(out);
  }

  /** After the user agent: nothing, or ' "X-FORWARDED-FOR"'. */
  private readForwardedFor(buf: Uint8Array, i: number, end: number, out: LineFields): number {
    if (i === end) return 0;
    i = opening(buf, i, end);
    if (i < 0) return -i;
    const close = this.quotes.close(buf, i, end);
    if (close === end) return reason.truncated;
    if (close + 1 !== end) return reason.malformed;
    const { address } = out;
    const isTrusted = this.trustedHops !== undefined || isOwnProxy(buf, address.start, address.end);
    if (isAbsent(buf, i, close) || !isTrusted) return 0;
    setAddress(out, buf, i, close, this.trustedHops);
    return 0;
  }
}

/** Index after ' "' at i, or −reason. */
function opening(buf: Uint8Array, i: number, end: number): number {
  if (i + 1 >= end) return -reason.truncated;
  return buf[i] === 0x20 && buf[i + 1] === 0x22 ? i + 2 : -reason.malformed;
}

/** The user name of Basic credentials, if it is a token of fairshare (or its hash, in a line from quarantine). */
function setUser(out: LineFields, buf: Uint8Array, start: number, end: number): void {
  let at = end;
  while (at > start && buf[at - 1] !== 0x20) at--;
  if (userTokens.some((beginning) => equals(buf, at, Math.min(end, at + beginning.length), beginning)))
    out.token.set(buf, at, end);
}
const userTokens = ['fst_', 'fsn_', 'sha256-'].map(utf8);

function isAddress(buf: Uint8Array, start: number, end: number): boolean {
  return isIpv4(buf, start, end) || isIpv6(buf, start, end);
}

/** Private, loopback and link-local addresses: 10/8, 127/8, 169.254/16, 172.16/12, 192.168/16, ::1, fc00::/7, fe80::/10. */
function isOwnProxy(buf: Uint8Array, start: number, end: number): boolean {
  const firstDot = indexOfByte(buf, 0x2e, start, end);
  if (isIpv4(buf, start, end)) {
    const first = parseUint(buf, start, firstDot);
    const second = parseUint(buf, firstDot + 1, indexOfByte(buf, 0x2e, firstDot + 1, end));
    if (first === 10 || first === 127) return true;
    if (first === 169) return second === 254;
    if (first === 172) return second >= 16 && second < 32;
    return first === 192 && second === 168;
  }
  if (equals(buf, start, end, LOOPBACK)) return true;
  if (end - start < 4) return false;
  const high = (hexValue[buf[start]] << 4) | hexValue[buf[start + 1]];
  const isFull = hexValue[buf[start + 2]] >= 0 && hexValue[buf[start + 3]] >= 0;
  return isFull && (high === 0xfc || high === 0xfd || (high === 0xfe && hexValue[buf[start + 2]] >> 2 === 2));
}
const LOOPBACK = utf8('::1');

/** A line of vhost_combined: its second field is an address. */
const isVhost = (line: string): boolean => /^\S+ [\da-fA-F]*[.:][\da-fA-F.:]* \S+ .*\[/.test(line);

export const combined = textFormat(
  {
    name: 'combined',
    description: 'Apache and nginx combined log, also with X-Forwarded-For appended',
    bytesIncludeHeaders: false,
  },
  (options) => new CombinedParser(options),
  (line) => !isVhost(line),
);

export const vhostCombined = textFormat(
  {
    name: 'vhost-combined',
    description: 'Apache vhost_combined log: host and port, then combined',
    // Its %O counts the bytes sent, headers included; combined's %b does not.
    bytesIncludeHeaders: true,
  },
  (options) => new CombinedParser(options),
  isVhost,
);
