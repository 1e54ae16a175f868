// Logs of others that went wrong once, from detection to the figures of a batch (test/fixtures/cases, test/fixtures/captures/odd).
// Their siblings are in formats/damaged-fields.test.ts, formats/syslog.test.ts and formats/detect.test.ts.

import * as arrow from 'apache-arrow';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BatchBuilder, defaultLimits } from './batch-builder.ts';
import { detectFormat } from './formats/index.ts';
import { buildNetworkIndex } from './networks/network-index.ts';
import { resolverFor } from './packages/index.ts';

const fixture = (path: string): Buffer => readFileSync(new URL(`../test/fixtures/${path}`, import.meta.url));

function build(content: Buffer, ecosystem: string) {
  const { format } = detectFormat(content)!;
  const builder = new BatchBuilder({
    parser: format.parser(),
    resolve: resolverFor({ ecosystem }),
    hostMatters: false,
    networks: buildNetworkIndex({ prefixes: [] }),
    tokens: { idOf: () => null },
    limits: defaultLimits,
  });
  builder.add(content, 0, content.length, 0, Infinity);
  const { counts, days, usage } = builder.finish();
  const rows = arrow
    .tableFromIPC(usage.ipc)
    .toArray()
    .map((row) => (row as { toJSON(): Record<string, unknown> }).toJSON());
  return { format: format.name, counts, days, rows };
}
const CRLF = (content: Buffer): Buffer => Buffer.from(content.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');

describe('HostnameLookups: 70 of 100 addresses are names', () => {
  const { counts, days, rows } = build(fixture('cases/hostnames.log'), 'npm');

  it('every line counts, and 70 of an unknown network', () => {
    expect(counts).toMatchObject({
      requests: 100,
      quarantined: 0,
      degraded: { bad_address: 70 },
      degradedRequests: 70,
    });
    expect(days).toMatchObject([{ requests: 100n, bytes: 100_000n }]);
    const unknown = rows.filter(({ network }) => network === '');
    expect(unknown.reduce((sum, { requests }) => sum + (requests as bigint), 0n)).toBe(70n);
  });
});

describe('the client went away', () => {
  it('status 000 of CloudFront', () => {
    const { format, counts, days } = build(fixture('cases/cloudfront-000.log'), 'cargo');
    expect(format).toBe('cloudfront');
    expect(counts).toMatchObject({ requests: 12, quarantined: 0, degraded: { no_status: 4 }, bytesUnknown: 0 });
    expect(days).toMatchObject([{ requests: 12n, downloads: 8n, bytes: BigInt(8 * 59518 + 4 * 31744) }]);
  });

  it('status 000 and 499 of nginx', () => {
    const { counts, days } = build(fixture('cases/nginx-000.log'), 'npm');
    expect(counts).toMatchObject({ requests: 3, quarantined: 0, degraded: { no_status: 1 } });
    expect(days).toMatchObject([{ requests: 3n, downloads: 1n }]);
  });
});

describe('TLS handshakes and empty requests before good lines', () => {
  it.each([
    ['LF', fixture('cases/junk-first.log')],
    ['CRLF', CRLF(fixture('cases/junk-first.log'))],
  ])('are excluded, and the format is found: %s', (_, content) => {
    const { format, counts, days } = build(content, 'npm');
    expect(format).toBe('combined');
    expect(counts).toMatchObject({
      requests: 30,
      excluded: 30,
      quarantined: 0,
      byReason: { not_http: 30 },
      degraded: {},
    });
    expect(days).toMatchObject([{ requests: 30n, bytes: 30_000n }]);
  });
});

describe('the npm package called -', () => {
  it('has its tarball and its document', () => {
    const { counts, rows } = build(fixture('cases/npm-dash.jsonl'), 'npm');
    expect(counts.requests).toBe(2);
    expect(rows.map(({ package: name, version, artifact }) => [name, version, artifact])).toEqual([
      ['-', '0.0.1', 'artifact'],
      ['-', '', 'metadata'],
    ]);
  });
});

describe('odd lines of nginx', () => {
  const edge = build(fixture('captures/odd/npm-edge.jsonl'), 'npm');
  const combined = build(fixture('captures/odd/npm-combined.log'), 'npm');

  it('a Latin-1 byte hides no request, in either format', () => {
    expect(edge).toMatchObject({ format: 'nginx-edge', counts: { requests: 6, quarantined: 0 } });
    expect(combined).toMatchObject({ format: 'combined', counts: { requests: 6, quarantined: 0 } });
    expect(edge.counts.degraded).toEqual({ bad_encoding: 3, bad_path: 1 });
    expect(combined.counts.degraded).toEqual({ bad_encoding: 1 });
    expect(edge.days).toMatchObject([{ requests: 6n, downloads: 1n }]);
    expect(combined.days).toMatchObject([{ requests: 6n, downloads: 1n }]);
  });

  it('the decoded and the encoded path name the same package', () => {
    const packages = ({ rows }: ReturnType<typeof build>) => [...new Set(rows.map(({ package: name }) => name))].sort();
    expect(packages(edge)).toEqual(packages(combined));
    expect(packages(edge)).toEqual(['', '@types/node', 'ms']);
  });

  it('a path that try_files has rewritten names its project', () => {
    const { counts, rows } = build(fixture('captures/odd/pypi-edge-uri-after-try_files.jsonl'), 'pypi');
    expect(counts).toMatchObject({ requests: 8, quarantined: 0, degraded: {} });
    expect([...new Set(rows.map(({ package: name }) => name))].sort()).toEqual([
      'certifi',
      'charset-normalizer',
      'idna',
      'pip',
      'requests',
      'six',
      'urllib3',
    ]);
  });
});
