// Writes the lines of each simulated source. Each has one log format, composed from the formats' field lists. A line is a template:
// its fixed text is encoded once, so that a line needs only copies and numbers.

import { artifactKinds } from '../../transform/packages/ecosystem.ts';
import type { Catalogue } from './catalogue.ts';
import type { Population } from './population.ts';
import type { Random } from './random.ts';
import type { SourceName } from './scenario.ts';
import { fragmentOf, NOTHING, type Fragment, type TextBuffer } from './text-buffer.ts';

const methods = ['GET', 'HEAD', 'POST'] as const;

/** A user agent as a source writes it. If `hasRunId`, sixteen hex digits and `tail` follow `head`. */
export interface EncodedUserAgent {
  readonly head: Fragment;
  readonly tail: Fragment;
  readonly hasRunId: boolean;
  readonly isEmpty: boolean;
  /** Whether the client can send a token. */
  readonly sendsToken: boolean;
}

/** One request, filled in by the generator; the same object is used for every line. */
export class Line {
  occurredAt_ms = 0;
  /** Index into the population and into the catalogue. */
  address = 0;
  resource = 0;
  /** Index into methods. */
  method = 0;
  status = 0;
  bytes = 0;
  /** First requested byte; −1: no Range header. */
  rangeStart = -1;
  /** −1: no end is asked */
  rangeEnd = -1;
  userAgent: EncodedUserAgent = { head: NOTHING, tail: NOTHING, hasRunId: false, isEmpty: true, sendsToken: true };
  /** Organisation token as a user-agent comment with its leading blank, or as a query. Both are encoded; empty if absent. */
  comment: Fragment = NOTHING;
  query: Fragment = NOTHING;
  /** Random bits for details that do not affect the truth. */
  detail = 0;
  /** Another log's line in the same stream. */
  isOtherLog = false;
}

/** The bytes from which one source's lines are built. */
export class SourceBytes {
  readonly population: Population;
  readonly catalogue: Catalogue;
  readonly countries: readonly Fragment[];
  readonly asns: Int32Array;
  readonly host: Fragment;
  readonly indexHost: Fragment;

  constructor(host: string, population: Population, catalogue: Catalogue) {
    this.population = population;
    this.catalogue = catalogue;
    this.countries = population.networks.map(({ country }) => fragmentOf(country));
    this.asns = Int32Array.from(population.networks, ({ asn }) => asn);
    this.host = fragmentOf(host);
    this.indexHost = fragmentOf(host.replace('static.', 'index.'));
  }
}

type Piece = (out: TextBuffer, line: Line, source: SourceBytes, random: Random) => void;

