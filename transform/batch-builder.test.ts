// The three stages together, against a reference that does the same with strings and a Map.

import * as arrow from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchBuilder, defaultLimits, type BuiltBatch } from './batch-builder.ts';
import { nginxEdge } from './formats/nginx-edge.ts';
import { buildNetworkIndex } from './networks/network-index.ts';
import { resolverFor } from './packages/index.ts';
import { combined } from './formats/combined.ts';
import { type LineParser } from './formats/format.ts';
import { haproxy } from './formats/haproxy.ts';
import { julia } from './formats/julia.ts';
import { timeZone } from './time-zone.ts';

const encoder = new TextEncoder();
const resolver = resolverFor({ ecosystem: 'npm' });

const builder = (limits = defaultLimits, parser = nginxEdge.parser()) =>
  new BatchBuilder({
    parser,
    resolve: (host, path) => resolver(host, path, ''),
    hostMatters: false,
    networks: buildNetworkIndex({ prefixes: [{ cidr: '198.51.100.0/25' }] }),
    tokens: { idOf: (token) => (token === 'secret' ? 'token-1' : null), queryParameter: 'fairshare_token' },
    limits,
  });

const request = fc.record({
  timestamp: fc
    .integer({ min: 1_790_000_000, max: 1_790_020_000 })
    .map((seconds) => new Date(seconds * 1000).toISOString()),
  client_ip: fc.constantFrom('198.51.100.7', '198.51.100.200', '203.0.113.9', '2001:db8:1::1', '::ffff:203.0.113.9'),
  request: fc.constantFrom('GET', 'GET', 'GET', 'HEAD'),
  request_path: fc.constantFrom('/a', '/a/-/a-1.0.0.tgz', '/@s/b/-/b-2.0.0.tgz', '/@s/b', '/weird"\\path\u00e9'),
  request_query: fc.constantFrom('', 'x=1', 'fairshare_token=secret', 'a=b&fairshare_token=nobody'),
  user_agent: fc.constantFrom(
    'npm/11.0.0 node/v20.0.0 linux x64 workspaces/false',
    'npm/11.0.0 node/v20.0.0 linux x64 workspaces/false ci/gitlab-ci',
    'curl/8.0.0',
    '',
  ),
  response_status: fc.constantFrom(200, 200, 304, 404),
  response_bytes: fc.integer({ min: 0, max: 1e9 }),
  response_cache: fc.constant('HIT'),
  request_range: fc.constantFrom('', '', 'bytes=0-99', 'bytes=100-'),
  tls_version: fc.constant('TLSv1.3'),
  time_elapsed: fc.constant(0.001),
});

const rowsOf = (ipc: Uint8Array) =>
  arrow
    .tableFromIPC(ipc)
    .toArray()
    .map((row) => (row as { toJSON(): Record<string, unknown> }).toJSON());

/** hour | package | file | network → [requests, downloads, bytes, download bytes, largest download] */
function summary(batch: BuiltBatch): Map<string, bigint[]> {
  const groups = new Map<string, bigint[]>();
  for (const row of rowsOf(batch.usage.ipc)) {
    const key = [row.hour, row.package, row.file, row.network].join('|');
    const values = [row.requests, row.downloads, row.bytes, row.download_bytes] as bigint[];
    const sums = groups.get(key) ?? [0n, 0n, 0n, 0n, 0n];
    groups.set(key, [
      ...values.map((value, i) => sums[i] + value),
      [sums[4], row.max_download_bytes as bigint].reduce((a, b) => (a > b ? a : b)),
    ]);
  }
  return groups;
}

