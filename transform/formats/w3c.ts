// W3C extended logs: '#' lines are directives, '#Fields' names the columns of the lines after it. Shared by CloudFront
// (tabs) and Azure CDN (blanks and quotes), which add their own encodings.

import { degradation, reason } from '../outcome.ts';
import { isAbsent, isBlank, isPrintableAscii, Scratch, startsWith, utf8 } from '../scan/bytes.ts';
import type { LineFields } from '../scan/line-fields.ts';
import { utcTime } from '../scan/local-time.ts';
import { parseDateAndTime, parseTimestamp } from '../scan/time.ts';
import {
  escapeUnclean,
  outcomeOf,
  setAddress,
  setAsn,
  setBytes,
  setCountry,
  setEdge,
  setHost,
  setMethod,
  setOccurredAt,
  setRange,
  setStatus,
  setTarget,
  setText,
} from './fields.ts';
import type { LineParser } from './format.ts';
import { lineStart } from './syslog.ts';

/** The columns that are read. */
const column = {
  date: 0,
  time: 1,
  timestamp: 2,
  address: 3,
  method: 4,
  target: 5,
  query: 6,
  status: 7,
  bytes: 8,
  userAgent: 9,
  host: 10,
  hostHeader: 11,
  requestId: 12,
  rangeStart: 13,
  rangeEnd: 14,
  country: 15,
  asn: 16,
  edge: 17,
} as const;
const COLUMNS = 18;

const columnOfName = new Map<string, number>([
  ['date', column.date],
  ['time', column.time],
  ['timestamp', column.timestamp],
  ['timestamp(ms)', column.timestamp],
  ['c-ip', column.address],
  ['cs-method', column.method],
  ['cs-uri-stem', column.target],
  ['cs-uri-query', column.query],
  ['sc-status', column.status],
  ['sc-bytes', column.bytes],
  ['cs(User-Agent)', column.userAgent],
  ['c-user-agent', column.userAgent],
  ['cs(Host)', column.host],
  ['x-host-header', column.hostHeader],
  ['x-edge-request-id', column.requestId],
  ['sc-range-start', column.rangeStart],
  ['sc-range-end', column.rangeEnd],
  ['c-country', column.country],
  ['asn', column.asn],
  ['x-edge-location', column.edge],
]);

const NEEDED = [column.method, column.target, column.status];
const FIELDS = utf8('#Fields:');
const VERSION = utf8('#Version:');
const decoder = new TextDecoder();

/** The column at each position of a line; COLUMNS if it is not read. */
const layoutOf = (names: readonly string[]): Int32Array =>
  Int32Array.from(names, (name) => columnOfName.get(name) ?? COLUMNS);

export interface W3cDialect {
  /** Byte between two columns of a line. If it is a blank, values may be quoted. #Fields may use blanks or tabs. */
  readonly separator: number;
  /** Columns of lines that no #Fields precedes. */
  readonly columns: readonly string[];
  /** Removes the encoding that the vendor adds. */
  readonly decode?: (out: LineFields, scratch: Scratch) => void;
}

export class W3cParser implements LineParser {
  private readonly dialect: W3cDialect;
  private readonly scratch = new Scratch();
  private readonly start = new Int32Array(COLUMNS + 1);
  private readonly end = new Int32Array(COLUMNS + 1);
  private layout: Int32Array;
  /** The layout has every column that a request needs. */
  private isComplete = true;
  /** The log names a version of W3C's format that is not known. */
  private isUnknownVersion = false;

  constructor(dialect: W3cDialect) {
    this.dialect = dialect;
    this.layout = layoutOf(dialect.columns);
  }

  parse(buf: Uint8Array, start: number, end: number, out: LineFields): number {
    out.reset();
    this.scratch.reset();
    start = lineStart(buf, start, end);
    if (end > start && buf[end - 1] === 0x0d) end--;
    if (isBlank(buf, start, end)) return reason.blank_line;
    if (buf[start] === 0x23) {
      if (startsWith(buf, start, end, FIELDS)) {
        const names = decoder.decode(buf.subarray(start + FIELDS.length, end));
        this.layout = layoutOf(names.split(/[ \t]+/).filter((name) => name !== ''));
        this.isComplete = NEEDED.every((code) => this.layout.includes(code));
      } else if (startsWith(buf, start, end, VERSION)) {
        const version = decoder.decode(buf.subarray(start + VERSION.length, end)).trim();
        this.isUnknownVersion = version !== '1.0';
      }
      return reason.directive;
    }
    return this.split(buf, start, end) || this.read(buf, out) || this.finish(buf, start, end, out);
  }

