// Every client grammar, and the dispatch: first token, then product names, then the rest.

import { aiAgents, aiHouses, aiListed, aiSigns, codingAgentNames, splitAgentSuffix } from './ai-agents.ts';
import { browsers } from './browsers.ts';
import { cargo } from './cargo.ts';
import { tri } from '../scan/line-fields.ts';
import type { ClientFacets, ClientGrammar } from './client.ts';
import { composer } from './composer.ts';
import { conda } from './conda.ts';
import { containers } from './containers.ts';
import { crawlers, detected } from './crawlers.ts';
import { editors } from './editors.ts';
import { evidenceAnywhere, facets, firstToken } from './facets.ts';
import { httpLibraries } from './http-libraries.ts';
import { javascript } from './javascript.ts';
import { beam, dart, julia, perl, r, swift } from './languages.ts';
import { maven } from './maven.ts';
import { mirrors, proxySuffix } from './mirrors.ts';
import { nodeTools } from './node-tools.ts';
import { npm } from './npm.ts';
import { nuget } from './nuget.ts';
import { osPackages } from './os-packages.ts';
import { pip } from './pip.ts';
import { eachToken, lookUp } from './products.ts';
import { python } from './python.ts';
import { rubygems } from './rubygems.ts';
import { leadingScanners, scanners } from './scanners.ts';
import { searchBots } from './search-bots.ts';
import { defaultTokenKey, extractToken } from './token.ts';
import { updateBots } from './update-bots.ts';

/** Their first tokens name a client. A user agent that begins with one but does not match claims a name that it does not prove. */
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
  aiListed,
  searchBots,
  aiHouses,
  crawlers,
  aiSigns,
  detected,
];

/** Every value that `client` can take. */
export const clientNames: readonly string[] = [
  ...new Set([...clientGrammars.flatMap(({ clients }) => clients), 'go', 'unknown', 'none']),
].sort();

/** Longer user agents are cut here before they are parsed. */
export const MAX_USER_AGENT_LENGTH = 4096;

