// The rival that anyone would write first: JSON.parse line by line and a Map on a string key. It uses the project's own
// rules, each remembered in a Map by its input, so that only the way of working differs.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { decide } from '../../transform/classify/decide.ts';
import { parseUserAgent } from '../../transform/clients/index.ts';
import { buildNetworkIndex } from '../../transform/networks/network-index.ts';
import { isDownload } from '../../transform/packages/download.ts';
import { resolverFor } from '../../transform/packages/index.ts';
import type { Rules } from '../month.ts';
import { type Answer, AnswerSum } from './answer.ts';

type Group = [requests: number, downloads: number, bytes: number, downloadBytes: number, maxDownloadBytes: number];

function remembered<T>(decideOnce: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) known.set(key, (value = decideOnce(key)));
    return value;
  };
}

/** First byte of `bytes=N-…`; 0 without a range, −1 where it cannot be told. */
const rangeStart = (range: string): number => (range === '' ? 0 : Number(/^bytes=(\d+)-/.exec(range)?.[1] ?? -1));

export async function naive(path: string, rules: Rules): Promise<{ groups: Map<string, Group>; lines: number }> {
  const resolver = resolverFor({ ecosystem: 'npm' });
  const networks = buildNetworkIndex({
    prefixes: rules.prefixes.map((cidr) => ({ cidr })),
    ranges: rules.ranges,
    asnTypes: new Map(rules.asnTypes),
  });
  const tokens = new Map(rules.tokens);
  const encoder = new TextEncoder();
  const resourceOf = remembered((text) => resolver('', text, '').resource);
  const facetsOf = remembered(parseUserAgent);
  const factsOf = remembered((text) => networks.factsOf(encoder.encode(text)));
  const networkOf = remembered((text) => networks.networkOf(encoder.encode(text)));
  const tokenOf = remembered((text) => tokens.get(createHash('sha256').update(text).digest('hex')) ?? '');

  const groups = new Map<string, Group>();
  let lines = 0;
  for await (const text of createInterface({ input: createReadStream(path, { highWaterMark: 1 << 20 }) })) {
    lines++;
    const line = JSON.parse(text) as Record<string, string> & { response_status: number; response_bytes: number };
    const occurredAt = Date.parse(line.timestamp!);
    const resource = resourceOf(line.request_path!);
    const facets = facetsOf(line.user_agent!);
    const facts = factsOf(line.client_ip!);
    const requester = decide(facets, facts, -1, { freshCrawlerLists: networks.freshCrawlerLists });
    const token = /(?:^|&)fairshare_token=([^&]*)/.exec(line.request_query!)?.[1] ?? facets.token;
    const download = isDownload(
      resource.rule,
      line.request === 'GET' ? 1 : 0,
      line.response_status,
      line.response_bytes,
      rangeStart(line.request_range!),
      occurredAt,
    );
    const key = [
      Math.floor(occurredAt / 3_600_000) * 3600,
      resource.package,
      resource.version,
      resource.artifact,
      resource.file,
      requester.requesterClass,
      requester.identity,
      requester.client,
      requester.ciProvider,
      token === '' ? '' : tokenOf(token),
      facts.prefix ?? '',
      facts.rangeId ?? '',
      facts.networkType ?? '',
      networkOf(line.client_ip!),
      line.client_country,
    ].join('|');
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = [0, 0, 0, 0, 0]));
    group[0]++;
    group[2] += line.response_bytes;
    if (download) {
      group[1]++;
      group[3] += line.response_bytes;
      group[4] = Math.max(group[4], line.response_bytes);
    }
  }
  return { groups, lines };
}

export function naiveAnswer(groups: ReadonlyMap<string, Group>): Answer {
  const sum = new AnswerSum();
  for (const [key, group] of groups) sum.add([...key.split('|'), ...group]);
  return sum.answer();
}
