// Stored results that were changed, and files that were handed out and changed since, are found.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fairshareHere } from '../support/cli.ts';
import { doctorOf, filledWarehouse, withWarehouse } from '../support/damage.ts';
import { temporaryDirectory } from '../support/warehouse.ts';

const directory = temporaryDirectory();
const at = (...parts: string[]): string => join(directory.path, ...parts);
let warehouse: string;
beforeAll(async () => {
  warehouse = await filledWarehouse(directory.path);
});
afterAll(() => directory.remove());

async function verify(...args: string[]) {
  const { status, stdout } = await fairshareHere(['verify', '--json', ...args]);
  return {
    status,
    found: stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

it('checks reports and exports on disk, without a warehouse', async () => {
  const run = async (...args: string[]) => {
    const { status, stderr } = await fairshareHere([...args, '--warehouse', warehouse]);
    expect(status, stderr).toBe(0);
  };
  const terms = ['--policy', at('policy.yaml'), '--costs', at('costs.csv')];
  await run('report', '--period', '2026-10', '--out', at('out'), '--no-html', ...terms);
  const [organisation] = readdirSync(at('out/statements'))[0].split('-2026-10');
  await run('report', '--period', '2026-10', '--out', at('out'), '--org', organisation, '--no-html', ...terms);
  mkdirSync(at('exports'));
  await run('export', '--org', organisation, '--period', '2026-10', '--out', at('exports', organisation));

  const elsewhere = ['--warehouse', at('nowhere')];
  const whole = await verify(at('out'), at('exports'), ...elsewhere);
  expect(whole.status).toBe(0);
  expect(whole.found).toMatchObject([{ manifest: at('out/manifest-2026-10.json'), faults: [] }, { faults: [] }]);

  for (const folder of ['out', join('exports', organisation)]) {
    const files = readdirSync(at(folder), { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+$/.test(name) && !name.includes('manifest')); // prettier-ignore
    expect(files.length).toBeGreaterThan(2);
    for (const file of files.slice(0, 8)) {
      const bytes = readFileSync(at(folder, file));
      const flipped = Buffer.from(bytes);
      flipped[flipped.length >> 1] ^= 1;
      writeFileSync(at(folder, file), flipped);
      const { status, found } = await verify(at(folder), ...elsewhere);
      expect([status, found[0].faults]).toEqual([4, [{ file, problem: 'its content is not the one that the manifest says' }]]); // prettier-ignore
      writeFileSync(at(folder, file), bytes);
    }
    writeFileSync(
      at(folder, files[0].replace('2026-10', '2026-09').replace(/-[0-9a-f]{16}/, '-0123456789abcdef')),
      'x',
    );
    rmSync(at(folder, files[1]));
    const { status, found } = await verify(at(folder), ...elsewhere);
    expect([status, found.flatMap(({ faults }) => (faults as { problem: string }[]).map(({ problem }) => problem))]).toEqual([4, [expect.stringContaining('it cannot be read') as string, 'no manifest lists it']]); // prettier-ignore
  }
  expect((await verify(at('nowhere'), ...elsewhere)).status).toBe(2);
  mkdirSync(at('empty'));
  expect((await verify(at('empty'), ...elsewhere)).status).toBe(3);
});

it('compares what people query with what was recorded', async () => {
  const [october, november] = (await verify('--warehouse', warehouse)).found;
  expect([october, november]).toMatchObject([{ period: '2026-10', same: true, different: [] }, { period: '2026-11', same: true }]); // prettier-ignore
  const change = async (...statements: string[]) =>
    withWarehouse(warehouse, async (session) => {
      for (const sql of statements) await session.command(sql);
    });
  await change(
    `INSERT INTO allocation_line SELECT * REPLACE (billed_cents + 1 AS billed_cents) FROM allocation_line FINAL WHERE run_id = '${String(october.run_id)}' LIMIT 1`,
    `INSERT INTO usage_interval SELECT * REPLACE (bytes_high + 1 AS bytes_high) FROM usage_interval FINAL WHERE run_id = '${String(october.run_id)}' LIMIT 1`,
    `INSERT INTO allocation_correction SELECT * REPLACE (cents + 1 AS cents) FROM allocation_correction FINAL WHERE run_id = '${String(november.run_id)}' LIMIT 1`,
    `ALTER TABLE allocation_run UPDATE result = replaceOne(result, 'billed_cents":"', 'billed_cents":"1') WHERE run_id = '${String(november.run_id)}' SETTINGS mutations_sync = 2`,
  );
  const { status, found } = await verify('--warehouse', warehouse);
  expect([status, found.map(({ different }) => different)]).toEqual([4, [['intervals', 'allocation_line'], ['allocation_run.result', 'allocation_correction']]]); // prettier-ignore
  const { failed } = await doctorOf(warehouse);
  expect(failed).toMatchObject([{ name: 'closed periods are as they were computed', detail: `2026-10, run ${String(october.run_id)}: intervals, allocation_line` }]); // prettier-ignore

  await change(
    `ALTER TABLE allocation_run UPDATE attribution_version = '1' WHERE run_id = '${String(october.run_id)}' SETTINGS mutations_sync = 2`,
  );
  expect((await verify('--warehouse', warehouse)).found[0]).toMatchObject({ different: ['id', 'intervals', 'allocation_line'] }); // prettier-ignore

  await change(
    `INSERT INTO allocation_run SELECT * REPLACE ('{}' AS result) FROM allocation_run WHERE run_id = '${String(november.run_id)}'`,
  );
  expect((await doctorOf(warehouse, '--quick')).failed).toMatchObject([{ name: 'an allocation run is recorded once', detail: expect.stringContaining(String(november.run_id)) as string }]); // prettier-ignore
});
