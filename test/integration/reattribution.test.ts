// The registry learns, and last month is attributed again: usage moves as far as the stored evidence allows, totals never
// change, and an earlier allocation can be computed again, also after the finer data are deleted.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadRulebook } from '../../ingest/rulebook.ts';
import { Source } from '../../ingest/source.ts';
import { findObjects, ingestFiles } from '../../ingest/sources/files.ts';
import { allocatePeriod } from '../../scripts/funding/allocation.ts';
import { recomputeRun } from '../../scripts/funding/run.ts';
import { termsOf } from '../../scripts/funding/terms.ts';
import { attribute } from '../../sql/attribution.ts';
import { runChecks } from '../../sql/checks.ts';
import { applyRegistry, compareRegistry, registryTables, type RegistryRow } from '../../sql/orgs.ts';
import { defaultLimits } from '../../transform/batch-builder.ts';
import { House, type TestRequest } from '../support/house.ts';
import { sha256 } from '../../sql/sha256.ts';

const PERIOD = '2026-10';
const policy = `version: p1
currency: USD
free_allowance: 0
bands: [{ multiplier_bp: 10000 }]
cap_bp: 10000
minimum: 0.00
`;
const terms = termsOf({
  policy,
  costs: 'pool,driver,currency,gross,donated,donor\ncompute,requests,USD,1000.00,0.00,\n',
});

const orgs = ['acme', 'beta', 'delta', 'epsilon', 'gamma', 'reserve'];
const TOKEN = 'fst_last_month';
const evidence = (id: string, org: string, fields: Record<string, unknown>): RegistryRow => ({
  evidence_id: id,
  org_id: org,
  tier: 'E2',
  kind: 'cidr',
  value: '',
  secret_sha256: '',
  valid_from: '2026-01-01',
  valid_to: null,
  source: 'test',
  ci: false,
  ...fields,
});
const token = (org: string) =>
  evidence('tok-1', org, { tier: 'E1', kind: 'token', value: 'tok-1', secret_sha256: sha256(TOKEN) });
const prefix = (id: string, org: string, value: string) => evidence(id, org, { value });

const many = (n: number, day: string, request: Partial<TestRequest>): TestRequest[] =>
  Array.from({ length: n }, (_, i) => ({
    at: `${day}T10:${String(i % 60).padStart(2, '0')}:00Z`,
    bytes: 1_000 + i,
    ...request,
  }));
const requests = (day: string): TestRequest[] => [
  ...many(10, day, { address: '20.1.2.3', userAgent: `npm/11.0.0 node/v20.0.0 linux x64 (fairshare-token: ${TOKEN})` }),
  ...many(20, day, { address: '20.2.0.9' }),
  ...many(12, day, { address: '20.3.1.1' }),
  ...many(18, day, { address: '20.3.3.1', path: '/lodash/-/lodash-4.17.21.tgz' }),
  ...many(40, day, { address: '20.4.0.17' }),
];

let house: House;
let clock_ms = Date.parse('2026-11-05T00:00:00Z');
const now = () => new Date((clock_ms += 60_000));

async function record(rows: readonly RegistryRow[]): Promise<void> {
  const table = registryTables.orgEvidence;
  await applyRegistry(house.warehouse, table, await compareRegistry(house.warehouse, table, rows), now());
}

async function ingest(name: string, lines: readonly TestRequest[]): Promise<void> {
  const rulebook = await loadRulebook(house.warehouse, 'test');
  await ingestFiles(findObjects([house.object(name, lines)]), {
    warehouse: house.warehouse,
    source: new Source({ name: 'npm', format: 'nginx-edge', ecosystem: 'npm' }, rulebook, defaultLimits),
    loader: house.loader({ now }),
    methodologyVersion: rulebook.methodologyVersion,
    revisionAbove: (above) => house.revision(above),
  });
}

/** Requests by organisation, or by the reason why there is none. */
async function shares(where = `toYYYYMM(day) = 202610`): Promise<Record<string, number>> {
  const rows = await house.warehouse.query<{ who: string; requests: string }>(
    `SELECT if(org_id = '', unattributed, org_id) AS who, sum(usage.requests) AS requests FROM attributed_usage AS usage WHERE ${where} GROUP BY who HAVING requests != 0`,
  );
  return Object.fromEntries(rows.map(({ who, requests: found }) => [who, Number(found)]));
}

const before = [token('reserve'), prefix('beta-net', 'beta', '20.2.0.0/24')];
const after = [
  token('acme'),
  prefix('gamma-net', 'gamma', '20.3.0.0/22'),
  prefix('delta-net', 'delta', '20.4.0.16/28'),
];
let first: Awaited<ReturnType<typeof allocatePeriod>>;
let thatDay: Date;
let totals: Awaited<ReturnType<House['totals']>>;

beforeAll(async () => {
  house = await House.open();
  const change = await compareRegistry(
    house.warehouse,
    registryTables.org,
    orgs.map((org_id) => ({ org_id, name: org_id, exempt: false, contact: '' })),
  );
  await applyRegistry(house.warehouse, registryTables.org, change, now());
  await record(before);
  await ingest('october.log', [...requests('2026-10-05'), ...requests('2026-10-20')]);
  for (const day of ['2026-10-05', '2026-10-20']) await house.seal(day);
  await attribute(house.warehouse, { now: now() });
  first = await allocatePeriod(house.warehouse, PERIOD, terms, now());
  thatDay = now();
  totals = await house.totals('attributed_usage');
});
afterAll(() => house.close());

