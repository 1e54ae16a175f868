// Every client grammar, and the dispatch: first token, then product names, then the rest.

import { aiAgents, codingAgentNames, splitAgentSuffix } from './ai-agents.ts';
import { browsers } from './browsers.ts';
import { cargo } from './cargo.ts';
import type { ClientFacets, ClientGrammar } from './client.ts';
import { composer } from './composer.ts';
import { conda } from './conda.ts';
import { containers } from './containers.ts';
import { crawlers } from './crawlers.ts';
import { editors } from './editors.ts';
import { facets, firstToken } from './facets.ts';
import { httpLibraries, leadingLibrary } from './http-libraries.ts';
import { javascript } from './javascript.ts';
import { beam, dart, julia, perl, r, swift } from './languages.ts';
import { maven } from './maven.ts';
import { mirrors } from './mirrors.ts';
import { nodeTools } from './node-tools.ts';
import { npm } from './npm.ts';
import { nuget } from './nuget.ts';
import { osPackages } from './os-packages.ts';
import { pip } from './pip.ts';
import { eachToken } from './products.ts';
import { python } from './python.ts';
import { rubygems } from './rubygems.ts';
import { leadingScanners, scanners } from './scanners.ts';
import { searchBots } from './search-bots.ts';
import { defaultTokenKey, extractToken } from './token.ts';
import { updateBots } from './update-bots.ts';

/** Strict about their first token: a user agent that begins with it but does not match claims a name that it does not prove. */
const strictGrammars: readonly ClientGrammar[] = [
  pip,
  python,
  conda,
  npm,
  javascript,
  cargo,
  maven,
  composer,
  rubygems,
  nuget,
  julia,
  beam,
  perl,
  r,
  dart,
  swift,
  osPackages,
  containers,
  editors,
  nodeTools,
  mirrors,
];

export const clientGrammars: readonly ClientGrammar[] = [
  ...strictGrammars,
  leadingScanners,
  httpLibraries,
  browsers,
  updateBots,
  scanners,
  aiAgents,
  searchBots,
  crawlers,
];

/** Every value that `client` can take. */
export const clientNames: readonly string[] = [
  ...new Set([...clientGrammars.flatMap(({ clients }) => clients), 'unknown', 'none']),
].sort();

/** Longer user agents are cut here before they are parsed. */
export const MAX_USER_AGENT_LENGTH = 4096;

/** First tokens that are common words, not a client's name. */
const commonWords = new Set([
  'apache',
  'curl',
  'debian',
  'hidden',
  'libcurl',
  'mozilla',
  'python-urllib',
  'r',
  'ubuntu',
]);

const byFirstToken = new Map<string, ClientGrammar[]>();
const byProductToken = new Map<string, ClientGrammar>();
for (const grammar of clientGrammars) {
  for (const token of grammar.firstTokens) byFirstToken.set(token, [...(byFirstToken.get(token) ?? []), grammar]);
  for (const token of grammar.productTokens ?? []) byProductToken.set(token, grammar);
}
const claimable = new Set(
  strictGrammars.flatMap(({ firstTokens }) => firstTokens).filter((token) => !commonWords.has(token)),
);
const leftOver = byFirstToken.get('') ?? [];

function parseStripped(userAgent: string): ClientFacets {
  const token = firstToken(userAgent);
  const grammars = byFirstToken.get(token);
  if (grammars !== undefined && token !== '') {
    for (const grammar of grammars) {
      const found = grammar.parse(userAgent);
      if (found !== null) return found;
    }
  }
  let named: ClientFacets | null = null;
  eachToken(userAgent, (product) => {
    named = byProductToken.get(product)?.parse(userAgent) ?? null;
    return named !== null;
  });
  if (named !== null) return named;
  // A package manager's name alone is only a claim: it does not count as that client, and never makes it a crawler.
  if (claimable.has(token)) return facets(`${token}-claimed`, 'unknown', '', 'unknown');
  for (const grammar of leftOver) {
    const found = grammar.parse(userAgent);
    if (found !== null) return found;
  }
  return leadingLibrary(userAgent) ?? facets('unknown', 'unknown', '', 'unknown');
}

/**
 * User agent → its claims. Pure, never throws, time linear in the length.
 * Empty or '-' → client 'none'; no match → 'unknown'; a strict client's name in a form that this client never writes → 'unknown'
 * with a grammar that ends in '-claimed'.
 * @param tokenKey word before an organisation token; '': none is searched
 */
export function parseUserAgent(userAgent: string, tokenKey = defaultTokenKey): ClientFacets {
  const { token, rest } = extractToken(userAgent, tokenKey);
  const text = rest.length > MAX_USER_AGENT_LENGTH ? rest.slice(0, MAX_USER_AGENT_LENGTH) : rest;
  const found = text === '' || text === '-' ? facets('none', 'none', '', 'unknown') : parseWithAgent(text);
  return token === '' ? found : { ...found, token };
}

function parseWithAgent(userAgent: string): ClientFacets {
  const suffix = splitAgentSuffix(userAgent);
  if (suffix === null) return parseStripped(userAgent);
  const tool = parseStripped(suffix.rest);
  return tool.kind === 'package_manager' || codingAgentNames.has(suffix.name)
    ? { ...tool, kind: 'ai_coding_agent', grammar: `${tool.grammar}+agent` }
    : tool;
}
