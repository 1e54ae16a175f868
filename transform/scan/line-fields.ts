// The content of one log line, before anyone interprets it: numbers, and slices of bytes that are not yet strings.
// Formats write it, the transform reads it. One instance is reused for every line, so that nothing is allocated per line.

const EMPTY = new Uint8Array(0);
const decoder = new TextDecoder();

/** A range of bytes [start, end) in `buf`: the line's own buffer, or a format's scratch buffer if it had to unescape. */
export class Slice {
  buf: Uint8Array = EMPTY;
  start = 0;
  end = 0;

  set(buf: Uint8Array, start: number, end: number): void {
    this.buf = buf;
    this.start = start;
    this.end = end;
  }

  /** Empty means absent, because no format distinguishes an empty field from a missing one. */
  clear(): void {
    this.start = 0;
    this.end = 0;
  }

  get length(): number {
    return this.end - this.start;
  }

  /** Decodes as UTF-8; invalid sequences become U+FFFD. Not for the hot path. */
  text(): string {
    return this.end === this.start ? '' : decoder.decode(this.buf.subarray(this.start, this.end));
  }
}

/** Request methods as small integers; everything else is OTHER. */
export const method = { OTHER: 0, GET: 1, HEAD: 2, POST: 3, PUT: 4, DELETE: 5, OPTIONS: 6, PATCH: 7 } as const;
export const methodNames = ['OTHER', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'] as const;

/** Three-valued evidence: true, false, or not in the log. */
export const tri = { UNKNOWN: -1, FALSE: 0, TRUE: 1 } as const;
export type Tri = -1 | 0 | 1;

export class LineFields {
  /** Milliseconds since 1970-01-01T00:00:00Z; an integer. */
  occurredAt = 0;
  /** Bits of `degradation`: the fields that are in doubt or could not be read. */
  degraded = 0;
  /** HTTP status, 100–599; 0 if the client went away before an answer, or it could not be read. */
  status = 0;
  /** Bytes sent by the edge; −1 if not known. An integer below 2^53. */
  bytes = -1;
  /** One of `method`. */
  method: number = method.GET;
  /** AS number that the edge recorded; 0 if not known. */
  asn = 0;
  /** CI variables sent by the client (Julia): one of `tri`. */
  ci: Tri = tri.UNKNOWN;
  /** The client's address as text, IPv4 or IPv6, without brackets or port; empty if it is not known. */
  readonly address = new Slice();
  readonly host = new Slice();
  /**
   * Absolute path as logged, percent-encoded; if the format encodes once more, that layer is removed. No query, scheme or host.
   * Empty if it could not be read.
   */
  readonly path = new Slice();
  /** Query without '?'. */
  readonly query = new Slice();
  readonly userAgent = new Slice();
  /** ISO 3166-1 alpha-2, or empty. */
  readonly country = new Slice();
  /** Host, POP or data centre that served the request, as the edge names itself; or empty. */
  readonly edge = new Slice();
  /** Request id that the CDN assigned (RayID, x-edge-request-id), or empty. */
  readonly requestId = new Slice();
  /** Range header or Content-Range start as logged, e.g. `bytes=0-99`, or empty. */
  readonly range = new Slice();
  /** Organisation token if the log has the header, or empty. */
  readonly token = new Slice();
  /** Operator whose Web Bot Auth signature the edge found valid (its Signature-Agent), or empty. */
  readonly signedBy = new Slice();

  reset(): void {
    this.occurredAt = 0;
    this.degraded = 0;
    this.status = 0;
    this.bytes = -1;
    this.method = method.GET;
    this.asn = 0;
    this.ci = tri.UNKNOWN;
    this.address.clear();
    this.host.clear();
    this.path.clear();
    this.query.clear();
    this.userAgent.clear();
    this.country.clear();
    this.edge.clear();
    this.requestId.clear();
    this.range.clear();
    this.token.clear();
    this.signedBy.clear();
  }
}
