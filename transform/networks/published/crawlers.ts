// Crawlers: each operator's list of its bots' addresses. All lists share one shape, so the name of the file or its
// address tells them apart. A claim from outside a fresh list is contradicted.

import { fileNameOf, member, RangeCollector, toInstant, type Published, type PublishedList } from './published.ts';

/** [list, file names besides LIST.json, address, bots]. Addresses from the operators' documentation, read 2026-11. */
const lists: readonly (readonly [name: string, fileNames: readonly string[], url: string, bots: string])[] = [
  ['openai-gptbot', ['gptbot.json'], 'https://openai.com/gptbot.json', 'GPTBot'],
  ['openai-searchbot', ['searchbot.json'], 'https://openai.com/searchbot.json', 'OAI-SearchBot'],
  ['openai-chatgpt-user', ['chatgpt-user.json'], 'https://openai.com/chatgpt-user.json', 'ChatGPT-User'],
  ['anthropic-bots', [], 'https://claude.com/crawling/bots.json', 'ClaudeBot, Claude-User, Claude-SearchBot'],
  ['perplexity-bot', ['perplexitybot.json'], 'https://www.perplexity.com/perplexitybot.json', 'PerplexityBot'],
  ['perplexity-user', [], 'https://www.perplexity.com/perplexity-user.json', 'Perplexity-User'],
  [
    'google-googlebot',
    ['googlebot.json', 'common-crawlers.json'],
    'https://developers.google.com/static/crawling/ipranges/common-crawlers.json',
    'Googlebot and other common crawlers',
  ],
  [
    'google-special-crawlers',
    ['special-crawlers.json'],
    'https://developers.google.com/static/crawling/ipranges/special-crawlers.json',
    'AdsBot and other special crawlers',
  ],
  [
    'google-user-triggered-fetchers',
    ['user-triggered-fetchers.json'],
    'https://developers.google.com/static/crawling/ipranges/user-triggered-fetchers.json',
    "fetchers that Google's customers run",
  ],
  [
    'google-user-triggered-fetchers-google',
    ['user-triggered-fetchers-google.json'],
    'https://developers.google.com/static/crawling/ipranges/user-triggered-fetchers-google.json',
    'fetchers that Google runs for users',
  ],
  [
    'google-user-triggered-agents',
    ['user-triggered-agents.json'],
    'https://developers.google.com/static/crawling/ipranges/user-triggered-agents.json',
    'Google-Agent',
  ],
  ['microsoft-bingbot', ['bingbot.json'], 'https://www.bing.com/toolbox/bingbot.json', 'bingbot'],
  ['commoncrawl-ccbot', ['ccbot.json'], 'https://index.commoncrawl.org/ccbot.json', 'CCBot'],
  ['apple-applebot', ['applebot.json'], 'https://search.developer.apple.com/applebot.json', 'Applebot'],
  ['duckduckgo-duckduckbot', ['duckduckbot.json'], 'https://duckduckgo.com/duckduckbot.json', 'DuckDuckBot'],
  ['duckduckgo-duckassistbot', ['duckassistbot.json'], 'https://duckduckgo.com/duckassistbot.json', 'DuckAssistBot'],
  ['mistral-user', ['mistralai-user-ips.json'], 'https://mistral.ai/mistralai-user-ips.json', 'MistralAI-User'],
  ['mistral-index', ['mistralai-index-ips.json'], 'https://mistral.ai/mistralai-index-ips.json', 'MistralAI-Index'],
];

/** Names that ClientFacets.crawlerList and NetworkFacts.crawlerLists share. */
export const crawlerListNames: readonly string[] = lists.map(([name]) => name);

export const hasCrawlerShape = (content: unknown): boolean => {
  const prefixes = member(content, 'prefixes');
  return (
    Array.isArray(prefixes) && prefixes.some((item) => 'ipv4Prefix' in Object(item) || 'ipv6Prefix' in Object(item))
  );
};

/** {"creationTime", "prefixes": [{"ipv4Prefix" | "ipv6Prefix"}]} */
export function parseCrawlerShape(content: unknown, range: Omit<Published['ranges'][number], 'cidr'>): Published {
  const out = new RangeCollector();
  out.list('prefixes', member(content, 'prefixes'), (item, path) => {
    const key = member(item, 'ipv6Prefix') === undefined ? 'ipv4Prefix' : 'ipv6Prefix';
    out.add(`${path}.${key}`, member(item, key), range);
  });
  const createdAt = member(content, 'creationTime');
  return out.done(createdAt, toInstant(createdAt));
}

const withoutScheme = (url: string): string => url.replace(/^https?:\/\/(www\.)?/, '');

export const crawlers: readonly PublishedList[] = lists.map(([name, fileNames, url, bots]) => ({
  name,
  description: bots,
  url,
  recognises: (content, location) =>
    hasCrawlerShape(content) &&
    (withoutScheme(location) === withoutScheme(url) ||
      fileNameOf(location) === `${name}.json` ||
      fileNames.includes(fileNameOf(location))),
  parse: (content) => parseCrawlerShape(content, { provider: name, service: '', type: 'crawler' }),
}));
