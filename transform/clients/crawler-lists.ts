// Published address lists that can verify who a crawler is. The names are those of `network_range` rows of type 'crawler'
// (`fairshare ranges import`); which of them are loaded and fresh, the caller of `decide` says.

/** List name → where its operator publishes it. Checked 2026-03. */
export const crawlerLists = {
  'openai-gptbot': 'https://openai.com/gptbot.json',
  'openai-searchbot': 'https://openai.com/searchbot.json',
  'openai-chatgpt-user': 'https://openai.com/chatgpt-user.json',
  anthropic: 'https://claude.com/crawling/bots.json',
  perplexity: 'https://www.perplexity.com/perplexitybot.json',
  'google-googlebot': 'https://developers.google.com/static/search/apis/ipranges/googlebot.json',
  'google-special-crawlers': 'https://developers.google.com/static/search/apis/ipranges/special-crawlers.json',
  'google-user-triggered-fetchers':
    'https://developers.google.com/static/search/apis/ipranges/user-triggered-fetchers.json',
  'bing-bingbot': 'https://www.bing.com/toolbox/bingbot.json',
  'commoncrawl-ccbot': 'https://index.commoncrawl.org/ccbot.json',
} as const;
export type CrawlerList = keyof typeof crawlerLists;