/** Compiles a template of fixed text and pieces, and adds the line end. */
function template(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Piece {
  const fixed = strings.map((text, i) => fragmentOf(i < pieces.length ? text : `${text}\n`));
  return (out, line, source, random) => {
    for (let i = 0; i < pieces.length; i++) {
      out.fragment(fixed[i]);
      pieces[i](out, line, source, random);
    }
    out.fragment(fixed[pieces.length]);
  };
}

const BLANK = 32;
const LETTER_T = 84;
const TAB = 9;
const isoWith =
  (separator: number): Piece =>
  (out, line) =>
    out.isoTime(line.occurredAt_ms, separator);
const iso = isoWith(LETTER_T);
const clf: Piece = (out, line) => out.clfTime(line.occurredAt_ms);
const millisecond: Piece = (out, line) => out.three(line.occurredAt_ms % 1000);
const SIX_ZEROS = fragmentOf('000000');
/** Nine digits, of a clock that ticks in milliseconds. */
const nanosecond: Piece = (out, line) => {
  out.three(line.occurredAt_ms % 1000);
  out.fragment(SIX_ZEROS);
};

const DASH = fragmentOf('-');
const address: Piece = (out, line, { population }) => {
  out.slice(population.addressBytes, population.addressStart[line.address], population.addressStart[line.address + 1]);
};
const country: Piece = (out, line, { countries, population }) =>
  out.fragment(countries[population.network[line.address]]);
const lowerCaseCountry: Piece = (out, line, { countries, population }) => {
  const { view } = countries[population.network[line.address]];
  out.byte(view.getUint8(0) | 32);
  out.byte(view.getUint8(1) | 32);
};
const asn: Piece = (out, line, { asns, population }) => out.decimal(asns[population.network[line.address]]);

const methodBytes = methods.map(fragmentOf);
const method: Piece = (out, line) => out.fragment(methodBytes[line.method]);
const path: Piece = (out, line, { catalogue }) =>
  out.slice(catalogue.pathBytes, catalogue.pathStart[line.resource], catalogue.pathStart[line.resource + 1]);
const query: Piece = (out, line) => out.fragment(line.query);
/** Path, then '?' and the query if there is one. */
const target: Piece = (out, line, source, random) => {
  path(out, line, source, random);
  if (line.query.length === 0) return;
  out.byte(63);
  out.fragment(line.query);
};
const queryOrDash: Piece = (out, line) => out.fragment(line.query.length > 0 ? line.query : DASH);
const status: Piece = (out, line) => out.decimal(line.status);
const bytes: Piece = (out, line) => out.decimal(line.bytes);

const dash: Piece = (out) => out.fragment(DASH);

/** @param blank how the format writes a blank; a token's comment without a user agent gets none */
const userAgentWith =
  (blank: string, whenEmpty?: Piece): Piece =>
  (out, line, source, random) => {
    const { userAgent, comment } = line;
    if (userAgent.isEmpty && comment.length === 0) return whenEmpty?.(out, line, source, random);
    out.fragment(userAgent.head);
    if (userAgent.hasRunId) {
      out.hex(random.next());
      out.hex(random.next());
      out.fragment(userAgent.tail);
    }
    if (comment.length > 0) out.slice(comment, userAgent.isEmpty ? blank.length : 0, comment.length);
  };
const userAgent = userAgentWith(' ');

/** One of `span` numbers from `low` on. `span` is small, so that details that nobody reads compress well. */
const number =
  (low: number, span: number, shift = 0): Piece =>
  (out, line) =>
    out.decimal(low + ((line.detail >>> shift) % span));
const oneOf = (shift: number, ...texts: readonly string[]): Piece => {
  const choices = texts.map(fragmentOf);
  return (out, line) => out.fragment(choices[(line.detail >>> shift) % choices.length]);
};
const cache = (hit: string, miss: string, revalidated: string): Piece => {
  const [hitBytes, missBytes, revalidatedBytes] = [fragmentOf(hit), fragmentOf(miss), fragmentOf(revalidated)];
  return (out, line) =>
    out.fragment(line.status === 304 ? revalidatedBytes : (line.detail & 15) === 0 ? missBytes : hitBytes);
};
/** An id that is unique to the request: 64 random bits. */
const requestId: Piece = (out, _line, _source, random) => {
  out.hex(random.next());
  out.hex(random.next());
};

const asIs = (text: string): string => text;
const jsonText = (text: string): string => JSON.stringify(text).slice(1, -1);

export interface LineFormat {
  /** Name in fairshare.yaml. */
  readonly format: string;
  /** Field map, if the format is 'json'. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Whether the written size includes the response's headers. */
  readonly countsHeaders?: boolean;
  readonly hasRequestId?: boolean;
  readonly logsRange?: boolean;
  /** Whether the stream has lines of another log. */
  readonly mixesLogs?: boolean;
  /** Directive lines at the start of every object. */
  readonly preamble?: readonly string[];
  readonly encodePath: (path: string) => string;
  readonly encodeUserAgent: (userAgent: string) => string;
  readonly write: Piece;
}

const host: Piece = (out, _line, source) => out.fragment(source.host);
const INDEX = artifactKinds.indexOf('index');
const cratesHost: Piece = (out, line, { catalogue, host, indexHost }) =>
  out.fragment(catalogue.kind[line.resource] === INDEX ? indexHost : host);
const [EYEBALL, WORKER] = [fragmentOf('eyeball'), fragmentOf('edgeWorkerFetch')];
const requestSource: Piece = (out, line) => out.fragment(line.isOtherLog ? WORKER : EYEBALL);

const rangeFrom = fragmentOf('bytes=');
const range: Piece = (out, line) => {
  if (line.rangeStart < 0) return;
  out.fragment(rangeFrom);
  out.decimal(line.rangeStart);
  out.fragment(DASH);
  if (line.rangeEnd >= 0) out.decimal(line.rangeEnd);
};

/** This project's nginx edge. It logs decoded paths. */
const nginxEdge: LineFormat = {
  format: 'nginx-edge',
  countsHeaders: true,
  logsRange: true,
  encodePath: decodeURIComponent,
  encodeUserAgent: jsonText,
  write: template`{"timestamp":"${iso}+00:00","client_ip":"${address}","request":"${method}","request_path":"${path}","request_query":"${query}","user_agent":"${userAgent}","response_status":${status},"response_bytes":${bytes},"response_cache":"${cache('HIT', 'MISS', 'REVALIDATED')}","request_range":"${range}","tls_version":"TLSv1.3","time_elapsed":0.${number(12, 8, 8)}}`,
};

/** A feed with the edge's own names. A field map is enough to read it. */
const ownJson: LineFormat = {
  format: 'json',
  fields: {
    occurred_at: 'at',
    address: 'client.ip',
    country: 'client.country',
    asn: 'client.as',
    method: 'http.verb',
    path: 'http.path',
    query: 'http.query',
    status: 'http.code',
    bytes: 'http.sent',
    user_agent: 'http.agent',
  },
  encodePath: asIs,
  encodeUserAgent: jsonText,
  write: template`{"at":"${iso}.${millisecond}Z","client":{"ip":"${address}","country":"${country}","as":${asn}},"http":{"verb":"${method}","path":"${path}","query":"${query}","code":${status},"sent":${bytes},"agent":"${userAgent}"},"edge":{"node":"edge-${number(10, 30)}","tls":"TLSv1.3"}}`,
};

/** CloudFront encodes all characters except a short list; '%' is encoded, too. */
const cloudFrontText = (text: string): string =>
  text.replace(/[^A-Za-z0-9\-._~!$&'()*+,/:;=?@]/g, (c) =>
    Array.from(Buffer.from(c), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
const edgeResult = cache('Hit', 'Miss', 'RefreshHit');

const cloudFront: LineFormat = {
  format: 'cloudfront',
  countsHeaders: true,
  hasRequestId: true,
  preamble: [
    '#Version: 1.0',
    '#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end',
  ],
  encodePath: cloudFrontText,
  encodeUserAgent: cloudFrontText,
  write: template`${isoWith(TAB)}\t${oneOf(4, 'FRA56-P4', 'IAD89-C1', 'DUB2-C1', 'NRT57-P2')}\t${bytes}\t${address}\t${method}\t${host}\t${path}\t${status}\t-\t${userAgentWith('%20', dash)}\t${queryOrDash}\t-\t${edgeResult}\t${requestId}\t${host}\thttps\t${number(180, 16, 8)}\t0.0${number(10, 8, 16)}\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\t${edgeResult}\tHTTP/2.0\t-\t-\t${number(20_000, 64, 18)}\t0.0${number(10, 8, 16)}\t${edgeResult}\tapplication/octet-stream\t-\t-\t-`,
};

/** crates.io-style: JSON after a syslog prefix; the index has its own host. */
const fastlyCrates: LineFormat = {
  format: 'fastly-crates',
  encodePath: asIs,
  encodeUserAgent: jsonText,
  write: template`<134>${iso}Z cache-sim${number(100, 60)} s3-request-logs[257678]: {"bytes":${bytes},"content_type":"application/gzip","date_time":"${iso}.${nanosecond}Z","edge_location":"${oneOf(4, 'FRA', 'IAD', 'NRT')}","host":"${cratesHost}","http":{"protocol":"HTTP/2","referer":null,"useragent":"${userAgent}"},"ip":"${address}","method":"${method}","service":"${host}","status":${status},"tls":{"cipher":"TLS_AES_128_GCM_SHA256","protocol":"TLSv1.3"},"url":"https://${cratesHost}${target}","version":"1"}`,
};

/** RubyGems-style: every value is a text, and the client's place is spelt out. */
const fastlyRubygems: LineFormat = {
  format: 'fastly-rubygems',
  encodePath: asIs,
  encodeUserAgent: jsonText,
  write: template`{"timestamp":"${isoWith(BLANK)}","time_elapsed":"${number(200, 16, 8)}","client_ip":"${address}","client_continent":"NA","client_country":"${country}","client_region":"","client_city":"","client_latitude":"","client_longitude":"","client_timezone":"","client_connection":"broadband","request":"${method}","request_host":"${host}","request_path":"${path}","request_query":"${query}","request_bytes":"${number(120, 16, 12)}","user_agent":"${userAgent}","http2":"1","tls":"1","tls_version":"TLSv1.3","tls_cipher":"TLS_AES_128_GCM_SHA256","response_status":"${status}","response_text":"","response_bytes":"${bytes}","response_cache":"${cache('HIT', 'MISS', 'HIT')}","cache_state":"${cache('HIT-CLUSTER', 'MISS-CLUSTER', 'HIT-STALE')}","cache_lastuse":"0.0${number(10, 8, 16)}","cache_hits":"${number(1, 9, 20)}","server_region":"EU-West","server_datacenter":"${oneOf(4, 'FRA', 'AMS', 'LHR')}"}`,
};

/** nginx or Apache, combined: sizes without headers; quotes in a user agent are escaped as in nginx. */
const combined: LineFormat = {
  format: 'combined',
  encodePath: asIs,
  encodeUserAgent: (text) => text.replaceAll('\\', '\\x5C').replaceAll('"', '\\x22'),
  write: template`${address} - - [${clf} +0000] "${method} ${target} HTTP/1.1" ${status} ${bytes} "-" "${userAgentWith(' ', dash)}"`,
};

/** Cloudflare Logpush: requests of clients, and subrequests of an edge worker. */
const cloudflare: LineFormat = {
  format: 'cloudflare-logpush',
  countsHeaders: true,
  hasRequestId: true,
  mixesLogs: true,
  encodePath: asIs,
  encodeUserAgent: jsonText,
  write: template`{"CacheCacheStatus":"${cache('hit', 'miss', 'revalidated')}","ClientASN":${asn},"ClientCountry":"${lowerCaseCountry}","ClientIP":"${address}","ClientRequestHost":"${host}","ClientRequestMethod":"${method}","ClientRequestPath":"${path}","ClientRequestSource":"${requestSource}","ClientRequestURI":"${target}","ClientRequestUserAgent":"${userAgent}","EdgeResponseBytes":${bytes},"EdgeResponseStatus":${status},"EdgeStartTimestamp":"${iso}Z","ParentRayID":"00","RayID":"${requestId}"}`,
};

export const lineFormats: Record<SourceName, LineFormat> = {
  npm: nginxEdge,
  pypi: ownJson,
  maven: cloudFront,
  crates: fastlyCrates,
  rubygems: fastlyRubygems,
  debian: combined,
  openvsx: cloudflare,
};
