// AI crawlers and fetchers, by the operators' own pages on them (the page stands beside each operator; read 2026-12), and the coding
// agents' own user agents. The purpose of a program decides its class, not its operator. No common words: an editor called Cursor is
// not an agent. What only public lists know is in lists/ai-products.json.

import type { ClientFacets, ClientGrammar } from './client.ts';
import { facets } from './facets.ts';
import { eachToken, namedAgentGrammar, versionAt, type NamedAgent } from './products.ts';

type AiKind = Extract<NamedAgent['kind'], `ai_${string}`>;

/** Operator's page → its programs: `token token … [> published list]`, by purpose. The first token is the client's name. */
const operators: Readonly<Record<string, Partial<Record<AiKind, readonly string[]>>>> = {
  'platform.openai.com/docs/bots': {
    ai_training: ['gptbot > openai-gptbot'],
    ai_search: ['oai-searchbot > openai-searchbot'],
    ai_user_fetch: ['chatgpt-user > openai-chatgpt-user', 'chatgpt-agent chatgpt-operator', 'oai-adsbot'],
    ai_coding_agent: ['codex codex_cli_rs codex-cli openai-codex codex-tui codex_vscode codex_exec'],
  },
  'support.anthropic.com, article 8896518': {
    ai_training: ['claudebot > anthropic-bots', 'anthropic-ai claude-web'],
    ai_search: ['claude-searchbot > anthropic-bots'],
    ai_user_fetch: ['claude-user > anthropic-bots'],
    ai_coding_agent: ['claude-code claude-cli claude-agent-sdk'],
  },
  'docs.perplexity.ai/guides/bots': {
    ai_search: ['perplexitybot > perplexity-bot'],
    ai_user_fetch: ['perplexity-user perplexityuser > perplexity-user'],
  },
  'developers.google.com/crawling/docs/crawlers-fetchers': {
    ai_training: ['google-extended'],
    ai_search: ['google-cloudvertexbot cloudvertexbot > google-googlebot'],
    ai_user_fetch: [
      'google-notebooklm notebooklm google-gemininotebook',
      'google-agent googleagent-mariner googleagent-urlcontext > google-user-triggered-agents',
      'gemini-deep-research',
      'google-pinpoint',
    ],
    ai_coding_agent: ['gemini-cli geminicli google-gemini-cli', 'google-jules', 'gemini-code-assist'],
  },
  'developer.amazon.com/amazonbot; docs.aws.amazon.com': {
    ai_training: ['amazonbot'],
    ai_search: ['amzn-searchbot', 'amazon-kendra kendrabot', 'bedrockbot', 'amazon-qbusiness'],
    ai_user_fetch: ['amzn-user', 'amazonbuyforme', 'novaact'],
    ai_coding_agent: ['amazon-q amazonq-for-cli amazon-q-developer', 'kiro-cli'],
  },
  'developers.facebook.com/docs/sharing/webmasters/web-crawlers': {
    ai_training: ['meta-externalagent', 'facebookbot'],
    ai_search: ['meta-webindexer'],
    ai_user_fetch: ['meta-externalfetcher'],
  },
  'commoncrawl.org/ccbot': { ai_training: ['ccbot > commoncrawl-ccbot'] },
  'bytedance.com (Bytespider names its contact in the user agent)': {
    ai_training: ['bytespider', 'tiktokspider', 'imagespider'],
  },
  'cohere.com': { ai_training: ['cohere-training-data-crawler'], ai_user_fetch: ['cohere-ai'] },
  'docs.mistral.ai/robots': {
    ai_training: ['mistralai-training'],
    ai_search: ['mistralai-index > mistral-index'],
    ai_user_fetch: ['mistralai-user > mistral-user'],
    ai_coding_agent: ['mistral-vibe'],
  },
  'duckduckgo.com/duckduckgo-help-pages/results/duckassistbot': {
    ai_user_fetch: ['duckassistbot > duckduckgo-duckassistbot'],
  },
  'support.apple.com/119829': { ai_training: ['applebot-extended'] },
  'microsoft.com (Azure AI, GitHub Copilot)': {
    ai_search: ['azureai-searchbot'],
    ai_coding_agent: [
      'copilot githubcopilot githubcopilotchat github-copilot copilot-cli copilot-coding-agent copilot-swe-agent copilot-language-server',
    ],
  },
  'kimi.com/policies/kimi-crawlers': {
    ai_training: ['kimibot'],
    ai_search: ['kimi-searchbot'],
    ai_user_fetch: ['kimi-user'],
    ai_coding_agent: ['kimi-cli kimicli'],
  },
  'x.ai': { ai_training: ['grokbot xai-grok xai-bot'], ai_user_fetch: ['grok-deepsearch'] },
  'deepseek.com/bot': { ai_training: ['deepseekbot'] },
  'chatglm.cn': { ai_training: ['chatglm-spider'] },
  'huawei.com (PanguBot)': { ai_training: ['pangubot'] },
  'yandex.com/support/webmaster': { ai_training: ['yandexadditional yandexadditionalbot'] },
  'allenai.org/crawler': { ai_training: ['ai2bot ai2bot-dolma'], ai_user_fetch: ['ai2bot-deepresearcheval'] },
  'about.you.com/youbot': { ai_search: ['youbot'] },
  'phind.com': { ai_search: ['phindbot'] },
  'tavily.com': { ai_search: ['tavilybot'] },
  'exa.ai': { ai_search: ['exasearchbot'] },
  'docs.parallel.ai/resources/crawler': { ai_search: ['shapbot'], ai_user_fetch: ['shap-user'] },
  'linkup.so/bot': { ai_search: ['linkupbot'] },
  'docs.getliner.com/docs/linerbot': { ai_search: ['linerbot'] },
  'andisearch.com': { ai_search: ['andibot'] },
  'iask.ai': { ai_search: ['iaskbot iaskspider'] },
  'help.kagi.com/kagi/ai': { ai_user_fetch: ['kagi-fetcher'] },
  'valyu.ai/crawler': { ai_search: ['henkbot'] },
  'manus.im': { ai_user_fetch: ['manus-user'] },
  'firecrawl.dev': { ai_user_fetch: ['firecrawlagent firecrawl'] },
  'jina.ai (Reader)': { ai_user_fetch: ['jinareader jina-reader jinabot'] },
  'github.com/unclecode/crawl4ai': { ai_training: ['crawl4ai'] },
  'apify.com': { ai_training: ['apifybot apifywebsitecontentcrawler'] },
  'diffbot.com': { ai_training: ['diffbot'] },
  'github.com/rom1504/img2dataset; laion.ai': {
    ai_training: ['img2dataset', 'laiondownloader laion-huggingface-processor'],
  },
  'timpi.io': { ai_training: ['timpibot'] },
  'webz.io': { ai_training: ['omgilibot omgili webzio-extended'] },
  'sbintuitions.co.jp/bot': { ai_training: ['sbintuitionsbot'] },
  'ds.rois.ac.jp/en_center8/en_crawler': { ai_training: ['cotoyogi'] },
  'developers.cloudflare.com/autorag': { ai_search: ['cloudflare-autorag'] },
  'support.atlassian.com (Rovo)': { ai_search: ['atlassian-bot'], ai_coding_agent: ['rovodev rovo-dev'] },
  'docs.devin.ai': { ai_coding_agent: ['devin'] },
  'github.com/modelcontextprotocol/servers (fetch)': { ai_user_fetch: ['modelcontextprotocol'] },
  "the projects' sources": {
    ai_coding_agent: [
      'opencode opencode-smartfetch',
      'aider aider-chat',
      'openhands',
      'swe-agent mini-swe-agent',
      'cline cline-cli',
      'roo-code roocode',
      'kilocode kilo-code',
      'goose-ai block-goose',
      'qwen-code qwencode',
      'crush charm-crush',
      'ampcode amp-cli sourcegraph-amp',
      'factory-droid factory-cli',
      'augment-code augmentcode auggie',
      'cursor-cli cursor-agent cursoragent',
      'openclaw',
      'windsurf-cascade',
      'continue-cli',
      'junie',
      'warp-agent',
      'plandex',
      'trae-agent',
    ],
  },
};

function* agents(): Generator<NamedAgent> {
  for (const purposes of Object.values(operators))
    for (const [kind, programs] of Object.entries(purposes) as [AiKind, readonly string[]][])
      for (const program of programs) {
        const [names, crawlerList] = program.split(' > ');
        const tokens = names.split(' ');
        yield { client: tokens[0], kind, tokens, crawlerList };
      }
}

export const aiAgents = namedAgentGrammar('ai-agents', [...agents()]);

/** Names that only AI operators use, each of which makes new programs named after it. */
const HOUSE =
  /^(?:openai|oai|chatgpt|gpt|anthropic|claude|perplexity|kimi|moonshot|deepseek|mistral(?:ai)?|cohere|grok|xai|qwen|chatglm|doubao|gemini|copilot)[-_]?(.+)$/;
const PURPOSES: readonly (readonly [AiKind, RegExp])[] = [
  ['ai_coding_agent', /^(?:code|cli|codex|swe|vibe|dev)/],
  ['ai_search', /search|index/],
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
