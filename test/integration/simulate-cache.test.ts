// simulate-cache on log objects of a small world: whose requests go through whose proxy, over days, and what that is worth.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadRulebook } from '../../ingest/rulebook.ts';
import { attribute } from '../../sql/attribution.ts';
import { fairshareHere } from '../support/cli.ts';
import { House, type TestRequest } from '../support/house.ts';

let house: House;
const PATHS = ['/a/-/a-1.0.0.tgz', '/b/-/b-1.0.0.tgz'];
const request = (at: string, path: string, more: Partial<TestRequest> = {}): TestRequest => ({
  at: `2026-10-${at}:00Z`,
  path,
  address: '20.7.1.4',
  ...more,
});

beforeAll(async () => {
  house = await House.open();
  const recorded = { recorded_at: '2026-09-01 00:00:00.000' };
  await house.warehouse.insert('org', ['acme', 'globex'].map((org_id) => ({ org_id, name: org_id, exempt: false, contact: '', ...recorded }))); // prettier-ignore
  await house.warehouse.insert('org_evidence', [
    ['acme', '20.7.0.0/16'],
    ['globex', '20.8.0.0/16'],
  ].map(([org_id, value]) => ({ evidence_id: `${org_id}-net`, org_id, tier: 'E2', kind: 'cidr', value, secret_sha256: '', valid_from: '2026-01-01', source: 'test', ...recorded }))); // prettier-ignore
  Object.assign(house, { rulebook: await loadRulebook(house.warehouse, 'test') });
  // The second object has earlier lines than the first: edges write side by side.
  const objects = [
    house.object('edge-1.log', [
      request('01T12:00', PATHS[0]), // hit: edge 2 had the first
      request('02T12:00', PATHS[0], { address: '20.7.99.4' }), // hit on the next day, from another network
      request('02T12:01', PATHS[0], { status: 429, bytes: 10 }), // refused; served
      request('02T12:02', PATHS[1], { status: 429, bytes: 10 }), // refused; not there
      request('02T12:03', '/a'), // metadata
      request('02T12:04', '/a'), // hit
      request('02T13:00', '/a'), // too old
    ]),
    house.object('edge-2.log', [
      request('01T11:00', PATHS[0]),
      request('01T11:30', PATHS[0], { address: '20.8.1.4' }), // globex's own proxy is empty
      request('01T11:40', PATHS[0], { address: '20.9.1.4' }), // nobody's
    ]),
  ];
  await house.ingest(objects);
  await house.seal('2026-10-01');
  await house.seal('2026-10-02');
  await attribute(house.warehouse, { now: new Date('2026-10-03T00:00:00Z') });
  writeFileSync(join(house.directory, 'costs.csv'), 'period,pool,driver,currency,gross,donated,donor\n2026-10,cdn,requests,EUR,100.00,0.00,\n'); // prettier-ignore
  writeFileSync(join(house.directory, 'policy.yaml'), 'version: p\ncurrency: EUR\nfree_allowance: 0\nbands: [{ multiplier_bp: 10000 }]\ncap_bp: 10000\nminimum: 0\n'); // prettier-ignore
  writeFileSync(join(house.directory, 'fairshare.yaml'), 'warehouse: ./warehouse\ncosts: costs.csv\npolicy: policy.yaml\nsources: [{ name: npm, format: nginx-edge, ecosystem: npm }]\n'); // prettier-ignore
});
afterAll(() => house.close());

const run = (...args: string[]) =>
  fairshareHere(['simulate-cache', join(house.directory, 'edge-*.log'), '--source', 'npm', ...args], {
    env: { FAIRSHARE_CONFIG: join(house.directory, 'fairshare.yaml') },
  });

it('keeps files over days and metadata for minutes, for each family apart', async () => {
  const { stdout } = await run('--json');
  const rows = stdout.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
  expect(rows).toMatchObject([
    { family: 'acme', requests: '8', hits: '4', saved_bytes: '3010', refused: '2', refused_served: '1' },
    { family: 'globex', requests: '1', hits: '0', saved_bytes: '0' },
  ]);
});

it.each([
  [['--files-ttl', '30m'], 2], // the refused file was fetched a minute before
  [['--metadata-ttl', '1h'], 5],
  [['--size', '999'], 0], // no file fits
  [['--size', '1k', '--metadata-ttl', '0s'], 3],
])('with %j there are %d hits', async (flags, hits) => {
  const { stdout } = await run('--json', '--org', 'acme', ...flags);
  expect(JSON.parse(stdout)).toMatchObject({ family: 'acme', hits: String(hits) });
});

it('adds money and the time after which a proxy has paid for itself', async () => {
  const { stdout, stderr } = await run('--json', '--org', 'acme', '--period', '2026-10', '--proxy-cost', '10.00', '--setup-cost', '65.00'); // prettier-ignore
  // 10 requests cost 100.00. Without four of them the pool costs 60.00; acme's part of nine tenths becomes four of six units.
  expect([stderr.includes('error'), JSON.parse(stdout)]).toMatchObject([false, { registry_saves: '40.00' }]);
  const { family_saves, gain_a_month, pays_back_months } = JSON.parse(stdout) as Record<string, string>;
  expect(Number(gain_a_month)).toBeCloseTo(Number(family_saves) - 10, 2);
  expect(Number(pays_back_months)).toBe(Math.ceil(65 / Number(gain_a_month)));
  const { stdout: text } = await run('--period', '2026-10', '--proxy-cost', '1000.00');
  expect(text).toContain('never');
});

it.each([
  [['--org', 'nobody'], 3],
  [['--proxy-cost', '1.00'], 2],
  [['--size', 'much'], 2],
  [['--files-ttl', '3'], 2],
])('%j is refused', async (flags, status) => {
  expect(await run(...flags)).toMatchObject({ status, stdout: '' });
});
