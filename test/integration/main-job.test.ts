// The main job end to end, as a user runs it, compared with the truth that the simulation wrote.

import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fairshare, fairshareHere } from '../support/cli.ts';

let directory: string;
let env: Record<string, string>;
const sources = ['npm', 'pypi', 'maven', 'crates', 'rubygems', 'debian', 'openvsx'];

const runBy =
  (way: typeof fairshareHere) =>
  async (...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await way(args, { env });
    if (status !== 0) throw new Error(`fairshare ${args.join(' ')} ended with ${status}\n${stderr}`);
    return stdout;
  };
/**
 * Runs each command of the job once as a process of its own, as a user does. Repeated and reading commands run in this
 * process.
 */
const run = runBy(fairshare);
const again = runBy(fairshareHere);
const rows = async <Row = Record<string, string>>(sql: string): Promise<Row[]> =>
  (await again('query', sql, '--format', 'JSONEachRow'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row);

interface TruthRow {
  readonly source: string;
  readonly organisation: string;
  readonly requester_class: string;
  readonly evidence: string;
  readonly requests: bigint;
  readonly downloads: bigint;
  readonly bytes: bigint;
}

function truth(): TruthRow[] {
  const [head, ...lines] = readFileSync(join(directory, 'scenario/truth/totals.csv'), 'utf8').trim().split('\n');
  const names = head.split(',');
  return lines.map((line) => {
    const values = Object.fromEntries(line.split(',').map((value, i) => [names[i], value]));
    return {
      ...values,
      requests: BigInt(values.requests),
      downloads: BigInt(values.downloads),
      bytes: BigInt(values.bytes),
    } as unknown as TruthRow;
  });
}

const sum = (values: readonly TruthRow[], measure: 'requests' | 'downloads' | 'bytes') =>
  values.reduce((total, row) => total + row[measure], 0n);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'fairshare-main-job-'));
  const scenario = join(directory, 'scenario');
  env = { FAIRSHARE_WAREHOUSE: join(directory, 'warehouse') };
  await run(
    'simulate',
    '--out',
    scenario,
    '--lines',
    '15000',
    '--days',
    '4',
    '--objects-per-day',
    '1',
    '--organisations',
    '20',
    '--seed',
    '5',
  );
  env.FAIRSHARE_CONFIG = join(scenario, 'fairshare.yaml');
  // The registry ends after four days, so that the month can be closed.
  const config = readFileSync(env.FAIRSHARE_CONFIG, 'utf8');
  writeFileSync(env.FAIRSHARE_CONFIG, config.replaceAll(/^ {2}- name: .*$/gm, "$&\n    retired_after: '2026-10-04'"));
  await run('orgs', 'import', join(scenario, 'registry/orgs.yaml'));
  await run('ranges', 'import', join(scenario, 'registry/ranges'), join(scenario, 'registry/networks.csv'));
  const [first, ...others] = sources.map((name) => ['ingest', 'files', join(scenario, 'logs', name), '--source', name]);
  await run(...first);
  for (const other of others) await again(...other);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the main job', () => {
  it('counts every line, request, download and byte of every source', async () => {
    const found = await rows(
      'SELECT source, sum(lines) AS lines, sum(requests) AS requests, sum(excluded) AS excluded, sum(quarantined) AS quarantined, sum(arraySum(day_downloads)) AS downloads, sum(arraySum(day_bytes)) AS bytes FROM default.ledger_current GROUP BY source',
    );
    const objects = readFileSync(join(directory, 'scenario/truth/objects.csv'), 'utf8').trim().split('\n').slice(1);
    const lines = objects.reduce((total, line) => total + Number(line.split(',')[1]), 0);
    expect(found.reduce((total, row) => total + Number(row.lines), 0)).toBe(lines);
    for (const source of sources) {
      const expected = truth().filter((row) => row.source === source);
      expect(
        found.find((row) => row.source === source),
        source,
      ).toMatchObject({
        requests: String(sum(expected, 'requests')),
        downloads: String(sum(expected, 'downloads')),
        bytes: String(sum(expected, 'bytes')),
      });
    }
  });

  it('gives the same night twice', async () => {
    const night = ['nightly', '--day', '2026-10-04', '--incomplete', '--out', join(directory, 'out')];
    await run(...night);
    const state = () =>
      rows(
        'SELECT day, booked_day, batches, usage_hash, usage_rows, (SELECT groupArray(run_id) FROM allocation_run) AS runs FROM seal_current ORDER BY day, booked_day',
      );
    const before = await state();
    const files = () =>
      Object.fromEntries(
        readdirSync(join(directory, 'out/statements'))
          .sort()
          .map((name) => [name, readFileSync(join(directory, 'out/statements', name), 'utf8')]),
      );
    const statements = files();
    expect(Object.keys(statements).length).toBeGreaterThan(10);
    await again(...night);
    expect(await state()).toEqual(before);
    expect(files()).toEqual(statements);
  });

  it('attributes what tokens and declared prefixes prove, exactly and to nobody else', async () => {
    const found = await rows(
      "SELECT org_id, tier IN ('E1') AS by_token, sum(requests) AS requests, sum(bytes) AS bytes FROM org_usage_daily WHERE tier = 'E1' GROUP BY org_id, by_token",
    );
    const expected = truth().filter(({ evidence }) => evidence === 'token');
    const organisations = [...new Set(expected.map(({ organisation }) => organisation))].sort();
    expect(found.map((row) => row.org_id).sort()).toEqual(organisations);
    for (const id of organisations) {
      const own = expected.filter(({ organisation }) => organisation === id);
      expect(
        found.find((row) => row.org_id === id),
        id,
      ).toMatchObject({ requests: String(sum(own, 'requests')), bytes: String(sum(own, 'bytes')) });
    }
  });

  it('keeps every total: attributed + unattributed = sealed = ledger, statements + commons = cost', async () => {
    const [totals] = await rows(
      `SELECT (SELECT sum(requests) FROM default.ledger_current) AS ledger,
        (SELECT sum(requests) FROM default.usage_daily) AS sealed,
        (SELECT sum(requests) FROM org_usage_daily) + (SELECT sum(requests) FROM unattributed_usage_daily) AS attributed,
        (SELECT sum(requests) FROM default.request_rate) AS rate`,
    );
    expect(new Set(Object.values(totals)).size).toBe(1);
    const allocation = JSON.parse(await run('allocate', '--period', '2026-10', '--json')) as Record<string, string> & {
      lines: { billed_cents: string }[];
    };
    const billed = allocation.lines.reduce((total, line) => total + BigInt(line.billed_cents), 0n);
    expect(billed).toBe(BigInt(allocation.billed_cents));
    expect(billed + BigInt(allocation.commons_cents)).toBe(BigInt(allocation.cost_pool_cents));
    expect(billed).toBeGreaterThan(0n);
    await run('doctor');
    await run('verify');
  });

  it('closes the period for good: what comes later is booked later', async () => {
    await run('close', '--period', '2026-10');
    const closed = () => rows("SELECT * FROM default.usage_daily WHERE booked_day < '2026-11-01' ORDER BY ALL");
    const before = await closed();
    const allocation = await again('allocate', '--period', '2026-10', '--json');
    const [object] = await rows(
      "SELECT object FROM default.ledger_current WHERE source = 'npm' ORDER BY object LIMIT 1",
    );
    await run('ingest', 'retract', '--source', 'npm', '--object', object.object);
    await run('seal', '--booked-day', '2026-11-05');
    expect(await closed()).toEqual(before);
    expect(
      Number(
        (await rows("SELECT sum(requests) AS requests FROM default.usage_daily WHERE booked_day = '2026-11-05'"))[0]
          .requests,
      ),
    ).toBeLessThan(0);
    expect(await again('allocate', '--period', '2026-10', '--json')).toBe(allocation);
    await again('doctor');
  });
});
