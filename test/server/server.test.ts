// The program against a ClickHouse server that a person names (docs/CONTRIBUTING.md): the same figures as on the embedded
// engine, a user who may only read, TLS. `make test-server` also runs test/integration/warehouse-contract.test.ts there.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fairshareHere, type RunResult } from '../support/cli.ts';
import { embeddedPlace, serverPlace, type WarehousePlace } from '../support/warehouse.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const {
  FAIRSHARE_TEST_CLICKHOUSE_URL: given = '',
  FAIRSHARE_TEST_CLICKHOUSE_LIMITED_URL: limited,
  FAIRSHARE_TEST_CLICKHOUSE_CA: ca,
} = process.env;

let server: WarehousePlace;
let embedded: WarehousePlace;
beforeAll(async () => {
  server = await serverPlace();
  embedded = embeddedPlace();
});
afterAll(async () => {
  await server?.remove();
  await embedded?.remove();
});

const envOf = ({ location, password = '' }: Pick<WarehousePlace, 'location' | 'password'>): Record<string, string> => ({
  FAIRSHARE_WAREHOUSE: location,
  ...(password === '' ? {} : { FAIRSHARE_WAREHOUSE_PASSWORD: password }),
});

/** The user with few rights, on the same database. */
function limitedPlace(url: string): Pick<WarehousePlace, 'location' | 'password'> {
  const own = new URL(server.location);
  const { username, password } = new URL(url);
  own.username = username;
  return { location: own.href, password: decodeURIComponent(password) };
}

const capture = join(root, 'test/fixtures/captures/npm-edge.jsonl');
const mainJob: readonly (readonly string[])[] = [
  ['migrate'],
  ['orgs', 'import', join(root, 'scripts/init/orgs.yaml')],
  ['ingest', 'files', capture, '--source', 'npm', '--format', 'nginx-edge', '--ecosystem', 'npm'],
  ['ingest', 'files', capture, '--source', 'npm', '--format', 'nginx-edge', '--ecosystem', 'npm'],
  ['seal', '--booked-day', '2026-12-01'],
  ['attribute'],
];
const money = ['--policy', join(root, 'scripts/init/policy.yaml'), '--costs', join(root, 'scripts/init/costs.csv')];
const looks: readonly (readonly string[])[] = [
  ['report', '--period', '2026-11', ...money],
  ['query', 'SELECT client, package, sum(requests), sum(bytes) FROM usage_known GROUP BY ALL ORDER BY ALL'],
];

describe('the main job', () => {
  it('gives on the server what it gives on the embedded engine', async () => {
    const seen: string[][] = [];
    for (const place of [embedded, server]) {
      for (const step of mainJob)
        expect(await fairshareHere(step, { env: envOf(place) }), step.join(' ')).toMatchObject({ status: 0 });
      const results: RunResult[] = [];
      for (const look of looks) results.push(await fairshareHere(look, { env: envOf(place) }));
      expect(results.map(({ status }) => status)).toEqual(looks.map(() => 0));
      // Only the time of loading differs, so its line is removed.
      seen.push(results.map(({ stdout }) => stdout.replace(/^ {2}npm {2}.*$/m, '')));
    }
    expect(seen[0][0]).toContain('1,083 requests');
    expect(seen[1]).toEqual(seen[0]);
  });
});

/** The parts that the variables do not allow to test. */
const untested: string[] = [];

if (limited === undefined) untested.push('a user with few rights: FAIRSHARE_TEST_CLICKHOUSE_LIMITED_URL');
else
  describe('a user with few rights', () => {
    it('reads', async () => {
      const result = await fairshareHere(['query', 'SELECT sum(requests) FROM usage_known'], {
        env: envOf(limitedPlace(limited)),
      });
      expect(result).toMatchObject({ status: 0 });
      expect(result.stdout).toContain('1083');
    });

    it.each([
      ['ingest', 'files', join(root, 'test/fixtures/captures/debian-edge.jsonl'), '--source', 'deb'],
      ['seal', '--force'],
      ['attribute'],
    ])('cannot %s', async (...words) => {
      const result = await fairshareHere(words, { env: envOf(limitedPlace(limited)) });
      expect(result.status).not.toBe(0);
      expect(result.stderr).toMatch(/ACCESS_DENIED|Not enough privileges/);
    });

    it('changes nothing in trying', async () => {
      const result = await fairshareHere([...looks[1]], { env: envOf(server) });
      expect(result.stdout).toBe((await fairshareHere([...looks[1]], { env: envOf(embedded) })).stdout);
    });
  });

if (new URL(given).password === '') untested.push('a wrong password: the URL has none');
else
  it('a wrong password is named, and where the right one belongs', async () => {
    const result = await fairshareHere(['query', 'SELECT 1'], { env: envOf({ ...server, password: 'wrong' }) });
    expect(result).toMatchObject({ status: 5 });
    expect(result.stderr).toContain('refuses this user');
    expect(result.stderr).toContain('FAIRSHARE_WAREHOUSE_PASSWORD');
  });

if (ca === undefined || !given.startsWith('https:'))
  untested.push('TLS by an authority of its own: an https URL and FAIRSHARE_TEST_CLICKHOUSE_CA');
else
  describe('TLS by an authority of its own', () => {
    const query = async (env: Readonly<Record<string, string>>): Promise<{ status: number | null; stderr: string }> => {
      const program = ['--import', 'tsx', join(root, 'scripts/fairshare.ts'), 'query', 'SELECT 1'];
      const { NODE_EXTRA_CA_CERTS: _ours, ...others } = process.env;
      const child = spawn(process.execPath, program, {
        cwd: root,
        env: { ...others, ...envOf(server), ...env },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const [stderr, [status]] = await Promise.all([
        text(child.stderr),
        once(child, 'close') as Promise<[number | null]>,
      ]);
      return { status, stderr };
    };

    it('is trusted by NODE_EXTRA_CA_CERTS', async () => {
      expect(await query({ NODE_EXTRA_CA_CERTS: ca })).toMatchObject({ status: 0 });
    });

    it('is refused without it', async () => {
      const { status, stderr } = await query({});
      expect(status).toBe(5);
      expect(stderr).toMatch(/does not answer: .*certificate/);
    });
  });

it('says what was tested', () => {
  // eslint-disable-next-line no-console -- what was tested belongs to the result
  console.log([`server: ${server.how}`, ...untested.map((what) => `not tested: ${what}`)].join('\n'));
  expect(new URL(server.location).pathname).toMatch(/^\/fairshare_test_/);
});
