// Other detectors of bots, as an engineer would choose them, and what they say of user agents that are not from this project's
// templates' package managers: recorded clients, people, and AI programs that lists name.

import crawlerPatterns from 'crawler-user-agents';
import { isbot } from 'isbot';
import { declaredClasses } from '../../transform/clients/client.ts';
import { parseUserAgent } from '../../transform/clients/index.ts';
import { type HalfScore, judge, products, rulesOfOneHalf } from './ai-halves.ts';
import { agentsOfJobs } from './captures.ts';
import { personAgent } from './people.ts';
import { randomOf } from './random.ts';

interface CrawlerPattern {
  readonly pattern: string;
  readonly tags?: readonly string[];
}
const patternsOf = (kept: (tags: readonly string[]) => boolean): RegExp =>
  new RegExp(
    (crawlerPatterns as readonly CrawlerPattern[])
      .filter(({ tags = [] }) => kept(tags))
      .map(({ pattern }) => pattern)
      .join('|'),
  );
const all = patternsOf(() => true);
const withoutLibraries = patternsOf((tags) => !tags.includes('http-library'));
const aiPatterns = patternsOf((tags) => tags.includes('ai-crawler'));

export interface Detector {
  readonly name: string;
  readonly isBot: (userAgent: string) => boolean;
}
export const peers: readonly Detector[] = [
  { name: 'isbot', isBot: (userAgent) => isbot(userAgent) },
  { name: 'crawler-user-agents', isBot: (userAgent) => all.test(userAgent) },
  {
    name: 'crawler-user-agents without its http-library tag',
    isBot: (userAgent) => withoutLibraries.test(userAgent),
  },
];

/** A mirror is a package client for many, so it is no bot here. */
const botKinds: ReadonlySet<string> = new Set(declaredClasses.filter((name) => name !== 'mirror_proxy'));
const fairshare: Detector = {
  name: 'fairshare',
  isBot: (userAgent) => botKinds.has(parseUserAgent(userAgent).kind),
};

export interface FieldScore {
  readonly detector: string;
  /** Recorded jobs of real clients of which at least one user agent is called a bot; their clients. */
  readonly jobs: number;
  readonly jobsCalledBots: number;
  readonly clientsHit: readonly string[];
  /** User agents of people, and how many are called bots. */
  readonly people: number;
  readonly peopleCalledBots: number;
}

export function fieldScores(peopleCount: number, seed: number): FieldScore[] {
  const jobs = agentsOfJobs();
  const random = randomOf(seed);
  const people = Array.from({ length: peopleCount }, () => personAgent(random));
  return [fairshare, ...peers].map(({ name, isBot }) => {
    const hit = jobs.filter(({ agents }) => agents.some(isBot));
    return {
      detector: name,
      jobs: jobs.length,
      jobsCalledBots: hit.length,
      clientsHit: [...new Set(hit.map(({ client }) => client))].sort(),
      people: peopleCount,
      peopleCalledBots: people.filter(isBot).length,
    };
  });
}

export interface AiScore {
  readonly rules: string;
  readonly halves: readonly HalfScore[];
}

/** AI programs by halves: what this version knows, what it would know without one half, and a peer. */
export async function aiScores(): Promise<AiScore[]> {
  const named = products();
  const oneHalf = await rulesOfOneHalf();
  return [
    { rules: 'fairshare', halves: judge((userAgent) => parseUserAgent(userAgent).kind, named) },
    {
      rules: 'fairshare with the lists of one half',
      halves: judge((userAgent) => oneHalf(userAgent).kind, named),
    },
    {
      rules: 'crawler-user-agents, tag ai-crawler',
      halves: judge((userAgent) => (aiPatterns.test(userAgent) ? 'ai_training' : 'unknown'), named),
    },
  ];
}
