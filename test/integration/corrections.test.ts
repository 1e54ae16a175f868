// Closed periods do not change: late lines and retractions become lines of the period in which they are booked. The test runs
// from log lines to statements, and the cost of every month is conserved to the cent.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadRulebook } from '../../ingest/rulebook.ts';
import { payableCents, type Statement } from '../../dashboards/report/figures.ts';
import { prepareReport } from '../../scripts/exports/reports.ts';
import { type Runtime } from '../../scripts/runtime/command.ts';
import { loadConfig } from '../../scripts/runtime/config.ts';
import { allocatePeriod } from '../../scripts/funding/allocation.ts';
import { lateUsage } from '../../scripts/funding/notes.ts';
import { closePeriod } from '../../scripts/funding/closing.ts';
import { recomputeRun, type PeriodAllocation } from '../../scripts/funding/run.ts';
import { termsOf } from '../../scripts/funding/terms.ts';
import { attribute } from '../../sql/attribution.ts';
import { closeBookings } from '../../sql/bookings.ts';
import { runChecks } from '../../sql/checks.ts';
import { sqlFile, statements } from '../../sql/sql-file.ts';
import { House } from '../support/house.ts';
import { fairshareHere } from '../support/cli.ts';

const texts = {
  policy: `version: p1
currency: EUR
free_allowance: 0
bands: [{ multiplier_bp: 10000 }]
cap_bp: 10000
minimum: 0
`,
  costs: 'period,pool,driver,currency,gross,donated,donor\n2026-12,cdn,requests,EUR,1000.00,0.00,\n',
};
const terms = termsOf(texts);
const COST = 100_000n;
const addresses = { acme: '198.51.100.7', globex: '203.0.113.7', nobody: '192.0.2.7' } as const;
let house: House;
const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);

/** Makes this number of requests on a day. Each call asks for another version, as no two logs have the same lines. */
let version = 0;
const requests = (
  day: string,
  of: Partial<Record<keyof typeof addresses, number>>,
  path = `/a/-/a-1.0.${version++}.tgz`,
) =>
  Object.entries(of).flatMap(([name, count]) =>
    Array.from({ length: count }, (_, n) => ({
      at: `${day}T10:00:${String(n % 60).padStart(2, '0')}Z`,
      address: addresses[name as keyof typeof addresses],
      path,
    })),
  );
const cents = ({ corrections }: PeriodAllocation, ofPeriod: string): Record<string, bigint> =>
  Object.fromEntries(
    corrections.lines.filter((line) => line.of_period === ofPeriod).map((line) => [line.family, line.cents]),
  );
const at = (day: string) => new Date(`${day}T06:00:00Z`);
const allocated = (period: string, until?: string) =>
  allocatePeriod(house.warehouse, period, terms, at('2027-01-05'), until);

beforeAll(async () => {
  house = await House.open();
  const recorded = { recorded_at: '2026-09-01 00:00:00.000' };
  await house.warehouse.insert(
    'org',
    ['acme', 'globex'].map((org_id) => ({ org_id, name: org_id, exempt: false, contact: '', ...recorded })),
  );
  await house.warehouse.insert(
    'org_evidence',
    (['acme', 'globex'] as const).map((org_id) => ({
      evidence_id: `${org_id}-net`,
      org_id,
      tier: 'E2',
      kind: 'cidr',
      value: addresses[org_id].replace(/\.7$/, '.0/24'),
      secret_sha256: '',
      valid_from: '2026-01-01',
      source: 'test',
      ...recorded,
    })),
  );
  Object.assign(house, { rulebook: await loadRulebook(house.warehouse, 'test') });
  await house.ingest([house.object('october.log', requests('2026-10-10', { acme: 60, globex: 30, nobody: 10 }))]);
  await house.ingest([house.object('more.log', requests('2026-10-11', { acme: 12 }))]);
  await house.ingest([house.object('november.log', requests('2026-11-03', { acme: 5, globex: 5, nobody: 10 }))]);
  for (const day of ['2026-10-10', '2026-10-11', '2026-11-03']) await house.seal(day);
  await attribute(house.warehouse, { now: at('2026-11-04') });
});
afterAll(() => house.close());

