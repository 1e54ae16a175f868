// A day that looks incomplete is held back: the night says what is usual and what came, closes and publishes the rest, and goes
// on once a person has let the day pass. Objects that were refused hold nothing by themselves.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fairshareHere } from '../support/cli.ts';
import { House } from '../support/house.ts';

let house: House;
let env: Record<string, string>;
const at = (...parts: string[]) => join(house.directory, ...parts);
const run = (...words: string[]) => fairshareHere(words, { env });
const night = () => run('nightly', '--day', '2026-11-28', '--out', at('out'));
const one = async (sql: string): Promise<unknown> => Object.values((await house.warehouse.query(sql))[0])[0];
/** Requests round the clock. */
const day = (date: string, requests = 96) =>
  Array.from({ length: requests }, (_, i) => ({
    at: `${date}T${String(Math.floor((i * 24) / requests)).padStart(2, '0')}:00:${String(i % 60).padStart(2, '0')}Z`,
  }));

beforeAll(async () => {
  house = await House.open();
  env = { FAIRSHARE_WAREHOUSE: at('warehouse'), FAIRSHARE_CONFIG: at('fairshare.yaml') };
  mkdirSync(at('out'));
  writeFileSync(at('fairshare.yaml'), 'policy: policy.yaml\ncosts: costs.csv\nlate_window_hours: 24\n');
  writeFileSync(
    at('policy.yaml'),
    'version: p1\ncurrency: EUR\nfree_allowance: 0\nbands: [{ multiplier_bp: 10000 }]\ncap_bp: 10000\nminimum: 0\n',
  );
  writeFileSync(
    at('costs.csv'),
    'period,pool,driver,currency,gross,donated,donor\n2026-11,cdn,requests,EUR,100.00,0.00,\n',
  );
  // Of the 25th one line came; on the 27th two of 98 lines cannot be read.
  await house.ingest(
    ['22', '23', '24', '25', '26', '28'].map((number) =>
      house.object(`${number}.log`, day(`2026-11-${number}`, number === '25' ? 1 : 96)),
    ),
  );
  const bad = house.object('27.log', [...day('2026-11-27'), '{"timestamp": 1', 'no request']);
  const { stderr } = await run(
    'ingest',
    'files',
    bad,
    '--source',
    'npm',
    '--format',
    'nginx-edge',
    '--ecosystem',
    'npm',
  );
  expect(stderr).toContain('npm 2026-11-27: 2 of 98 lines (2 %) could not be read: the night holds this day back');
  await house.ingest([house.object('29.log', day('2026-11-29'))]);
  await house.warehouse.insert('object_refused', [
    {
      ...{ source: 'npm', object: '26.log.gz', content: 'x', reason: 'the gzip stream ends early', state: 'open' },
      ...{ first_refused_at: '2026-11-27 01:00:00', last_refused_at: '2026-11-27 01:00:00' },
      ...{ decision: '', recorded_at: '2026-11-27 01:00:00' },
    },
  ]);
});
afterAll(() => house.close());

it('stops the night at such days, and closes the others', async () => {
  const { status, stdout, stderr } = await night();
  expect(status).toBe(4);
  expect(stderr).toContain('2 day(s) are held back; 2026-11 is not published');
  expect(stderr).toContain('npm 2026-11-25: 1 of usually 96 requests came (compared with 3 earlier days)');
  expect(stderr).toContain('npm 2026-11-27: 2 of 98 lines (2 %) could not be read');
  expect(stderr).toContain('fairshare days accept 2026-11-25 --source npm --reason WHY');
  expect(stdout).toContain('too few earlier days to judge 2: npm 2026-11-22, npm 2026-11-23');
  expect(stdout).toContain('1 object(s) refused: npm 26.log.gz (the gzip stream ends early)');
  expect(existsSync(at('out', 'summary-2026-11.html'))).toBe(false);
  expect(
    await one(
      "SELECT arrayStringConcat(groupArray(toString(day)), ' ') FROM (SELECT day FROM seal_current WHERE state = 'closed' ORDER BY day)",
    ),
  ).toBe('2026-11-22 2026-11-23 2026-11-24 2026-11-26');
});

it('is shown by doctor and by days, and keeps the month from being closed', async () => {
  const doctor = await run('doctor', '--quick');
  expect([doctor.status, doctor.stdout.match(/^FAIL/gm)]).toEqual([4, ['FAIL', 'FAIL']]);
  expect(doctor.stdout).toContain('OUT  npm: the gzip stream ends early');
  const close = await run('close', '--period', '2026-11');
  expect([close.status, close.stderr]).toEqual([4, expect.stringContaining('2026-11 stays open') as string]);
  expect((await run('days', 'show')).stdout).toMatch(/^held .*\nheld .*\nrefused .*\n$/);
});

it('passes once a person lets it, with a reason that doctor and the summary show', async () => {
  const accept = (date: string) =>
    run('days', 'accept', date, '--source', 'npm', '--reason', 'the edge was down', '--by', 'ada');
  expect((await accept('2026-11-24')).status).toBe(3);
  expect((await accept('2026-11-25')).status).toBe(0);
  expect((await accept('2026-11-27')).status).toBe(0);
  const { status, stderr } = await night();
  expect([status, stderr]).toEqual([0, '']);
  expect(await one("SELECT count() FROM seal_current WHERE state = 'closed'")).toBe('6');
  const page = readFileSync(at('out', 'summary-2026-11.html'), 'utf8');
  expect(page).toContain('accepted by ada');
  expect(page).toContain('npm 26.log.gz: the gzip stream ends early');
  expect(page).toMatch(/npm: 2 of 579 lines \(0\.35 %\) could not be read/);
});

it('is held again if requests are taken back from it, or the decision is', async () => {
  // What is closed stays as it is: of the days above only the last one is open.
  await house.ingest([house.object('half.log', day('2026-11-30', 20)), house.object('more.log', day('2026-12-01'))]);
  const days = async (...words: string[]) => (await run('days', ...words)).status;
  const decide = (verb: string) => days(verb, '2026-11-30', '--source', 'npm', '--reason', 'known');
  expect(await days('show', '--until', '2026-11-30')).toBe(4);
  expect(await decide('accept')).toBe(0);
  expect(await days('show', '--until', '2026-11-30')).toBe(0);
  expect(await decide('withdraw')).toBe(0);
  expect(await days('show', '--until', '2026-11-30')).toBe(4);
  expect(await decide('accept')).toBe(0);
  await house.retract({ source: 'npm', object: 'half.log' });
  expect(await days('show', '--until', '2026-11-30')).toBe(4);
});
