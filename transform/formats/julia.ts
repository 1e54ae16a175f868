// Julia's package servers (nginx): 'ADDRESS [TIME] "REQUEST" STATUS BYTES "USER AGENT" SECONDS VERSION SYSTEM "CI VARIABLES"
// INTERACTIVE "HOST"'. TIME is written as in the combined log, or in ISO 8601.
//
// The client reports each CI variable it knows as NAME=n (not set), t (true), f (false) or o (set to something else). CI is
// true if one is t or o, because some vendors' variables contain a name or a version. It is false if all are n or f: the client
// checked all of them. Without the field it is not known.

import { reason } from '../outcome.ts';
import { indexOfByte, isAbsent, isBlank, Scratch } from '../scan/bytes.ts';
import { Slice, tri, type LineFields, type Tri } from '../scan/line-fields.ts';
import { type LocalTime, utcTime } from '../scan/local-time.ts';
import { parseTimestamp } from '../scan/time.ts';
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
import { Quotes, unescapeQuoted } from './text.ts';

/** Values of a line, in order; those after the user agent may be missing. */
const value = {
  request: 0,
  status: 1,
  bytes: 2,
  userAgent: 3,
  seconds: 4,
  version: 5,
  system: 6,
  ci: 7,
  interactive: 8,
  host: 9,
};
const VALUES = 10;
const REQUIRED_VALUES = 4;

class JuliaParser implements LineParser {
  private readonly scratch = new Scratch();
  private readonly quotes = new Quotes();
  private readonly request = new Slice();
  private readonly start = new Int32Array(VALUES);
  private readonly end = new Int32Array(VALUES);
  private readonly local: LocalTime;

  constructor(options: FormatOptions = {}) {
    this.local = options.local ?? utcTime;
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
    const addressEnd = indexOfByte(buf, 0x20, start, end);
    const close = indexOfByte(buf, 0x5d, addressEnd, end);
    if (close === end) return reason.truncated;
    if (buf[addressEnd + 1] !== 0x5b) return reason.malformed;
    const splitFault = this.split(buf, close + 1, end);
    if (splitFault !== 0) return splitFault;

    const starts = this.start;
    const ends = this.end;
    const request = this.request;
    request.set(buf, starts[value.request], ends[value.request]);
    if (quotes.escaped) unescapeQuoted(request, scratch);
    const fault = setOccurredAt(out, parseTimestamp(buf, addressEnd + 2, close, this.local), this.local);
    if (fault !== 0) return fault;
    setRequestLine(out, request.buf, request.start, request.end);
    setStatus(out, buf, starts[value.status], ends[value.status]);
    setBytes(out, buf, starts[value.bytes], ends[value.bytes], 0);
    setAddress(out, buf, start, addressEnd);
    setText(out.userAgent, buf, starts[value.userAgent], ends[value.userAgent]);
    if (quotes.escaped) unescapeQuoted(out.userAgent, scratch);
    out.ci = ciOf(buf, starts[value.ci], ends[value.ci]);
    if (out.host.length === 0) setHost(out, buf, starts[value.host], ends[value.host]);
    if (quotes.escaped || quotes.unusual || out.host.length > 0) escapeUnclean(out, scratch);
    return out.degraded === 0 ? 0 : outcomeOf(out);
  }

  /** ' VALUE VALUE …', each with or without quotes. */
  private split(buf: Uint8Array, i: number, end: number): number {
    this.start.fill(0);
    this.end.fill(0);
    let n = 0;
    for (; n < VALUES && i < end; n++) {
      if (buf[i++] !== 0x20) return reason.malformed;
      if (i === end) return reason.truncated;
      const quoted = buf[i] === 0x22;
      if (quoted) i++;
      else if (n === value.request || n === value.userAgent) return reason.malformed;
      const close = quoted ? this.quotes.close(buf, i, end) : indexOfByte(buf, 0x20, i, end);
      if (quoted && close === end) return reason.truncated;
      this.start[n] = i;
      this.end[n] = close;
      i = quoted ? close + 1 : close;
    }
    if (i < end) return reason.malformed;
    return n < REQUIRED_VALUES ? reason.truncated : 0;
  }
}

/** 'NAME=n;NAME=t;…' → tri. */
function ciOf(buf: Uint8Array, start: number, end: number): Tri {
  if (isAbsent(buf, start, end)) return tri.UNKNOWN;
  let ci: Tri = tri.UNKNOWN;
  for (let i = start + 1; i < end; i++) {
    const c = buf[i];
    if (buf[i - 1] !== 0x3d || (i + 1 < end && buf[i + 1] !== 0x3b)) continue;
    if (c === 0x74 || c === 0x6f) return tri.TRUE;
    if (c === 0x6e || c === 0x66) ci = tri.FALSE;
  }
  return ci;
}

export const julia = textFormat(
  {
    name: 'julia',
    description: "Julia's package servers, nginx",
    bytesIncludeHeaders: null,
  },
  (options) => new JuliaParser(options),
);