describe('late usage of a closed period', () => {
  let october: PeriodAllocation;

  it('of an open one waits, and stands in no allocation', async () => {
    october = await allocated('2026-10');
    expect(october.result.units.total.num / october.result.units.total.den).toBe(COST);
    // The tenth is closed; ten more requests of that day arrive in November.
    await closeBookings(house.warehouse, '2026-10-11', at('2026-11-04'));
    await house.ingest([house.object('late.log', requests('2026-10-10', { acme: 10 }))]);
    await house.seal('2026-10-10', '2026-11-05');
    const november = await allocated('2026-11');
    expect(november.parties.reduce((total, row) => total + Number(row.requests), 0)).toBe(20);
    expect(november.corrections).toMatchObject({ lines: [], pending: [{ of_period: '2026-10', requests: 10n }] });
    // October says so itself, too.
    expect(await lateUsage(house.warehouse, '2026-10')).toEqual([
      expect.stringMatching(/^10 requests \(.*\) of 2026-10 came, .* They are booked in 2026-11, /),
    ]);
    expect(await lateUsage(house.warehouse, '2026-11')).toEqual([]);
    await expect(closePeriod(house.warehouse, '2026-11', terms, at('2026-12-05'))).rejects.toMatchObject({
      kind: 'inputRefused',
      hint: expect.stringContaining('close --period 2026-10') as string,
    });
  });

  it('becomes lines of the period it is booked in: the closed one computed again, less what it billed', async () => {
    await closePeriod(house.warehouse, '2026-10', terms, at('2026-11-06'));
    const before = await allocated('2026-10');
    expect(before).toMatchObject({ status: 'closed', run_id: october.run_id });
    const november = await allocated('2026-11');
    // 72 + 30 of 112 requests were billed; with the late ones it would be 82 + 30 of 122.
    const billed = (own: bigint, all: bigint) => (COST * own * 2n + all) / (all * 2n);
    const lines = cents(november, '2026-10');
    expect(Number(lines.acme - (billed(82n, 122n) - billed(72n, 112n)))).toBeCloseTo(0, -0.5);
    expect(Number(lines.globex - (billed(30n, 122n) - billed(30n, 112n)))).toBeCloseTo(0, -0.5);
    expect(november.corrections.lines).toMatchObject([
      { family: 'acme', kind: 'late_usage', of_run_id: october.run_id, requests: 10n, bytes: 10_000n },
      { family: 'globex', requests: 0n },
    ]);
    expect(lines.globex).toBeLessThan(0n);
  });

  it('leaves the sum of its own period as it is', async () => {
    const { result } = await allocated('2026-11');
    expect(result.billed_cents + result.true_up_cents + result.commons_cents).toBe(COST);
  });

  it('counts up to the day that was asked for', async () => {
    expect((await allocated('2026-11', '2026-11-04')).corrections.lines).toEqual([]);
    await expect(allocated('2026-11', '2026-11-02')).rejects.toMatchObject({ kind: 'inputRefused' });
  });
});

