// Sends one hostile stream through a builder at default limits. `node memory-child.js CASE LINES`

import { BatchBuilder, defaultLimits, type BuiltBatch } from '../transform/batch-builder.ts';
import { nginxEdge } from '../transform/formats/nginx-edge.ts';
import { buildNetworkIndex } from '../transform/networks/network-index.ts';
import { resolverFor } from '../transform/packages/index.ts';
import type { MemoryCaseName } from './memory.ts';

const edge = (i: number, fields: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    timestamp: '2026-10-01T00:00:00+00:00',
    client_ip: '198.51.100.7',
    request: 'GET',
    request_path: '/a',
    request_query: '',
    user_agent: 'npm/11.0.0 node/v22.0.0 linux x64 workspaces/false',
    response_status: 200,
    response_bytes: 1000 + (i % 1000),
    ...fields,
  });
const network = (i: number): string => `2001:db8:${(i & 0xffff).toString(16)}:${(i >>> 16).toString(16)}::1`;
const ipv4 = (i: number): string => `${1 + (i >>> 16)}.${(i >>> 8) & 255}.${i & 255}.9`;

const lineOf: Readonly<Record<MemoryCaseName, (i: number) => string>> = {
  packages: (i) =>
    edge(i, {
      client_ip: i % 2 === 0 ? ipv4(i) : network(i),
      request_path: `/@scope-${i % 977}/package-${i}/-/package-${i}-1.2.${i % 99}.tgz`,
    }),
  paths: (i) => edge(i, { request_path: `/${'p'.repeat(2000)}-${i}` }),
  'user-agents': (i) => edge(i, { user_agent: `${i} ${'u'.repeat(4000)}` }),
  tokens: (i) => edge(i, { request_query: `fairshare_token=${i}${'t'.repeat(100)}` }),
  hours: (i) => edge(i, { timestamp: new Date(946_684_800_000 + (i % 876_000) * 3_600_000).toISOString() }),
  quarantine: () => 'x',
  'long-quarantine': (i) => `${i}${'x'.repeat(8000)}`,
};

const [name, lines] = [process.argv[2] as MemoryCaseName, Number(process.argv[3])];
const resolver = resolverFor({ ecosystem: 'npm' });
const builder = new BatchBuilder({
  parser: nginxEdge.parser(),
  resolve: (host, path) => resolver(host, path, ''),
  hostMatters: false,
  networks: buildNetworkIndex({ ranges: [{ cidr: '198.51.100.0/24', provider: 'aws', service: '', type: 'cloud' }] }),
  tokens: { idOf: () => null, queryParameter: 'fairshare_token' },
  limits: defaultLimits,
});

const CHUNK_BYTES = 256 << 10;
const buf = Buffer.allocUnsafeSlow(CHUNK_BYTES);
let batches = 0;
let rows = 0;
/** As in ingest, one batch is stored while the next is read. */
let storing: BuiltBatch;
const finish = (): void => {
  storing = builder.finish();
  rows += storing.usage.rows;
  batches++;
};
const start_ms = performance.now();
for (let i = 0; i < lines;) {
  let end = 0;
  while (i < lines && end + 8192 < CHUNK_BYTES) end += buf.write(`${lineOf[name](i++)}\n`, end);
  if (builder.full) finish();
  builder.add(buf, 0, end, 0, Infinity);
}
finish();
const peak_rss_mb = process.resourceUsage().maxRSS / 1024;
process.stdout.write(
  `${JSON.stringify({ lines, batches, rows, peak_rss_mb, elapsed_ms: performance.now() - start_ms })}\n`,
);
