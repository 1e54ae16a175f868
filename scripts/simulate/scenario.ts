// The scenario as shares: requesters, their networks, their hours, and what they request. Shares of requests and of addresses are
// of the whole; they need not sum to one. They follow published figures: 1 % of addresses cause about 83 % of the bytes, about
// 75 % of the traffic comes from hyperscale clouds, a tenth of the requests fetch artifacts.

import type { RequesterClass } from '../../transform/classify/requester.ts';
import { crawlerLists, type NetworkKind } from './networks.ts';

export const sourceNames = ['npm', 'pypi', 'maven', 'crates', 'rubygems', 'debian', 'openvsx'] as const;
export type SourceName = (typeof sourceNames)[number];

/** Share of lines per source. */
export const sourceShares: Record<SourceName, number> = {
  npm: 0.44,
  pypi: 0.2,
  maven: 0.12,
  crates: 0.07,
  rubygems: 0.06,
  debian: 0.07,
  openvsx: 0.04,
};

/** Weights of the 24 hours (UTC) and a factor for Saturday and Sunday. */
export interface Rhythm {
  readonly hours: readonly number[];
  readonly weekend: number;
}
const rhythm = (weekend: number, hours: string): Rhythm => ({ weekend, hours: hours.split(' ').map(Number) });
const rhythms = {
  /** People at work in Europe, then in America. */
  office: rhythm(0.3, '20 16 15 16 20 28 42 62 80 90 92 90 86 95 100 100 97 92 85 76 64 50 38 28'),
  /** Builds follow people's hours, and scheduled ones run all day. */
  builds: rhythm(0.55, '62 55 52 50 52 56 64 76 86 92 94 93 90 96 100 100 98 95 90 85 80 74 70 66'),
  /** Scheduled work, at full hours of the night. */
  nightly: rhythm(1, '100 70 95 80 90 60 55 40 35 30 30 28 45 30 28 28 30 32 35 38 45 50 60 70'),
  flat: rhythm(1, '10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10'),
} as const;

/** One kind of requester. Its name also selects its user agents (user-agents.ts). */
export interface Segment {
  readonly name: string;
  /** The true class of the requester. A log line may show less. */
  readonly requesterClass: RequesterClass;
  readonly requests: number;
  readonly addresses: number;
  /** The busiest `addresses` of the segment's addresses make `requests` of its requests. */
  readonly head: { readonly addresses: number; readonly requests: number };
  /** Networks of its addresses, with weights. */
  readonly placement: Partial<Record<NetworkKind, number>>;
  /** Probability that an address outside all organisations' own networks still belongs to an organisation. */
  readonly organisations: number;
  /** Share of its requests that fetch artifacts. */
  readonly artifacts: number;
  readonly rhythm: Rhythm;
  /** Number of packages that one address requests over and over; 0: any package by popularity. */
  readonly workingSet: number;
  /** Factor per source; default 1. */
  readonly sources?: Partial<Record<SourceName, number>>;
  /** Falsely claims to be a crawler. */
  readonly spoofed?: boolean;
}

const evenly = { addresses: 0.1, requests: 0.3 };
const webOnly = { debian: 0, openvsx: 0.5 };

const crawler = (
  name: CrawlerName,
  requesterClass: RequesterClass,
  requests: number,
  network: NetworkKind,
): Segment => ({
  name,
  requesterClass,
  requests,
  addresses: 0.0004,
  head: evenly,
  placement: { [network]: 1 },
  organisations: 0,
  artifacts: requesterClass === 'ai_training' ? 0.03 : 0,
  rhythm: requesterClass === 'ai_user_fetch' ? rhythms.office : rhythms.flat,
  workingSet: 0,
  sources: webOnly,
});

/** Crawlers; most of them have a published list. */
export const crawlerNames = ['gptbot', 'oai-searchbot', 'chatgpt-user', 'claudebot', 'claude-user', 'claude-searchbot',
  'perplexitybot', 'perplexity-user', 'ccbot', 'googlebot', 'bingbot', 'bytespider', 'amazonbot', 'meta-externalagent'] as const; // prettier-ignore
export type CrawlerName = (typeof crawlerNames)[number];

/**
 * @param spoofed share, 0 to 1, of the requests under an AI crawler's name from outside its operator's list
 */
