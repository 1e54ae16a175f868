// Stage two, vectorised: each distinct value is classified once; a chunk of requests is then a gather by code.

import { evidenceKey, type EvidenceSet } from './aggregate/evidence-set.ts';
import { GroupTable } from './aggregate/group-table.ts';
import { type ClientFacets } from './clients/client.ts';
import { clientIn, clientsByEcosystem, parseUserAgent } from './clients/index.ts';
import { extractToken } from './clients/token.ts';
import { decide } from './classify/decide.ts';
import { platformOf, platformText } from './clients/platform.ts';
import { type Requester } from './classify/requester.ts';
import { Address, networkText, parseAddress } from './networks/address.ts';
import { noFacts, type NetworkFacts } from './networks/facts.ts';
import { type NetworkIndex } from './networks/network-index.ts';
import { isDownload, transferOf, transfers } from './packages/download.ts';
import { artifactKinds, downloadRules, type DownloadRule, type Resource } from './packages/ecosystem.ts';
import { fileTypeOf, fileTypes } from './packages/file-type.ts';
import { type ClassifiedBatch, type RequestBatch } from './request-batch.ts';
import { type RequestReader } from './request-reader.ts';
import { CodeTable, DecisionTable } from './scan/code-tables.ts';
import { ByteDictionary, StringDictionary } from './scan/intern.ts';
import { type Tri } from './scan/line-fields.ts';

/** Facts about networks; transform/networks builds them from the registry and the published lists. */
export type NetworkLookup = Pick<NetworkIndex, 'codeOf' | 'countryOf' | 'facts' | 'freshCrawlerLists'>;

/** host, path as logged, query if it may name the package (else '') → ecosystem and resource. */
export type ResolvePath = (
  host: string,
  path: string,
  query: string,
) => { readonly ecosystem: string; readonly resource: Resource };

/** A resource as integers: codes of texts, the artifact kind's index, the download rule, the file type's index. */
export const resourcePart = {
  ecosystem: 0,
  package: 1,
  version: 2,
  artifact: 3,
  file: 4,
  rule: 5,
  fileType: 6,
} as const;
export const RESOURCE_WIDTH = 7;

/** A decision, and what the client says of its machine (`platformText`). */
export interface PlacedRequester extends Requester {
  readonly platform: string;
}

/** A network: 4 or 6 and its 24 or 48 bits; all zero if it is not known. */
const NETWORK_WIDTH = 3;
const UNKNOWN_NETWORK = new Int32Array(NETWORK_WIDTH);

/** Stripped user agents longer than this are parsed each time, because remembering them could fill the memory. */
const MAX_REMEMBERED_LENGTH = 256;

const NO_LISTS: ReadonlySet<string> = new Set();

/** Code of the facts of a request without address; the look-up's own codes follow it. */
const NO_FACTS = 0;

const decoder = new TextDecoder();

/** Columns of a distinct location: resource, download rule, ecosystem. */
const LOCATION_WIDTH = 3;
/** Columns of a distinct address: facts, evidence set without a token, network, country by the database. */
const ADDRESS_WIDTH = 4;
/** Columns of a distinct user agent: kind, token, and 1 if its library is a package client in some ecosystem. */
const USER_AGENT_WIDTH = 3;

export class Classifier {
  /** Rows of `resourcePart`, and their texts. */
  readonly resources = new GroupTable(RESOURCE_WIDTH, 1 << 10);
  readonly ecosystems = new StringDictionary();
  readonly packages = new ByteDictionary();
  readonly versions = new ByteDictionary();
  readonly files = new ByteDictionary();
  /** Each pair of a decision and a platform that occurs. */
  readonly requesters: PlacedRequester[] = [];
  readonly evidenceSets: EvidenceSet[] = [];
  /** Row 0: not known. */
  readonly networks = new GroupTable(NETWORK_WIDTH, 1 << 10);

  private readonly resourceKey = new Int32Array(RESOURCE_WIDTH);
  private readonly networkKey = new Int32Array(NETWORK_WIDTH);
  private readonly row = new Int32Array(1);
  private readonly ofLocation = new CodeTable(LOCATION_WIDTH);
  private readonly ofUserAgent = new CodeTable(USER_AGENT_WIDTH);
  private readonly ofAddress = new CodeTable(ADDRESS_WIDTH);
  /** (facts, kind, logged CI and operator that signed) → requester: all that a request needs, in one look-up. */
  private readonly requesterOf = new DecisionTable();
  /** (facts, facets, logged CI and operator that signed) → decision. Platforms are no part of it, because they are many. */
  private readonly decisionOf = new DecisionTable();
  /** (decision, platform, 0) → requester */
  private readonly placedOf = new DecisionTable();
  /** (facts, token, logged AS number if the address is not known) → evidence set */
  private readonly evidenceOf = new DecisionTable();
  /** (address, logged AS number, 0) → facts */
  private readonly factsOfLogged = new DecisionTable();

