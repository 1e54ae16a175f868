// nginx itself writes its logs in the documented formats, of a replay of recorded clients and of odd requests. The figures of these
// logs are what the replay sent and received.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, hosts, Nginx, type Request } from '../support/nginx.ts';
import { sha256 } from '../../sql/sha256.ts';
import { classify, deployed, figuresOf, plan, type Plan } from '../support/pipelines.ts';
import { copyMigratedWarehouse, temporaryDirectory } from '../support/warehouse.ts';

const directory = temporaryDirectory();
const at = (...names: string[]): string => join(directory.path, ...names);
let sent: Plan;
let answers: Answer[];
let nginx: Nginx;

beforeAll(async () => {
  const source = (text: string): string => `  - { ${text}, path_prefix: /debian }\n`;
  const combined = ['npm', 'pypi']
    .map((name) => source(`name: ${name}, format: combined, ecosystem: ${name}`))
    .join('');
  const edge = source(`name: edge, format: nginx-edge, hosts: ${JSON.stringify(hosts)}`);
  writeFileSync(at('fairshare.yaml'), `sources:\n${edge}${combined}`);
  for (const name of ['edge', 'combined', 'tokens', 'users']) copyMigratedWarehouse(at(name));
  sent = await plan();
  nginx = await Nginx.start(directory.path);
  answers = await nginx.replay(sent.requests);
  await nginx.sendNoise();
});
afterAll(async () => {
  await nginx?.stop();
  directory.remove();
});

it('the replay has every kind of answer', () => {
  expect(sent.requests.length).toBeGreaterThan(60);
  const statuses = new Set(answers.map(({ status }) => status));
  expect([...statuses].sort((a, b) => a - b)).toEqual([200, 206, 304, 404, 405, 416, 499]);
  expect(new Set(sent.meanings.map(({ client }) => client)).size).toBeGreaterThan(15);
});

it('the documented JSON log says what was sent and received', async () => {
  const lines = await classify(nginx.lines('edge.jsonl'));
  expect(lines.slice(0, -1).map(({ status }) => status)).toEqual(answers.map(({ status }) => status));
  expect(lines.at(-1)).toMatchObject({ excluded: { reason: 'not_http' } });
  const { run, figures } = deployed(directory.path, 'edge');
  const { totals } = JSON.parse((await run('ingest', 'files', at('logs/edge.jsonl'), '--source', 'edge', '--json')).trim().split('\n').at(-1)!) as { totals: object }; // prettier-ignore
  expect(totals).toMatchObject({ loaded: 1, lines: answers.length + 1, requests: answers.length });
  expect(await figures()).toEqual(figuresOf(sent, answers, 'bytes'));
});

it("nginx's combined log says it with the bytes of bodies", async () => {
  const { run, figures } = deployed(directory.path, 'combined');
  for (const name of ['npm', 'pypi'])
    await run('ingest', 'files', at(`logs/combined-${name}.example.org.log`), '--source', name);
  const expected = Object.entries(figuresOf(sent, answers, 'bodyBytes'));
  expect(await figures()).toEqual(Object.fromEntries(expected.filter(([name]) => /^(?:npm|pypi) /.test(name))));
});

const basicOf = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

