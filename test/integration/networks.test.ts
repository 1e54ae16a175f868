// Network data from import to evidence: lists and their age, their refresh, a database of AS numbers.

import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeMmdb } from '../fixtures/networks/write-mmdb.ts';
import { fairshareHere } from '../support/cli.ts';
import { edgeLine } from '../support/house.ts';
import { temporaryDirectory } from '../support/warehouse.ts';

const files = temporaryDirectory();
const at = (...names: string[]) => join(files.path, ...names);
afterAll(() => files.remove());

const run = async (warehouse: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  fairshareHere(args, { env: { FAIRSHARE_WAREHOUSE: at(warehouse), ...env } });
const json = async (warehouse: string, args: readonly string[], env?: Readonly<Record<string, string>>) => {
  const { stdout, stderr } = await run(warehouse, [...args, '--json'], env);
  expect(stdout, stderr).not.toBe('');
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
};
const query = async (warehouse: string, sql: string) =>
  (await run(warehouse, ['query', sql, '--format', 'TSV'])).stdout.trimEnd().split('\n');

const GPTBOT = 'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)';
const requests = (name: string, ...ips: string[]): string => {
  mkdirSync(at('logs'), { recursive: true });
  const lines = ips.map((address) => edgeLine({ at: '2026-11-01T00:00:00Z', path: '/a', address, userAgent: GPTBOT }));
  writeFileSync(at('logs', name), `${lines.join('\n')}\n`);
  return at('logs', name);
};
const STALE = { FAIRSHARE_NETWORKS__CRAWLER_LIST_DAYS: '1.0e-9' };

describe('crawler lists from an address', () => {
  /** Path → answer of the vendor's server; undefined if it does not answer. */
  const answers = new Map<string, string | undefined>();
  const server = createServer((request, response) => {
    const answer = answers.get(request.url!);
    if (answer !== undefined) response.writeHead(answer === '' ? 503 : 200).end(answer);
  });
  let base = '';
  const list = (...cidrs: string[]) =>
    JSON.stringify({ creationTime: '2024-01-03T10:00:00', prefixes: cidrs.map((ipv4Prefix) => ({ ipv4Prefix })) });

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    answers.set('/gptbot.json', list('192.0.2.0/24'));
    answers.set('/ccbot.json', list('198.51.100.0/24'));
    answers.set('/bingbot.json', list('203.0.113.0/24'));
    answers.set('/hosts.txt', '192.0.2.64/26\n');
    const lists = ['gptbot', 'ccbot', 'bingbot'].map((name) => `${base}/${name}.json`);
    expect((await run('lists', ['ranges', 'import', ...lists])).status).toBe(0);
    expect((await run('lists', ['ranges', 'import', `${base}/hosts.txt`, '--as', 'example:hosting'])).status).toBe(0);
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('contradict claims while they were read lately, and only then', async () => {
    const ips = ['192.0.2.7', '198.51.100.7'];
    await run('lists', ['ingest', 'files', requests('fresh.log', ...ips), '--source', 'fresh', '--ecosystem', 'npm']);
    const old = [
      'ingest',
      'files',
      requests('old.log', ...ips, '203.0.113.7'),
      '--source',
      'old',
      '--ecosystem',
      'npm',
    ];
    await run('lists', old, STALE);
    expect(
      await query(
        'lists',
        'SELECT ledger.source, identity, requester_class, usage_batch.requests FROM default.usage_batch AS usage_batch JOIN ledger_current AS ledger ON ledger.batch_id = usage_batch.batch_id ORDER BY 1, 2',
      ),
    ).toEqual([
      'fresh\tcontradicted\tunknown\t1',
      'fresh\tip_verified\tai_training\t1',
      'old\tclaimed\tai_training\t1',
      'old\tclaimed\tai_training\t1',
      'old\tip_verified\tai_training\t1',
    ]);
    // Other rules give another revision.
    expect(await query('lists', 'SELECT uniqExact(revision) FROM default.ingest_ledger')).toEqual(['2']);
  });

  it('show when they were made, read, and whether they count', async () => {
    const [ccbot] = await json('lists', ['ranges', 'show']);
    expect(ccbot).toMatchObject({
      provider: 'commoncrawl-ccbot',
      type: 'crawler',
      published_at: '2024-01-03T10:00:00Z',
      fresh: true,
      source: `${base}/ccbot.json`,
    });
    expect((await json('lists', ['ranges', 'show'], STALE)).map(({ fresh }) => fresh)).toEqual([
      false,
      false,
      false,
      null,
    ]);
    const { status, stdout } = await run('lists', ['doctor'], STALE);
    expect([status, stdout]).toEqual([0, expect.stringContaining('3 crawler lists were last read more than')]);
    expect(stdout).toContain('fairshare ranges refresh');
    expect(stdout).toContain('never'); // no day was sealed
    expect(stdout).not.toContain('1970');
  });

  it('are refreshed one by one: a vendor who fails keeps his list as it was', async () => {
    answers.set('/gptbot.json', list('192.0.2.0/25'));
    answers.set('/ccbot.json', '');
    answers.set('/bingbot.json', undefined);
    answers.set('/hosts.txt', '192.0.2.128/26\n');
    const before = await json('lists', ['ranges', 'show']);
    const { status, stdout, stderr } = await run('lists', ['ranges', 'refresh', '--timeout', '0.5', '--json']);
    expect(status).toBe(3);
    expect(stderr).toMatch(/2 of 4 lists could not be read and stay as they were/);
    expect(stderr).toMatch(/ccbot\.json: HTTP status 503/);
    expect(stderr).toMatch(/bingbot\.json: no answer in time/);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { provider: string }).provider)
        .sort(),
    ).toEqual(['example', 'openai-gptbot']);
    expect(await query('lists', 'SELECT cidr FROM default.network_range FINAL WHERE state = 0 ORDER BY cidr')).toEqual([
      '192.0.2.0/25',
      '192.0.2.128/26',
      '198.51.100.0/24',
      '203.0.113.0/24',
    ]);
    const readAt = (lists: readonly Record<string, unknown>[]) =>
      new Map(lists.map(({ provider, read_at }) => [provider, read_at as string]));
    const [then, now] = [readAt(before), readAt(await json('lists', ['ranges', 'show']))];
    expect(
      [...now]
        .filter(([provider, time]) => time > then.get(provider)!)
        .map(([provider]) => provider)
        .sort(),
    ).toEqual(['example', 'openai-gptbot']);
  });

  it('are read again though nothing in them is new', async () => {
    answers.set('/ccbot.json', list('198.51.100.0/24'));
    answers.set('/bingbot.json', list('203.0.113.0/24'));
    const lists = await json('lists', ['ranges', 'refresh']);
    expect(lists.map(({ added, retracted, unchanged }) => [added, retracted, unchanged])).toEqual(
      lists.map(() => [0, 0, 1]),
    );
    expect(
      await query('lists', "SELECT count() FROM default.network_list WHERE provider = 'commoncrawl-ccbot'"),
    ).toEqual(['2']);
    expect((await run('lists', ['ranges', 'refresh', '--timeout', '0'])).status).toBe(2);
  });
});

