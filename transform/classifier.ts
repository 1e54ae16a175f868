// Stage two, vectorised: what a distinct value means is decided once; a chunk of requests is then a gather by code.

import { evidenceKey, type EvidenceSet } from './aggregate/evidence-set.ts';
import { parseUserAgent } from './clients/index.ts';
import { type ClientFacets } from './clients/client.ts';
import { decide } from './classify/decide.ts';
import { type Requester } from './classify/requester.ts';
import { type NetworkFacts } from './networks/facts.ts';
import { isDownload } from './packages/download.ts';
import { type DownloadRule, type Resource } from './packages/ecosystem.ts';
import { type ClassifiedBatch, type RequestBatch } from './request-batch.ts';
import { type RequestReader } from './request-reader.ts';
import { type Tri } from './scan/line-fields.ts';

export interface ResolvedResource extends Resource {
  readonly ecosystem: string;
}

/** What is known of networks; transform/networks builds it from the registry and the published lists. */
export interface NetworkLookup {
  /** Equal facts are the same object. `address` is text as logged. */
  factsOf(address: Uint8Array): NetworkFacts;
  /** The /24 or /48 in canonical CIDR text. */
  networkOf(address: Uint8Array): string;
  /** Crawler lists that are loaded and recent enough to contradict a claim. */
  readonly freshCrawlerLists: ReadonlySet<string>;
}

/** host, path as logged → ecosystem and resource. */
export type ResolvePath = (host: string, path: string) => { readonly ecosystem: string; readonly resource: Resource };

const NO_NETWORK: NetworkFacts = {
  prefix: null,
  rangeId: null,
  rangeType: null,
  crawlerLists: [],
  asn: null,
  networkType: null,
};

const NO_LISTS: ReadonlySet<string> = new Set();

const decoder = new TextDecoder();

/** A growable Int32 column indexed by code, −1 where not decided yet. */
class CodeColumn {
  values = new Int32Array(1 << 12).fill(-1);
  get(code: number): number {
    return code < this.values.length ? this.values[code]! : -1;
  }
  set(code: number, value: number): void {
    if (code >= this.values.length) {
      const grown = new Int32Array(Math.max(code + 1, this.values.length * 2)).fill(-1);
      grown.set(this.values);
      this.values = grown;
    }
    this.values[code] = value;
  }
  clear(): void {
    this.values.fill(-1);
  }
}

export class Classifier {
  readonly resources: ResolvedResource[] = [];
  readonly requesters: Requester[] = [];
  readonly evidenceSets: EvidenceSet[] = [];
  /** Canonical CIDR; index 0 is '' (not known). */
  readonly networks: string[] = [''];

  private rules = new Uint8Array(1 << 12);
  private readonly resourceOfLocation = new CodeColumn();
  private readonly facetsOfUserAgent = new CodeColumn();
  private readonly tokenOfUserAgent = new CodeColumn();
  private readonly factsOfAddress = new CodeColumn();
  private readonly networkOfAddress = new CodeColumn();
  private readonly evidenceOfFacts = new CodeColumn();

  private readonly facets: ClientFacets[] = [];
  private readonly facts: NetworkFacts[] = [NO_NETWORK];
  private readonly resourceCodes = new Map<string, number>();
  private readonly facetCodes = new Map<string, number>();
  private readonly factCodes = new Map<NetworkFacts, number>([[NO_NETWORK, 0]]);
  private readonly networkCodes = new Map<string, number>();
  private readonly evidenceCodes = new Map<string, number>();
  private readonly requesterCodes = new Map<string, number>();
  /** (facets, facts, ci) → requester and (facts, token, asn) → evidence set, each key one number. */
  private readonly decisions = new Map<number, number>();
  private readonly combined = new Map<string, number>();

  private readonly resolve: ResolvePath;
  private readonly lookup: NetworkLookup;
  private readonly reader: RequestReader;

  constructor(options: { reader: RequestReader; resolve: ResolvePath; networks: NetworkLookup }) {
    this.reader = options.reader;
    this.resolve = options.resolve;
    this.lookup = options.networks;
  }

  classify(requests: RequestBatch, out: ClassifiedBatch): void {
    const n = requests.length;
    for (let i = 0; i < n; i++) {
      const location = requests.location[i]!;
      let resource = this.resourceOfLocation.get(location);
      if (resource < 0) resource = this.resolveLocation(location);
      out.resource[i] = resource;
    }
    for (let i = 0; i < n; i++) {
      out.download[i] = isDownload(
        this.rules[out.resource[i]!] as DownloadRule,
        requests.method[i]!,
        requests.status[i]!,
        requests.bytes[i]!,
        requests.rangeStart[i]!,
        requests.occurredAt[i]!,
      )
        ? 1
        : 0;
    }
    for (let i = 0; i < n; i++) {
      const address = requests.address[i]!;
      let facts = 0;
      let network = 0;
      if (address >= 0) {
        facts = this.factsOfAddress.get(address);
        if (facts < 0) facts = this.resolveAddress(address);
        network = this.networkOfAddress.get(address);
      }
      out.network[i] = network;

      const userAgent = requests.userAgent[i]!;
      let facets = this.facetsOfUserAgent.get(userAgent);
      if (facets < 0) facets = this.resolveUserAgent(userAgent);
      // Facets are few (versions are not part of them), facts may be many: the product stays far below 2^53.
      const key = (facts * 4 + requests.ci[i]! + 1) * 0x10_0000 + facets;
      let requester = this.decisions.get(key);
      if (requester === undefined) requester = this.decideRequester(key, facets, facts, requests.ci[i]! as Tri);
      out.requester[i] = requester;

      const token = requests.token[i]! || this.tokenOfUserAgent.get(userAgent);
      const asn = requests.asn[i]!;
      out.evidence[i] =
        token === 0 && asn === 0
          ? this.evidenceOfFacts.get(facts) >= 0
            ? this.evidenceOfFacts.get(facts)
            : this.combineEvidence(facts, 0, 0)
          : this.combineEvidence(facts, token, asn);
    }
  }

