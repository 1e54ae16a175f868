// A month from its first day to its closing: every command that names parties names the same ones, refuses what it cannot compute, and
// says what is provisional. The world has late declarations, ended evidence, an exempt family and moved usage.

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadRulebook } from '../../ingest/rulebook.ts';
import { type Candidate } from '../../scripts/commands/orgs-candidates.ts';
import { prepareReport, reportFiles } from '../../scripts/exports/reports.ts';
import { allocatePeriod } from '../../scripts/funding/allocation.ts';
import { closePeriod } from '../../scripts/funding/closing.ts';
import { recomputeRun } from '../../scripts/funding/run.ts';
import { fundingTerms } from '../../scripts/funding/terms.ts';
import { wasteOf } from '../../scripts/funding/waste.ts';
import { type Runtime } from '../../scripts/runtime/command.ts';
import { loadConfig } from '../../scripts/runtime/config.ts';
import { attribute } from '../../sql/attribution.ts';
import { applyRegistry, compareRegistry, registryTables, type RegistryRow } from '../../sql/orgs.ts';
import { fairshareHere } from '../support/cli.ts';
import { House, type TestRequest } from '../support/house.ts';

const PERIOD = '2026-10';
const policy = `version: p1
currency: EUR
free_allowance: 0
bands: [{ multiplier_bp: 10000 }]
cap_bp: 10000
minimum: 0
service_tiers:
  state: ENFORCEMENT
  levels:
    - { name: free, below_requests_per_second: 3, up_to_requests_per_month: 9 }
    - { name: more }
`;
const costs = `period,pool,driver,currency,gross,donated,donor
2026-10,cdn,requests,EUR,1000.00,0.00,
2026-11,cdn,requests,EUR,3000.00,0.00,
`;

let house: House;
let runtime: Runtime;
let clock_ms = Date.parse('2026-11-05T00:00:00Z');
const now = () => new Date((clock_ms += 60_000));
const at = (name: string) => join(house.directory, name);
const terms = (period: string) => fundingTerms(() => runtime.config()).of(period);

const evidence = (id: string, org_id: string, value: string, fields: Partial<RegistryRow> = {}): RegistryRow => ({
  evidence_id: id, org_id, tier: 'E2', kind: 'cidr', value, secret_sha256: '', valid_from: '2026-01-01', valid_to: null, source: 'test', ...fields,
}); // prettier-ignore
const early = [
  evidence('acme-net', 'acme', '20.1.0.0/24'),
  evidence('beta-net', 'beta', '20.2.0.0/24', { valid_to: '2026-10-10' }),
];
const late = [
  evidence('gamma-net', 'gamma', '20.3.0.0/22'),
  evidence('labs-net', 'labs', '20.5.0.0/24'),
  // It takes over what nobody was known for.
  evidence('acme-more', 'acme', '20.6.1.0/24', { valid_from: '2026-10-15' }),
];

async function record(name: keyof typeof registryTables, rows: readonly RegistryRow[]): Promise<void> {
  const table = registryTables[name];
  await applyRegistry(house.warehouse, table, await compareRegistry(house.warehouse, table, rows), now());
}
const org = (org_id: string, exempt = false, name = org_id) => ({ org_id, name, exempt, contact: '' });
const orgs = (acme = 'Acme') => [
  org('acme', false, acme), org('beta'), org('gamma'), org('open', true), org('labs', true),
]; // prettier-ignore

const many = (count: number, day: string, address: string): TestRequest[] =>
  Array.from({ length: count }, (_, i) => ({ at: `${day}T10:${String(i % 60).padStart(2, '0')}:00Z`, address }));
const requests = (day: string): TestRequest[] => [
  ...many(7, day, '20.1.0.9'), ...many(11, day, '20.2.0.9'), ...many(13, day, '20.3.1.9'), ...many(17, day, '20.3.2.9'),
  ...many(19, day, '20.5.0.9'), ...many(23, day, '20.6.1.9'), ...many(29, day, '20.7.0.9'), ...many(2, day, '20.8.0.9'),
]; // prettier-ignore

const run = (...args: string[]) =>
  fairshareHere(args, { env: { FAIRSHARE_CONFIG: at('fairshare.yaml'), FAIRSHARE_WAREHOUSE: at('warehouse') } });
async function lines<Row>(...args: string[]): Promise<Row[]> {
  const { status, stdout, stderr } = await run(...args);
  expect(status, stderr).toBe(0);
  return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Row); // prettier-ignore
}

