// Browsers, exactly in the form they write: with one more word it is another program that imitates a browser.

import type { ClientGrammar } from './client.ts';
import { facets } from './facets.ts';

/** The platform; it may contain one pair of parentheses, and names no program. */
const PLATFORM = String.raw`\((?:[^()]{1,160}|[^()]{0,80}\([^()]{0,80}\)[^()]{0,80})\)`;
const NUMBER = String.raw`\d[\d.]{0,40}`;
const WEBKIT = String.raw`^Mozilla/5\.0 ${PLATFORM} AppleWebKit/${NUMBER} \(KHTML, like Gecko\) `;

const CHROMIUM = new RegExp(
  `${WEBKIT}(?:SamsungBrowser/(${NUMBER}) )?Chrome/(${NUMBER})(?: Mobile)? Safari/${NUMBER}(?: (Edg|EdgA|OPR|Vivaldi|YaBrowser)/(${NUMBER}))?(?: Yowser/${NUMBER})?$`,
);
const SAFARI = new RegExp(
  `${WEBKIT}(?:(Version|CriOS|FxiOS|EdgiOS)/(${NUMBER}))(?: Mobile/\\w{1,20})?(?: Safari/${NUMBER})$`,
);
const FIREFOX = new RegExp(String.raw`^Mozilla/5\.0 ${PLATFORM} Gecko/${NUMBER} Firefox/(${NUMBER})$`);
const NOT_A_PLATFORM = /compatible|bot|crawl|spider|:\/\/|@/i;

const chromium: Readonly<Record<string, string>> = {
  Edg: 'edge',
  EdgA: 'edge',
  OPR: 'opera',
  Vivaldi: 'vivaldi',
  YaBrowser: 'yandex-browser',
};
const apple: Readonly<Record<string, string>> = {
  Version: 'safari',
  CriOS: 'chrome',
  FxiOS: 'firefox',
  EdgiOS: 'edge',
};

const example = (userAgent: string, client: string, version: string): ClientGrammar['examples'][number] => ({
  userAgent,
  expect: { client, version, kind: 'browser', ci: -1, container: -1 },
});

export const browsers: ClientGrammar = {
  family: 'browsers',
  clients: ['chrome', 'firefox', 'safari', 'edge', 'opera', 'vivaldi', 'yandex-browser', 'samsung-internet'],
  firstTokens: ['mozilla'],
  examples: [
    example(
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36',
      'chrome',
      '132.0.0.0',
    ),
    example(
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36 Edg/132.0.2957.140',
      'edge',
      '132.0.2957.140',
    ),
    example(
      'Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36',
      'samsung-internet',
      '27.0',
    ),
    example(
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 OPR/116.0.0.0',
      'opera',
      '116.0.0.0',
    ),
    example(
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36 Vivaldi/7.1.3570.39',
      'vivaldi',
      '7.1.3570.39',
    ),
    example(
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 YaBrowser/25.2.0.0 Yowser/2.5',
      'yandex-browser',
      '25.2.0.0',
    ),
    example('Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:135.0) Gecko/20100101 Firefox/135.0', 'firefox', '135.0'),
    example(
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15',
      'safari',
      '18.3',
    ),
    example(
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/132.0.6834.100 Mobile/15E148 Safari/604.1',
      'chrome',
      '132.0.6834.100',
    ),
  ],
  parse(userAgent) {
    if (!userAgent.startsWith('Mozilla/5.0 (') || NOT_A_PLATFORM.test(userAgent)) return null;
    const blink = CHROMIUM.exec(userAgent);
    if (blink !== null) {
      const [, samsung, chrome, brand, version] = blink as (string | undefined)[];
      if (samsung !== undefined) return facets('browser', 'samsung-internet', samsung, 'browser');
      return brand === undefined
        ? facets('browser', 'chrome', chrome!, 'browser')
        : facets('browser', chromium[brand], version!, 'browser');
    }
    const safari = SAFARI.exec(userAgent);
    if (safari !== null) return facets('browser', apple[safari[1]], safari[2], 'browser');
    const firefox = FIREFOX.exec(userAgent);
    return firefox === null ? null : facets('browser', 'firefox', firefox[1], 'browser');
  },
};