function reference(
  requests: readonly {
    timestamp: string;
    client_ip: string;
    request: string;
    request_path: string;
    response_status: number;
    response_bytes: number;
    request_range: string;
  }[],
): Map<string, bigint[]> {
  const groups = new Map<string, bigint[]>();
  for (const line of requests) {
    const { resource } = resolver('', line.request_path, '');
    const network = line.client_ip.includes('2001')
      ? '2001:db8:1::/48'
      : line.client_ip.startsWith('198')
        ? '198.51.100.0/24'
        : '203.0.113.0/24';
    const download = line.request === 'GET' && line.response_status === 200 && resource.artifact === 'artifact';
    const key = [
      Math.floor(Date.parse(line.timestamp) / 3_600_000) * 3600,
      resource.package,
      resource.file,
      network,
    ].join('|');
    const sums = groups.get(key) ?? [0n, 0n, 0n, 0n, 0n];
    const bytes = BigInt(line.response_bytes);
    groups.set(key, [
      sums[0] + 1n,
      sums[1] + (download ? 1n : 0n),
      sums[2] + bytes,
      sums[3] + (download ? bytes : 0n),
      download && bytes > sums[4] ? bytes : sums[4],
    ]);
  }
  return groups;
}

interface EdgeRequest {
  readonly timestamp: string;
  readonly request_path: string;
  readonly response_bytes: number;
}
const combinedLine = ({ timestamp, request_path, response_bytes }: EdgeRequest): string => {
  const [, day, month, year, time] = /^\w+, (\d\d) (\w+) (\d+) ([\d:]+)/.exec(new Date(timestamp).toUTCString())!;
  return `192.0.2.1 - - [${day}/${month}/${year}:${time} +0000] "GET ${request_path} HTTP/1.1" 200 ${response_bytes} "-" "curl/8.0.0"`;
};

const feed = (target: BatchBuilder, text: string) => {
  const bytes = encoder.encode(text);
  target.add(bytes, 0, bytes.length, 0, Infinity);
  return target.finish();
};
const linesOf = (requests: readonly unknown[]) => requests.map((line) => `${JSON.stringify(line)}\n`).join('');

