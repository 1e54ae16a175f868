// Stage one: log bytes → requests as columns. Splits lines, lets the format parse each, interns repeated values.

import { secretsIn } from './credentials.ts';
import { type LineParser } from './formats/format.ts';
import { degradation, degradedReasons, isExcluded, reason } from './outcome.ts';
import { CHUNK_LINES, type RequestBatch } from './request-batch.ts';
import { type Conceal } from './scan/conceal.ts';
import { ByteDictionary, INTERN_BATCH } from './scan/intern.ts';
import { ranges } from './packages/download.ts';
import { knownOperator } from './classify/signed-operators.ts';
import { LineFields, Slice } from './scan/line-fields.ts';
import { type PlainLines, type SliceColumn } from './scan/plain-lines.ts';

const LF = 10;
const CR = 13;

/** Places of an organisation token besides the log's own token field. */
export interface TokenRule {
  /** Name of a query parameter, e.g. 'fairshare_token'; undefined: the query is not searched. */
  readonly queryParameter?: string;
  /** Word before a token in the user agent; '': it is not searched; undefined: `defaultTokenKey`. */
  readonly userAgentKey?: string;
  /** Token → id in the registry, or null if nobody owns it. Called once per distinct token. */
  readonly idOf: (token: string) => string | null;
  /** Replaces the tokens in lines that could not be read and are stored. */
  readonly conceal?: Conceal;
}

/** Bytes that no response exceeds: 128 TiB. A larger number is a fault of the log, and a few thousand of them would leave 64 bits. */
export const MAX_BYTES = 2 ** 47;

/** Largest number of lines between two attempts to read plain ones, on a feed that has none. */
const MAX_UNPLAIN = 255;

/** Tokens that nobody owns are remembered while they are few and short, because a sender must not fill the memory. */
const MAX_UNKNOWN_TOKENS = 10_000;
const MAX_UNKNOWN_TOKEN_LENGTH = 256;

/** Longer queries request many packages and name none; a sender must not fill the dictionary with them. */
const MAX_NAMING_QUERY_LENGTH = 512;
const NOTHING = new Slice();

/**
 * Receives a line that is not a request: buf[start, end), valid during the call only. `position` is the buffer's,
 * `token` the part of the log's token field that was read.
 */
export type OnRejected = (
  reasonCode: number,
  buf: Uint8Array,
  start: number,
  end: number,
  position: number,
  token: Slice,
) => void;

/** Places of a field in the last lines, until these lines are interned together. */
class PendingField {
  readonly starts = new Int32Array(INTERN_BATCH);
  readonly ends = new Int32Array(INTERN_BATCH);
  readonly dictionary: ByteDictionary;

  constructor(dictionary: ByteDictionary) {
    this.dictionary = dictionary;
  }

  /**
   * Notes a field of line `k`. A field outside the line's own buffer (a format had to unescape it) is overwritten by the next
   * line, so it is interned at once.
   */
  note(k: number, field: Slice, line: Uint8Array, out: Int32Array, at: number): void {
    if (field.buf === line) {
      this.starts[k] = field.start;
      this.ends[k] = field.end;
    } else {
      this.starts[k] = -1;
      out[at] = this.dictionary.intern(field.buf, field.start, field.end);
    }
  }
}

export class RequestReader {
  readonly locations: ByteDictionary;
  readonly userAgents: ByteDictionary;
  readonly addresses: ByteDictionary;
  /** Names of edge hosts; column `edge` is the code + 1. */
  readonly edges: ByteDictionary;
  /** Ids of the tokens found; column `token` is the index + 1. */
  readonly tokenIds: string[] = [];
  /** Operators that signed requests, '' for all unknown ones; column `signedBy` is the index + 1. A closed list, so it is never cleared. */
  readonly signedOperators: string[] = [];
  lines = 0;
  excluded = 0;
  quarantined = 0;
  /** Requests without a size in the log; their bytes count as 0. */
  bytesUnknown = 0;
  /** Lines by reason code. */
  readonly byReason = new Float64Array(64);
  /** Requests by index of `degradedReasons`. A request with several degradations counts under each. */
  readonly degraded = new Float64Array(degradedReasons.length);
  /** Requests with a degradation, each once. */
  degradedRequests = 0;
  /** Lines with a later time are quarantined. */
  private latest_ms = Infinity;
  private readonly fields = new LineFields();
  private readonly tokenCodes = new Map<string, number>();
  private readonly unknownTokens = new Set<string>();
  private readonly tokenBytes: Uint8Array | undefined;
  private scratch = new Uint8Array(4096);
  private readonly location = new Slice();
  private readonly pendingLocations: PendingField;
  private readonly pendingUserAgents: PendingField;
  private readonly pendingAddresses: PendingField;
  /** Number of requests whose fields are pending: the last ones of the chunk. */
  private pending = 0;
  /** Number of lines to read one by one before plain ones are tried again; `unplain` is that number after the next failure. */
  private linesToPlain = 0;
  private unplain = 0;

