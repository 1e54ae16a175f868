// Amazon S3 server access log: 'OWNER BUCKET [TIME] ADDRESS REQUESTER REQUEST-ID OPERATION KEY "REQUEST" STATUS ERROR BYTES
// SIZE TOTAL-MS TURNAROUND-MS "REFERER" "USER AGENT" VERSION HOST-ID SIGNATURE CIPHER AUTH-TYPE HOST …'. More fields may
// follow, none of them quoted. Quotes inside quotes are not escaped. Bytes are those of the body, '-' is none. Lines without a
// request ('-') are S3's own work, such as expiry.

import { reason } from '../outcome.ts';
import { indexOfByte, isAbsent, isBlank, isPrintableAscii, Scratch } from '../scan/bytes.ts';
import type { LineFields } from '../scan/line-fields.ts';
import { utcTime } from '../scan/local-time.ts';
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
import type { LineParser } from './format.ts';
import { lineStart } from './syslog.ts';
import { bareClosingQuote } from './text.ts';

/** Position of each field that is read. */
const at = {
  time: 2,
  address: 3,
  requestId: 5,
  request: 8,
  status: 9,
  bytes: 11,
  referer: 15,
  userAgent: 16,
  version: 17,
  host: 22,
} as const;
const FIELDS = 23;

class S3AccessParser implements LineParser {
  private readonly start = new Int32Array(FIELDS);
  private readonly end = new Int32Array(FIELDS);
  private readonly scratch = new Scratch();

  parse(buf: Uint8Array, start: number, end: number, out: LineFields): number {
    out.reset();
    this.scratch.reset();
    start = lineStart(buf, start, end);
    if (end > start && buf[end - 1] === 0x0d) end--;
    if (isBlank(buf, start, end)) return reason.blank_line;
    const splitFault = this.split(buf, start, end);
    if (splitFault !== 0) return splitFault;

    const starts = this.start;
    const ends = this.end;
    if (isAbsent(buf, starts[at.request], ends[at.request])) return reason.other_log;
    const fault = setOccurredAt(out, parseClf(buf, starts[at.time], ends[at.time], utcTime));
    if (fault !== 0) return fault;
    setRequestLine(out, buf, starts[at.request], ends[at.request]);
    setStatus(out, buf, starts[at.status], ends[at.status]);
    setBytes(out, buf, starts[at.bytes], ends[at.bytes], 0);
    setAddress(out, buf, starts[at.address], ends[at.address]);
    setText(out.requestId, buf, starts[at.requestId], ends[at.requestId]);
    setText(out.userAgent, buf, starts[at.userAgent], ends[at.userAgent]);
    if (out.host.length === 0) setHost(out, buf, starts[at.host], ends[at.host]);
    if (!isPrintableAscii(buf, start, end)) escapeUnclean(out, this.scratch);
    return out.degraded === 0 ? 0 : outcomeOf(out);
  }

  /** Notes the fields; those after the version id may be missing in old logs. */
  private split(buf: Uint8Array, start: number, end: number): number {
    this.start.fill(0);
    this.end.fill(0);
    let i = start;
    let n = 0;
    for (; n < FIELDS && i < end; n++) {
      if (n > 0 && buf[i++] !== 0x20) return reason.malformed;
      if (i === end) return reason.truncated;
      if (n === at.request && !isRequest(buf, i, end)) {
        i = this.requestAfterBlanks(buf, i, end);
        if (i < 0) return reason.malformed;
      }
      const first = buf[i];
      let close: number;
      if (first === 0x22) close = closingQuote(buf, ++i, end, n);
      else if (n === at.time) {
        if (first !== 0x5b) return reason.malformed;
        close = indexOfByte(buf, 0x5d, ++i, end);
      } else close = indexOfByte(buf, 0x20, i, end);
      const enclosed = first === 0x22 || n === at.time;
      if (enclosed && close === end) return reason.truncated;
      this.start[n] = i;
      this.end[n] = close;
      i = enclosed ? close + 1 : close;
    }
    return n > at.version ? 0 : reason.truncated;
  }

  /**
   * The requester may be a name with blanks. The three fields between it and the request have none, and no name has a quote after a
   * blank, so they are counted back from the request.
   * @returns index of the request's quote, or −1
   */
  private requestAfterBlanks(buf: Uint8Array, i: number, end: number): number {
    while (i < end && !(buf[i] === 0x22 && buf[i - 1] === 0x20)) i++;
    if (i === end) return -1;
    let fieldEnd = i - 1;
    let fieldStart = fieldEnd;
    for (let n = at.request - 1; n >= at.requestId; n--) {
      fieldEnd = n === at.request - 1 ? fieldEnd : fieldStart - 1;
      fieldStart = fieldEnd;
      while (buf[fieldStart - 1] !== 0x20) fieldStart--;
      this.start[n] = fieldStart;
      this.end[n] = fieldEnd;
    }
    return i;
  }
}

/** A quoted request; or '-' that no quoted request follows, because '-' may also be the key of a request for the bucket. */
function isRequest(buf: Uint8Array, i: number, end: number): boolean {
  return buf[i] === 0x22 || (buf[i] === 0x2d && i + 2 < end && buf[i + 1] === 0x20 && buf[i + 2] !== 0x22);
}

/** End of the value that begins at i. Clients may send quotes, so the user agent ends at the line's last quote. */
function closingQuote(buf: Uint8Array, i: number, end: number, n: number): number {
  if (n === at.userAgent) {
    let last = end - 1;
    while (last >= i && buf[last] !== 0x22) last--;
    return last >= i ? last : end;
  }
  if (n !== at.referer) return bareClosingQuote(buf, i, end);
  while (i < end && !(buf[i] === 0x22 && end - i > 2 && buf[i + 1] === 0x20 && buf[i + 2] === 0x22)) i++;
  return i;
}

export const s3Access = textFormat(
  {
    name: 's3-access',
    description: 'Amazon S3 server access log',
    bytesIncludeHeaders: false,
  },
  () => new S3AccessParser(),
);
