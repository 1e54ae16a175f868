// A log in local time, in a zone whose clocks change: through the program, into the hours and days of UTC. The process itself
// runs in another time zone.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fairshare } from '../support/cli.ts';
import { edgeLine } from '../support/house.ts';
import { copyMigratedWarehouse, temporaryDirectory } from '../support/warehouse.ts';

const files = temporaryDirectory();
afterAll(() => files.remove());
const at = (name: string) => join(files.path, name);

async function run(...args: string[]): Promise<string> {
  const env = { FAIRSHARE_WAREHOUSE: at('warehouse'), FAIRSHARE_CONFIG: at('fairshare.yaml'), TZ: 'Pacific/Apia' };
  const { status, stdout, stderr } = await fairshare(args, { env, cwd: files.path });
  expect(status, stderr).toBe(0);
  return stdout;
}
const rows = async (sql: string): Promise<unknown[]> =>
  (await run('query', sql, '--format', 'JSONCompactEachRow'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown);

beforeAll(() => {
  copyMigratedWarehouse(at('warehouse'));
  writeFileSync(
    at('fairshare.yaml'),
    `sources:
  - { name: edge, format: nginx-edge, ecosystem: npm, timezone: Europe/Berlin }
`,
  );
  const times = [
    '2026-03-29T01:59:59', // 00:59:59 UTC
    '2026-03-29T02:30:00', // left out; as if an hour later: 01:30
    '2026-03-29T03:30:00', // 01:30
    '2026-08-01T01:30:00', // 23:30, the day before
    '2026-10-25T01:30:00', // 23:30, the day before
    '2026-10-25T02:30:00', // twice; the first: 00:30
    '2026-10-25T02:30:00+01:00', // names the second: 01:30
    '2026-10-25T03:30:00', // 02:30
  ];
  writeFileSync(at('edge.jsonl'), times.map((time) => `${edgeLine({ at: time })}\n`).join('') + 'no line\n');
}, 60_000);

it('counts in UTC, and says how often it was in doubt', async () => {
  expect(await run('config', 'check')).toContain('edge');
  expect(await run('ingest', 'files', at('edge.jsonl'), '--source', 'edge')).toContain(
    '9 lines = 8 requests + 0 excluded + 1 quarantined; 2 of the requests with a field in doubt',
  );
  expect(
    await rows('SELECT toString(hour), toUInt32(sum(requests)) FROM default.usage_batch GROUP BY hour ORDER BY hour'),
  ).toEqual([
    ['2026-03-29 00:00:00', 1],
    ['2026-03-29 01:00:00', 2],
    ['2026-07-31 23:00:00', 1],
    ['2026-10-24 23:00:00', 1],
    ['2026-10-25 00:00:00', 1],
    ['2026-10-25 01:00:00', 1],
    ['2026-10-25 02:00:00', 1],
  ]);
  expect(
    await rows(
      'SELECT toUInt32(lines), toUInt32(requests + excluded + quarantined), CAST(degraded, $$Map(String, UInt32)$$), days FROM ledger_current',
    ),
  ).toEqual([
    [
      9,
      9,
      { ambiguous_local_time: 1, nonexistent_local_time: 1 },
      ['2026-03-29', '2026-07-31', '2026-10-24', '2026-10-25'],
    ],
  ]);
});