  private readonly parser: LineParser;
  private readonly hostMatters: boolean;
  private readonly queriedPaths: readonly Uint8Array[];
  readonly tokens: TokenRule;
  private readonly maxLine_bytes: number;
  private readonly onRejected: OnRejected;
  private readonly onRequest: ((fields: LineFields) => void) | undefined;

  constructor(options: {
    parser: LineParser;
    /** Whether the host helps to choose the ecosystem. */
    hostMatters: boolean;
    /** Ends of paths whose query helps to name the package; queries of other paths are not kept. */
    queriedPaths?: readonly string[];
    tokens: TokenRule;
    maxLine_bytes: number;
    onRejected: OnRejected;
    /** Called with each request that has a request id. */
    onRequest?: (fields: LineFields) => void;
  }) {
    this.parser = options.parser;
    this.hostMatters = options.hostMatters;
    this.queriedPaths = (options.queriedPaths ?? []).map((path) => new TextEncoder().encode(path));
    this.tokens = options.tokens;
    this.maxLine_bytes = options.maxLine_bytes;
    this.onRejected = options.onRejected;
    this.onRequest = options.onRequest;
    this.tokenBytes =
      options.tokens.queryParameter === undefined
        ? undefined
        : new TextEncoder().encode(`${options.tokens.queryParameter}=`);
    this.locations = new ByteDictionary();
    this.userAgents = new ByteDictionary();
    this.addresses = new ByteDictionary();
    this.edges = new ByteDictionary();
    this.pendingLocations = new PendingField(this.locations);
    this.pendingUserAgents = new PendingField(this.userAgents);
    this.pendingAddresses = new PendingField(this.addresses);
  }

  /**
   * Reads whole lines of buf[start, end) into `out` until it is full.
   * The bytes after the last line end are a line too: the caller cuts at line ends, except at the end of an object.
   * @param position of buf[0] in the stream; passed on with rejected lines
   * @param latest_ms a line with a later time is quarantined
   * @returns offset of the first byte that was not read
   */
  read(buf: Uint8Array, start: number, end: number, position: number, latest_ms: number, out: RequestBatch): number {
    const { plain } = this.parser;
    plain?.begin(latest_ms);
    this.latest_ms = latest_ms;
    let at = start;
    while (at < end && out.length < CHUNK_LINES) {
      if (plain !== undefined && this.linesToPlain-- <= 0) {
        this.readPlain(plain, buf, at, end, out);
        at = plain.next;
        if (!plain.stuck) continue;
      }
      let lineEnd = buf.indexOf(LF, at);
      if (lineEnd < 0 || lineEnd > end) lineEnd = end;
      const next = lineEnd < end ? lineEnd + 1 : end;
      if (lineEnd > at && buf[lineEnd - 1] === CR) lineEnd--;
      this.readLine(buf, at, lineEnd, position, out);
      if (this.pending === INTERN_BATCH) this.internPending(buf, out);
      at = next;
    }
    this.internPending(buf, out);
    return at;
  }

  /** The name of an edge host, by its code in the column `edge`. */
  edgeName(code: number): string {
    return code === 0 ? '' : new TextDecoder().decode(this.edges.view(code - 1));
  }

  /** Forgets every code. The caller must clear the classifier in the same step. */
  clear(): void {
    this.locations.clear();
    this.userAgents.clear();
    this.addresses.clear();
    this.edges.clear();
    this.tokenIds.length = 0;
    this.tokenCodes.clear();
  }

  clearCounts(): void {
    this.lines = 0;
    this.excluded = 0;
    this.quarantined = 0;
    this.bytesUnknown = 0;
    this.byReason.fill(0);
    this.degraded.fill(0);
    this.degradedRequests = 0;
  }

