// Search engines' crawlers, by the operators' own pages on them (read 2026-03).

import { namedAgentGrammar, type NamedAgent } from './products.ts';

const engine = (client: string, tokens: string[], crawlerList?: string, example?: string): NamedAgent => ({
  client,
  kind: 'search_bot',
  tokens,
  crawlerList,
  example,
});
const compatible = (inside: string): string => `Mozilla/5.0 (compatible; ${inside})`;

export const searchBots = namedAgentGrammar('search-bots', [
  engine(
    'googlebot',
    [
      'googlebot',
      'googlebot-image',
      'googlebot-news',
      'googlebot-video',
      'googlebot-mobile',
      'storebot-google',
      'google-inspectiontool',
      'googleother',
      'googleother-image',
      'googleother-video',
    ],
    'google-googlebot',
    compatible('Googlebot/2.1; +http://www.google.com/bot.html'),
  ),
  engine(
    'google-special',
    ['adsbot-google', 'adsbot-google-mobile', 'mediapartners-google', 'apis-google', 'google-safety'],
    'google-special-crawlers',
  ),
  engine(
    'google-fetcher',
    // Google publishes two lists of them but not which list has which program, so no list verifies one.
    ['feedfetcher-google', 'google-site-verification', 'google-read-aloud', 'googleproducer'],
  ),
  engine('bingbot', ['bingbot'], 'microsoft-bingbot', compatible('bingbot/2.0; +http://www.bing.com/bingbot.htm')),
  engine(
    'applebot',
    ['applebot'],
    'apple-applebot',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)',
  ),
  engine(
    'duckduckbot',
    ['duckduckbot', 'duckduckbot-https'],
    'duckduckgo-duckduckbot',
    'DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)',
  ),
  engine(
    'yandexbot',
    ['yandexbot', 'yandeximages', 'yandexmobilebot', 'yandexrenderresourcesbot'],
    undefined,
    compatible('YandexBot/3.0; +http://yandex.com/bots'),
  ),
  engine(
    'baiduspider',
    ['baiduspider', 'baiduspider-render', 'baiduspider-image'],
    undefined,
    compatible('Baiduspider/2.0; +http://www.baidu.com/search/spider.html'),
  ),
  engine('yahoo-slurp', ['slurp'], undefined, compatible('Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp')),
  engine('sogou', ['sogou'], undefined, 'Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)'),
  engine('petalbot', ['petalbot'], undefined, compatible('PetalBot;+https://webmaster.petalsearch.com/site/petalbot')),
  engine('seznambot', ['seznambot']),
  engine('qwantbot', ['qwantify', 'qwantbot']),
  engine('naver-yeti', ['yeti'], undefined, compatible('Yeti/1.1; +http://naver.me/spd')),
  engine('coccocbot', ['coccocbot-web', 'coccocbot-image']),
  engine('mojeekbot', ['mojeekbot']),
  engine('bravebot', ['bravebot']),
  engine('kagibot', ['kagibot']),
  engine('360spider', ['360spider', 'haosouspider']),
]);
