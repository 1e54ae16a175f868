// AI crawlers and fetchers, and the coding agents' own user agents: those that the operators' pages name, those that public lists name
// (lists.ts), and unknown ones by the signs that they are AI programs. The purpose of a program decides its class, not its operator.
// No common words: an editor called Cursor is not an agent.

import type { ClientFacets, ClientGrammar } from './client.ts';
import { isPerson, SEARCHED_LENGTH } from './crawlers.ts';
import { facets } from './facets.ts';
import { type AiPurpose, listedAgents, operatorAgents } from './lists.ts';
import { eachToken, namedAgentGrammar, versionAt } from './products.ts';

export const aiAgents = namedAgentGrammar('ai-agents', [...operatorAgents()]);
export const aiListed = namedAgentGrammar('ai-lists', [...listedAgents()]);

/** Names that only AI operators use, each of which makes new programs named after it. */
const HOUSE =
  /^(?:openai|oai|chatgpt|gpt|anthropic|claude|perplexity|kimi|moonshot|deepseek|mistral(?:ai)?|cohere|grok|xai|qwen|chatglm|doubao|gemini|copilot)[-_]?(.+)$/;
const PURPOSES: readonly (readonly [AiPurpose, RegExp])[] = [
  ['ai_coding_agent', /^(?:code|cli|codex|swe|vibe|dev)/],
  ['ai_search', /(?<!re)search|index/],
  ['ai_user_fetch', /user|fetch|assist|agent|browse|operator|research/],
  ['ai_training', /bot|crawl|spider|train|data/],
];

/** A program that is not listed, of an operator that is: its name tells the purpose. */
export const aiHouses: ClientGrammar = {
  family: 'ai-houses',
  clients: ['other-ai'],
  firstTokens: [''],
  examples: [
    { userAgent: 'Claude-NewsBot/1.0', expect: { client: 'other-ai', kind: 'ai_training' } },
    { userAgent: 'Mozilla/5.0 (compatible; Qwen-SearchBot/1.0)', expect: { client: 'other-ai', kind: 'ai_search' } },
    { userAgent: 'kimi-fetcher/2.0', expect: { client: 'other-ai', kind: 'ai_user_fetch' } },
    { userAgent: 'grok-cli/0.1.0', expect: { client: 'other-ai', version: '0.1.0', kind: 'ai_coding_agent' } },
  ],
  parse(userAgent) {
    let found: ClientFacets | null = null;
    eachToken(userAgent, (token, end) => {
      const name = HOUSE.exec(token)?.[1];
      const kind = name === undefined ? undefined : PURPOSES.find(([, words]) => words.test(name))?.[0];
      if (kind === undefined) return false;
      found = facets('ai-house', 'other-ai', versionAt(userAgent, end), kind);
      return true;
    });
    return found;
  },
};

/** AI as a part of a program's name, or of its operator's domain: `AcmeAIBot`, `acme-llm-fetcher`, `acme.ai`. */
const AI_IN_NAME =
  /(?:^|[a-z\d_.-])(?:AI|LLM|GPT|RAG)(?=$|[A-Z\d_.-]|[Bb]ot|[Cc]rawl|[Ss]pider|[Ss]crap|[Aa]gent)|(?:^|[-_.])(?:ai|llm|gpt|rag)(?=$|[-_.]|bot|crawl|spider|scrap|agent)/;
/** What programs say that they do. */
const AI_IN_TEXT =
  /\b(?:LLMs?|(?:large )?language models?|generative AI|machine learning|AI[ -](?:training|search|agents?|assistants?|crawler|research|models?|bot|data)|train(?:ing)? (?:data|AI|models?))\b/;
/** `Name-User` and `Name-SearchBot`: the names that operators of assistants agree on. */
const ASSISTANT = /^[A-Za-z]\w+-(?:User|SearchBot)$/;
/** Programs that say that they go through pages. */
const GOES_THROUGH_PAGES = /bot\b|bot\/|crawl|spider|scrap|fetch|search|index|agent|assistant|user\/|reader|retriev/i;
/** Other purposes, which count more than the name of the operator's domain. */
const OTHER_PURPOSE = /scan|secur|monitor|uptime|preview|unfurl|seo\b|link.?check|ads.?bot|favicon/i;

/** A program that no list has, and that says itself that it is one of AI. */
export const aiSigns: ClientGrammar = {
  family: 'ai-signs',
  clients: ['other-ai'],
  firstTokens: [''],
  examples: [
    { userAgent: 'AcmeAIBot/1.0', expect: { client: 'other-ai', kind: 'ai_training' } },
    {
      userAgent: 'Mozilla/5.0 (compatible; AcmeBot/2.0; +https://acme.ai/bot)',
      expect: { client: 'other-ai', kind: 'ai_training' },
    },
    { userAgent: 'Acme-User/1.0', expect: { client: 'other-ai', version: '1.0', kind: 'ai_user_fetch' } },
    { userAgent: 'Acme-SearchBot/1.0', expect: { client: 'other-ai', kind: 'ai_search' } },
    { userAgent: 'research-fetch/0.1 (training data for language models)', expect: { client: 'other-ai' } },
  ],
  parse(userAgent) {
    const searched = userAgent.slice(0, SEARCHED_LENGTH);
    const isProgram = GOES_THROUGH_PAGES.test(searched) && !OTHER_PURPOSE.test(searched);
    if (!isProgram || isPerson(searched)) return null;
    let name = '';
    let version = '';
    eachToken(searched, (_token, end, written) => {
      if (!ASSISTANT.test(written) && !AI_IN_NAME.test(written)) return false;
      name = written;
      version = versionAt(searched, end);
      return true;
    });
    if (name === '' && !AI_IN_TEXT.test(searched)) return null;
    const kind = PURPOSES.find(([, words]) => words.test(`${name} ${searched}`.toLowerCase()))?.[0] ?? 'ai_training';
    return facets('ai-sign', 'other-ai', version, kind);
  },
};

/**
 * Names after `agent/`, with which a tool adds the coding agent that runs it (the harness ids that Databricks', Hugging Face's, JFrog's,
 * GitHub's and GitLab's clients write, 2026-12). After a package manager's name any name counts, because only a coding agent writes that.
 */
export const codingAgentNames: ReadonlySet<string> = new Set(
  'aider amp antigravity augment augment-cli claude claude-code cline codex continue copilot copilot-cli cowork crush cursor cursor-cli devin duo-agent-platform factory gemini gemini-cli github-copilot goose grok grok-bot iflow jules junie kilocode kiro openclaw opencode openhands pi qwen-code replit roo-code swe-agent trae warp windsurf zed'.split(
    ' ',
  ),
);

const SUFFIX = /(?: (?:(?:AI|Coding)-)?agent\/([a-z][a-z0-9._-]{0,40})| \(agent:([a-z][a-z0-9._-]{0,40})\))(?= |$)/i;

/** Splits ` agent/NAME` (or ` (agent:NAME)`, ` Coding-Agent/NAME`, ` AI-Agent/NAME`) off a user agent; null if there is none. */
export function splitAgentSuffix(userAgent: string): { readonly name: string; readonly rest: string } | null {
  if (!userAgent.includes('gent')) return null;
  const match = SUFFIX.exec(userAgent);
  if (match === null) return null;
  const rest = userAgent.slice(0, match.index) + userAgent.slice(match.index + match[0].length);
  return { name: (match[1] ?? match[2]).toLowerCase(), rest };
}
