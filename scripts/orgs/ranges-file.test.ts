import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type FaultKind } from '../../transform/fault.ts';
import { readRanges } from './ranges-file.ts';

const fixtures = fileURLToPath(new URL('../../test/fixtures/networks/', import.meta.url));
const now = () => new Date('2026-11-22T12:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'fairshare-ranges-'));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const fault = (kind: FaultKind, message: RegExp) =>
  expect.objectContaining({ name: 'Fault', kind, message: expect.stringMatching(message) });

describe('readRanges from files', () => {
  it('reads one list', async () => {
    const source = join(fixtures, 'published/gptbot.json');
    const [file, ...others] = await readRanges(source, { now });
    expect(others).toEqual([]);
    expect(file).toMatchObject({
      list: 'openai-gptbot',
      provider: 'openai-gptbot',
      source,
      version: '2026-10-28T11:00:00.000000',
      published_at: '2026-10-28T11:00:00Z',
      fetched_at: '2026-11-22T12:00:00.000Z',
    });
    expect(file.ranges.map(({ cidr }) => cidr)).toEqual(['192.0.2.4/31', '2001:db8:ab::/64']);
  });

  it('versions a list by its bytes where the vendor does not', async () => {
    const [file] = await readRanges(join(fixtures, 'published/meta.json'), { now });
    expect(file.version).toBe(`sha256:${file.sha256.slice(0, 12)}`);
  });

  it('reads a directory, without hidden files and notes', async () => {
    const copy = join(folder, 'lists');
    cpSync(join(fixtures, 'published'), copy, { recursive: true });
    writeFileSync(join(copy, 'README.md'), 'notes');
    writeFileSync(join(copy, '.hidden.json'), '{}');
    const files = await readRanges(copy, { now });
    expect(files.map(({ list }) => list).sort()).toEqual([
      'anthropic-bots',
      'aws',
      'azure',
      'buildkite',
      'buildkite-agents',
      'circleci',
      'cloudflare',
      'cloudflare-ips-v4',
      'cloudflare-ips-v6',
      'fastly',
      'github',
      'google-cloud',
      'google-goog',
      'openai-gptbot',
      'oracle',
    ]);
    expect(new Set(files.map(({ provider }) => provider)).size).toBe(files.length);
  });

  it('reads a table of network types under its own name', async () => {
    const [file] = await readRanges(join(fixtures, 'network-types.csv'), { now });
    expect(file).toMatchObject({ list: 'network-types', provider: 'network-types' });
    expect(file.ranges.map(({ cidr, service, type }) => `${cidr} ${service} ${type}`)).toEqual([
      '198.51.100.0/24 example-telecom-inc isp',
      '2001:db8:77::/48 example-mobile mobile',
      '192.0.2.9/32  tor',
    ]);
    expect(file.asnTypes).toEqual([{ asn: 64501, type: 'vpn', provider: 'network-types', service: 'example-vpn' }]);
  });

  it('reads a plain list as what it is called', async () => {
    const as = { provider: 'example-host', type: 'hosting' } as const;
    const [file] = await readRanges(write('plain.txt', '192.0.2.0/24\n'), { now, as });
    expect(file).toMatchObject({
      list: 'example-host',
      provider: 'example-host',
      ranges: [{ cidr: '192.0.2.0/24', type: 'hosting' }],
    });
  });

  it('refuses every bad file of a directory at once', async () => {
    const bad = join(folder, 'bad');
    cpSync(join(fixtures, 'published/gptbot.json'), join(bad, 'gptbot.json'));
    cpSync(join(fixtures, 'published/gptbot.json'), join(bad, 'openai-gptbot.json'));
    writeFileSync(join(bad, 'ccbot.json'), '{"prefixes":[{"ipv4Prefix":"192.0.2.1/24"}]}');
    writeFileSync(join(bad, 'broken.json'), '{"prefixes":');
    writeFileSync(join(bad, 'other.txt'), 'hello');
    writeFileSync(join(bad, 'types.csv'), 'cidr,type,name,asn\n192.0.2.0/24,nothing,x,\nonly one\n');
    const error = await readRanges(bad, { now }).catch((cause: Error) => cause);
    expect(error).toEqual(fault('inputRefused', /^6 fault\(s\)/));
    for (const part of [
      'ccbot.json: prefixes[0].ipv4Prefix: ',
      'broken.json: not valid JSON',
      'other.txt: no list that is known',
      'types.csv: line 2: ',
      'types.csv: line 3: ',
      'is openai-gptbot, as ',
    ])
      expect((error as Error).message).toContain(part);
  });

  it('refuses what is missing, empty, too large or of another scheme', async () => {
    await expect(readRanges(join(folder, 'none'), { now })).rejects.toEqual(fault('usage', /there is no/));
    await expect(readRanges('ftp://example.org/x', { now })).rejects.toEqual(fault('usage', /only http/));
    await expect(readRanges(write('large.json', ' '.repeat(100)), { now, max_bytes: 99 })).rejects.toEqual(
      fault('inputRefused', /more than 99/),
    );
    await expect(readRanges(write('empty.json', ''), { now })).rejects.toEqual(
      fault('inputRefused', /no list that is known/),
    );
  });
});

describe('readRanges from an address', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });
  const serve = async (answer: Parameters<typeof createServer>[1] & object): Promise<string> => {
    server = createServer(answer);
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const list = JSON.stringify({ creationTime: '2026-11-01T00:00:00', prefixes: [{ ipv4Prefix: '192.0.2.0/24' }] });

  it('reads a list, through redirects, by the name it was asked for', async () => {
    const base = await serve((request, response) => {
      if (request.url === '/ccbot.json') response.writeHead(302, { location: '/elsewhere' }).end();
      else response.end(list);
    });
    const [file] = await readRanges(`${base}/ccbot.json`, { now });
    expect(file).toMatchObject({
      list: 'commoncrawl-ccbot',
      source: `${base}/ccbot.json`,
      published_at: '2026-11-01T00:00:00Z',
    });
  });

  it.each<[string, Parameters<typeof serve>[0], RegExp]>([
    ['an error', (_, response) => response.writeHead(503).end(), /HTTP status 503/],
    ['too much', (_, response) => response.end('x'.repeat(5_000)), /more than 1000 bytes/],
    ['too late', () => undefined, /no answer in time/],
    ['a page', (_, response) => response.end('<html>'), /no list that is known/],
    [
      'a cut body',
      (_, response) => response.writeHead(200, { 'content-length': '1000' }).write(list, () => response.destroy()),
      /cannot fetch/,
    ],
  ])('refuses %s', async (_, answer, message) => {
    const base = await serve(answer);
    await expect(readRanges(`${base}/ccbot.json`, { now, max_bytes: 1_000, timeout_ms: 500 })).rejects.toEqual(
      fault('inputRefused', message),
    );
  });

  it('refuses a host that does not answer, and stops when told to', async () => {
    const base = await serve(() => undefined);
    const stopped = AbortSignal.abort(new Error('interrupted'));
    await expect(readRanges(`${base}/ccbot.json`, { now, signal: stopped })).rejects.toThrow('interrupted');
    const { port } = server!.address() as AddressInfo;
    await new Promise((resolve) => server!.close(resolve));
    await expect(readRanges(`http://127.0.0.1:${port}/ccbot.json`, { now })).rejects.toEqual(
      fault('inputRefused', /cannot fetch/),
    );
  });
});