describe('a MaxMind-format database', () => {
  const database = at('asn.mmdb');
  const env = { FAIRSHARE_NETWORKS__ASN_DATABASE: database };
  beforeAll(() =>
    writeFileSync(
      database,
      writeMmdb([
        ['198.51.100.0/24', { autonomous_system_number: 64500, user_type: 'hosting' }],
        ['2001:db8:7::/48', { autonomous_system_number: 64501, user_type: 'cellular' }],
      ]),
    ),
  );

  it('gives AS number and network type to the evidence of each request', async () => {
    const ips = ['198.51.100.7', '2001:db8:7::1', '203.0.113.7'];
    const args = ['ingest', 'files', requests('asn.log', ...ips), '--source', 'npm', '--ecosystem', 'npm'];
    expect((await run('asn', args, env)).status).toBe(0);
    expect(await query('asn', 'SELECT asn, network_type FROM default.evidence_set ORDER BY asn NULLS LAST')).toEqual([
      '64500\thosting',
      '64501\tmobile',
      '\\N\t\\N',
    ]);
  });

  it('tells classify what the network is', async () => {
    const stdin = edgeLine({ at: '2026-11-01T00:00:00Z', address: '2001:db8:7::1' });
    const args = ['classify', '--log', 'nginx-edge'];
    const ruleOf = async (...more: string[]) => {
      const { stdout } = await fairshareHere([...args, ...more], { stdin });
      return (JSON.parse(stdout) as { rule_id: string }).rule_id;
    };
    expect(await ruleOf('--asn-database', database)).toBe('developer/eyeball-network');
    expect(await ruleOf()).toBe('unknown/no-evidence');
    writeFileSync(at('c.yaml'), 'sources: [{ name: npm }]\nnetworks: { asn_database: asn.mmdb }\n');
    expect(await ruleOf('--config', at('c.yaml'), '--source', 'npm')).toBe('developer/eyeball-network');
  });

  it('is shown by doctor and config check', async () => {
    const [report] = await json('asn', ['doctor'], env);
    expect((report as { networks: unknown }).networks).toMatchObject({
      lists: [],
      asn_database: { path: database, built_at: expect.stringMatching(/Z$/) },
    });
    expect((await run('asn', ['doctor'], env)).stdout).toMatch(/^ok {3}AS numbers and network types: /m);
    expect((await run('asn', ['doctor'])).stdout).toContain('networks.asn_database');
    // The lists that this version has itself.
    expect((await run('asn', ['doctor', '--quick'], { FAIRSHARE_CLIENTS__LIST_DAYS: '100000' })).stdout).toMatch(
      /^ok {3}lists of clients: \d+, read at most \d+ days ago$/m,
    );
    const old = await run('asn', ['doctor', '--quick'], { FAIRSHARE_CLIENTS__LIST_DAYS: '0.001' });
    expect(old.status).toBe(0);
    expect(old.stdout).toMatch(/^old {2}lists of clients .*ai-crawler-index \d.*\n {7}→ .*make lists$/m);
    expect((await run('asn', ['config', 'check'], env)).stdout).toContain(`asn_database: ${database}`);
  });

  it('is refused where there is none, or something else', async () => {
    writeFileSync(at('page.mmdb'), '<html>');
    for (const [path, message] of [
      [at('page.mmdb'), /networks\.asn_database: .*page\.mmdb: not a MaxMind-format database/],
      [at('none.mmdb'), /networks\.asn_database: cannot read/],
    ] as const) {
      const { status, stderr } = await run('asn', ['config', 'check'], { FAIRSHARE_NETWORKS__ASN_DATABASE: path });
      expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
    }
    const args = ['ingest', 'files', requests('asn.log', '203.0.113.7'), '--source', 'npm', '--ecosystem', 'npm'];
    expect((await run('asn', args, { FAIRSHARE_NETWORKS__ASN_DATABASE: at('page.mmdb') })).status).toBe(3);
  });
});