  private readLine(buf: Uint8Array, start: number, end: number, position: number, out: RequestBatch): void {
    this.lines++;
    const fields = this.fields;
    const outcome = this.parse(buf, start, end, fields);
    if (outcome !== 0) {
      if (isExcluded(outcome)) this.excluded++;
      else this.quarantined++;
      this.byReason[outcome]++;
      this.onRejected(outcome, buf, start, end, position, fields.token);
      return;
    }
    const i = out.length++;
    out.occurredAt[i] = fields.occurredAt;
    out.method[i] = fields.method;
    out.status[i] = fields.status;
    out.bytes[i] = fields.bytes;
    out.ci[i] = fields.ci;
    out.asn[i] = fields.asn;
    if (fields.bytes < 0) this.bytesUnknown++;
    if (fields.degraded !== 0) this.countDegraded(fields.degraded);
    out.range[i] = fields.range.end > fields.range.start ? rangeOf(fields.range) : ranges.none;
    const country = fields.country;
    out.country[i] =
      country.end - country.start === 2
        ? upper(country.buf[country.start]) * 256 + upper(country.buf[country.start + 1])
        : 0;
    const k = this.pending++;
    this.pendingLocations.note(k, this.locationOf(fields), buf, out.location, i);
    this.pendingUserAgents.note(k, fields.userAgent, buf, out.userAgent, i);
    if (fields.address.end > fields.address.start) this.pendingAddresses.note(k, fields.address, buf, out.address, i);
    else {
      this.pendingAddresses.starts[k] = -1;
      out.address[i] = -1;
    }
    // A field that nobody owns (credentials for something else) hides no token in another place.
    const { token } = fields;
    out.token[i] = (token.end > token.start && this.tokenCode(token.text())) || this.queryToken(fields.query);
    const { edge } = fields;
    out.edge[i] = edge.end > edge.start ? this.edges.intern(edge.buf, edge.start, edge.end) + 1 : 0;
    out.signedBy[i] = fields.signedBy.end > fields.signedBy.start ? this.operatorCode(fields.signedBy.text()) : 0;
    if (this.onRequest !== undefined) this.onRequest(fields);
  }

  private parse(buf: Uint8Array, start: number, end: number, fields: LineFields): number {
    if (end - start > this.maxLine_bytes) return reason.line_too_long;
    const outcome = this.parser.parse(buf, start, end, fields);
    if (outcome !== 0) return outcome;
    if (fields.occurredAt > this.latest_ms) return reason.timestamp_in_future;
    if (fields.bytes > MAX_BYTES) {
      fields.bytes = -1;
      fields.degraded |= degradation.bad_bytes;
    }
    return 0;
  }

  private countDegraded(bits: number): void {
    this.degradedRequests++;
    for (let bit = 0; bit < degradedReasons.length; bit++) this.degraded[bit] += (bits >> bit) & 1;
  }

  /** Reads plain lines. After each failure it waits for more lines before it tries again. */
  private readPlain(plain: PlainLines, buf: Uint8Array, start: number, end: number, out: RequestBatch): void {
    const i = out.length;
    const count = plain.read(buf, start, end, CHUNK_LINES - i, this.maxLine_bytes);
    this.linesToPlain = this.unplain;
    if (count === 0) {
      this.unplain = Math.min(2 * this.unplain + 1, MAX_UNPLAIN);
      return;
    }
    this.unplain = 0;
    this.linesToPlain = 0;
    this.internPending(buf, out);
    this.lines += count;
    out.length += count;
    const { fields } = this;
    fields.reset();
    const joined = this.hostMatters || this.queriedPaths.length > 0;
    out.occurredAt.set(plain.occurredAt.subarray(0, count), i);
    out.method.set(plain.method.subarray(0, count), i);
    out.status.set(plain.status.subarray(0, count), i);
    out.bytes.set(plain.bytes.subarray(0, count), i);
    out.country.set(plain.country.subarray(0, count), i);
    out.asn.set(plain.asn.subarray(0, count), i);
    out.edge.fill(0, i, i + count); // a line that names its edge is not plain
    out.signedBy.fill(0, i, i + count); // a signed line is not plain
    out.address.fill(-1, i, i + count);
    out.ci.fill(fields.ci, i, i + count);
    for (let k = 0; k < count; k++) {
      if (plain.bytes[k] < 0) this.bytesUnknown++;
      const { query, token } = fields;
      sliceOf(plain, plain.query, k, query);
      out.range[i + k] = sliceOf(plain, plain.range, k, fields.range) ? rangeOf(fields.range) : ranges.none;
      out.token[i + k] =
        (sliceOf(plain, plain.token, k, token) && this.tokenCode(token.text())) || this.queryToken(query);
      if (joined) {
        sliceOf(plain, plain.host, k, fields.host);
        sliceOf(plain, plain.path, k, fields.path);
        const location = this.locationOf(fields);
        out.location[i + k] = this.locations.intern(location.buf, location.start, location.end);
      }
      if (this.onRequest !== undefined && sliceOf(plain, plain.requestId, k, fields.requestId)) this.onRequest(fields);
    }
    if (!joined) this.locations.internHashed(plain.buf, plain.path, count, out.location, i);
    this.userAgents.internHashed(plain.buf, plain.userAgent, count, out.userAgent, i);
    this.addresses.internHashed(plain.buf, plain.address, count, out.address, i);
  }

  private internPending(buf: Uint8Array, out: RequestBatch): void {
    const count = this.pending;
    const at = out.length - count;
    for (const [field, codes] of [
      [this.pendingLocations, out.location],
      [this.pendingUserAgents, out.userAgent],
      [this.pendingAddresses, out.address],
    ] as const)
      field.dictionary.internMany(buf, field.starts, field.ends, count, codes, at);
    this.pending = 0;
  }

