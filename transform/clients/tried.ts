// Says which grammars and lists were tried on a user agent, and why they did not take it: the way of `parseUserAgent`, step by step, for
// whoever keeps the lists current.

import { type ClientFacets } from './client.ts';
import { firstToken } from './facets.ts';
import { clientGrammars, parseUserAgent } from './index.ts';
import { eachToken, lookUp } from './products.ts';

export interface Tried {
  readonly facets: ClientFacets;
  /** In the order of the attempts; the last one says what came of them. */
  readonly tried: readonly string[];
}

const leftOver = clientGrammars.filter(({ firstTokens }) => firstTokens.includes('')).map(({ family }) => family);
const byProduct = new Map(
  clientGrammars.flatMap(({ family, productTokens = [] }) => productTokens.map((token) => [token, family] as const)),
);
const lists = [...new Set(byProduct.values())].join(', ');

export function triedOn(userAgent: string, requesterClass: 'unknown' | 'hosted'): Tried {
  const facets = parseUserAgent(userAgent, '');
  return { facets, tried: [...attempts(userAgent, facets), outcome(facets, requesterClass)] };
}

function attempts(userAgent: string, { client, grammar }: ClientFacets): string[] {
  if (client === 'none') return ['there is no user agent'];
  const isTaken = client !== 'unknown' && !grammar.endsWith('-claimed');
  if (isTaken) return [];
  const token = firstToken(userAgent);
  const begun = clientGrammars.filter(({ firstTokens }) => token !== '' && firstTokens.includes(token));
  const named = new Set<string>();
  eachToken(userAgent, (product) => {
    const family = lookUp(byProduct, product);
    if (family !== undefined) named.add(family);
    return false;
  });
  return [
    begun.length === 0
      ? `no grammar begins with '${token}'`
      : `it begins as ${begun.map(({ family }) => family).join(', ')}, but is not written so`,
    named.size === 0
      ? `no product of the lists ${lists} is in it`
      : `a product of ${[...named].join(', ')} is in it, in another form`,
    ...(grammar.endsWith('-claimed') ? [] : [`${leftOver.join(', ')} refused it`]),
  ];
}

function outcome({ client, kind, grammar, crawlerList }: ClientFacets, requesterClass: 'unknown' | 'hosted'): string {
  if (client === 'unknown') return 'so no client is named';
  if (client === 'none') return 'and its network does not tell';
  const read = grammar.endsWith('-claimed') ? `${client}, by its first word` : `${client}, by ${grammar}`;
  if (crawlerList !== '') return `${read}; its address is outside the published list ${crawlerList}`;
  if (requesterClass === 'hosted') return `${read}; it declares no CI; its network is a hosting, cloud or CI network`;
  return kind === 'package_manager'
    ? `${read}; it declares no CI; its network tells nothing`
    : `${read}; a ${kind.replaceAll('_', ' ')}, whose network tells nothing`;
}