beforeAll(async () => {
  house = await House.open();
  writeFileSync(at('fairshare.yaml'), 'policy: policy.yaml\ncosts: costs.csv\n');
  writeFileSync(at('policy.yaml'), policy);
  writeFileSync(at('costs.csv'), costs);
  const config = loadConfig({ file: at('fairshare.yaml'), env: {} });
  runtime = { config: () => config, now } as unknown as Runtime;
  await record('org', orgs());
  await record('orgEdge', [{ org_id: 'labs', family_id: 'open' }]);
  await record('orgEvidence', early);
  Object.assign(house, { rulebook: await loadRulebook(house.warehouse, 'test') });
});
afterAll(() => house.close());

describe('what cannot be computed', () => {
  it('is refused before anything was loaded, attributed or sealed', async () => {
    for (const args of [['tiers', '--enforcement'], ['tiers'], ['orgs', 'candidates']]) {
      const { status, stderr, stdout } = await run(...args, '--period', PERIOD);
      expect([args, status, stdout, stderr]).toEqual([args, 4, '', expect.stringContaining(`nothing was loaded for ${PERIOD}`)]); // prettier-ignore
    }
    await house.ingest([house.object('october.log', [...requests('2026-10-05'), ...requests('2026-10-20')])], {
      loader: house.loader({ now }),
    });
    const tiers = await run('tiers', '--enforcement', '--period', PERIOD);
    expect([tiers.status, tiers.stderr]).toEqual([4, expect.stringContaining(`no day of ${PERIOD} is sealed yet`)]);
    const candidates = await run('orgs', 'candidates', '--period', PERIOD);
    expect([candidates.status, candidates.stderr]).toEqual([4, expect.stringContaining('nothing was attributed yet')]);
    for (const day of ['2026-10-05', '2026-10-20']) await house.seal(day);
    expect((await run('tiers', '--period', PERIOD)).status).toBe(4);
    await attribute(house.warehouse, { now: now() });
    expect((await run('tiers', '--period', PERIOD)).status).toBe(0);
    await record('orgEvidence', [...early, ...late]);
    for (const args of [['tiers'], ['orgs', 'candidates']]) {
      const { status, stderr } = await run(...args, '--period', PERIOD);
      expect([status, stderr]).toEqual([4, expect.stringContaining('the registry changed after the last attribution')]);
    }
    await attribute(house.warehouse, { now: now() });
  });
});

/** Requests by organisation. Of beta's, those until its evidence ended; of acme's later network, those since its declaration. */
const truth = { acme: 7 + 7 + 23, beta: 11, gamma: 2 * (13 + 17), labs: 2 * 19 };
const unattributed = { '20.2.0.0/24': 11, '20.6.1.0/24': 23, '20.7.0.0/24': 58, '20.8.0.0/24': 4 };

describe('every command that names parties', () => {
  it('names the same ones, with the same usage', async () => {
    const allocation = await allocatePeriod(house.warehouse, PERIOD, terms(PERIOD), now());
    const families: Record<string, number> = {};
    for (const { party, kind, requests: count } of allocation.parties)
      families[`${kind} ${party}`] = (families[`${kind} ${party}`] ?? 0) + Number(count);
    expect(families).toEqual({
      'billable acme': truth.acme, 'billable beta': truth.beta, 'billable gamma': truth.gamma, 'exempt open': truth.labs,
      'unattributed unknown': Object.values(unattributed).reduce((sum, count) => sum + count),
    }); // prettier-ignore

    const { statements } = await prepareReport(runtime, house.warehouse, { period: PERIOD });
    const members = statements.flatMap((statement) => statement.members);
    expect(Object.fromEntries(members.map(({ value, requests: count }) => [value, Number(count)]))).toEqual(truth);

    const waste = await wasteOf(house.warehouse, allocation, {});
    expect(Object.fromEntries(waste.parties.map(({ kind, party, requests: count }) => [`${kind} ${party}`, Number(count)]))).toEqual(families); // prettier-ignore

    interface Tier { kind: string; id: string; decided_by: string; requests_per_month: string; status: string } // prettier-ignore
    const tiers = await lines<Tier>('tiers', '--all', '--json', '--period', PERIOD);
    const measured = (kind: string) =>
      Object.fromEntries(tiers.filter((row) => row.kind === kind).map((row) => [row.id, Number(row.requests_per_month)])); // prettier-ignore
    expect(measured('organisation')).toEqual(truth);
    expect(measured('network')).toEqual(unattributed);
    expect(tiers.find(({ id }) => id === 'labs')).toMatchObject({ decided_by: 'exemption', status: 'provisional' });

    const candidates = await lines<Candidate>('orgs', 'candidates', '--json', '--period', PERIOD);
    expect(Object.fromEntries(candidates.map(({ candidate, requests: count }) => [candidate, Number(count)]))).toEqual(unattributed); // prettier-ignore

    // Without tokens: gamma's range was declared after its traffic was read.
    for (const id of ['acme', 'beta', 'gamma', 'labs'] as const) {
      const [{ total }] = await lines<{ total: { requests: string } }>('orgs', 'adoption', id, '--json', '--period', PERIOD); // prettier-ignore
      expect([id, Number(total.requests)]).toEqual([id, truth[id]]);
    }
    const logs = [
      'simulate-cache',
      at('october.log'),
      '--source',
      'npm',
      '--format',
      'nginx-edge',
      '--ecosystem',
      'npm',
    ];
    const caches = await lines<{ family: string; requests: string }>(...logs, '--json');
    const { labs: open, ...billed } = truth;
    expect(Object.fromEntries(caches.map(({ family, requests: count }) => [family, Number(count)]))).toEqual({ ...billed, open }); // prettier-ignore
  });

  it('says in the list for the edge that it is provisional', async () => {
    const [list] = await lines<{ parties: { id: string }[] }>('tiers', '--enforcement', '--period', PERIOD);
    expect(list).toMatchObject({ status: 'provisional', days: 2, until: '2026-10-20' });
    expect(list.parties.map(({ id }) => id).sort()).toEqual(['20.2.0.0/24', '20.6.1.0/24', '20.7.0.0/24', 'acme', 'beta', 'gamma']); // prettier-ignore
  });
});

