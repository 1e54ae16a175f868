// Candidates: unattributed networks that a person could name. Their facts must equal the truth of the lines, and each entry
// can be pasted.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadRulebook } from '../../ingest/rulebook.ts';
import { type Candidate } from '../../scripts/commands/orgs-candidates.ts';
import { checkOrgs } from '../../scripts/orgs/orgs-check.ts';
import { readOrgsFile } from '../../scripts/orgs/orgs-file.ts';
import { attribute } from '../../sql/attribution.ts';
import { fairshareHere } from '../support/cli.ts';
import { House } from '../support/house.ts';

let house: House;
const recorded = { recorded_at: '2026-09-01 00:00:00.000' };

beforeAll(async () => {
  house = await House.open();
  await house.warehouse.insert('org', [{ org_id: 'acme', name: 'Acme', exempt: false, contact: '', ...recorded }]);
  await house.warehouse.insert('org_evidence', [
    {
      evidence_id: 'acme-net',
      org_id: 'acme',
      tier: 'E2',
      kind: 'cidr',
      value: '20.7.1.0/24',
      secret_sha256: '',
      valid_from: '2026-01-01',
      source: 'test',
      ...recorded,
    },
  ]);
  await house.warehouse.insert('network_range', [
    {
      provider: 'aws',
      cidr: '20.9.0.0/16',
      service: '',
      type: 'cloud',
      asn: null,
      source: 'test',
      list_version: '1',
      ...recorded,
    },
  ]);
  Object.assign(house, { rulebook: await loadRulebook(house.warehouse, 'test') });
  const request = (day: number, address: string, bytes: number) => ({
    at: `2026-10-0${day}T10:00:00Z`,
    address,
    bytes,
  });
  await house.ingest([
    house.object('a.log', [
      request(1, '20.7.1.4', 9_000), // acme's
      request(1, '20.7.2.4', 500), // beside it
      request(2, '20.7.2.9', 600),
      request(2, '20.8.1.4', 700), // of nobody near
      request(1, '20.9.1.4', 8_000), // a cloud's
    ]),
  ]);
  await house.seal('2026-10-01'); // the second day is known from landing
  await attribute(house.warehouse, { now: new Date('2026-10-03T00:00:00Z') });
});
afterAll(() => house.close());

const run = async (...args: string[]): Promise<string> => {
  const env = { FAIRSHARE_WAREHOUSE: join(house.directory, 'warehouse') };
  const { status, stdout, stderr } = await fairshareHere(['orgs', 'candidates', ...args], { env });
  if (status !== 0) throw new Error(stderr);
  return stdout;
};
const json = async (...args: string[]): Promise<Candidate[]> =>
  (await run('--json', ...args))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Candidate);

it('lists the heaviest first, with what is known and who is near', async () => {
  const found = await json();
  expect(found.map(({ candidate, bytes }) => [candidate, bytes])).toEqual([
    ['20.7.2.0/24', '1100'],
    ['20.8.1.0/24', '700'],
  ]);
  expect(found[0]).toMatchObject({
    reasons: ['unknown'],
    ecosystems: ['npm'],
    networks: '1',
    days_seen: '2',
    first_day: '2026-10-01',
    last_day: '2026-10-02',
    requests: '2',
    near: [{ org_id: 'acme', name: 'Acme', why: ['range 20.7.1.0/24'] }],
  });
  expect(found[1].near).toEqual([]);
  expect((await json('--top', '1')).length).toBe(1);
});

it('lists platforms on demand alone', async () => {
  expect(await json('--kind', 'platform')).toMatchObject([
    { candidate: '20.9.1.0/24', bytes: '8000', providers: ['aws'] },
  ]);
  expect((await json('--kind', 'platform', 'unknown')).length).toBe(3);
});

it('gives entries that the registry takes', async () => {
  const file = join(house.directory, 'orgs.yaml');
  writeFileSync(file, `organisations:\n${await run('--yaml')}`);
  const read = readOrgsFile(file);
  expect(read.organisations.length).toBe(2);
  expect(read.evidence.map(({ row }) => [row.tier, row.kind, row.value])).toEqual([
    ['E7', 'cidr', '20.7.2.0/24'],
    ['E7', 'cidr', '20.8.1.0/24'],
  ]);
  expect(checkOrgs([read], { on: '2026-11-22' })).toEqual({ errors: [], warnings: [] });
});

it('prints a table and CSV', async () => {
  expect(await run('--period', '2026-10')).toMatch(/20\.7\.2\.0\/24.*acme \(range 20\.7\.1\.0\/24\)/);
  const csv = (await run('--csv')).trim().split('\r\n');
  expect(csv.length).toBe(3);
  expect(csv[1]).toMatch(/^20\.7\.2\.0\/24,.*,1100,acme$/);
  expect(await json('--by', 'as')).toEqual([]);
});