  /**
   * The value that decides the resource: 'path'; 'host\0path' if the same path on two hosts may be two packages;
   * 'host\0path\0query' if the query names the package.
   */
  private locationOf(fields: LineFields): Slice {
    const queried = this.queriedPaths.length > 0 && this.isQueried(fields);
    if (!queried && !this.hostMatters) return fields.path;
    const host = this.hostMatters ? fields.host : NOTHING;
    const length = host.length + fields.path.length + fields.query.length + 2;
    if (this.scratch.length < length) this.scratch = new Uint8Array(length * 2);
    let end = this.copy(host, 0);
    this.scratch[end++] = 0;
    end = this.copy(fields.path, end);
    if (queried) {
      this.scratch[end++] = 0;
      end = this.copy(fields.query, end);
    }
    this.location.set(this.scratch, 0, end);
    return this.location;
  }

  private copy({ buf, start, end }: Slice, to: number): number {
    for (let i = start; i < end; i++) this.scratch[to++] = buf[i]!;
    return to;
  }

  private isQueried({ path, query }: LineFields): boolean {
    if (query.length === 0 || query.length > MAX_NAMING_QUERY_LENGTH) return false;
    return this.queriedPaths.some((suffix) => {
      const start = path.end - suffix.length;
      return start >= path.start && suffix.every((byte, i) => path.buf[start + i] === byte);
    });
  }

  private operatorCode(agent: string): number {
    const operator = knownOperator(agent);
    const index = this.signedOperators.indexOf(operator);
    return index < 0 ? this.signedOperators.push(operator) : index + 1;
  }

  private queryToken(query: Slice): number {
    const needle = this.tokenBytes;
    if (needle === undefined || query.end - query.start <= needle.length) return 0;
    const { buf, start, end } = query;
    for (let at = start; at + needle.length < end;) {
      let same = 0;
      while (same < needle.length && buf[at + same] === needle[same]) same++;
      let next = at;
      while (next < end && buf[next] !== 38 /* & */) next++;
      // The whole value counts: a client that appends a path to it (`S/six/`) has sent another token, which nobody owns.
      const code = same < needle.length ? 0 : this.tokenCode(new TextDecoder().decode(buf.subarray(at + same, next)));
      if (code !== 0) return code;
      at = next + 1;
    }
    return 0;
  }

  /** Code of the token's id, 0 if nobody owns it. @param token as sent, also as credentials */
  tokenCode(token: string): number {
    const known = this.tokenCodes.get(token);
    if (known !== undefined) return known;
    if (this.unknownTokens.has(token)) return 0;
    const id = secretsIn(token)
      .map(this.tokens.idOf)
      .find((found) => found !== null);
    if (id === undefined) {
      if (this.unknownTokens.size >= MAX_UNKNOWN_TOKENS) this.unknownTokens.clear();
      if (token.length <= MAX_UNKNOWN_TOKEN_LENGTH) this.unknownTokens.add(token);
      return 0;
    }
    const code = this.tokenIds.push(id);
    this.tokenCodes.set(token, code);
    return code;
  }
}

/** Row k of a column as a slice. @returns whether it has any bytes */
function sliceOf({ buf }: PlainLines, { starts, ends }: SliceColumn, k: number, out: Slice): boolean {
  out.set(buf, starts[k], ends[k]);
  return ends[k] > starts[k];
}

const upper = (byte: number): number => (byte >= 97 && byte <= 122 ? byte - 32 : byte);

/** What the client asked (`bytes=0-`), or what the edge answered, of which the question is not known (`0-499`, `bytes 0-499/500`). */
const OPEN_RANGE = /^(?:bytes ?= ?0+-$|(?:bytes )?0+-)/i;

/** @returns one of `ranges` */
export function rangeOf(range: Slice): number {
  const start = rangeStart(range);
  if (start > 0) return ranges.later;
  if (start < 0) return ranges.unknown;
  const text = String.fromCharCode(...range.buf.subarray(range.start, Math.min(range.end, range.start + 16)));
  return OPEN_RANGE.test(text) ? ranges.open : ranges.start;
}

/** First byte of `bytes=N-…` or `bytes N-…`; −1 if it is not known (a suffix range, another unit). */
function rangeStart(range: Slice): number {
  const { buf, start, end } = range;
  let at = start;
  while (at < end && (buf[at] < 48 || buf[at] > 57)) {
    if (buf[at] === 45 /* - */) return -1;
    at++;
  }
  if (at === end) return -1;
  let value = 0;
  for (; at < end && buf[at] >= 48 && buf[at] <= 57; at++) value = value * 10 + buf[at] - 48;
  return value;
}