describe('BatchBuilder', () => {
  it('counts what a Map over parsed lines counts', () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 200 }), (requests) => {
        const batch = feed(builder(), linesOf(requests));
        expect(batch.counts.requests).toBe(requests.length);
        expect(summary(batch)).toEqual(reference(requests));
        const total = (rows: Record<string, unknown>[], column: string) =>
          rows.reduce((sum, row) => sum + (row[column] as bigint), 0n);
        expect(total(rowsOf(batch.rate.ipc), 'bytes')).toBe(total(rowsOf(batch.usage.ipc), 'bytes'));
        expect(batch.days.reduce((sum, { requests: count }) => sum + count, 0n)).toBe(BigInt(requests.length));
      }),
      { numRuns: 60 },
    );
  });

  it('gives the same bytes for the same lines, whatever it has seen before', () => {
    fc.assert(
      fc.property(
        fc.array(request, { minLength: 1, maxLength: 50 }),
        fc.array(request, { maxLength: 50 }),
        (requests, before) => {
          const used = builder();
          feed(used, linesOf(before));
          expect(feed(used, linesOf(requests))).toEqual(feed(builder(), linesOf(requests)));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('keeps lines = requests + excluded + quarantined on any bytes', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            request.map((line) => JSON.stringify(line)),
            fc.string(),
            fc.constant(''),
          ),
          { maxLength: 60 },
        ),
        (lines) => {
          const clean = lines.map((line) => line.replaceAll('\n', ' '));
          const { counts, quarantine } = feed(builder(), clean.map((line) => `${line}\n`).join(''));
          expect(counts.lines).toBe(clean.length);
          expect(counts.requests + counts.excluded + counts.quarantined).toBe(clean.length);
          expect(quarantine.rows).toBe(counts.quarantined);
        },
      ),
    );
  });

  const tokenLine = {
    timestamp: '2026-10-01T00:00:00Z',
    client_ip: '203.0.113.9',
    request: 'GET',
    request_path: '/a',
    user_agent: '',
    response_status: 200,
    response_bytes: 1,
  };

  it('keeps a token as its id, and only where somebody owns it', () => {
    const batch = feed(
      builder(),
      linesOf([
        { ...tokenLine, request_query: 'fairshare_token=secret' },
        { ...tokenLine, request_query: 'fairshare_token=nobody' },
      ]),
    );
    expect(batch.evidence.map(({ set }) => set.tokenId)).toEqual(['token-1', null]);
    expect(new TextDecoder().decode(batch.usage.ipc)).not.toContain('secret');
  });

  it.each([
    ['bare', { request_token: 'secret' }],
    ['as Bearer', { request_token: 'Bearer secret' }],
    ['as the user name', { request_token: `Basic ${btoa('secret:x')}` }],
    ['as the password', { request_token: `Basic ${btoa('anybody:secret')}` }],
    [
      'in the query, beside credentials for something else',
      { request_token: 'Bearer x', request_query: 'fairshare_token=secret' },
    ],
    [
      'in the agent, beside credentials for something else',
      { request_token: `Basic ${btoa('a:b')}`, user_agent: 'npm/11.0.0 (fairshare-token: secret)' },
    ],
    ['in the second parameter of that name', { request_query: 'fairshare_token=nobody&fairshare_token=secret' }],
  ])('finds a token %s', (_where, carried) => {
    const batch = feed(builder(), linesOf([{ ...tokenLine, ...carried }]));
    expect(batch.evidence.map(({ set }) => set.tokenId)).toEqual(['token-1']);
  });

  it.each([
    ['/a?fairshare_token=secret/six/', '/a'],
    ['/a?fairshare_token=secret%2Fsix%2F', '/a'],
    ['/a?x=1?fairshare_token=secret', '/a'],
    ['/a?fairshare_tokens=secret', '/a'],
    ['/a?Fairshare_token=secretx', '/a'],
  ])('takes no token from %s, and reads its path', (request_uri, path) => {
    const { request_path: _path, ...line } = tokenLine;
    const batch = feed(builder(), linesOf([{ ...line, request_uri }]));
    expect(batch.evidence.map(({ set }) => set.tokenId)).toEqual([null]);
    const same = feed(builder(), linesOf([{ ...line, request_uri: path }]));
    expect(Buffer.from(batch.usage.ipc).equals(Buffer.from(same.usage.ipc))).toBe(true);
  });

  it('takes the AS number that the edge logged, and its type, for that request alone', () => {
    const target = new BatchBuilder({
      parser: nginxEdge.parser(),
      resolve: (host, path) => resolver(host, path, ''),
      hostMatters: false,
      networks: buildNetworkIndex({
        asnTypes: new Map([[64500, 'hosting']]),
        asnLookup: () => 64501,
      }),
      tokens: { idOf: () => null },
      limits: defaultLimits,
    });
    const line = { timestamp: '2026-10-01T00:00:00Z', request: 'GET', request_path: '/a', response_status: 200 };
    const batch = feed(
      target,
      linesOf([
        { ...line, client_ip: '203.0.113.9', user_agent: 'curl/8.0.0' },
        { ...line, client_ip: '203.0.113.9', user_agent: 'curl/8.0.0', client: { as: { number: 64500 } } },
        { ...line, user_agent: 'curl/8.0.0', client: { as: { number: 64502 } } },
      ]),
    );
    expect(batch.evidence.map(({ set }) => [set.asn, set.networkType])).toEqual([
      [64501, null],
      [64500, 'hosting'],
      [64502, null],
    ]);
    expect(rowsOf(batch.usage.ipc).map(({ requester_class, network }) => [requester_class, network])).toEqual([
      ['unknown', '203.0.113.0/24'],
      ['automation', '203.0.113.0/24'],
      ['unknown', ''],
    ]);
  });

  it('believes a signature that the edge has found valid, whatever the user agent and the network say', () => {
    const line = {
      timestamp: '2026-10-01T00:00:00Z',
      client_ip: '203.0.113.9',
      request: 'GET',
      request_path: '/a',
      user_agent: 'Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)',
      response_status: 200,
      response_bytes: 1,
    };
    const target = new BatchBuilder({
      parser: nginxEdge.parser(),
      resolve: resolver,
      hostMatters: false,
      networks: buildNetworkIndex({
        ranges: [{ cidr: '192.0.2.0/24', provider: 'openai-gptbot', service: '', type: 'crawler' }],
      }),
      tokens: { idOf: () => null },
      limits: defaultLimits,
    });
    const batch = feed(
      target,
      linesOf([
        line,
        { ...line, request_signed_by: '"https://chatgpt.com"' },
        { ...line, request_signed_by: 'agents.example' },
        { ...line, request_signed_by: 'other.example' },
        { ...line, request_signed_by: '' },
      ]),
    );
    expect(rowsOf(batch.usage.ipc).map(({ rule_id, identity, requests }) => [rule_id, identity, requests])).toEqual([
      ['unknown/contradicted', 'contradicted', 2n],
      ['ai_training/signed', 'signed', 1n],
      ['other_crawler/signed', 'signed', 2n],
    ]);
  });

  it('is full when its texts are, and forgets them with the batch', () => {
    const texts = builder();
    let lines = 0;
    for (; !texts.full && lines < 500; lines++) {
      const path = `/${lines}${'p'.repeat(400_000)}`;
      const line = `{"timestamp":"2026-10-01T00:00:00Z","request":"GET","request_path":"${path}","response_status":200}\n`;
      texts.add(encoder.encode(line), 0, line.length, 0, Infinity);
    }
    expect(lines).toBeGreaterThan(50);
    expect(lines).toBeLessThan(200);
    expect(texts.finish().counts.requests).toBe(lines);
    expect(texts.full).toBe(false);
  });

  it.each([
    ['plain lines', (line: string) => line],
    ['lines that the scanner reads', (line: string) => line.replace('/a', '/\\u0061')],
    ['combined lines', (line: string) => combinedLine(JSON.parse(line) as EdgeRequest), combined.parser()],
  ])(
    'quarantines %s that are later than the log; more bytes than any response has are not known',
    (_, form, parser?) => {
      const latest = '2026-10-01T12:00:00Z';
      const line = (timestamp: string, response_bytes: number) =>
        form(JSON.stringify({ timestamp, request: 'GET', request_path: '/a', response_status: 200, response_bytes }));
      const late = builder(defaultLimits, parser);
      const usual = Array.from({ length: 20 }, () => line(latest, 1));
      const bytes = encoder.encode(
        [
          ...usual,
          line('2026-10-01T12:00:01Z', 2),
          line('2050-01-01T00:00:00Z', 4),
          ...usual,
          line('2026-10-01T11:00:00Z', 2 ** 47),
          line('2026-10-01T11:00:00Z', 2 ** 47 + 1),
          '',
        ].join('\n'),
      );
      late.add(bytes, 0, bytes.length, 0, Date.parse(latest));
      const { counts, days } = late.finish();
      expect(counts.byReason).toEqual({ timestamp_in_future: 2 });
      expect(counts).toMatchObject({ bytesUnknown: 1, degraded: { bad_bytes: 1 }, degradedRequests: 1 });
      expect(days).toMatchObject([{ day: '2026-10-01', requests: 42n, bytes: 40n + 2n ** 47n }]);
    },
  );

  it('says when it is full and quarantines a line that is too long', () => {
    const small = builder({ ...defaultLimits, maxLines: 2, maxLine_bytes: 100 });
    const bytes = encoder.encode(`${'x'.repeat(101)}\n\n`);
    small.add(bytes, 0, bytes.length, 40, Infinity);
    expect(small.full).toBe(true);
    const batch = small.finish();
    expect(batch.counts.byReason).toEqual({ line_too_long: 1, blank_line: 1 });
    expect(rowsOf(batch.quarantine.ipc)[0]).toMatchObject({ position: 40n, reason: 'line_too_long', line_bytes: 101 });
    expect(small.full).toBe(false);
  });
});