describe('a database of countries', () => {
  const database = at('country.mmdb');
  const env = { FAIRSHARE_NETWORKS__COUNTRY_DATABASE: database };
  const write = (country: string) =>
    writeFileSync(
      database,
      writeMmdb(
        [['198.51.100.0/24', { country: { iso_code: country }, city: { names: { en: 'Nowhere' } } }]],
        6,
        'Composed-City',
      ),
    );
  /** A log of requests: [address, country that the edge recorded]. */
  const log = (name: string, ...requests: readonly (readonly [address: string, country: string])[]): string => {
    mkdirSync(at('logs'), { recursive: true });
    const lines = requests.map(
      ([ip, country]) =>
        `{"at":"2026-11-01T00:00:00Z","method":"GET","path":"/a","status":200,"bytes":1,"ip":"${ip}","cc":"${country}"}`,
    );
    writeFileSync(at('logs', name), `${lines.join('\n')}\n`);
    return at('logs', name);
  };
  const ingest = (object: string) =>
    run('country', ['ingest', 'files', object, '--source', 'npm', '--config', at('country.yaml')], env);
  const countries = () =>
    query('country', 'SELECT network, country, sum(requests) FROM default.usage_batch GROUP BY ALL ORDER BY ALL');
  const revisions = () =>
    query('country', "SELECT revision, detail FROM default.revision WHERE reason = 'rules' ORDER BY revision");
  beforeAll(() => {
    write('DE');
    writeFileSync(
      at('country.yaml'),
      'sources: [{ name: npm, ecosystem: npm, format: json, fields: { occurred_at: at, method: method, path: path, status: status, bytes: bytes, address: ip, country: cc } }]\n',
    );
  });

  it('gives the country where the edge gives none, and another database counts for new batches only', async () => {
    expect(
      await ingest(log('first.log', ['198.51.100.7', ''], ['198.51.100.7', 'us'], ['203.0.113.7', ''])),
    ).toMatchObject({ status: 0 });
    const first = ['198.51.100.0/24\tDE\t1', '198.51.100.0/24\tUS\t1', '203.0.113.0/24\t\t1'];
    expect(await countries()).toEqual([...first].sort());
    write('FR');
    expect(await ingest(log('second.log', ['198.51.100.7', '']))).toMatchObject({ status: 0 });
    expect(await countries()).toEqual([...first, '198.51.100.0/24\tFR\t1'].sort());
    const built = 'Composed-City of 2026-11-01T00:00:00.000Z';
    expect(await revisions()).toEqual([`1\t${built}`, `2\t${built}`]);
  });

  it('is shown by doctor, and refused by config check where it has no countries', async () => {
    expect((await run('country', ['doctor', '--quick'], env)).stdout).toMatch(
      /^ok {3}countries where the log names none: Composed-City of 2026-11-01T00:00:00\.000Z, -?\d+ days old$/m,
    );
    writeFileSync(at('asn-again.mmdb'), writeMmdb([['198.51.100.0/24', { autonomous_system_number: 64500 }]]));
    for (const [path, message] of [
      [at('asn-again.mmdb'), /networks\.country_database: .*Composed-ASN is no database of countries/],
      [at('none.mmdb'), /networks\.country_database: cannot read/],
    ] as const) {
      const { status, stderr } = await run('country', ['config', 'check'], {
        FAIRSHARE_NETWORKS__COUNTRY_DATABASE: path,
      });
      expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
    }
  });
});
