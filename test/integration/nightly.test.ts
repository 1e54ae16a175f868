// The night: what must be complete before it, what it never changes, its messages, and that a failed check publishes nothing.

import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { House } from '../support/house.ts';
import { fairshareHere } from '../support/cli.ts';

let house: House;
let env: Record<string, string>;
const out = () => join(house.directory, 'out');
const configure = (sources: string) =>
  writeFileSync(
    join(house.directory, 'fairshare.yaml'),
    `policy: policy.yaml\ncosts: costs.csv\nlate_window_hours: 48\nsources: ${sources}\n`,
  );
const night = async (day: string, ...more: string[]) => {
  const { status, stdout, stderr } = await fairshareHere(['nightly', '--day', day, '--out', out(), '--json', ...more], {
    env,
  });
  const steps = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, string | number>);
  return { status, stderr, steps };
};
const one = async (sql: string): Promise<unknown> => Object.values((await house.warehouse.query(sql))[0])[0];

beforeAll(async () => {
  house = await House.open();
  env = {
    FAIRSHARE_WAREHOUSE: join(house.directory, 'warehouse'),
    FAIRSHARE_CONFIG: join(house.directory, 'fairshare.yaml'),
  };
  mkdirSync(out());
  configure('[]');
  writeFileSync(
    join(house.directory, 'policy.yaml'),
    'version: p1\ncurrency: EUR\nfree_allowance: 0\nbands: [{ multiplier_bp: 10000 }]\ncap_bp: 10000\nminimum: 0\n',
  );
  writeFileSync(
    join(house.directory, 'costs.csv'),
    'period,pool,driver,currency,gross,donated,donor\n2026-10,cdn,requests,EUR,100.00,0.00,\n2026-11,cdn,requests,EUR,100.00,0.00,\n',
  );
  await house.ingest([house.object('a.log', [{ at: '2026-10-30T10:00:00Z' }, { at: '2026-10-31T23:00:00Z' }])]);
  await house.ingest([house.object('old.log', [{ at: '2026-10-20T10:00:00Z' }])], { spec: { name: 'old' } });
});
afterAll(() => house.close());

it('waits for every source that is not retired, and says what it waits for', async () => {
  const { status, stderr, steps } = await night('2026-10-31');
  expect([status, steps]).toEqual([4, []]);
  expect(stderr).toContain(
    'npm has delivered until 2026-10-31 23:00:00.000; old has delivered until 2026-10-20 10:00:00.000',
  );
  await house.ingest([house.object('b.log', [{ at: '2026-11-01T00:00:00Z' }, { at: '2026-11-02T00:30:00Z' }])]);
  expect((await night('2026-10-31')).stderr).not.toContain('npm has');
  configure('[{ name: old, retired_after: 2026-10-20 }]');
  expect((await night('2026-10-20')).status).toBe(4);
  expect((await night('2026-10-31')).status).toBe(0);
  expect((await night('2026-10-31', '--wait', '1')).status).toBe(2);
});

it('writes its metrics however it ends, and ends the same where it cannot', async () => {
  const file = join(house.directory, 'night.prom');
  const metrics = () => readFileSync(file, 'utf8');
  expect((await night('2026-10-20', '--metrics-file', file)).status).toBe(4);
  expect(metrics()).toContain('fairshare_nightly_outcome{outcome="checkFailed"} 1');
  expect(metrics()).not.toMatch(/last_success_timestamp_seconds \d|state="sealed"/);
  expect((await night('2026-10-31', '--metrics-file', file)).status).toBe(0);
  expect(metrics()).toContain('fairshare_nightly_outcome{outcome="done"} 1');
  expect(metrics()).toMatch(/fairshare_nightly_last_success_timestamp_seconds \d+/);
  expect(metrics()).toMatch(/fairshare_nightly_days\{state="held"\} 0\n/);
  expect(metrics()).toContain('fairshare_nightly_refused_objects 0\n');
  const nowhere = await night('2026-10-31', '--metrics-file', join(house.directory, 'none/night.prom'));
  expect([nowhere.status, nowhere.stderr]).toEqual([
    0,
    expect.stringContaining('metrics of the night cannot be written'),
  ]);
});