  /** Everything decided so far, by count: the owner watches it to bound memory. */
  get size(): number {
    return this.resources.length + this.networks.length + this.evidenceSets.length + this.decisions.size;
  }

  /** Forgets every code, as the reader does in the same step. */
  clear(): void {
    for (const column of [
      this.resourceOfLocation,
      this.facetsOfUserAgent,
      this.tokenOfUserAgent,
      this.factsOfAddress,
      this.networkOfAddress,
      this.evidenceOfFacts,
    ])
      column.clear();
    this.resources.length = 0;
    this.requesters.length = 0;
    this.evidenceSets.length = 0;
    this.networks.length = 1;
    this.facets.length = 0;
    this.facts.length = 1;
    this.factCodes.clear();
    this.factCodes.set(NO_NETWORK, 0);
    for (const codes of [
      this.resourceCodes,
      this.facetCodes,
      this.networkCodes,
      this.evidenceCodes,
      this.requesterCodes,
      this.decisions,
      this.combined,
    ])
      codes.clear();
  }

  private resolveLocation(location: number): number {
    const text = decoder.decode(this.reader.locations.view(location));
    const zero = text.indexOf('\u0000');
    const { ecosystem, resource } =
      zero < 0 ? this.resolve('', text) : this.resolve(text.slice(0, zero), text.slice(zero + 1));
    const key = `${ecosystem}\u0000${resource.package}\u0000${resource.version}\u0000${resource.artifact}\u0000${resource.file}\u0000${resource.rule}`;
    let code = this.resourceCodes.get(key);
    if (code === undefined) {
      code = this.resources.push({ ...resource, ecosystem }) - 1;
      this.resourceCodes.set(key, code);
      if (code >= this.rules.length) {
        const grown = new Uint8Array(this.rules.length * 2);
        grown.set(this.rules);
        this.rules = grown;
      }
      this.rules[code] = resource.rule;
    }
    this.resourceOfLocation.set(location, code);
    return code;
  }

  private resolveAddress(address: number): number {
    const bytes = this.reader.addresses.view(address);
    const facts = this.lookup.factsOf(bytes);
    let code = this.factCodes.get(facts);
    if (code === undefined) {
      code = this.facts.push(facts) - 1;
      this.factCodes.set(facts, code);
    }
    this.factsOfAddress.set(address, code);
    const network = this.lookup.networkOf(bytes);
    let networkCode = this.networkCodes.get(network);
    if (networkCode === undefined) {
      networkCode = this.networks.push(network) - 1;
      this.networkCodes.set(network, networkCode);
    }
    this.networkOfAddress.set(address, networkCode);
    return code;
  }

  private resolveUserAgent(userAgent: number): number {
    const facets = parseUserAgent(decoder.decode(this.reader.userAgents.view(userAgent)));
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
    this.facetsOfUserAgent.set(userAgent, code);
    this.tokenOfUserAgent.set(userAgent, facets.token === '' ? 0 : this.reader.tokenCode(facets.token));
    return code;
  }

  private decideRequester(key: number, facets: number, facts: number, ci: Tri): number {
    const requester = decide(this.facets[facets]!, this.facts[facts]!, ci, {
      // An address that was not logged contradicts no claim.
      freshCrawlerLists: facts === 0 ? NO_LISTS : this.lookup.freshCrawlerLists,
    });
    const text = Object.values(requester).join('\u0000');
    let code = this.requesterCodes.get(text);
    if (code === undefined) {
      code = this.requesters.push(requester) - 1;
      this.requesterCodes.set(text, code);
    }
    this.decisions.set(key, code);
    return code;
  }

  private combineEvidence(facts: number, token: number, asn: number): number {
    const shortKey = `${facts} ${token} ${asn}`;
    const known = this.combined.get(shortKey);
    if (known !== undefined) return known;
    const { prefix, rangeId, asn: listed, networkType } = this.facts[facts]!;
    const set: EvidenceSet = {
      tokenId: token === 0 ? null : this.reader.tokenIds[token - 1]!,
      prefix,
      rangeId,
      asn: listed ?? (asn === 0 ? null : asn),
      networkType,
    };
    const key = evidenceKey(set);
    let code = this.evidenceCodes.get(key);
    if (code === undefined) {
      code = this.evidenceSets.push(set) - 1;
      this.evidenceCodes.set(key, code);
    }
    this.combined.set(shortKey, code);
    if (token === 0 && asn === 0) this.evidenceOfFacts.set(facts, code);
    return code;
  }
}
