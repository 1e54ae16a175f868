// All facts of an address in one answer: registry prefix, published range, crawler lists, AS number, network type. Built once per
// batch of revisions, asked once per distinct address.

import { Address, cidrText, networkText, parseAddress, parseCidr } from './address.ts';
import { DecisionTable } from '../scan/code-tables.ts';
import { type NetworkFacts, type NetworkRange, type NetworkType, networkTypes } from './facts.ts';
import { buildPrefixIndex, buildPrefixSetIndex } from './prefix-index.ts';

export interface NetworkIndexInput {
  /** Registry prefixes: org_evidence of kind cidr that is in force. */
  readonly prefixes?: readonly { readonly cidr: string }[];
  /**
   * Rows of network_range. Clouds and CI give rangeId and rangeType, crawlers give the crawler lists, every other type
   * (ISP, hosting, VPN, …) gives the network type.
   */
  readonly ranges?: readonly NetworkRange[];
  /** Network types of narrower or other origin than `ranges`; they win over equal prefixes there. */
  readonly networkTypes?: readonly { readonly cidr: string; readonly type: NetworkType }[];
  readonly asnTypes?: ReadonlyMap<number, NetworkType>;
  /** AS number from a database; asked if the log has none. */
  readonly asnLookup?: (address: Address) => number | null;
  /** Network type from a database; asked if neither a list nor the AS gives one. */
  readonly typeLookup?: (address: Address) => NetworkType | null;
  /** Country from a database (country.ts); asked if the log has none. 0: not known. */
  readonly countryLookup?: (address: Address) => number;
  /** Crawler lists too old to contradict a claim. */
  readonly staleCrawlerLists?: Iterable<string>;
}

export interface NetworkIndex {
  /**
   * @param address text as logged; text that is no address has the facts of code 0
   * @param loggedAsn AS number that the edge recorded, or 0. It wins over the database, because the edge saw the route
   * @returns equal facts are the same object
   */
  factsOf(address: Uint8Array, loggedAsn?: number): NetworkFacts;
  /** As factsOf, for an address already parsed: a small integer, the index into `facts`. */
  codeOf(address: Address, loggedAsn?: number): number;
  /** Country of an address by the database; 0: not known, or there is no database. */
  countryOf(address: Address): number;
  /** Facts by code; grows. Code 0: nothing is known. */
  readonly facts: readonly NetworkFacts[];
  /** The /24 or /48 in canonical CIDR text; '' for text that is no address. */
  networkOf(address: Uint8Array): string;
  /** Crawler lists whose absence contradicts a claim. */
  readonly freshCrawlerLists: ReadonlySet<string>;
}

const typeCodes = Object.fromEntries([...networkTypes, 'none'].map((type, code) => [type, code])) as Record<
  NetworkType | 'none',
  number
>;
const typesOfPublishedRanges: ReadonlySet<string> = new Set(['cloud', 'ci']);

/** @throws RangeError for a bad CIDR: rows of the warehouse were checked at import */
export function buildNetworkIndex(input: NetworkIndexInput): NetworkIndex {
  const { prefixes = [], ranges = [], networkTypes = [], asnTypes = new Map(), asnLookup, typeLookup } = input;
  const prefixTexts = prefixes.map(({ cidr }) => canonical(cidr));
  const prefixIndex = buildPrefixIndex(prefixTexts.map((cidr, value) => ({ cidr, value })));

  const published = ranges.filter(({ type }) => typesOfPublishedRanges.has(type)).sort(strongestLast);
  const rangeIds = published.map(({ provider, cidr }) => `${provider}:${canonical(cidr)}`);
  const rangeIndex = buildPrefixIndex(published.map(({ cidr }, value) => ({ cidr, value })));

  const crawlers = ranges.filter(({ type }) => type === 'crawler');
  const listNames = [...new Set(crawlers.map(({ provider }) => provider))].sort();
  const listNumbers = new Map(listNames.map((name, number) => [name, number]));
  const listIndex = buildPrefixSetIndex(
    crawlers.map(({ cidr, provider }) => ({ cidr, value: listNumbers.get(provider)! })),
  );
  const listSets = listIndex.sets.map((set) => set.map((number) => listNames[number]));
  const noLists: readonly string[] = [];

  const typed = [
    ...ranges.filter(({ type }) => type !== 'crawler' && !typesOfPublishedRanges.has(type)),
    ...networkTypes,
  ] as readonly { readonly cidr: string; readonly type: NetworkType }[];
  const typeIndex = buildPrefixIndex(typed.map(({ cidr }, value) => ({ cidr, value })));

  const stale = new Set(input.staleCrawlerLists);
  const freshCrawlerLists = new Set(listNames.filter((name) => !stale.has(name)));

  const facts: NetworkFacts[] = [];
  /** (prefix, range, crawler lists) → place; (place, AS number, type and whether there is an AS number) → code */
  const placeOf = new DecisionTable();
  const codeAt = new DecisionTable();
  const intern = (
    prefix: number,
    range: number,
    lists: number,
    asn: number | null,
    type: NetworkType | null,
  ): number => {
    let place = placeOf.get(prefix, range, lists);
    if (place < 0) {
      place = placeOf.size;
      placeOf.set(prefix, range, lists, place);
    }
    const number = (asn ?? 0) | 0;
    const kind = 2 * typeCodes[type ?? 'none'] + (asn === null ? 0 : 1);
    let code = codeAt.get(place, number, kind);
    if (code < 0) {
      code =
        facts.push({
          prefix: prefixTexts[prefix] ?? null,
          rangeId: rangeIds[range] ?? null,
          rangeType: (published[range]?.type as NetworkType | undefined) ?? null,
          crawlerLists: listSets[lists] ?? noLists,
          asn,
          networkType: type,
        }) - 1;
      codeAt.set(place, number, kind, code);
    }
    return code;
  };
  const unknown = intern(-1, -1, -1, null, null);

  const codeOf = (address: Address, loggedAsn = 0): number => {
    const asn = loggedAsn > 0 ? loggedAsn : (asnLookup?.(address) ?? null);
    const type =
      typed[typeIndex.lookup(address)]?.type ??
      (asn === null ? undefined : asnTypes.get(asn)) ??
      typeLookup?.(address) ??
      null;
    return intern(prefixIndex.lookup(address), rangeIndex.lookup(address), listIndex.lookup(address), asn, type);
  };
  const scratch = new Address();
  const parse = (text: Uint8Array): boolean => parseAddress(text, 0, text.length, scratch);
  return {
    factsOf: (text, loggedAsn) => facts[parse(text) ? codeOf(scratch, loggedAsn) : unknown],
    codeOf,
    countryOf: input.countryLookup ?? (() => 0),
    facts,
    networkOf: (text) => (parse(text) ? networkText(scratch) : ''),
    freshCrawlerLists,
  };
}

function canonical(text: string): string {
  const { cidr, fault } = parseCidr(text);
  if (cidr === null) throw new RangeError(fault);
  return cidrText(cidr);
}

/** The last of equal prefixes counts: CI wins over its cloud, because it says more; then the first provider by name. */
function strongestLast(a: NetworkRange, b: NetworkRange): number {
  if (a.type !== b.type) return a.type === 'ci' ? 1 : -1;
  return a.provider < b.provider ? 1 : a.provider > b.provider ? -1 : 0;
}
