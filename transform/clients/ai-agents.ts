// AI crawlers and fetchers, by the operators' own pages on them (OpenAI, Anthropic, Perplexity, Google, Amazon, Meta, Common
// Crawl, ByteDance, Cohere, Mistral, DuckDuckGo, Apple; read 2026-03), and the coding agents' own user agents. The purpose of a
// program decides its class, not its operator. No common words: an editor called Cursor is not an agent.

import type { ClientKind } from './client.ts';
import { namedAgentGrammar, type NamedAgent } from './products.ts';

const agent = (
  client: string,
  kind: ClientKind,
  tokens: string[],
  crawlerList?: string,
  example?: string,
): NamedAgent => ({ client, kind, tokens, crawlerList, example });

const asBrowser = (inside: string): string =>
  `Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ${inside})`;

export const aiAgents = namedAgentGrammar('ai-agents', [
  agent('gptbot', 'ai_training', ['gptbot'], 'openai-gptbot', asBrowser('GPTBot/1.2; +https://openai.com/gptbot')),
  agent(
    'oai-searchbot',
    'ai_search',
    ['oai-searchbot'],
    'openai-searchbot',
    asBrowser('OAI-SearchBot/1.0; +https://openai.com/searchbot'),
  ),
  agent(
    'chatgpt-user',
    'ai_user_fetch',
    ['chatgpt-user'],
    'openai-chatgpt-user',
    asBrowser('ChatGPT-User/1.0; +https://openai.com/bot'),
  ),
  agent(
    'claudebot',
    'ai_training',
    ['claudebot'],
    'anthropic-bots',
    asBrowser('ClaudeBot/1.0; +claudebot@anthropic.com'),
  ),
  agent(
    'claude-user',
    'ai_user_fetch',
    ['claude-user'],
    'anthropic-bots',
    asBrowser('Claude-User/1.0; +Claude-User@anthropic.com'),
  ),
  agent(
    'claude-searchbot',
    'ai_search',
    ['claude-searchbot'],
    'anthropic-bots',
    asBrowser('Claude-SearchBot/1.0; +Claude-SearchBot@anthropic.com'),
  ),
  agent('anthropic-ai', 'ai_training', ['anthropic-ai', 'claude-web']),
  agent(
    'perplexitybot',
    'ai_search',
    ['perplexitybot'],
    'perplexity-bot',
    asBrowser('PerplexityBot/1.0; +https://perplexity.ai/perplexitybot'),
  ),
  agent(
    'perplexity-user',
    'ai_user_fetch',
    ['perplexity-user'],
    'perplexity-user',
    asBrowser('Perplexity-User/1.0; +https://perplexity.ai/perplexity-user'),
  ),
  agent('ccbot', 'ai_training', ['ccbot'], 'commoncrawl-ccbot', 'CCBot/2.0 (https://commoncrawl.org/faq/)'),
  agent(
    'bytespider',
    'ai_training',
    ['bytespider'],
    undefined,
    'Mozilla/5.0 (compatible; Bytespider; spider-feedback@bytedance.com)',
  ),
  agent(
    'amazonbot',
    'ai_training',
    ['amazonbot'],
    undefined,
    'Mozilla/5.0 (compatible; Amazonbot/0.1; +https://developer.amazon.com/support/amazonbot)',
  ),
  agent('amzn-searchbot', 'ai_search', ['amzn-searchbot']),
  agent('amzn-user', 'ai_user_fetch', ['amzn-user']),
  agent(
    'meta-externalagent',
    'ai_training',
    ['meta-externalagent'],
    undefined,
    'meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)',
  ),
  agent('meta-externalfetcher', 'ai_user_fetch', ['meta-externalfetcher']),
  agent('meta-webindexer', 'ai_search', ['meta-webindexer']),
  agent('cohere-ai', 'ai_training', ['cohere-ai', 'cohere-training-data-crawler']),
  agent('mistralai-user', 'ai_user_fetch', ['mistralai-user'], 'mistral-user'),
  agent('mistralai-index', 'ai_search', ['mistralai-index'], 'mistral-index'),
  agent('google-cloudvertexbot', 'ai_search', ['google-cloudvertexbot'], 'google-googlebot'),
  agent('google-notebooklm', 'ai_user_fetch', ['google-notebooklm']),
  agent('gemini-deep-research', 'ai_user_fetch', ['gemini-deep-research']),
  agent('google-agent', 'ai_user_fetch', ['google-agent', 'googleagent-mariner'], 'google-user-triggered-agents'),
  agent('manus-user', 'ai_user_fetch', ['manus-user']),
  agent('phindbot', 'ai_search', ['phindbot']),
  agent('tavilybot', 'ai_search', ['tavilybot']),
  agent('duckassistbot', 'ai_user_fetch', ['duckassistbot'], 'duckduckgo-duckassistbot'),
  agent('youbot', 'ai_search', ['youbot']),
  agent('ai2bot', 'ai_training', ['ai2bot', 'ai2bot-dolma']),
  agent('diffbot', 'ai_training', ['diffbot']),
  agent('img2dataset', 'ai_training', ['img2dataset']),
  agent('pangubot', 'ai_training', ['pangubot']),
  agent('timpibot', 'ai_training', ['timpibot']),
  agent('deepseekbot', 'ai_training', ['deepseekbot']),
  agent(
    'claude-code',
    'ai_coding_agent',
    ['claude-code', 'claude-cli'],
    undefined,
    'claude-cli/2.1.12 (external, cli)',
  ),
  agent(
    'codex',
    'ai_coding_agent',
    ['codex_cli_rs', 'codex-cli', 'openai-codex'],
    undefined,
    'codex_cli_rs/0.98.0 (Debian 12; x86_64)',
  ),
  agent('gemini-cli', 'ai_coding_agent', ['gemini-cli', 'geminicli', 'google-gemini-cli']),
  agent(
    'copilot',
    'ai_coding_agent',
    ['githubcopilot', 'github-copilot', 'copilot-cli', 'copilot-coding-agent'],
    undefined,
    'GithubCopilot/1.270.0',
  ),
  agent('opencode', 'ai_coding_agent', ['opencode', 'opencode-smartfetch']),
  agent('aider', 'ai_coding_agent', ['aider', 'aider-chat']),
  agent('openhands', 'ai_coding_agent', ['openhands']),
  agent('swe-agent', 'ai_coding_agent', ['swe-agent', 'mini-swe-agent']),
]);

