// All network data as one table of prefixes, as a rival would prepare it. Each prefix has the longest registry prefix and
// published range that contain it, and the lists and types that contain it.

import { cidrBits, cidrContains, cidrText, parseCidr, type Cidr } from '../../transform/networks/address.ts';
import type { NetworkRange } from '../../transform/networks/facts.ts';
import type { Rules } from '../month.ts';

export interface JoinedPrefix {
  readonly cidr: Cidr;
  readonly text: string;
  /** '' if there is none, here and below. */
  readonly prefix: string;
  readonly rangeId: string;
  readonly rangeType: string;
  /** Joined by ','. */
  readonly crawlerLists: string;
  readonly networkType: string;
}

interface Source {
  readonly cidr: Cidr;
  readonly range?: NetworkRange;
}

const read = (text: string): Cidr => {
  const { cidr, fault } = parseCidr(text);
  if (cidr === null) throw new RangeError(fault);
  return cidr;
};

/** Of equal ranges, CI goes before its cloud, then the first provider by name: docs/METHODOLOGY.md. */
const isStronger = (a: NetworkRange, b: NetworkRange): boolean =>
  a.type !== b.type ? a.type === 'ci' : a.provider < b.provider;

export function joinPrefixes({ prefixes, ranges }: Rules): JoinedPrefix[] {
  const of = (...types: string[]): Source[] =>
    ranges.filter(({ type }) => types.includes(type)).map((range) => ({ cidr: read(range.cidr), range }));
  const registered: Source[] = prefixes.map((text) => ({ cidr: read(text) }));
  const published = of('cloud', 'ci');
  const crawlers = of('crawler');
  const typed = of('hosting', 'enterprise', 'isp', 'mobile', 'vpn', 'cgnat', 'tor');
  const all = new Map(
    [registered, published, crawlers, typed].flat().map(({ cidr }) => [cidrText(cidr), cidr] as const),
  );
  const longest = (sources: readonly Source[], inner: Cidr): Source | undefined => {
    let best: Source | undefined;
    for (const source of sources) {
      if (!cidrContains(source.cidr, inner)) continue;
      const longer = best === undefined ? 1 : cidrBits(source.cidr) - cidrBits(best.cidr);
      if (longer > 0 || (longer === 0 && source.range && isStronger(source.range, best!.range!))) best = source;
    }
    return best;
  };
  return [...all].map(([text, cidr]) => {
    const registry = longest(registered, cidr);
    const range = longest(published, cidr);
    const lists = crawlers.filter((source) => cidrContains(source.cidr, cidr)).map((source) => source.range!.provider);
    return {
      cidr,
      text,
      prefix: registry === undefined ? '' : cidrText(registry.cidr),
      rangeId: range === undefined ? '' : `${range.range!.provider}:${cidrText(range.cidr)}`,
      rangeType: range?.range!.type ?? '',
      crawlerLists: [...new Set(lists)].sort().join(),
      networkType: longest(typed, cidr)?.range!.type ?? '',
    };
  });
}