  /** Notes the position of each column. A line has exactly the columns of its header. */
  private split(buf: Uint8Array, start: number, end: number): number {
    const layout = this.layout;
    const separator = this.dialect.separator;
    this.start.fill(0);
    this.end.fill(0);
    let i = start;
    for (let n = 0; n < layout.length; n++) {
      if (n > 0 && i++ >= end) return reason.truncated;
      let from = i;
      let to: number;
      if (separator === 0x20 && i < end && buf[i] === 0x22) {
        from = i + 1;
        to = from;
        // The closing quote is the one before a separator or the line's end, because quotes inside are not escaped.
        while (to < end && !(buf[to] === 0x22 && (to + 1 === end || buf[to + 1] === separator))) to++;
        if (to === end) return reason.truncated;
        i = to + 1;
      } else {
        while (i < end && buf[i] !== separator) i++;
        to = i;
      }
      this.start[layout[n]] = from;
      this.end[layout[n]] = to;
    }
    // NuGet's lines end with a blank.
    if (separator === 0x20) while (i < end && buf[i] === 0x20) i++;
    return i === end ? 0 : reason.malformed;
  }

  private read(buf: Uint8Array, out: LineFields): number {
    const starts = this.start;
    const ends = this.end;
    if (!this.isComplete) return reason.missing_field;
    const fault = this.readTime(buf, out);
    if (fault !== 0) return fault;
    setMethod(out, buf, starts[column.method], ends[column.method]);
    setText(out.query, buf, starts[column.query], ends[column.query]);
    setTarget(out, buf, starts[column.target], ends[column.target]);
    setStatus(out, buf, starts[column.status], ends[column.status]);
    setBytes(out, buf, starts[column.bytes], ends[column.bytes], -1);
    setAddress(out, buf, starts[column.address], ends[column.address]);
    return 0;
  }

  private readTime(buf: Uint8Array, out: LineFields): number {
    const starts = this.start;
    const ends = this.end;
    const { timestamp, date, time } = column;
    if (!isAbsent(buf, starts[timestamp], ends[timestamp])) {
      return setOccurredAt(out, parseTimestamp(buf, starts[timestamp], ends[timestamp], utcTime));
    }
    if (isAbsent(buf, starts[date], ends[date]) || isAbsent(buf, starts[time], ends[time])) return reason.missing_field;
    return setOccurredAt(out, parseDateAndTime(buf, starts[date], ends[date], buf, starts[time], ends[time]));
  }

  /** The fields that may be missing, the vendor's encoding, and the check of the text. */
  private finish(buf: Uint8Array, start: number, end: number, out: LineFields): number {
    const starts = this.start;
    const ends = this.end;
    const scratch = this.scratch;
    setText(out.userAgent, buf, starts[column.userAgent], ends[column.userAgent]);
    setText(out.requestId, buf, starts[column.requestId], ends[column.requestId]);
    setCountry(out, buf, starts[column.country], ends[column.country], scratch);
    setAsn(out, buf, starts[column.asn], ends[column.asn]);
    setEdge(out, buf, starts[column.edge], ends[column.edge]);
    // The host of a whole URL wins; then the header that the viewer sent, then the distribution's own name.
    if (out.host.length === 0) setHost(out, buf, starts[column.hostHeader], ends[column.hostHeader]);
    if (out.host.length === 0) setHost(out, buf, starts[column.host], ends[column.host]);
    this.readRange(buf, out);
    if (this.isUnknownVersion) out.degraded |= degradation.unknown_version;
    const decode = this.dialect.decode;
    if (decode !== undefined) decode(out, scratch);
    // A line with tabs is never plain; its fields are checked one by one.
    const plain = scratch.used === 0 && this.dialect.separator === 0x20 && isPrintableAscii(buf, start, end);
    if (!plain) escapeUnclean(out, scratch);
    return out.degraded === 0 ? 0 : outcomeOf(out);
  }

  /** Start and end of the Content-Range → 'bytes=START-END'. */
  private readRange(buf: Uint8Array, out: LineFields): void {
    const from = this.start[column.rangeStart];
    const to = this.end[column.rangeStart];
    if (isAbsent(buf, from, to)) return;
    const scratch = this.scratch;
    const lastFrom = this.start[column.rangeEnd];
    const lastTo = this.end[column.rangeEnd];
    scratch.reserve(to - from + lastTo - lastFrom + 1);
    const start = scratch.used;
    scratch.append(buf, from, to);
    scratch.push(0x2d);
    if (!isAbsent(buf, lastFrom, lastTo)) scratch.append(buf, lastFrom, lastTo);
    setRange(out, scratch.buf, start, scratch.used, scratch);
  }
}