describe('a closed month', () => {
  it('keeps its service levels when the rates are gone; an open one refuses', async () => {
    const open = await run('tiers', '--enforcement', '--period', PERIOD);
    await closePeriod(house.warehouse, PERIOD, terms(PERIOD), now());
    const closed = await run('tiers', '--enforcement', '--period', PERIOD);
    expect(closed.stdout).toBe(open.stdout.replace('"provisional"', '"final"'));
    const table = await run('tiers', '--period', PERIOD);
    expect(table.stdout).toContain('final, the month is closed: 2 of 8 parties are free');

    for (const name of ['request_rate', 'network_daily'])
      await house.warehouse.command(`ALTER TABLE ${name} DROP PARTITION ('2026-10-05', '2026-10-05')`);
    expect((await run('tiers', '--enforcement', '--period', PERIOD)).stdout).toBe(closed.stdout);
    for (const args of [
      ['tiers', '--policy', at('policy.yaml')],
      ['orgs', 'candidates'],
    ]) {
      const { status, stderr, stdout } = await run(...args, '--period', PERIOD);
      expect([status, stdout, stderr]).toEqual([4, '', expect.stringContaining('retention has deleted the networks of 1 of its days (2026-10-05')]); // prettier-ignore
    }
  });

  it('keeps the names that it was closed with, in statements, exports and manifests', async () => {
    const files = (folder: string) =>
      Object.fromEntries(
        readdirSync(at(folder), { recursive: true, encoding: 'utf8' })
          .filter((name) => statSync(at(`${folder}/${name}`)).isFile())
          .map((name) => [name, readFileSync(at(`${folder}/${name}`), 'latin1')]),
      );
    const write = async (folder: string) => {
      for (const args of [
        ['report', '--no-html', '--out', at(`${folder}/report`)],
        ['export', '--org', 'acme', '--out', at(`${folder}/export`)],
      ]) {
        const { status, stderr } = await run(...args, '--period', PERIOD);
        expect(status, stderr).toBe(0);
      }
      return files(folder);
    };
    const before = await write('before');
    expect(JSON.stringify(before)).toContain('Acme');
    await record('org', orgs('Renamed Inc'));
    const after = await write('after');
    expect(Object.keys(after)).toEqual(Object.keys(before));
    const { 'export/manifest.json': manifest, ...rest } = after;
    const { 'export/manifest.json': earlier, ...same } = before;
    expect(rest).toEqual(same);
    const untimed = (text: string) => ({ ...(JSON.parse(text) as object), created_at: '' });
    expect(untimed(manifest)).toEqual(untimed(earlier));
    const names = await house.warehouse.query<{ name: string }>("SELECT name FROM org_current WHERE org_id = 'acme'");
    expect(names).toEqual([{ name: 'Renamed Inc' }]);
    // A month that was closed before names were recorded has those of the time of its run.
    await house.warehouse.command('TRUNCATE TABLE period_name');
    const again = await prepareReport(runtime, house.warehouse, { period: PERIOD });
    expect(again.statements.find(({ family }) => family === 'acme')).toMatchObject({ name: 'Acme', status: 'closed' });
  });
});