describe('what is taken back after the close', () => {
  it('is a credit, also where it is more than the month has used', async () => {
    await house.retract({ source: 'npm', object: 'more.log' });
    await house.seal('2026-10-11', '2026-11-06');
    const november = await allocated('2026-11');
    // acme lost 12 requests and got 10 new ones: 70 of 110.
    expect(november.corrections.lines[0]).toMatchObject({ family: 'acme', requests: -2n });
    expect(cents(november, '2026-10').acme).toBeLessThan(0n);
    expect(november.result.billed_cents + november.result.commons_cents).toBe(COST);
  });

  it('is settled once: the next period starts from what was corrected', async () => {
    const november = await allocated('2026-11');
    await closePeriod(house.warehouse, '2026-11', terms, at('2026-12-06'));
    await house.ingest([house.object('later.log', requests('2026-10-10', { globex: 20 }))]);
    await house.seal('2026-10-10', '2026-12-07');
    await house.ingest([house.object('november-late.log', requests('2026-11-03', { acme: 1 }))]);
    await house.seal('2026-11-03', '2026-12-07');
    await house.ingest([house.object('december.log', requests('2026-12-02', { globex: 3 }))]);
    await house.seal('2026-12-02');
    await attribute(house.warehouse, { now: at('2026-12-08') });
    const december = await allocated('2026-12');
    expect(Object.keys(cents(december, '2026-11'))).toEqual(['acme', 'globex']);
    // The sum of October's payments and credits equals the amount that the payers would have paid at once.
    const october = await allocated('2026-10');
    const [direct] = [70n, 50n].map((own, index) => ({ family: ['acme', 'globex'][index], own }));
    const paid = (family: string) =>
      october.result.lines.find((line) => line.family === family)!.billed_cents +
      (cents(november, '2026-10')[family] ?? 0n) +
      (cents(december, '2026-10')[family] ?? 0n);
    const exact = (COST * direct.own) / 130n;
    expect([exact, exact + 1n]).toContain(paid('acme'));
    expect([(COST * 50n) / 130n, (COST * 50n) / 130n + 1n]).toContain(paid('globex'));
    for (const { name, ok, detail } of await runChecks(house.warehouse))
      expect([name, ok, detail]).toEqual([name, true, '']);
  });

  it('is verified from what was recorded', async () => {
    const runs = await house.warehouse.query<{ run_id: string; period: string }>(
      'SELECT run_id, period FROM allocation_run',
    );
    expect(runs.length).toBeGreaterThan(4);
    for (const { run_id, period } of runs)
      expect([period, (await recomputeRun(house.warehouse, run_id)).same]).toEqual([period, true]);
  });
});

describe('the periods whose late usage a run settles', () => {
  const settled = () =>
    house.warehouse.query<{ period: string; late_periods: string[] }>(
      'SELECT period, late_periods FROM allocation_run ORDER BY period, computed_at, run_id',
    );

  it('are a column, which its migration fills for runs that are older than it; it can be applied again', async () => {
    const before = await settled();
    expect(before.at(-1)).toEqual({ period: '2026-12', late_periods: ['2026-10', '2026-11'] });
    expect(before[0]).toEqual({ period: '2026-10', late_periods: [] });
    await house.warehouse.command('ALTER TABLE allocation_run DROP COLUMN late_periods');
    for (const _time of ['first', 'again'])
      for (const statement of statements(sqlFile('migrations/0017_late_periods.sql')))
        await house.warehouse.command(statement);
    expect(await settled()).toEqual(before);
  });
});