describe('requests by hour and edge host', () => {
  const line = (timestamp: string, edge_host?: string) =>
    `${JSON.stringify({ timestamp, client_ip: '203.0.113.9', request: 'GET', request_path: '/a', response_status: 200, response_bytes: 1, edge_host })}\n`;
  const hoursOf = (...lines: string[]) => {
    const own = builder();
    const bytes = encoder.encode(lines.join(''));
    own.add(bytes, 0, bytes.length, 0, Infinity);
    return own.finish().hours.map(({ hour, edge, requests }) => `${hour.slice(0, 13)} ${edge} ${requests}`);
  };

  it('are counted for each pair, whatever the order of the lines', () => {
    expect(
      hoursOf(
        line('2026-10-01T10:00:00Z', 'fra-1'),
        line('2026-10-01T11:00:00Z', 'ams-1'),
        line('2026-10-01T10:30:00Z', 'fra-1'),
        line('2026-10-01T10:59:59Z', 'ams-1'),
        line('2026-10-01T10:00:00Z'),
        line('not a time', 'fra-1'),
      ),
    ).toEqual(['2026-10-01T10 fra-1 2', '2026-10-01T11 ams-1 1', '2026-10-01T10 ams-1 1', '2026-10-01T10  1']);
  });

  it('have no edge host where its name is none: too long, or not printable; the request counts', () => {
    expect(hoursOf(line('2026-10-01T10:00:00Z', 'x'.repeat(101)), line('2026-10-01T10:00:00Z', 'fra\u0000'))).toEqual([
      '2026-10-01T10  2',
    ]);
  });

  it('add up to the requests of the batch, which ends before its ledger row has too many', () => {
    const own = builder();
    const bytes = encoder.encode(
      Array.from({ length: 25_000 }, (_, i) => line('2026-10-01T10:00:00Z', `edge-${i}`)).join(''),
    );
    expect(own.full).toBe(false);
    own.add(bytes, 0, bytes.length, 0, Infinity);
    expect(own.full).toBe(true);
    const { hours } = own.finish();
    expect([hours.length, hours.reduce((sum, { requests }) => sum + requests, 0n)]).toEqual([25_000, 25_000n]);
    expect(own.full).toBe(false);
  });
});