describe('re-attribution of last month', () => {
  let second: typeof first;

  it('knows at first what was known then', async () => {
    expect(await shares()).toEqual({ reserve: 20, beta: 40, unknown: 140 });
  });

  it('follows an assigned token, a retracted prefix and a new /22; a new /28 counts from its declaration', async () => {
    await record(after);
    // Verdicts that are older than the registry are not billed.
    await expect(allocatePeriod(house.warehouse, PERIOD, terms, now())).rejects.toMatchObject({
      kind: 'checkFailed',
      message: expect.stringContaining(
        'the registry changed after the last attribution: 5 piece(s) of evidence',
      ) as string,
    });
    await attribute(house.warehouse, { now: now() });
    second = await allocatePeriod(house.warehouse, PERIOD, terms, now());
    expect(await shares()).toEqual({ acme: 20, gamma: 60, unknown: 40 + 80 });
    expect(second.result.lines.map(({ family, gross }) => [family, gross.num])).toEqual([
      ['acme', 10_000n],
      ['gamma', 30_000n],
    ]);
  });

  it('moves no total: of requests, downloads, bytes, by day and by class', async () => {
    expect(await house.totals('attributed_usage')).toEqual(totals);
    const by = (view: string) =>
      house.warehouse.query(
        `SELECT day, booked_day, ecosystem, requester_class, client, sum(usage.requests) AS requests, sum(usage.downloads) AS downloads, sum(usage.bytes) AS bytes, sum(usage.repeat_downloads) AS repeat_downloads, sum(usage.repeat_bytes) AS repeat_bytes FROM ${view} AS usage GROUP BY ALL ORDER BY ALL`,
      );
    expect(await by('attributed_usage')).toEqual(await by('usage_known'));
    expect((await runChecks(house.warehouse)).filter(({ ok }) => !ok)).toEqual([]);
  });

  it('names packages where evidence was stored with the request, and none where a network was declared later', async () => {
    const packages = async (org: string) =>
      (
        await house.warehouse.query<{ package: string }>(
          `SELECT DISTINCT package FROM attributed_usage WHERE org_id = '${org}' ORDER BY package`,
        )
      ).map((row) => row.package);
    expect(await packages('acme')).toEqual(['left-pad']);
    expect(await packages('gamma')).toEqual(['']);
  });

  it('keeps the old run: it stands beside the new one, and both verify', async () => {
    expect(second.run_id).not.toBe(first.run_id);
    for (const { run_id } of [first, second]) {
      const { same, allocation } = await recomputeRun(house.warehouse, run_id);
      expect(same).toBe(true);
      expect(allocation.result).toEqual((run_id === first.run_id ? first : second).result);
    }
  });

  it('can still say what was known then', async () => {
    const run = await attribute(house.warehouse, { now: now(), knownAt: thatDay });
    expect(run.attribution_version).toBe(first.attribution_version);
    expect(await shares()).toEqual({ reserve: 20, beta: 40, unknown: 140 });
    await attribute(house.warehouse, { now: now() });
    expect(await shares()).toEqual({ acme: 20, gamma: 60, unknown: 120 });
  });

  it('counts the /28 from its declaration on', async () => {
    await ingest('november.log', requests('2026-11-06'));
    await attribute(house.warehouse, { now: now() });
    expect(await shares("day = '2026-11-06'")).toEqual({ acme: 10, gamma: 30, delta: 40, unknown: 20 });
    expect((await shares()).delta).toBeUndefined();
  });

  it('holds when the finer data are gone: runs verify, what moved stays, what is declared now reaches no further', async () => {
    await house.warehouse.command(
      "ALTER TABLE usage_batch DELETE WHERE toDate(hour) < '2026-11-01' SETTINGS mutations_sync = 2",
    );
    for (const table of ['network_daily', 'request_rate', 'usage_hourly'])
      await house.warehouse.command(`TRUNCATE TABLE ${table}`);
    await attribute(house.warehouse, { now: now() });
    expect(await shares()).toEqual({ acme: 20, gamma: 60, unknown: 120 });
    for (const { run_id } of [first, second]) expect((await recomputeRun(house.warehouse, run_id)).same).toBe(true);

    // The stored prefix of the requests also matches wider prefixes; without it no prefix matches.
    await record([
      ...after,
      prefix('epsilon-net', 'epsilon', '20.2.0.0/22'),
      prefix('reserve-net', 'reserve', '20.4.0.0/22'),
    ]);
    await attribute(house.warehouse, { now: now() });
    const known = await shares();
    expect(known).toMatchObject({ acme: 20, epsilon: 40 });
    expect(known.reserve).toBeUndefined();
    expect(Object.values(known).reduce((a, b) => a + b)).toBe(200);
  });

  it('does not verify where recorded intervals, or what they were drawn from, are not what they were', async () => {
    const intervals = async () => (await recomputeRun(house.warehouse, second.run_id)).same;
    expect(await intervals()).toBe(true);
    const change = (table: string, column: string, by: string) =>
      house.warehouse.command(
        `INSERT INTO ${table} SELECT * REPLACE (${column} ${by} 1 AS ${column}) FROM ${table} FINAL WHERE run_id = {run_id:String} AND family_id = 'acme'`,
        { run_id: second.run_id },
      );
    for (const [table, column] of [
      ['usage_interval', 'requests_low'],
      ['interval_input', 'requests'],
    ] as const) {
      await change(table, column, '-');
      expect(await intervals()).toBe(false);
      await change(table, column, '+');
      expect(await intervals()).toBe(true);
    }
  });
});
