// fairshare unknown: the heaviest user agents that declare nothing, counted once through retries, retractions and replays.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replayQuarantine } from '../../ingest/replay.ts';
import { Source } from '../../ingest/source.ts';
import { defaultLimits } from '../../transform/batch-builder.ts';
import { fairshareHere } from '../support/cli.ts';
import { edgeLine, House } from '../support/house.ts';

const day = '2026-10-05';
const ACME = 'AcmeFetcher/3 (user: jo)';
const npm = 'npm/10.9.0 node/v22.11.0 linux x64 workspaces/false';
const many = (count: number, userAgent: string, hour = 10): string[] =>
  Array.from({ length: count }, (_, i) =>
    edgeLine({ at: `${day}T${hour}:00:${10 + (i % 50)}Z`, address: `100.1.${i % 5}.7`, userAgent, bytes: 10 }),
  );

let house: House;
beforeAll(async () => {
  house = await House.open();
  const alone = Array.from({ length: 900 }, () => edgeLine({ at: `${day}T12:00:00Z`, userAgent: 'OnlyOneNetwork/1' }));
  const paths = [
    house.object('a.log', [...many(40, ACME), ...many(30, npm), ...alone, `${'x'.repeat(500)}`]),
    house.object('b.log', many(20, ACME, 11)),
    house.object('c.log', many(70, 'Wrong/1')),
  ];
  // A long line is refused at first, so that a replay has something to read.
  const long = edgeLine({ at: `${day}T13:00:00Z`, path: `/long/-/long-1.0.0.tgz?${'x'.repeat(300)}` });
  paths.push(house.object('d.log', [...many(10, ACME, 13), long]));
  await house.ingest(paths, { limits: { ...defaultLimits, maxLine_bytes: 450 } });
  await house.retract({ source: 'npm', object: 'c.log' });
}, 60_000);
afterAll(() => house.close());

const listed = async (...flags: string[]): Promise<string> => {
  await house.warehouse.close();
  const { status, stdout, stderr } = await fairshareHere(
    ['unknown', '--period', '2026-10', ...flags, '--warehouse', `${house.directory}/warehouse`],
    { cwd: house.directory },
  );
  expect(status, stderr).toBe(0);
  return stdout;
};

describe('fairshare unknown', () => {
  it('counts a replayed batch once', async () => {
    const source = new Source({ name: 'npm', format: 'nginx-edge', ecosystem: 'npm' }, house.rulebook, defaultLimits);
    const outcomes = [];
    for await (const outcome of replayQuarantine({
      warehouse: house.warehouse,
      loader: house.loader(),
      source,
      format: source.formatOf(new Uint8Array(0), ''),
      methodologyVersion: 2,
      revisionAbove: (above) => house.revision(above),
      partition: 'd.log',
    }))
      outcomes.push(outcome.requests);
    expect(outcomes).toEqual([1]);
  });

  it('lists the heaviest, without what may be personal, as JSON, CSV and a table', async () => {
    const rows = (await listed('--json')).trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
    expect(rows).toMatchObject([
      { requester_class: 'unknown', user_agent: 'AcmeFetcher/3 (user: <masked>)', requests: '70', bytes: '700', client: { name: 'unknown' } },
      { requester_class: 'unknown', user_agent: npm, requests: '30', client: { name: 'npm', version: '10.9.0' } },
    ]); // prettier-ignore
    const [head, first, ...more] = (await listed('--csv', '--unnamed')).trim().split(/\r?\n/);
    expect(head).toBe('requester_class,user_agent,requests,bytes,first_day,last_day,client,client_version,tried');
    expect(first).toContain('unknown,AcmeFetcher/3 (user: <masked>),70,700,2026-10-05,2026-10-05,unknown,,');
    expect(more).toEqual([]);
    const table = await listed('--top', '1');
    expect(table).toContain('AcmeFetcher/3 (user: <masked>)');
    expect(table).toContain("no grammar begins with 'acmefetcher'");
    expect(table).toContain(
      'of 1001 requests, 1001 are unknown and 0 are hosted; the 1 user agents shown sent 70 of these',
    );
  });
});