describe('a log in local time', () => {
  const edge = (timestamp: string, more: object = {}) =>
    `${JSON.stringify({ timestamp, client_ip: '203.0.113.9', request: 'GET', request_path: '/a', response_status: 200, ...more })}\n`;
  const clf = (time: string, status = '200') =>
    `203.0.113.9 - - [${time}] "GET /a HTTP/1.1" ${status} 10 "-" "curl/8.0.0"\n`;
  const build = (parser: LineParser, lines: readonly string[]) => {
    const one = builder(defaultLimits, parser);
    const bytes = encoder.encode(lines.join(''));
    one.add(bytes, 0, bytes.length, 0, Infinity);
    return [one.finish(), one.finish()];
  };
  const berlin = { local: timeZone('Europe/Berlin') };

  it('counts the requests of an hour that happens twice, and of one that is left out', () => {
    const day = Array.from({ length: 20 }, (_, i) => edge(`2026-10-24T1${i % 10}:00:00`));
    const [batch, next] = build(nginxEdge.parser(berlin), [
      ...day,
      edge('2026-10-25T02:00:00'),
      edge('2026-10-25T02:59:59'),
      edge('2026-10-25T02:59:59+01:00'),
      edge('2026-10-25T02:30:00', { response_status: 99 }),
      edge('2026-10-25T03:00:00'),
      ...day,
      edge('2026-03-29T02:30:00.5'),
      edge('2026-03-29T02:30:00Z'),
    ]);
    expect(batch.counts).toMatchObject({
      lines: 47,
      requests: 47,
      quarantined: 0,
      degraded: { ambiguous_local_time: 3, nonexistent_local_time: 1, bad_status: 1 },
      // One of them has two degradations.
      degradedRequests: 4,
      firstOccurredAt: Date.parse('2026-03-29T01:30:00.500Z'),
      lastOccurredAt: Date.parse('2026-10-25T02:00:00Z'),
    });
    expect(next.counts).toMatchObject({ degraded: {}, degradedRequests: 0 });
  });

  it.each([combined, julia, haproxy])('counts them in $name too', (format) => {
    const lines: Record<string, (time: string) => string> = {
      combined: clf,
      julia: (time) =>
        `192.0.2.55 [${time}] "GET /package/682c06a0-de6a-54ab-a142-c8b1cf79cde6/81690084b6198a2e1da36fcfda16eeca9f9f24e4 HTTP/1.1" 200 147755 "julia/1.5.2" 0.027 1.5.2 x86_64-linux-gnu-libgfortran4-cxx11 "CI=t" false "pkg.example.org"\n`,
      haproxy: (time) =>
        `Nov 22 12:14:14 lb1 haproxy[14389]: 192.0.2.88:33317 [${time}.655] https-in~ registry/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET /left-pad/-/left-pad-1.3.0.tgz HTTP/1.1"\n`,
    };
    const times = ['25/Oct/2026:02:30:00', '25/Oct/2026:01:30:00', '26/Oct/2026:02:30:00'];
    const [{ counts }] = build(
      format.parser(berlin),
      times.map((time) => lines[format.name](time)),
    );
    expect(counts).toMatchObject({ requests: 3, degraded: { ambiguous_local_time: 1 } });
  });

  it('reads a line that names its offset by that', () => {
    const [{ counts }] = build(combined.parser(berlin), [
      clf('25/Oct/2026:02:30:00 +0200'),
      clf('25/Oct/2026:02:30:00 +0100'),
    ]);
    expect(counts).toMatchObject({
      requests: 2,
      degraded: {},
      firstOccurredAt: Date.parse('2026-10-25T00:30:00Z'),
      lastOccurredAt: Date.parse('2026-10-25T01:30:00Z'),
    });
  });
});