  private readonly facets: ClientFacets[] = [];
  /** `platformText` by code. */
  private readonly platforms: string[] = [];
  private readonly platformCodes = new Map<string, number>();
  private readonly decisions: Requester[] = [];
  /** A kind is what a user agent says: each pair of facets and a platform that occurs. */
  private readonly kinds: { readonly facets: number; readonly platform: number }[] = [];
  /** (facets, platform, 0) → kind */
  private readonly kindOf = new DecisionTable();
  /** (kind, ecosystem, 0) → kind */
  private readonly kindByEcosystem = new DecisionTable();
  private readonly facetCodes = new Map<string, number>();
  /** User agents that carried a token, without it → kind. Organisations have different tokens, but the same clients. */
  private readonly kindOfStripped = new Map<string, number>();
  private readonly evidenceCodes = new Map<string, number>();
  private readonly decisionCodes = new Map<string, number>();
  private readonly address = new Address();

  private readonly resolve: ResolvePath;
  private readonly lookup: NetworkLookup;
  private readonly reader: RequestReader;
  private readonly wholeFrom_ms: number;

  /** @param options.wholeFrom_ms start of the first day of methodology 2 */
  constructor(options: { reader: RequestReader; resolve: ResolvePath; networks: NetworkLookup; wholeFrom_ms: number }) {
    this.wholeFrom_ms = options.wholeFrom_ms;
    this.reader = options.reader;
    this.resolve = options.resolve;
    this.lookup = options.networks;
    this.rowOf(this.networks, UNKNOWN_NETWORK);
  }

  classify(requests: RequestBatch, out: ClassifiedBatch): void {
    this.resolveNew(requests);
    const { length, method, status, bytes, range, occurredAt, ci, token, asn, country, signedBy } = requests;
    const { requesterOf, evidenceOf, wholeFrom_ms } = this;

    const locations = this.ofLocation.values;
    for (let i = 0; i < length; i++) {
      const location = requests.location[i] * LOCATION_WIDTH;
      const rule = locations[location + 1] as DownloadRule;
      out.resource[i] = locations[location]!;
      out.transfer[i] =
        rule === downloadRules.never
          ? transfers.none
          : occurredAt[i] >= wholeFrom_ms
            ? transferOf(rule, method[i], status[i], bytes[i], range[i], occurredAt[i])
            : isDownload(rule, method[i], status[i], bytes[i], range[i], occurredAt[i])
              ? transfers.whole
              : transfers.none;
    }

    const addresses = this.ofAddress.values;
    const userAgents = this.ofUserAgent.values;
    for (let i = 0; i < length; i++) {
      const address = requests.address[i] * ADDRESS_WIDTH;
      const userAgent = requests.userAgent[i] * USER_AGENT_WIDTH;
      let facts = NO_FACTS;
      let evidence = -1;
      out.network[i] = 0;
      out.country[i] = country[i]!;
      if (address >= 0) {
        facts = addresses[address]!;
        evidence = addresses[address + 1]!;
        out.network[i] = addresses[address + 2]!;
        if (country[i] === 0) out.country[i] = addresses[address + 3]!;
      }
      let kind = userAgents[userAgent];
      if (userAgents[userAgent + 2] !== 0)
        kind = this.kindIn(kind, locations[requests.location[i] * LOCATION_WIDTH + 2]);
      const tokenCode = token[i] || userAgents[userAgent + 1];
      const loggedAsn = asn[i];
      if (loggedAsn !== 0 && address >= 0) facts = this.factsOf(requests.address[i], loggedAsn);
      if (tokenCode !== 0 || loggedAsn !== 0 || address < 0) {
        const unplacedAsn = address < 0 ? loggedAsn : 0;
        evidence = evidenceOf.get(facts, tokenCode, unplacedAsn);
        if (evidence < 0) evidence = this.combineEvidence(facts, tokenCode, unplacedAsn);
      }
      out.evidence[i] = evidence;
      const requester = requesterOf.get(facts, kind, ci[i] + 4 * signedBy[i]);
      out.requester[i] = requester >= 0 ? requester : this.decideRequester(facts, kind, ci[i] as Tri, signedBy[i]);
    }
  }

  /** Number of all decisions so far: the owner watches it to limit memory. */
  get size(): number {
    return (
      this.resources.size +
      this.networks.size +
      this.evidenceSets.length +
      this.requesterOf.size +
      this.decisionOf.size +
      this.evidenceOf.size +
      this.factsOfLogged.size
    );
  }

  /** Bytes of all texts. */
  get bytes(): number {
    return this.packages.bytes + this.versions.bytes + this.files.bytes;
  }

