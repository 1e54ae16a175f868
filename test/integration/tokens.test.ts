// How an organisation enrols, and how far it has come: settings without a secret, a token that is shown once, and the share of its
// traffic that carries one.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadRulebook } from '../../ingest/rulebook.ts';
import { clientNames } from '../../scripts/orgs/enrolment.ts';
import { readOrgsFile } from '../../scripts/orgs/orgs-file.ts';
import { attribute } from '../../sql/attribution.ts';
import { sha256 } from '../../sql/sha256.ts';
import { fairshareHere } from '../support/cli.ts';
import { House, type TestRequest } from '../support/house.ts';

const TOKEN = 'fst_0123456789abcdefghij';
const NPM = 'npm/11.0.0 node/v20.0.0 linux x64 workspaces/false';
let house: House;

beforeAll(async () => {
  house = await House.open();
  const recorded = { recorded_at: '2026-09-01 00:00:00.000', valid_from: '2026-01-01', source: 'test' };
  await house.warehouse.insert(
    'org',
    ['acme', 'globex'].map((org_id) => ({ org_id, name: org_id, exempt: false, contact: '', recorded_at: recorded.recorded_at })), // prettier-ignore
  );
  const cidr = (org_id: string, value: string) => ({ evidence_id: `${org_id}-net`, org_id, tier: 'E2', kind: 'cidr', value, secret_sha256: '', ...recorded }); // prettier-ignore
  await house.warehouse.insert('org_evidence', [
    { evidence_id: 'acme-ci', org_id: 'acme', tier: 'E1', kind: 'token', value: 'ci', secret_sha256: sha256(TOKEN), ...recorded }, // prettier-ignore
    cidr('acme', '20.7.1.0/24'),
    cidr('globex', '20.7.3.0/24'),
  ]);
  Object.assign(house, { rulebook: await loadRulebook(house.warehouse, 'test') });
  const request = (address: string, userAgent: string, day = 1): TestRequest => ({
    at: `2026-10-0${day}T10:00:00Z`,
    address,
    userAgent,
  });
  const own = `${NPM} (fairshare-token: ${TOKEN})`;
  await house.ingest([
    house.object('a.log', [
      request('20.7.1.4', own),
      request('20.7.1.4', NPM),
      request('20.7.1.5', 'pnpm/9.1.0 npm/? node/v20.0.0 linux x64', 2),
      request('20.7.2.4', own), // beside the declared network
      request('20.7.2.5', NPM), // beside the token
      request('20.7.2.6', NPM, 2),
      request('20.7.3.4', NPM), // another organisation's
      request('20.7.4.4', NPM), // nobody's, and no token near
    ]),
  ]);
  await house.seal('2026-10-01'); // the second day is known from landing
  await attribute(house.warehouse, { now: new Date('2026-10-03T00:00:00Z') });
});
afterAll(() => house.close());

const run = async (...args: string[]) => {
  const env = { FAIRSHARE_WAREHOUSE: join(house.directory, 'warehouse') };
  return fairshareHere(['orgs', ...args], { env });
};

it('adoption counts what carries a token, by client and network, and what is beside', async () => {
  const { stdout } = await run('adoption', 'acme', '--json');
  const adopted = (name: string, requests: number, with_token: number) => ({
    name,
    requests: String(requests),
    with_token: String(with_token),
    bytes: String(requests * 1000),
    bytes_with_token: String(with_token * 1000),
  });
  expect(JSON.parse(stdout)).toEqual({
    org: 'acme',
    period: '2026-10',
    total: adopted('all', 4, 2),
    clients: [adopted('npm', 3, 2), adopted('pnpm', 1, 0)],
    networks: [adopted('20.7.1.0/24', 3, 1), adopted('20.7.2.0/24', 1, 1)],
    beside: [adopted('20.7.2.0/24', 2, 0)],
  });
  const { stdout: text } = await run('adoption', 'acme');
  expect(text).toContain('acme, 2026-10: 50.0 % of 4 requests carry a token');
  expect(text).toContain('What to set: fairshare orgs enrol acme --client npm,pnpm');
});

describe('enrol', () => {
  it('prints settings for each client and place, and no secret', async () => {
    const { stdout } = await run('enrol', 'acme', '--json');
    const names = stdout.trim().split('\n').map((line) => (JSON.parse(line) as { name: string }).name); // prettier-ignore
    expect(names).toEqual(expect.arrayContaining([...clientNames, 'GitHub Actions', 'GitLab CI', 'Jenkins', 'devpi']));
    expect(stdout).not.toMatch(/fst_[A-Za-z0-9]/);
  });

  it('names the address, and only what belongs to the chosen clients', async () => {
    const { stdout } = await run(
      'enrol',
      'acme',
      '--client',
      'uv, docker',
      '--url',
      'https://mirror.example.org/simple/',
    );
    expect(stdout).toContain('export UV_DEFAULT_INDEX="https://fairshare:$FAIRSHARE_TOKEN@mirror.example.org/simple"');
    expect(stdout).toContain('# docker, by password (not proven)');
    expect(stdout).toContain('"request_token":"Basic ZmFpcnNoYXJlOmZzd…"');
    expect(stdout).not.toMatch(/verdaccio|npmrc/);
  });

  it('makes a token whose entry the registry takes, and of which only the hash stays', async () => {
    const { stdout } = await run('enrol', 'acme', '--client', 'npm', '--new-token', 'build');
    const token = /^fst_[A-Za-z0-9_-]{32}$/m.exec(stdout)![0];
    expect(stdout.split(token)).toHaveLength(2);
    const entry = stdout.slice(stdout.indexOf('      - id: acme-build'), stdout.indexOf('\n\n# npm'));
    const file = join(house.directory, 'new.yaml');
    writeFileSync(file, `organisations:\n  - id: acme\n    name: Acme\n    evidence:\n${entry}\n`);
    expect(readOrgsFile(file)).toMatchObject({
      faults: [],
      evidence: [{ row: { evidence_id: 'acme-build', value: 'build', secret_sha256: sha256(token) } }],
    });
  });

  it.each([
    [['enrol', 'nobody'], 3],
    [['enrol', 'acme', '--client', 'npm,nothing'], 2],
    [['enrol', 'acme', '--url', 'https://user:x@registry.example.org'], 2],
    [['enrol', 'acme', '--new-token', 'a b'], 2],
    [['adoption', 'nobody'], 3],
  ])('%j is refused', async (args, status) => {
    expect(await run(...args)).toMatchObject({ status, stdout: '' });
  });
});