describe('corrections by hand', () => {
  const env = () => ({ FAIRSHARE_WAREHOUSE: join(house.directory, 'warehouse') });
  const correct = (...lines: string[]) => {
    const path = join(house.directory, 'corrections.csv');
    writeFileSync(path, `id,period,of_period,family,amount,currency,reason\n${lines.join('\n')}\n`);
    return fairshareHere(['correct', path, '--json'], { env: env() });
  };

  it('are refused where they cannot stand, all at once', async () => {
    const { status, stderr } = await correct(
      'c-1,2026-11,2026-10,acme,-1.00,EUR,a closed period',
      'c-2,2027-01,2026-12,acme,-1.00,EUR,an open period is set right in itself',
      'c-3,2026-12,2026-10,nobody-known,-1.00,EUR,who',
      'c-4,2026-12,2026-10,acme,-1.00,USD,another currency',
      'c-5,2026-12,2026-10,acme,-1.0O,EUR,no amount',
    );
    expect(status).toBe(3);
    for (const [index, id] of ['c-1', 'c-2', 'c-3', 'c-4'].entries())
      expect(stderr).toContain(`line ${index + 2}: ${id}: `);
    expect(stderr).toContain('line 6: amount is "-1.0O"');
    expect(await house.warehouse.query('SELECT id FROM correction')).toEqual([]);
  });

  it('ask for --yes where a credit is more than was ever billed, and say in a dry run what would be recorded', async () => {
    const path = join(house.directory, 'doubtful.csv');
    const header = 'id,period,of_period,family,amount,currency,reason\n';
    writeFileSync(path, `${header}c-9,2026-12,2026-10,acme,-1000000.00,EUR,a slip of the keyboard\n`);
    const run = (...flags: string[]) => fairshareHere(['correct', path, ...flags], { env: env() });
    const doubtful = await run();
    expect([doubtful.status, doubtful.stderr]).toEqual([2, expect.stringMatching(/line 2: c-9: a credit of 1,000,000\.00 EUR is more than acme was ever billed/)]); // prettier-ignore
    const dry = await run('--dry-run');
    expect([dry.status, dry.stdout]).toEqual([0, expect.stringContaining('would be recorded')]);
    expect(dry.stderr).toContain('--yes will be needed');
    expect(await house.warehouse.query('SELECT id FROM correction')).toEqual([]);
    expect((await run('--yes')).stdout).toContain('recorded');
    writeFileSync(path, `${header}c-9,2026-12,2026-10,acme,0.00,EUR,a slip of the keyboard\n`);
    expect((await run()).status).toBe(0);
  });

  it('stand in the statement with reason and closed run, outside the sum', async () => {
    const line = 'c-1,2026-12,2026-10,acme,-12.50,EUR,the token was of another';
    expect((await correct(line)).status).toBe(0);
    expect((await correct(line)).stdout).toContain('"status":"unchanged"');
    const december = await allocated('2026-12');
    expect(december.corrections.lines.find(({ kind }) => kind === 'manual')).toMatchObject({
      id: 'c-1',
      of_run_id: (await allocated('2026-10')).run_id,
      cents: -1_250n,
    });
    expect(december.result.billed_cents + december.result.commons_cents).toBe(COST);

    mkdirSync(join(house.directory, 'funding'));
    writeFileSync(join(house.directory, 'funding/policy.yaml'), texts.policy);
    writeFileSync(join(house.directory, 'funding/costs.csv'), texts.costs);
    const file = join(house.directory, 'funding/fairshare.yaml');
    writeFileSync(file, 'policy: policy.yaml\ncosts: costs.csv\n');
    const runtime = {
      config: () => loadConfig({ file, env: {} }),
      now: () => at('2027-01-06'),
    } as unknown as Runtime;
    const { summary, statements } = await prepareReport(runtime, house.warehouse, { period: '2026-12' });
    const acme = statements.find(({ family }) => family === 'acme') as Statement;
    // It has no usage in December, so its statement is a credit.
    expect(acme.usage).toBeNull();
    expect(payableCents(acme.share)).toBe(sum(acme.share.corrections.map((correction) => correction.cents)));
    expect(summary.funding.corrections_cents).toBe(
      sum(statements.flatMap(({ share }) => share.corrections.map((correction) => correction.cents))),
    );
    const rows = await house.warehouse.query<{ cents: string }>(acme.queries.corrections.sql);
    expect(rows.map((row) => BigInt(row.cents))).toEqual(acme.share.corrections.map((correction) => correction.cents));
  });

  it('are taken back by an amount of nothing', async () => {
    expect((await correct('c-1,2026-12,2026-10,acme,0.00,EUR,the token was of another')).status).toBe(0);
    expect((await allocated('2026-12')).corrections.lines.filter(({ kind }) => kind === 'manual')).toEqual([]);
  });
});
