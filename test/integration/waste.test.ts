// Compares waste with a truth made by hand: each line is known, so its repeats are known, and the content of a real cache.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadRulebook } from '../../ingest/rulebook.ts';
import { attribute } from '../../sql/attribution.ts';
import { fairshareHere } from '../support/cli.ts';
import { House, type TestRequest } from '../support/house.ts';

let house: House;
let env: Record<string, string>;

/** A random generator that gives the same numbers on every machine. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}
const below = numbers(11);
const agents = [
  'npm/11.0.0 node/v20.0.0 linux x64 workspaces/false',
  'npm/10.9.0 node/v22.1.0 linux x64 workspaces/false ci/github-actions',
  'yarn/1.22.22 npm/? node/v20.0.0 linux x64',
];
const networks = { acme: ['198.51.100', '198.51.101'], nobody: ['203.0.113'] } as const;

interface Line extends TestRequest {
  readonly party: 'acme' | 'nobody';
  readonly network: string;
  readonly agent: string;
  readonly file: string;
  readonly isDownload: boolean;
  readonly day: string;
  readonly bytes: number;
}
const lines: Line[] = Array.from({ length: 600 }, () => {
  const party = below(3) === 0 ? 'nobody' : 'acme';
  const network = networks[party][below(networks[party].length)];
  const agent = agents[below(agents.length)];
  const name = `p${below(6)}`;
  const isDownload = below(10) > 0;
  const file = isDownload ? `/${name}/-/${name}-1.${below(2)}.0.tgz` : `/${name}`;
  const day = `2026-10-0${1 + below(3)}`;
  return {
    party,
    network,
    agent,
    file,
    isDownload,
    day,
    bytes: isDownload ? 1000 + below(500) : 50,
    at: `${day}T${String(below(24)).padStart(2, '0')}:00:00Z`,
    path: file,
    address: `${network}.${1 + below(200)}`,
    userAgent: agent,
  };
});

/** Repeats within groups: all downloads but one, and all bytes but the largest. */
function repeats(of: readonly Line[], keyOf: (line: Line) => string): { downloads: number; bytes: number } {
  const groups = new Map<string, number[]>();
  for (const line of of.filter(({ isDownload }) => isDownload))
    groups.set(keyOf(line), [...(groups.get(keyOf(line)) ?? []), line.bytes]);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    downloads: sum([...groups.values()].map((sizes) => sizes.length - 1)),
    bytes: sum([...groups.values()].map((sizes) => sum(sizes) - Math.max(...sizes))),
  };
}
const perNetworkDayAndClient = ({ day, network, agent, file }: Line) => [day, network, agent, file].join(' ');
const of = (party: string) => lines.filter((line) => line.party === party);

beforeAll(async () => {
  house = await House.open();
  env = {
    FAIRSHARE_WAREHOUSE: join(house.directory, 'warehouse'),
    FAIRSHARE_CONFIG: join(house.directory, 'fairshare.yaml'),
  };
  const recorded = { recorded_at: '2026-09-01 00:00:00.000' };
  await house.warehouse.insert('org', [{ org_id: 'acme', name: 'Acme', exempt: false, contact: '', ...recorded }]);
  await house.warehouse.insert('org_evidence', [
    {
      evidence_id: 'acme-net',
      org_id: 'acme',
      tier: 'E2',
      kind: 'cidr',
      value: '198.51.100.0/23',
      secret_sha256: '',
      valid_from: '2026-01-01',
      source: 'test',
      ...recorded,
    },
  ]);
  Object.assign(house, { rulebook: await loadRulebook(house.warehouse, 'test') });
  // The lines are cut into objects: repeats must be found across objects.
  for (let part = 0; part < 3; part++)
    await house.ingest([
      house.object(
        `part-${part}.log`,
        lines.filter((_, index) => index % 3 === part),
      ),
    ]);
  for (const day of ['2026-10-01', '2026-10-02']) await house.seal(day); // the third day is known from landing
  await attribute(house.warehouse, { now: new Date('2026-10-04T00:00:00Z') });
  writeFileSync(
    join(house.directory, 'policy.yaml'),
    'version: p1\ncurrency: EUR\nfree_allowance: 0\nbands: [{ multiplier_bp: 10000 }]\ncap_bp: 10000\nminimum: 0\n',
  );
  writeFileSync(
    join(house.directory, 'costs.csv'),
    'period,pool,driver,currency,gross,donated,donor\n2026-10,cdn,bytes,EUR,1000.00,0.00,\n',
  );
  writeFileSync(join(house.directory, 'fairshare.yaml'), 'policy: policy.yaml\ncosts: costs.csv\n');
});
afterAll(() => house.close());

