// Through the batch builder: which user agents a batch keeps.

import { describe, expect, it } from 'vitest';
import { BatchBuilder, defaultLimits } from '../batch-builder.ts';
import { nginxEdge } from '../formats/nginx-edge.ts';
import { buildNetworkIndex } from '../networks/network-index.ts';
import { resolverFor } from '../packages/index.ts';
import { MOST_AGENTS } from './undeclared-agents.ts';

const cloud = { provider: 'aws', service: '', type: 'cloud', cidr: '203.0.113.0/24' } as const;
const builder = () => {
  const resolver = resolverFor({ ecosystem: 'npm' });
  return new BatchBuilder({
    parser: nginxEdge.parser(),
    resolve: (host, path) => resolver(host, path, ''),
    hostMatters: false,
    networks: buildNetworkIndex({ ranges: [cloud] }),
    tokens: { idOf: () => null, userAgentKey: 'fairshare-token' },
    limits: defaultLimits,
  });
};
/** @param network third number of the address */
const line = (user_agent: string, network: number, response_bytes = 10): string =>
  JSON.stringify({
    timestamp: '2026-10-01T10:00:00Z',
    client_ip: network === 0 ? '203.0.113.9' : `100.1.${network}.9`,
    request: 'GET',
    request_path: '/a/-/a-1.0.0.tgz',
    user_agent,
    response_status: 200,
    response_bytes,
  });
const agentsOf = (lines: readonly string[], chosen = builder()) => {
  const bytes = Buffer.from(lines.join('\n'));
  chosen.add(bytes, 0, bytes.length, 0, Infinity);
  return chosen.finish().agents;
};
const npm = 'npm/10.9.0 node/v22.11.0 linux x64 workspaces/false';

describe('a batch', () => {
  it('keeps user agents that three networks sent, by class, with requests and bytes', () => {
    expect(agentsOf([1, 2, 2, 3, 0, 0].map((network) => line(npm, network)))).toEqual([
      { requesterClass: 'unknown', userAgent: npm, requests: 4, bytes: 40 },
      { requesterClass: 'hosted', userAgent: npm, requests: 2, bytes: 20 },
    ]);
  });

  it('keeps none that fewer networks sent, or that declares what it is for', () => {
    expect(agentsOf([1, 2, 1, 2, 2].map((network) => line('AcmeFetcher 3', network)))).toEqual([]);
    expect(agentsOf([1, 2, 3, 4].map((network) => line(`${npm} ci/gitlab-ci`, network)))).toEqual([]);
  });

  it('masks what may be personal, and counts together what is then equal', () => {
    const agents = ['a', 'b'].flatMap((name) =>
      [1, 2, 3].map((network) => line(`AcmeFetcher 3 (user: ${name}; fairshare-token: secret)`, network)),
    );
    expect(agentsOf(agents)).toEqual([
      { requesterClass: 'unknown', userAgent: 'AcmeFetcher 3 (user: <masked>)', requests: 6, bytes: 60 },
    ]);
  });

  it('keeps the heaviest only, and begins the next batch empty', () => {
    const chosen = builder();
    const lines = Array.from({ length: MOST_AGENTS + 50 }, (_, i) =>
      Array.from({ length: 3 + i }, (_, n) => line(`Acme${'x'.repeat(i % 7)}/${i}`, 1 + (n % 3))),
    ).flat();
    const agents = agentsOf(lines, chosen);
    expect(agents.map(({ requests }) => requests)).toEqual(Array.from({ length: MOST_AGENTS }, (_, i) => 152 - i));
    expect(agentsOf([line('Acme/9', 1)], chosen)).toEqual([]);
  });
});