  /** Canonical CIDR of a network's code; '' if it is not known. */
  networkText(code: number): string {
    const { keys } = this.networks;
    const [family, high, low] = [keys[code * 3], keys[code * 3 + 1], keys[code * 3 + 2]];
    if (family === 0) return '';
    const { words } = this.address;
    words.set(family === 4 ? [0, 0, 0xffff, low << 8] : [high, low << 16, 0, 0]);
    return networkText(this.address);
  }

  /** Forgets every code. The reader must do so in the same step. */
  clear(): void {
    for (const table of [
      this.ofLocation,
      this.ofUserAgent,
      this.ofAddress,
      this.requesterOf,
      this.decisionOf,
      this.placedOf,
      this.evidenceOf,
      this.factsOfLogged,
      this.kindOf,
      this.kindByEcosystem,
      this.resources,
      this.packages,
      this.versions,
      this.files,
      this.networks,
      this.facetCodes,
      this.platformCodes,
      this.kindOfStripped,
      this.evidenceCodes,
      this.decisionCodes,
    ])
      table.clear();
    this.requesters.length = 0;
    this.evidenceSets.length = 0;
    this.facets.length = 0;
    this.platforms.length = 0;
    this.decisions.length = 0;
    this.kinds.length = 0;
    this.rowOf(this.networks, UNKNOWN_NETWORK);
  }

  private rowOf(table: GroupTable, key: Int32Array): number {
    table.find(key, 1, this.row);
    return this.row[0];
  }

  /** Classifies every value of the chunk that no earlier request had; afterwards all values can be looked up. */
  private resolveNew({ length, location, address, userAgent }: RequestBatch): void {
    const { ofLocation, ofAddress, ofUserAgent, reader } = this;
    ofLocation.reserve(reader.locations.size);
    ofAddress.reserve(reader.addresses.size);
    ofUserAgent.reserve(reader.userAgents.size);
    for (let i = 0; i < length; i++) {
      if (ofLocation.values[location[i] * LOCATION_WIDTH] < 0) this.resolveLocation(location[i]);
      if (address[i] >= 0 && ofAddress.values[address[i] * ADDRESS_WIDTH] < 0) this.resolveAddress(address[i]);
      if (ofUserAgent.values[userAgent[i] * USER_AGENT_WIDTH] < 0) this.resolveUserAgent(userAgent[i]);
    }
  }

  private resolveLocation(location: number): void {
    const text = decoder.decode(this.reader.locations.view(location));
    const [host, path, query = ''] = text.includes('\0') ? text.split('\0') : ['', text];
    const { ecosystem, resource } = this.resolve(host, path, query);
    const { resourceKey: key } = this;
    key[resourcePart.ecosystem] = this.ecosystems.intern(ecosystem);
    key[resourcePart.package] = this.packages.internText(resource.package);
    key[resourcePart.version] = this.versions.internText(resource.version);
    key[resourcePart.artifact] = artifactKinds.indexOf(resource.artifact);
    key[resourcePart.file] = this.files.internText(resource.file);
    key[resourcePart.rule] = resource.rule;
    key[resourcePart.fileType] = fileTypes.indexOf(fileTypeOf(ecosystem, resource));
    const row = this.rowOf(this.resources, key);
    this.ofLocation.set(location, row, resource.rule, key[resourcePart.ecosystem]);
  }

  private resolveAddress(code: number): void {
    const { address } = this;
    let facts = NO_FACTS;
    let network = 0;
    let country = 0;
    if (this.parse(code)) {
      country = this.lookup.countryOf(address);
      facts = this.lookup.codeOf(address) + 1;
      const { words } = address;
      const { networkKey: key } = this;
      key[0] = address.isIpv4 ? 4 : 6;
      key[1] = address.isIpv4 ? 0 : words[0];
      key[2] = address.isIpv4 ? words[3] >>> 8 : words[1] >>> 16;
      network = this.rowOf(this.networks, key);
    }
    let evidence = this.evidenceOf.get(facts, 0, 0);
    if (evidence < 0) evidence = this.combineEvidence(facts, 0, 0);
    this.ofAddress.set(code, facts, evidence, network, country);
  }

  /** Facts of an address with a logged AS number. The edge's number wins, because the edge saw the route. */
  private factsOf(code: number, loggedAsn: number): number {
    let facts = this.factsOfLogged.get(code, loggedAsn, 0);
    if (facts < 0) {
      facts = this.parse(code) ? this.lookup.codeOf(this.address, loggedAsn) + 1 : NO_FACTS;
      this.factsOfLogged.set(code, loggedAsn, 0, facts);
    }
    return facts;
  }