describe('tokens', () => {
  const token = 'fst_Nginx-0123456789_abcdef';
  const NPM = 'npm/11.0.0 node/v20.0.0 linux x64 workspaces/false';
  const plain: Request = {
    host: 'npm.example.org',
    address: '198.51.100.99',
    method: 'GET',
    target: '/t/-/t-1.0.0.tgz',
    userAgent: NPM,
  };
  const sentBy = (...headers: string[]): Request => ({ ...plain, headers });
  /** Every place where a client can put a token. */
  const carriers: readonly Request[] = [
    sentBy(`X-Fairshare-Token: ${token}`),
    sentBy(`Authorization: Bearer ${token}`),
    sentBy(`Authorization: ${token}`),
    sentBy(`Authorization: ${basicOf(`${token}:`)}`),
    sentBy(`Authorization: ${basicOf(`${token}:x`)}`),
    sentBy(`Authorization: ${basicOf(`fairshare:${token}`)}`),
    { ...plain, userAgent: `${NPM} (fairshare-token: ${token})` },
    { ...plain, target: `${plain.target}?fairshare_token=${token}` },
    sentBy(`Authorization: Bearer ${token}`, `Authorization-Of-Another: ${basicOf('bob:pass-1')}`),
    { ...sentBy(`Authorization: ${basicOf('carol:pass-2')}`), userAgent: `${NPM} (fairshare-token: ${token})` },
  ];
  const secrets = ['npm_0123456789secret', 'pass-3', 'pass-4', 'fsx_0123456789abcdef', 'pass-5', token.slice(1)];
  /** Other credentials, and a query that the client has mangled. */
  const others: readonly Request[] = [
    sentBy(`Authorization: Bearer ${secrets[0]}`),
    sentBy(`Authorization: ${basicOf(`alice:${secrets[1]}`)}`),
    sentBy(`Authorization: ${basicOf(`fairshare:${secrets[2]}`)}`),
    sentBy(`X-Fairshare-Token: ${secrets[3]}`),
    sentBy(`Authorization: ${basicOf(`dave:fst_:${secrets[4]}`)}`),
    sentBy(`Authorization: Bearer ${secrets[5]}`),
    { ...plain, target: `${plain.target}?fairshare_token=${token}/six/` },
  ];
  let log: string;

  beforeAll(async () => {
    const before = nginx.lines('edge.jsonl').length;
    await nginx.replay([...carriers, ...others]);
    log = nginx.lines('edge.jsonl').slice(before).join('\n');
    writeFileSync(at('tokens.jsonl'), `${log}\n`);
    const evidence = `      - { id: acme-ci, tier: E1, kind: token, secret_sha256: ${sha256(token)}, valid_from: '2026-01-01', source: test }`;
    writeFileSync(at('orgs.yaml'), `organisations:\n  - id: acme\n    name: Acme\n    evidence:\n${evidence}\n`);
  });

  const found = async (name: string, log: string, source: string): Promise<unknown> => {
    const { run } = deployed(directory.path, name);
    await run('orgs', 'import', at('orgs.yaml'));
    await run('ingest', 'files', log, '--source', source);
    const sql = `SELECT ifNull(set.token_id, '') AS token, usage.package AS package, usage.client AS client, sum(usage.requests) AS requests
      FROM default.usage_batch AS usage INNER JOIN default.evidence_set AS set ON set.id = usage.evidence_set GROUP BY ALL ORDER BY token`;
    return (await run('query', sql, '--format', 'JSONEachRow')).trim().split('\n').map((line) => JSON.parse(line) as unknown); // prettier-ignore
  };
  const requests = (token: string, count: number) => ({ token, package: 't', client: 'npm', requests: String(count) });

  it('each is found where a client can put it, and changes neither package nor client', async () => {
    expect(await found('tokens', at('tokens.jsonl'), 'edge')).toEqual([
      requests('', others.length),
      requests('acme-ci', carriers.length),
    ]);
  });

  it('no other credentials reach the documented log, in no form', () => {
    const pairs = [...carriers, ...others].flatMap(({ headers = [] }) => headers);
    const encoded = pairs.flatMap((line) => / Basic (\S+)/.exec(line)?.[1] ?? []);
    const ownPair = basicOf(`fairshare:${token}`).slice('Basic '.length);
    expect(log).toContain(ownPair);
    for (const secret of [...secrets.slice(0, 5), 'pass-1', 'pass-2', 'alice', 'carol', 'dave', ...encoded])
      if (secret !== ownPair) expect(log).not.toContain(secret);
    expect(log).not.toContain(`"${secrets[5]}`);
  });

  it("a token as the user name is found in nginx's combined log too", async () => {
    const lines = nginx.lines('combined-npm.example.org.log').slice(-carriers.length - others.length);
    writeFileSync(at('users.log'), `${lines.join('\n')}\n`);
    // User name twice, user agent twice, query once.
    expect(await found('users', at('users.log'), 'npm')).toEqual([
      requests('', carriers.length + others.length - 5),
      requests('acme-ci', 5),
    ]);
  });
});
