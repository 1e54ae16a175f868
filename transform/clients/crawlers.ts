// The rest: programs that no grammar here knows. The npm package crawler-user-agents names crawlers and says what they are for (its
// example strings are not used). The npm packages es6-crawler-detect and isbot decide what is left.

import patterns from 'crawler-user-agents';
import { createIsbotFromList, list } from 'isbot';
import type { ClientGrammar, DeclaredClass } from './client.ts';
import { facets } from './facets.ts';
import { leadingLibrary } from './http-libraries.ts';
import { isListedProgram } from './listed-programs.ts';

interface CrawlerPattern {
  readonly pattern: string;
  readonly tags?: readonly string[];
  readonly description?: string;
}

/**
 * Patterns that are not used (crawler-user-agents 1.60): plain words, and programs that are no crawlers: editors (its
 * `Code/1.` is VS Code), build tools, libraries. All patterns with the package's own tag http-library are dropped.
 */
const tooGeneric = new Set(
  String.raw`Make\/|Operator\/|Buck\/|RED\/|Fetch\/|Readable\/|Uptime\/|Dlc\/|BW\/|^BW\/|^Silk\/|Sonic|speedy|fluffy|Devin|Synapse|Butterfly|Charlotte|Magellan|Aranea|Adventurer|NetAPI|Optimizer\)|Rigor\)|crusty\/|Grover\/|Fluid|Watchful|Determ|linko|Hello World|Indy Library|Code\/1\.|Trae\/`.split(
    '|',
  ),
);
/** Length of the part of a user agent that is searched, because names come early. */
export const SEARCHED_LENGTH = 512;

/** The package's tag `ai-crawler` covers every purpose; its own description tells which. */
function kindOf({ tags = [], description = '' }: CrawlerPattern): DeclaredClass {
  if (tags.includes('ai-crawler')) {
    if (/search|answer/i.test(description)) return 'ai_search';
    return /assistant|user|agent/i.test(description) ? 'ai_user_fetch' : 'ai_training';
  }
  return tags.includes('search-engine') ? 'search_bot' : 'other_crawler';
}

let known: { readonly any: RegExp; readonly byKind: readonly (readonly [DeclaredClass, RegExp])[] } | undefined;
function knownCrawlers(): NonNullable<typeof known> {
  if (known !== undefined) return known;
  const used = (patterns as readonly CrawlerPattern[]).filter(
    ({ pattern, tags = [] }) => !tags.includes('http-library') && !tooGeneric.has(pattern),
  );
  const expressionOf = (some: readonly CrawlerPattern[]) => new RegExp(some.map(({ pattern }) => pattern).join('|'));
  const kinds = ['ai_training', 'ai_search', 'ai_user_fetch', 'search_bot'] as const;
  known = {
    any: expressionOf(used),
    byKind: kinds.map((kind) => [kind, expressionOf(used.filter((one) => kindOf(one) === kind))]),
  };
  return known;
}

/** What only a program writes that wants to be known: an address of its operator, or the words for what it is. */
const ADDRESS = /https?:\/\/|[\w.+-]@[a-z\d-]+\.[a-z]{2,}/i;
const PROGRAM_WORD = /(?:(?<!cu)bot|crawler|spider)s?(?![a-z])/i;
/** The phone, as Android and the apps on it write it: `(Linux; Android 14; MODEL)`. A model may be called like a program. */
const PHONE = /\((?!compatible)[^()]*\b(?:Android|Adr) \d[^()]*\)|\bAndroid \(\d+\/[^()]*dpi;[^()]*\)/g;

/** A browser's own comment has no `compatible;` in it: programs that imitate one put it there, before their name. */
const IN_COMMENT = /like Gecko; compatible; ?[A-Za-z]/;

const saysProgram = (userAgent: string): boolean =>
  ADDRESS.test(userAgent) ||
  IN_COMMENT.test(userAgent) ||
  (PROGRAM_WORD.test(userAgent) && PROGRAM_WORD.test(userAgent.replace(PHONE, '')));

/** Phones and browsers inside apps, whose names have words that lists take for a program's (from the makers' own names). */
const PEOPLE =
  /\b(?:FB(?:AN|AV|IOS|_IAB)|Instagram|MicroMessenger|Line\/|KAKAOTALK|NAVER\(|DaumApps|Snapchat|Pinterest|TikTok|musical_ly|BytedanceWebview|trill_|GSA\/|DuckDuckGo\/\d|Ddg\/|WhatsApp|LinkedInApp|Twitter for|Viber|Weibo|MQQBrowser|QQ\/|baiduboxapp|YaApp|YaSearchBrowser|Puffin|UCBrowser|MiuiBrowser|HuaweiBrowser|HeyTapBrowser|VivoBrowser|Silk\/|SMART-TV|SmartTV|Web0S|webOS|CrKey|Roku|AppleTV|PlayStation|Nintendo|Xbox|Kindle|BlackBerry|Opera M(?:ini|obi)|KaiOS|Mobile(?:\/\w+)? Safari\/|IEMobile\/|Windows Phone|Electron\/|Notion\/\d)|; wv\)/;