  private parse(code: number): boolean {
    const text = this.reader.addresses.view(code);
    return parseAddress(text, 0, text.length, this.address);
  }

  private resolveUserAgent(userAgent: number): void {
    const text = decoder.decode(this.reader.userAgents.view(userAgent));
    const { token, rest } = extractToken(text, this.reader.tokens.userAgentKey);
    const remembered = token !== '' && rest.length <= MAX_REMEMBERED_LENGTH;
    let kind = remembered ? this.kindOfStripped.get(rest) : undefined;
    if (kind === undefined) {
      const found = parseUserAgent(rest, '');
      kind = this.kindCode(this.facetsCode(found), this.platformCode(platformText(platformOf(rest, found))));
      if (remembered) this.kindOfStripped.set(rest, kind);
    }
    const isShared = clientsByEcosystem.has(this.facets[this.kinds[kind].facets].client);
    this.ofUserAgent.set(userAgent, kind, token === '' ? 0 : this.reader.tokenCode(token), isShared ? 1 : 0);
  }

  private kindCode(facets: number, platform: number): number {
    let code = this.kindOf.get(facets, platform, 0);
    if (code < 0) {
      code = this.kinds.push({ facets, platform }) - 1;
      this.kindOf.set(facets, platform, 0, code);
    }
    return code;
  }

  private platformCode(text: string): number {
    let code = this.platformCodes.get(text);
    if (code === undefined) {
      code = this.platforms.push(text) - 1;
      this.platformCodes.set(text, code);
    }
    return code;
  }

  private facetsCode(facets: ClientFacets): number {
    const key = [
      facets.client,
      facets.kind,
      facets.ci,
      facets.ciProvider,
      facets.container,
      facets.crawlerList,
      facets.grammar,
    ].join('\u0000');
    let code = this.facetCodes.get(key);
    if (code === undefined) {
      code = this.facets.push({ ...facets, version: '', token: '' }) - 1;
      this.facetCodes.set(key, code);
    }
    return code;
  }

  /** Kind of a client that may be another one in this ecosystem. */
  private kindIn(kind: number, ecosystem: number): number {
    let found = this.kindByEcosystem.get(kind, ecosystem, 0);
    if (found < 0) {
      const { facets, platform } = this.kinds[kind];
      found = this.kindCode(
        this.facetsCode(clientIn(this.facets[facets], this.ecosystems.values[ecosystem])),
        platform,
      );
      this.kindByEcosystem.set(kind, ecosystem, 0, found);
    }
    return found;
  }

  private factsBehind(code: number): NetworkFacts {
    return code === NO_FACTS ? noFacts : this.lookup.facts[code - 1];
  }

  private decideRequester(facts: number, kind: number, ci: Tri, signedBy: number): number {
    const { facets, platform } = this.kinds[kind];
    const logged = ci + 4 * signedBy;
    let decision = this.decisionOf.get(facts, facets, logged);
    if (decision < 0) {
      decision = this.decisionCode(facts, facets, ci, signedBy);
      this.decisionOf.set(facts, facets, logged, decision);
    }
    let requester = this.placedOf.get(decision, platform, 0);
    if (requester < 0) {
      requester = this.requesters.push({ ...this.decisions[decision], platform: this.platforms[platform] }) - 1;
      this.placedOf.set(decision, platform, 0, requester);
    }
    this.requesterOf.set(facts, kind, logged, requester);
    return requester;
  }

  private decisionCode(facts: number, facets: number, ci: Tri, signedBy: number): number {
    const decided = decide(this.facets[facets], this.factsBehind(facts), ci, {
      // An address that was not logged contradicts no claim.
      freshCrawlerLists: facts === NO_FACTS ? NO_LISTS : this.lookup.freshCrawlerLists,
      signedOperator: signedBy === 0 ? undefined : this.reader.signedOperators[signedBy - 1],
    });
    const text = Object.values(decided).join('\u0000');
    let code = this.decisionCodes.get(text);
    if (code === undefined) {
      code = this.decisions.push(decided) - 1;
      this.decisionCodes.set(text, code);
    }
    return code;
  }

  private combineEvidence(facts: number, token: number, unplacedAsn: number): number {
    const { prefix, rangeId, asn, networkType } = this.factsBehind(facts);
    const set: EvidenceSet = {
      tokenId: token === 0 ? null : this.reader.tokenIds[token - 1],
      prefix,
      rangeId,
      asn: unplacedAsn === 0 ? asn : unplacedAsn,
      networkType,
    };
    const key = evidenceKey(set);
    let code = this.evidenceCodes.get(key);
    if (code === undefined) {
      code = this.evidenceSets.push(set) - 1;
      this.evidenceCodes.set(key, code);
    }
    this.evidenceOf.set(facts, token, unplacedAsn, code);
    return code;
  }
}