describe('a library that is one client in an ecosystem', () => {
  const clientsIn = (ecosystem: string, path: string): unknown[] => {
    const resolve = resolverFor({ ecosystem });
    const lines = ['Go-http-client/2.0', 'got (https://github.com/sindresorhus/got)', 'curl/8.0.0', 'Go-http-client/2.0']
      .map((user_agent) => JSON.stringify({ timestamp: '2026-10-01T00:00:00Z', client_ip: '203.0.113.9', request: 'GET', request_path: path, request_query: '', user_agent, response_status: 200, response_bytes: 10, response_cache: 'HIT', request_range: '', tls_version: '', time_elapsed: 0.1 })); // prettier-ignore
    const building = new BatchBuilder({
      parser: nginxEdge.parser(),
      resolve: (host, asked) => resolve(host, asked, ''),
      hostMatters: false,
      networks: buildNetworkIndex({ prefixes: [] }),
      tokens: { idOf: () => null, queryParameter: '' },
      limits: defaultLimits,
    });
    for (const line of lines.map((text) => encoder.encode(text))) building.add(line, 0, line.length, 0, Infinity);
    return rowsOf(building.finish().usage.ipc)
      .map(({ client, requests }) => `${String(client)} ${String(requests)}`)
      .sort();
  };

  it('is the go command at a module proxy, and yarn berry or another program at an npm registry', () => {
    expect(clientsIn('golang', '/example.org/m/@v/v1.0.0.zip')).toEqual(['curl 1', 'go 2', 'got 1']);
    expect(clientsIn('npm', '/a/-/a-1.0.0.tgz')).toEqual(['curl 1', 'go-http-client 2', 'got 1']);
  });
});