/** First tokens that are common words, not a client's name. */
const commonWords = new Set([
  'actions',
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

/** First token of a strict grammar → the client that it names, however the rest is written. Made when a user agent first needs it. */
function claims(): NonNullable<typeof claimed> {
  if (claimed !== undefined) return claimed;
  claimed = new Map();
  for (const { examples, parse } of strictGrammars)
    for (const { userAgent } of examples) {
      const token = firstToken(userAgent);
      const { client, kind } = parse(userAgent)!;
      // Of several clients with this token, the one that is called like it (`hex_core`: hex-core, not rebar3 which is built on it).
      if (!commonWords.has(token) && (!claimed.has(token) || client === token.replaceAll('_', '-')))
        claimed.set(token, { client, kind });
    }
  return claimed;
}
let claimed: Map<string, Pick<ClientFacets, 'client' | 'kind'>> | undefined;
/** Clients whose first token is a common word, or another program's. */
const phrases: readonly (readonly [RegExp, Pick<ClientFacets, 'client' | 'kind'>])[] = [
  [/^\w+ APT-HTTP\//, { client: 'apt', kind: 'package_manager' }],
  [/^R(?:\/\S{1,40} R)? \(/, { client: 'r', kind: 'package_manager' }],
  [/^Apache[ -]Ivy\b/, { client: 'ivy', kind: 'package_manager' }],
  [/^(?:lib)?curl\/.{1,400} julia\/\d/, { client: 'julia', kind: 'package_manager' }],
  [/^Python-urllib\/\S{1,40} (?:setuptools|distribute)\//, { client: 'setuptools', kind: 'package_manager' }],
];
const leftOver = byFirstToken.get('') ?? [];

/** Adds what stands where the grammar does not look. */
function withEvidence(found: ClientFacets, userAgent: string): ClientFacets {
  // JSON that could be read says it itself.
  if (found.ci !== tri.UNKNOWN || found.grammar.endsWith('-json')) return found;
  const { ci, ciProvider } = evidenceAnywhere(userAgent);
  return ci === tri.UNKNOWN ? found : { ...found, ci, ciProvider };
}

/** As written behind a name: `/V` and `@V` in any shape, ` V` if it begins with a digit. */
const versionAfter = (rest: string): string =>
  /^(?:[/@]([^\s()/;,]{1,64})| v?(\d[\w.+-]{0,63}))/.exec(rest)?.slice(1).find(Boolean) ?? '';

function parseStripped(userAgent: string): ClientFacets {
  const token = firstToken(userAgent);
  const grammars = byFirstToken.get(token);
  if (grammars !== undefined && token !== '') {
    for (const grammar of grammars) {
      const found = grammar.parse(userAgent);
      if (found !== null) return found.kind === 'package_manager' ? withEvidence(found, userAgent) : found;
    }
  }
  let named: ClientFacets | null = null;
  eachToken(userAgent, (product) => {
    named = lookUp(byProductToken, product)?.parse(userAgent) ?? null;
    return named !== null;
  });
  if (named !== null) return named;
  // The rest may be a newer release's, or somebody else's who uses the name: it is that client, with less trust.
  const claim = claims().get(token) ?? phrases.find(([pattern]) => pattern.test(userAgent))?.[1];
  if (claim !== undefined) {
    const { client, kind } = claim;
    const version = versionAfter(userAgent.slice(token.length));
    return facets(`${client}-claimed`, client, version, kind, evidenceAnywhere(userAgent));
  }
  for (const grammar of leftOver) {
    const found = grammar.parse(userAgent);
    if (found !== null) return found;
  }
  return facets('unknown', 'unknown', '', 'unknown');
}

/**
 * User agent → its claims. Pure, never throws, time linear in the length.
 * Empty or '-' → client 'none'; no match → 'unknown'. The first product names the client; where the rest is not as this client writes
 * it, the grammar ends in '-claimed'.
 * @param tokenKey word before an organisation token; '': none is searched
 */
export function parseUserAgent(userAgent: string, tokenKey = defaultTokenKey): ClientFacets {
  const { token, rest } = extractToken(userAgent, tokenKey);
  const text = rest.length > MAX_USER_AGENT_LENGTH ? rest.slice(0, MAX_USER_AGENT_LENGTH) : rest;
  const found = text === '' || text === '-' ? facets('none', 'none', '', 'unknown') : parseWithAgent(text);
  return token === '' ? found : { ...found, token };
}

/** Library → ecosystem in which only one client writes no more than its name, and what that client is. */
export const clientsByEcosystem: ReadonlyMap<string, readonly [ecosystem: string, Partial<ClientFacets>]> = new Map([
  // The go command, from the module proxy: it sends the name of Go's HTTP library alone.
  ['go-http-client', ['golang', { client: 'go', kind: 'package_manager', grammar: 'go' }]],
  // yarn berry; its name cannot be told from other programs that use the library.
  ['got', ['npm', { kind: 'package_manager' }]],
]);

/** The claims of a user agent at a registry of this ecosystem (purl type). */
export function clientIn(found: ClientFacets, ecosystem: string): ClientFacets {
  const [where, other] = clientsByEcosystem.get(found.client) ?? [];
  return where === ecosystem ? { ...found, ...other } : found;
}

function parseWithAgent(userAgent: string): ClientFacets {
  const behind = proxySuffix.exec(userAgent);
  if (behind !== null) {
    const tool = parseStripped(userAgent.slice(0, behind.index));
    // The client is behind the proxy, and so are others.
    if (tool.kind === 'package_manager' && !tool.grammar.endsWith('-claimed'))
      return { ...tool, kind: 'mirror_proxy', grammar: `${tool.grammar}+proxy` };
  }
  const suffix = splitAgentSuffix(userAgent);
  if (suffix === null) return parseStripped(userAgent);
  const tool = parseStripped(suffix.rest);
  return tool.kind === 'package_manager' || codingAgentNames.has(suffix.name)
    ? { ...tool, kind: 'ai_coding_agent', grammar: `${tool.grammar}+agent` }
    : tool;
}