const run = async (...args: string[]): Promise<string> => {
  const { status, stdout, stderr } = await fairshareHere(['waste', '--period', '2026-10', ...args], { env });
  if (status !== 0) throw new Error(stderr);
  return stdout;
};

describe('the estimate', () => {
  it('is the truth of a cache at each network, day and client', async () => {
    for (const party of ['acme', 'nobody']) {
      const [row] = await house.warehouse.query<{ downloads: string; bytes: string }>(
        'SELECT sum(waste_daily.repeat_downloads) AS downloads, sum(waste_daily.repeat_bytes) AS bytes FROM waste_daily WHERE family_id = {family:String}',
        { family: party === 'acme' ? 'acme' : '' },
      );
      const truth = repeats(of(party), perNetworkDayAndClient);
      expect([Number(row.downloads), Number(row.bytes)]).toEqual([truth.downloads, truth.bytes]);
      expect(truth.downloads).toBeGreaterThan(50);
    }
  });

  it('is less than what one proxy for the whole organisation would have saved', () => {
    const estimate = repeats(of('acme'), perNetworkDayAndClient);
    const proxy = repeats(of('acme'), ({ file }) => file);
    expect(estimate.downloads).toBeLessThan(proxy.downloads);
    expect(estimate.bytes).toBeLessThan(proxy.bytes);
  });
});

describe('fairshare waste', () => {
  it('says what it has cost: the bytes of the repeats at the price of bytes', async () => {
    const objects = (await run('--json'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string> & { classes: Record<string, string>[] });
    const acme = objects.find(({ party }) => party === 'acme')!;
    const truth = repeats(of('acme'), perNetworkDayAndClient);
    const all_bytes = lines.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(acme).toMatchObject({ repeat_downloads: String(truth.downloads), repeat_bytes: String(truth.bytes) });
    expect(Number(acme.registry_saves_cents)).toBeCloseTo((truth.bytes / all_bytes) * 100_000, -0.5);
    // Only bytes cost, and nothing is free, so the payer saves the same amount as the registry.
    expect(Number(acme.family_saves_cents)).toBeCloseTo(Number(acme.registry_saves_cents), -1);
    expect(acme.classes.reduce((sum, row) => sum + Number(row.repeat_downloads), 0)).toBe(truth.downloads);
    expect(objects.find(({ kind }) => kind === 'unattributed')).toMatchObject({ registry_saves_cents: null });
  });

  it('prints tables and CSV that say the same', async () => {
    const truth = repeats(of('acme'), perNetworkDayAndClient);
    expect(await run()).toMatch(new RegExp(`acme.* ${truth.downloads} `));
    expect(await run('--org', 'acme')).toContain('A caching proxy would have saved acme');
    const csv = (await run('--csv')).trim().split('\r\n');
    const head = csv[0].split(',');
    const rows = csv.slice(1).map((line) => Object.fromEntries(line.split(',').map((value, at) => [head[at], value])));
    expect(rows.filter((row) => row.party === 'acme' && row.requester_class === '')).toMatchObject([
      { repeat_downloads: String(truth.downloads), repeat_bytes: String(truth.bytes) },
    ]);
    expect(Number(rows.find((row) => row.party === 'acme')!.registry_saves)).toBeGreaterThan(0);
    const { status } = await fairshareHere(['waste', '--period', '2026-10', '--org', 'who'], { env });
    expect(status).toBe(3);
  });
});
