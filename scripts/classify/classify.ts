// Gives one answer for each line (docs: contracts of `fairshare classify`), by the same parts as ingest, without its columns.

import { Address, parseAddress } from '../../transform/networks/address.ts';
import { countryText } from '../../transform/networks/country.ts';
import { decide } from '../../transform/classify/decide.ts';
import type { Requester } from '../../transform/classify/requester.ts';
import type { ClientFacets } from '../../transform/clients/client.ts';
import { clientIn, parseUserAgent } from '../../transform/clients/index.ts';
import { type Platform, platformOf } from '../../transform/clients/platform.ts';
import { extractToken } from '../../transform/clients/token.ts';
import type { LineParser } from '../../transform/formats/format.ts';
import type { NetworkIndex } from '../../transform/networks/network-index.ts';
import { isExcluded, reason, reasonNames } from '../../transform/outcome.ts';
import { ranges, transferOf, transfers } from '../../transform/packages/download.ts';
import { fileTypeOf } from '../../transform/packages/file-type.ts';
import type { Resolver } from '../../transform/packages/index.ts';
import { purl } from '../../transform/packages/purl.ts';
import { rangeOf } from '../../transform/request-reader.ts';
import { LineFields, methodNames, tri, type Slice, type Tri } from '../../transform/scan/line-fields.ts';

/** A line without its line end; null: longer than the limit. */
export type Line = Buffer | null;
export type Answer = Readonly<Record<string, unknown>>;

const REMEMBERED = 50_000;

const known = (value: Tri): boolean | null => (value === tri.UNKNOWN ? null : value === tri.TRUE);
const transferNames = ['none', 'whole', 'partial', 'open'] as const satisfies readonly (keyof typeof transfers)[];
const orNull = (text: string): string | null => (text === '' ? null : text);
const rejected = (code: number): Answer => ({
  [isExcluded(code) ? 'excluded' : 'error']: { reason: reasonNames[code] },
});

/** The claims of a user agent, and what it says of its machine. */
interface Parsed {
  readonly facets: ClientFacets;
  readonly platform: Platform;
}

function parsed(userAgent: string, tokenKey?: string): Parsed {
  const facets = parseUserAgent(userAgent, tokenKey);
  return { facets, platform: platformOf(extractToken(userAgent, tokenKey).rest, facets) };
}

/** The part of an answer about the requester. */
const requesterPart = ({ facets: { version }, platform }: Parsed, requester: Requester): Answer => ({
  client: { name: requester.client, version: orNull(version) },
  requester_class: requester.requesterClass,
  identity: requester.identity,
  ci: known(requester.ci),
  ci_provider: orNull(requester.ciProvider),
  container: known(requester.container),
  rule_id: requester.ruleId,
  runtime: named(platform.runtime, platform.runtimeVersion),
  os: orNull(platform.os),
  distro: named(platform.distro, platform.distroVersion),
  arch: orNull(platform.arch),
  libc: orNull(platform.libc),
});

const named = (name: string, version: string) => (name === '' ? null : { name, version: orNull(version) });

/** Remembers answers, because real logs repeat their user agents and paths. */
function remembering<T>(make: (text: string) => T): (text: string) => T {
  const made = new Map<string, T>();
  return (text) => {
    let value = made.get(text);
    if (value === undefined) {
      if (made.size >= REMEMBERED) made.clear();
      value = make(text);
      made.set(text, value);
    }
    return value;
  };
}

/** Each line is a user agent. An empty line is an empty user agent. */
export function userAgentClassifier(networks: NetworkIndex): (line: Line) => Answer {
  const parse = remembering((userAgent) => parsed(userAgent));
  return (line) => {
    if (line === null) return rejected(reason.line_too_long);
    const user_agent = line.toString();
    const found = parse(user_agent);
    return { user_agent, ...requesterPart(found, decide(found.facets, networks.facts[0], tri.UNKNOWN)) };
  };
}

export interface LogClassifierOptions {
  readonly parser: LineParser;
  readonly resolve: Resolver;
  readonly networks: NetworkIndex;
  /** Address of the registry for package URLs; '' or undefined: the default of the purl's type. */
  readonly repositoryUrl?: string;
  /** Word before an organisation token in the user agent; undefined: the default's. */
  readonly tokenKey?: string;
}

/** Lines must be of one log, in its order, because a format may keep state between lines. */
export function logClassifier({
  parser,
  resolve,
  networks,
  repositoryUrl,
  tokenKey,
}: LogClassifierOptions): (line: Line) => Answer {
  const parse = remembering((userAgent) => parsed(userAgent, tokenKey));
  const locate = remembering((location) => {
    const [host, path, query] = location.split('\0');
    const { ecosystem, resource } = resolve(host, path, query);
    return { ecosystem, resource, purl: orNull(purl(ecosystem, resource, repositoryUrl)) };
  });
  const fields = new LineFields();
  const scratch = new Address();
  const countryOf = (text: Uint8Array): string =>
    parseAddress(text, 0, text.length, scratch) ? countryText(networks.countryOf(scratch)) : '';
  const bytesOf = ({ buf, start, end }: Slice): Uint8Array => buf.subarray(start, end);
  return (line) => {
    if (line === null) return rejected(reason.line_too_long);
    const code = parser.parse(line, 0, line.length, fields);
    if (code !== 0) return rejected(code);
    const { status, bytes, method, occurredAt, asn, ci } = fields;
    // NUL separates the parts, because no format allows it in a field.
    const found = locate(`${fields.host.text()}\0${fields.path.text()}\0${fields.query.text()}`);
    const { ecosystem, resource } = found;
    const range = fields.range.length > 0 ? rangeOf(fields.range) : ranges.none;
    const transfer = transferOf(resource.rule, method, status, bytes, range, occurredAt);
    const address = bytesOf(fields.address);
    const agent = parse(fields.userAgent.text());
    const facets = clientIn(agent.facets, ecosystem);
    const requester = decide(facets, networks.factsOf(address, asn), ci, {
      // Without an address in the log, no list may contradict a claim.
      freshCrawlerLists: address.length === 0 ? undefined : networks.freshCrawlerLists,
      signedOperator: fields.signedBy.length === 0 ? undefined : fields.signedBy.text(),
    });
    return {
      occurred_at: new Date(occurredAt).toISOString(),
      method: methodNames[method],
      status,
      bytes: bytes < 0 ? null : bytes,
      ecosystem,
      package: orNull(resource.package),
      version: orNull(resource.version),
      artifact: resource.artifact,
      file: orNull(resource.file),
      file_type: orNull(fileTypeOf(ecosystem, resource)),
      purl: found.purl,
      is_download: transfer === transfers.whole,
      transfer: transferNames[transfer],
      ...requesterPart({ facets, platform: agent.platform }, requester),
      country: orNull(fields.country.text().toUpperCase() || countryOf(address)),
      network: orNull(networks.networkOf(address)),
    };
  };
}