/**
 * Names after `agent/`, with which a tool adds the coding agent that runs it (the harness ids that Databricks', Hugging Face's and
 * JFrog's clients write, 2026-03). After a package manager's name any name counts, because only a coding agent writes that.
 */
export const codingAgentNames: ReadonlySet<string> = new Set(
  'aider amp antigravity augment claude claude-code cline codex continue copilot cowork crush cursor cursor-cli devin factory gemini gemini-cli github-copilot goose jules junie kilocode kiro openclaw opencode openhands pi qwen-code replit roo-code swe-agent trae warp windsurf zed'.split(
    ' ',
  ),
);

const SUFFIX = /(?: agent\/([a-z][a-z0-9._-]{0,40})| \(agent:([a-z][a-z0-9._-]{0,40})\))(?= |$)/;

/** Splits ` agent/NAME` (or ` (agent:NAME)`) off a user agent; null if there is none. */
export function splitAgentSuffix(userAgent: string): { readonly name: string; readonly rest: string } | null {
  if (!userAgent.includes('agent')) return null;
  const match = SUFFIX.exec(userAgent);
  if (match === null) return null;
  const rest = userAgent.slice(0, match.index) + userAgent.slice(match.index + match[0].length);
  return { name: match[1] ?? match[2], rest };
}