export function defaultScenario(spoofed: number): Segment[] {
  const crawlers = [
    crawler('gptbot', 'ai_training', 0.009, 'openai-gptbot'),
    crawler('claudebot', 'ai_training', 0.006, 'anthropic-bots'),
    crawler('ccbot', 'ai_training', 0.003, 'commoncrawl-ccbot'),
    crawler('bytespider', 'ai_training', 0.002, 'hosting'),
    crawler('amazonbot', 'ai_training', 0.0015, 'aws'),
    crawler('meta-externalagent', 'ai_training', 0.0025, 'hosting'),
    crawler('oai-searchbot', 'ai_search', 0.003, 'openai-searchbot'),
    crawler('claude-searchbot', 'ai_search', 0.001, 'anthropic-bots'),
    crawler('perplexitybot', 'ai_search', 0.002, 'perplexity-bot'),
    crawler('chatgpt-user', 'ai_user_fetch', 0.003, 'openai-chatgpt-user'),
    crawler('claude-user', 'ai_user_fetch', 0.002, 'anthropic-bots'),
    crawler('perplexity-user', 'ai_user_fetch', 0.001, 'perplexity-user'),
    crawler('googlebot', 'search_bot', 0.006, 'google-googlebot'),
    crawler('bingbot', 'search_bot', 0.003, 'microsoft-bingbot'),
  ];
  // A false claim can only be detected if the AI crawler's true addresses are published.
  const isListed = ({ requesterClass, placement }: Segment): boolean =>
    requesterClass.startsWith('ai_') && crawlerLists.some((list) => list in placement);
  const impostors = crawlers.filter(isListed).map((segment): Segment => ({
    ...segment,
    requesterClass: 'unknown',
    requests: segment.requests * spoofed,
    placement: { hosting: 0.8, vpn: 0.2 },
    spoofed: true,
  }));
  const genuine = crawlers.map((segment): Segment =>
    isListed(segment) ? { ...segment, requests: segment.requests * (1 - spoofed) } : segment,
  );
  return [
    {
      name: 'ci',
      requesterClass: 'ci',
      requests: 0.48,
      addresses: 0.2,
      head: { addresses: 0.022, requests: 0.93 },
      placement: { aws: 0.39, gcp: 0.2, azure: 0.14, github: 0.21, hosting: 0.02, own: 0.04 },
      organisations: 0.62,
      artifacts: 0.105,
      rhythm: rhythms.builds,
      workingSet: 48,
      sources: { openvsx: 0.2, debian: 0.6 },
    },
    {
      name: 'container_build',
      requesterClass: 'container_build',
      requests: 0.17,
      addresses: 0.06,
      head: { addresses: 0.03, requests: 0.92 },
      placement: { aws: 0.48, gcp: 0.25, azure: 0.22, hosting: 0.02, own: 0.03 },
      organisations: 0.62,
      artifacts: 0.12,
      rhythm: rhythms.builds,
      workingSet: 32,
      sources: { openvsx: 0.2, debian: 3 },
    },
    {
      name: 'mirror_proxy',
      requesterClass: 'mirror_proxy',
      requests: 0.075,
      addresses: 0.004,
      head: { addresses: 0.3, requests: 0.93 },
      placement: { aws: 0.3, gcp: 0.12, azure: 0.12, own: 0.42, hosting: 0.04 },
      organisations: 0.8,
      artifacts: 0.16,
      rhythm: rhythms.builds,
      workingSet: 0,
    },
    {
      name: 'dependabot',
      requesterClass: 'update_bot',
      requests: 0.02,
      addresses: 0.0005,
      head: evenly,
      placement: { dependabot: 1 },
      organisations: 0,
      artifacts: 0.01,
      rhythm: rhythms.nightly,
      workingSet: 0,
      sources: { debian: 0, openvsx: 0 },
    },
    {
      name: 'renovate',
      requesterClass: 'update_bot',
      requests: 0.01,
      addresses: 0.003,
      head: evenly,
      placement: { aws: 0.5, gcp: 0.2, hosting: 0.3 },
      organisations: 0.3,
      artifacts: 0.01,
      rhythm: rhythms.nightly,
      workingSet: 0,
      sources: { debian: 0.1, openvsx: 0.1 },
    },
    {
      name: 'security_scanner',
      requesterClass: 'security_scanner',
      requests: 0.05,
      addresses: 0.02,
      head: { addresses: 0.04, requests: 0.9 },
      placement: { aws: 0.45, gcp: 0.2, azure: 0.15, own: 0.1, hosting: 0.1 },
      organisations: 0.5,
      artifacts: 0.05,
      rhythm: rhythms.nightly,
      workingSet: 64,
      sources: { openvsx: 0.4 },
    },
    ...genuine,
    ...impostors,
    {
      name: 'coding_agent',
      requesterClass: 'ai_coding_agent',
      requests: 0.008,
      addresses: 0.02,
      head: evenly,
      placement: { aws: 0.2, gcp: 0.2, isp: 0.45, own: 0.15 },
      organisations: 0.2,
      artifacts: 0.05,
      rhythm: rhythms.office,
      workingSet: 0,
      sources: { debian: 0, maven: 0.5, rubygems: 0.3 },
    },
    {
      name: 'research_spoof',
      requesterClass: 'unknown',
      requests: 0.002,
      addresses: 0.0005,
      head: evenly,
      placement: { hosting: 1 },
      organisations: 0,
      artifacts: 0.1,
      rhythm: rhythms.flat,
      workingSet: 0,
      sources: { npm: 0, pypi: 0, maven: 0, rubygems: 0, debian: 0, openvsx: 0, crates: 8 },
      spoofed: true,
    },
    {
      name: 'automation',
      requesterClass: 'automation',
      requests: 0.07,
      addresses: 0.07,
      head: { addresses: 0.02, requests: 0.88 },
      placement: { aws: 0.3, gcp: 0.15, azure: 0.1, hosting: 0.42, vpn: 0.03 },
      organisations: 0.25,
      artifacts: 0.09,
      rhythm: rhythms.nightly,
      workingSet: 16,
    },
    {
      name: 'developer',
      requesterClass: 'developer',
      requests: 0.06,
      addresses: 0.62,
      head: { addresses: 0.001, requests: 0.3 },
      placement: { isp: 0.7, mobile: 0.08, vpn: 0.06, own: 0.16 },
      organisations: 0.04,
      artifacts: 0.11,
      rhythm: rhythms.office,
      workingSet: 0,
      sources: { openvsx: 6 },
    },
  ];
}

/** Organisations send more requests from their own networks than from clouds, so that evidence of networks can be measured. */
const officesScenario = (spoofed: number): Segment[] =>
  defaultScenario(spoofed).map((segment) => {
    if (segment.organisations === 0) return segment;
    const elsewhere = Object.entries(segment.placement).map(([kind, share]) => [kind, share * 0.4]);
    return { ...segment, placement: { ...Object.fromEntries(elsewhere), own: 0.6 } as Segment['placement'] };
  });

/** Scenarios by name, for --scenario. */
export const scenarios: Record<string, (spoofed: number) => Segment[]> = {
  default: defaultScenario,
  offices: officesScenario,
};