describe('a month that runs', () => {
  it('bears its cost pro rata by days, says what it would cost at this pace, and that nothing is due', async () => {
    const days = Array.from({ length: 8 }, (_, index) => `2026-11-0${index + 1}`);
    await house.ingest(
      [
        house.object(
          'november.log',
          days.flatMap((day) => many(5, day, '20.1.0.9')),
        ),
      ],
      {
        loader: house.loader({ now }),
      },
    );
    for (const day of days) await house.seal(day);
    await attribute(house.warehouse, { now: now() });
    clock_ms = Date.parse('2026-11-09T08:00:00Z');
    // 8 of 30 days of 3,000.00.
    const running = await allocatePeriod(house.warehouse, '2026-11', terms('2026-11'), now());
    expect(running).toMatchObject({ status: 'open', until: '2026-11-08', result: { cost_pool_cents: 80_000n } });
    expect(running.result.billed_cents + running.result.commons_cents).toBe(80_000n);
    expect((await recomputeRun(house.warehouse, running.run_id)).different).toEqual([]);
    const report = await prepareReport(runtime, house.warehouse, { period: '2026-11' });
    expect(report.summary.pace).toMatchObject({ days: 8, of: 30, cost_cents: 300_000n, families: [{ family: 'acme', cents: 300_000n, low_cents: 300_000n }] }); // prettier-ignore
    const page = String((await reportFiles(report, { html: true })).get('statements/acme-2026-11.html')).replace(
      /\s+/g,
      ' ',
    );
    expect(page).toContain('Nothing is due before the month is closed. So far, your share of the cost is 800.00 EUR');
    expect(page).toContain('8 of 30 days have passed, and bear the cost pro rata');
    expect(page).toContain(
      'At this pace, your share of the month would be 3,000.00 EUR, between 3,000.00 EUR and 3,000.00 EUR',
    );
    expect(page).not.toMatch(/<strong>[\d,.]+ EUR/);
    // Once it is over, all of its cost is shared.
    clock_ms = Date.parse('2026-12-04T08:00:00Z');
    const over = await allocatePeriod(house.warehouse, '2026-11', terms('2026-11'), now());
    expect(over).toMatchObject({ until: '2026-11-30', result: { cost_pool_cents: 300_000n } });
    expect(over.run_id).not.toBe(running.run_id);
  });
});

describe('a month that the files do not fit', () => {
  it('is refused before anything is closed: without costs of its own, and with cost by bytes that no log has', async () => {
    await house.ingest([house.object('december.log', many(3, '2026-12-01', '20.1.0.9').map((line) => ({ ...line, bytes: 0 })))], { loader: house.loader({ now }) }); // prettier-ignore
    const night = await run('nightly', '--day', '2026-12-01', '--incomplete', '--out', at('out'));
    expect(night.status).not.toBe(0);
    expect(night.stdout).toMatch(
      /^terms\? .*2026-12 cannot be allocated: .*no costs of 2026-12 \(there are costs of 2026-10, 2026-11\)/m,
    );
    expect(night.stdout).toMatch(/^close /m);
    expect(night.stdout).not.toMatch(/^allocate /m);

    writeFileSync(at('costs.csv'), `${costs}2026-12,cdn,bytes,EUR,1000.00,0.00,\n`);
    const allocated = await run('allocate', '--period', '2026-12');
    expect([allocated.status, allocated.stderr]).toEqual([3, expect.stringContaining('bytes cause the cost of cdn (1,000.00), and no log line of 2026-12 says how many were sent')]); // prettier-ignore
    expect(allocated.stderr).toContain('pools: { cdn: { requests_bp: 10000, bytes_bp: 0 } }');
    const seals = () => house.warehouse.query('SELECT * FROM seal_current ORDER BY day, booked_day');
    const before = await seals();
    const closing = closePeriod(house.warehouse, '2026-12', terms('2026-12'), new Date('2027-01-05T00:00:00Z'));
    await expect(closing).rejects.toMatchObject({ kind: 'inputRefused' });
    expect(await seals()).toEqual(before);

    writeFileSync(
      at('policy.yaml'),
      `${policy}pools: { cdn: { requests_bp: 10000 } }\ncontract_minimums: { nobody: 1.00 }\n`,
    );
    const named = await run('allocate', '--period', '2026-12');
    expect([named.status, named.stderr]).toEqual([2, expect.stringContaining('contract_minimums.nobody: there is no family nobody')]); // prettier-ignore
    writeFileSync(at('policy.yaml'), `${policy}pools: { cdn: { requests_bp: 10000 } }\n`);
    expect((await run('allocate', '--period', '2026-12')).status).toBe(0);
  });
});
