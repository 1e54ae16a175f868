// Shares of requests and of bytes by class, on the recorded captures and on the simulated month of `make bench`: what a change of the
// clients' rules does to real and to simulated traffic.

import { readFileSync } from 'node:fs';
import type * as classify from '../../transform/classify/decide.ts';
import type * as clients from '../../transform/clients/index.ts';
import { nginxEdge } from '../../transform/formats/nginx-edge.ts';
import { noFacts } from '../../transform/networks/facts.ts';
import { buildNetworkIndex } from '../../transform/networks/network-index.ts';
import { LineFields } from '../../transform/scan/line-fields.ts';
import { readRules } from '../month.ts';
import { unzipped } from './captures.ts';

/** The rules of this version, or of another one whose code is in `directory`. */
export async function rulesIn(directory: URL) {
  const load = async <T>(path: string): Promise<T> => (await import(new URL(path, directory).href)) as T;
  const { decide } = await load<typeof classify>('transform/classify/decide.ts');
  const { parseUserAgent, clientIn } = await load<Partial<typeof clients>>('transform/clients/index.ts');
  return { decide, parseUserAgent: parseUserAgent!, clientIn };
}
type Rules = Awaited<ReturnType<typeof rulesIn>>;

export interface Share {
  readonly requesterClass: string;
  readonly requests: number;
  readonly bytes: number;
}

/** Facts about the networks of a log. */
type Networks = Pick<ReturnType<typeof buildNetworkIndex>, 'factsOf' | 'freshCrawlerLists'>;
const nowhere: Networks = { factsOf: () => noFacts, freshCrawlerLists: new Set() };

interface Log {
  readonly data: Buffer;
  readonly ecosystem: string;
  readonly networks: Networks;
}

/** Shares of all requests of the logs, the largest class first. */
function shares({ decide, parseUserAgent, clientIn }: Rules, logs: readonly Log[]): Share[] {
  const sums = new Map<string, { requests: number; bytes: number }>();
  const total = { requests: 0, bytes: 0 };
  const fields = new LineFields();
  for (const { data, ecosystem, networks } of logs) {
    const parser = nginxEdge.parser();
    const { freshCrawlerLists } = networks;
    for (let start = 0; start < data.length;) {
      const end = data.indexOf(10, start);
      const isRequest = parser.parse(data, start, end, fields) === 0;
      start = end + 1;
      if (!isRequest) continue;
      const found = parseUserAgent(fields.userAgent.text());
      const client = clientIn === undefined ? found : clientIn(found, ecosystem);
      const { requesterClass } = decide(client, networks.factsOf(Buffer.from(fields.address.text())), -1, {
        freshCrawlerLists,
      });
      const sum = sums.get(requesterClass) ?? { requests: 0, bytes: 0 };
      sums.set(requesterClass, sum);
      for (const one of [sum, total]) {
        one.requests++;
        one.bytes += Math.max(0, fields.bytes);
      }
    }
  }
  return [...sums]
    .map(([requesterClass, { requests, bytes }]) => ({
      requesterClass,
      requests: requests / total.requests,
      bytes: bytes / total.bytes,
    }))
    .sort((a, b) => b.requests - a.requests);
}

const captures = { cargo: 'cargo', deb: 'deb', go: 'golang', maven: 'maven', npm: 'npm', pypi: 'pypi' } as const;

export const sharesOfCaptures = (rules: Rules): Share[] =>
  shares(
    rules,
    Object.entries(captures).map(([name, ecosystem]) => ({
      data: unzipped(`${name}-edge.jsonl`),
      ecosystem,
      networks: nowhere,
    })),
  );

/** @param directory of bench/month.ts */
export function sharesOfMonth(rules: Rules, directory: string): Share[] {
  const { prefixes, ranges } = readRules(directory);
  const networks = buildNetworkIndex({ prefixes: prefixes.map((cidr) => ({ cidr })), ranges });
  return shares(rules, [{ data: readFileSync(`${directory}/edge.jsonl`), ecosystem: 'npm', networks }]);
}