/** An app on an Apple phone, as the system's own network library writes it. */
const APPLE_APP = /^[^/()]+\/[\d.]+ \((?:iPhone|iPad|iPod)[^()]*; i(?:Pad)?OS [\d.]+; Scale\//;

const OLD_PHONE = /\bMIDP\b|Opera Mini\//;

export const isPerson = (userAgent: string): boolean =>
  APPLE_APP.test(userAgent) ||
  ((userAgent.startsWith('Mozilla/') ? PEOPLE : OLD_PHONE).test(userAgent) && !saysProgram(userAgent));

export const crawlers: ClientGrammar = {
  family: 'crawlers',
  clients: ['crawler'],
  firstTokens: [''],
  examples: [
    {
      userAgent: 'Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)',
      expect: { client: 'crawler', kind: 'other_crawler' },
    },
    {
      userAgent: 'Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)',
      expect: { client: 'crawler', kind: 'other_crawler' },
    },
    { userAgent: 'Mozilla/5.0 (compatible; Novellum/2.0)', expect: { client: 'crawler', kind: 'ai_training' } },
  ],
  parse(userAgent) {
    const searched = userAgent.slice(0, SEARCHED_LENGTH);
    const { any, byKind } = knownCrawlers();
    if (!any.test(searched) || isPerson(searched)) return null;
    const kind = byKind.find(([, pattern]) => pattern.test(searched))?.[0] ?? 'other_crawler';
    return facets('crawler-user-agents', 'crawler', '', kind);
  },
};

/** isbot calls editors and libraries bots; here they have names of their own. */
const NOT_BOTS = new Set(['cursor/', '^claude-code/']);
/**
 * isbot's patterns that hold of a tool nobody listed: the shape `name/1.2`, languages and plain words. Such a tool is no crawler, if it
 * does not imitate a browser.
 */
const OF_TOOLS =
  /^\^\\?[[\\(?<]|\\\.com|\\\(\\\)|\\\||http|java|node|library|tools|server|proxy|download|url|detect|check|agent|\^(?:python|php|rest|read|client|custom|azure|apache|jetty|wget)|\\bort|\\bperl|\\btime/;

const isbotOfImitator = createIsbotFromList(list.filter((pattern) => !NOT_BOTS.has(pattern)));
const isbotOfTool = createIsbotFromList(list.filter((pattern) => !NOT_BOTS.has(pattern) && !OF_TOOLS.test(pattern)));

/** The last attempt before 'unknown': libraries with something more, programs with a contact, on a list, and what isbot takes for one. */
export const detected: ClientGrammar = {
  family: 'detected',
  clients: ['crawler'],
  firstTokens: [''],
  examples: [
    { userAgent: 'acme-fetch/2.1 (+https://acme.example/fetch)', expect: { client: 'crawler', kind: 'other_crawler' } },
    { userAgent: 'python-requests/2.32.3 (research crawler)', expect: { client: 'crawler', kind: 'other_crawler' } },
    { userAgent: 'Mozilla/5.0 (compatible; acme site monitor)', expect: { client: 'crawler', kind: 'other_crawler' } },
    {
      userAgent:
        'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; acme/1.1) Chrome/131.0.0.0 Safari/537.36',
      expect: { client: 'crawler', kind: 'other_crawler' },
    },
  ],
  parse(userAgent) {
    const searched = userAgent.slice(0, SEARCHED_LENGTH);
    if (APPLE_APP.test(searched)) return null;
    if (saysProgram(searched)) return facets('contact', 'crawler', '', 'other_crawler');
    const library = leadingLibrary(userAgent);
    if (library !== null) return library;
    const imitates = searched.startsWith('Mozilla/');
    if (imitates && isPerson(searched)) return null;
    const withoutPhone = searched.replace(PHONE, '');
    if (isListedProgram(withoutPhone)) return facets('crawler-detect', 'crawler', '', 'other_crawler');
    return (imitates ? isbotOfImitator(searched) : isbotOfTool(withoutPhone))
      ? facets('isbot', 'crawler', '', 'other_crawler')
      : null;
  },
};