it('says for each step how long it took and what it wrote', async () => {
  const { steps } = await night('2026-10-31');
  expect(steps.map(({ step }) => step)).toEqual([
    'complete?',
    'missing?',
    'terms?',
    'seal',
    'attribute',
    'check',
    'close',
    'allocate',
    'report',
    'expire',
  ]);
  for (const step of steps)
    expect(step).toMatchObject({
      elapsed_ms: expect.any(Number) as number,
      count: expect.any(Number) as number,
      unit: expect.any(String) as string,
      rows: expect.any(Number) as number,
    });
});

it('allocates nothing that is later than its day', async () => {
  const { status, steps } = await night('2026-11-01');
  expect(status).toBe(0);
  expect(steps.find(({ step }) => step === 'allocate')!.detail).toContain('2026-11 (open) up to 2026-11-01');
  expect(
    await one(
      "SELECT sum(requests) FROM allocation_input WHERE run_id = (SELECT argMax(run_id, computed_at) FROM allocation_run WHERE period = '2026-11')",
    ),
  ).toBe('1');
});

it('refreshes the month before, while it is open and one of its days was sealed', async () => {
  await house.ingest([house.object('c.log', [{ at: '2026-10-31T12:00:00Z' }])]);
  const { steps } = await night('2026-11-01');
  expect(steps.filter(({ step }) => step === 'allocate').map(({ detail }) => String(detail).slice(0, 7))).toEqual([
    '2026-10',
    '2026-11',
  ]);
  expect(readdirSync(out()).filter((name) => name.endsWith('.html'))).toEqual([
    'summary-2026-10.html',
    'summary-2026-11.html',
  ]);
});

it('gives way to a run that is at work, and takes over from a dead one', async () => {
  const claim = (pid: number, released: boolean) =>
    house.warehouse.command(
      `INSERT INTO run_lock SELECT 'nightly', 'other', {host:String}, {pid:UInt32}, now64(3, 'UTC'), now64(3, 'UTC'), {beat:UInt64}, {released:Bool}`,
      { host: hostname(), pid, beat: released ? 2 : 1, released },
    );
  await claim(process.pid, false);
  const { status, stderr } = await night('2026-11-01');
  expect(status).toBe(5);
  expect(stderr).toContain(`nightly runs already: process ${process.pid}`);
  await claim(process.pid, true);
  expect((await night('2026-11-01')).status).toBe(0);
  expect(await one('SELECT count() FROM run_lock FINAL WHERE NOT released')).toBe('0');
});

it('closes, allocates and writes nothing where a check fails, and says why', async () => {
  await house.ingest([house.object('d.log', [{ at: '2026-11-03T01:00:00Z' }])]);
  await house.warehouse.command(
    "INSERT INTO usage_daily SELECT * REPLACE (requests + 1 AS requests) FROM usage_daily WHERE day = '2026-11-01'",
  );
  const before = await one('SELECT count() FROM allocation_run');
  const closed = await one("SELECT count() FROM seal_current WHERE state = 'closed'");
  const { status, stderr, steps } = await night('2026-11-02', '--out', join(house.directory, 'nothing'));
  expect(status).toBe(4);
  expect(stderr).toContain('nothing was closed or published: ');
  expect(stderr).toContain('2026-11-01');
  expect(steps.map(({ step }) => step)).toEqual(['complete?', 'missing?', 'terms?', 'seal', 'attribute']);
  expect(await one('SELECT count() FROM allocation_run')).toBe(before);
  expect(await one("SELECT count() FROM seal_current WHERE state = 'closed'")).toBe(closed);
  expect(existsSync(join(house.directory, 'nothing'))).toBe(false);
});
