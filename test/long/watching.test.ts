// The metrics of a worker, and a warehouse that is read beside the process that holds it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import { Loader } from '../../ingest/load.ts';
import { replayQuarantine, type ReplayOptions, type ReplayOutcome } from '../../ingest/replay.ts';
import { publishRevision } from '../../ingest/rulebook.ts';
import { Source } from '../../ingest/source.ts';
import { type KafkaClient } from '../../ingest/sources/kafka.ts';
import { runWorker } from '../../ingest/worker.ts';
import { startMonitor, type Monitor } from '../../scripts/monitor/monitor.ts';
import { type Door, startDoor } from '../../scripts/serve/door.ts';
import { attribute } from '../../sql/attribution.ts';
import { openWarehouse } from '../../sql/warehouse.ts';
import { defaultLimits } from '../../transform/batch-builder.ts';
import { fairshare, fairshareHere } from '../support/cli.ts';
import { edgeLine, House } from '../support/house.ts';
import { quickGroup, testClient, uniqueName, until, utf8 } from '../support/kafka.ts';

const log = pino({ level: 'silent' });
let house: House;
let client: KafkaClient;
/** The door of the process that holds the warehouse. */
let writer: Door;
beforeAll(async () => {
  house = await House.open();
  client = testClient();
  writer = await startDoor({ warehouse: house.warehouse, port: 0, log });
});
afterAll(async () => {
  await writer.close();
  await client.close();
  await house.close();
});

const tooLong = edgeLine({
  at: '2026-10-01T11:00:00Z',
  bytes: 100,
  path: `/long/-/long-1.0.0.tgz?${'x'.repeat(9000)}`,
});

const ready = async ({ url }: Monitor) => {
  const response = await fetch(`${url!}/readyz`);
  const { checks } = (await response.json()) as { checks: { name: string; ok: boolean }[] };
  return [response.status, checks.filter(({ ok }) => !ok).map(({ name }) => name)];
};
const metricLines = async ({ url }: Monitor, name: string): Promise<string[]> =>
  (await (await fetch(`${url!}/metrics`)).text()).split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `)); // prettier-ignore

describe('a worker', () => {
  const topic = uniqueName('watched');

  it('says what it has counted, how far it is, and whether it can work; the night goes on beside it through the door', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const producer = await client.producer();
    const lines = ['{"broken', '', ...Array.from({ length: 8 }, (_, i) => edgeLine({ at: '2026-10-01T10:00:00Z', bytes: 100, path: `/p${i}/-/p${i}-1.0.0.tgz` }))]; // prettier-ignore
    await producer.send(topic, 0, [
      { value: utf8(`${lines.join('\n')}\n`) },
      { value: utf8('{"broken too') },
      { value: utf8(tooLong) },
    ]);
    await producer.close();

    const warehouse = await openWarehouse({ location: writer.url });
    const monitor = await startMonitor({
      listen: ':0',
      warehouse,
      maxBatchAge_seconds: 60,
      kafka: { client, topics: [topic] },
      log,
    });
    expect(await ready(monitor)).toEqual([503, ['group joined']]);
    const stop = new AbortController();
    const now = () => new Date();
    const consume: KafkaClient['consume'] = (options) => client.consume({ ...options, ...quickGroup });
    const work = runWorker({
      kafka: {
        consume,
        watermarks: client.watermarks.bind(client),
        committed: client.committed.bind(client),
        readRecord: client.readRecord.bind(client),
      } as KafkaClient,
      groupId: uniqueName('watched'),
      sources: new Map([[topic, new Source({ name: 'npm', format: 'nginx-edge', ecosystem: 'npm' }, house.rulebook, { ...defaultLimits, maxLine_bytes: 4000 })]]), // prettier-ignore
      warehouse,
      loader: new Loader({ warehouse, now, observer: monitor.observer }),
      methodologyVersion: 2,
      revision: (above) => publishRevision(warehouse, house.rulebook, now(), { above }),
      maxBatch_ms: 100,
      untilEnd: false,
      signal: stop.signal,
      now,
      log,
      observer: monitor.observer,
    });
    await until(async () => (await metricLines(monitor, 'fairshare_lines_total')).some((line) => line.endsWith(' 12')));
    expect(await ready(monitor)).toEqual([200, []]);
    const labels = `source="npm",partition="${topic}/0"`;
    expect(await metricLines(monitor, 'fairshare_partition_lag')).toEqual([`fairshare_partition_lag{${labels}} 0`]);
    expect(await metricLines(monitor, 'fairshare_batch_age_seconds')).toEqual([`fairshare_batch_age_seconds{${labels}} 0`]); // prettier-ignore
    expect(await metricLines(monitor, 'fairshare_partitions')).toEqual(['fairshare_partitions{source="npm"} 1']);
    expect(await metricLines(monitor, 'fairshare_sent_bytes_total')).toEqual(['fairshare_sent_bytes_total{source="npm"} 800']); // prettier-ignore
    expect((await metricLines(monitor, 'fairshare_excluded_total')).join()).toContain('reason="blank_line"} 1');
    const [ledger] = await house.warehouse.query<Record<string, string>>(
      'SELECT sum(lines) AS lines, sum(requests) AS requests, sum(quarantined) AS quarantined FROM ledger_current WHERE partition = {partition:String}',
      { partition: `${topic}/0` },
    );
    const total = async (name: string) =>
      (await metricLines(monitor, name)).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    expect({
      lines: String(await total('fairshare_lines_total')),
      requests: String(await total('fairshare_requests_total')),
      quarantined: String(await total('fairshare_quarantined_total')),
    }).toEqual(ledger);
    expect(ledger).toEqual({ lines: '12', requests: '8', quarantined: '3' });

    const night = await fairshareHere(['nightly', '--day', '2026-10-01', '--incomplete', '--out', `${house.directory}/out`, '--warehouse', writer.url], { env: { FAIRSHARE_POLICY: 'scripts/init/policy.yaml', FAIRSHARE_COSTS: 'scripts/init/costs.csv', FAIRSHARE_COMPLETENESS__MAX_UNREADABLE_SHARE: '1' } }); // prettier-ignore
    expect([night.stderr.replace(/^\{.*\n/gm, ''), night.status]).toEqual(['', 0]);
    expect(night.stdout).toContain('1 day(s) sealed');
    expect(await ready(monitor)).toEqual([200, []]);
    stop.abort();
    await work;
    expect(await ready(monitor)).toEqual([503, ['group joined']]);
    expect(await metricLines(monitor, 'fairshare_partitions')).toEqual([]);
    await monitor.close();
    await warehouse.close();
  });

  it('left lines in quarantine that are kept in part only: they are read again from the topic, once', async () => {
    const source = new Source({ name: 'npm', format: 'nginx-edge', ecosystem: 'npm' }, house.rulebook, defaultLimits);
    const replay = async (over: Partial<ReplayOptions> = {}) => {
      const outcomes: ReplayOutcome[] = [];
      for await (const outcome of replayQuarantine({
        warehouse: house.warehouse,
        loader: house.loader(),
        source,
        format: source.formatOf(new Uint8Array(0), ''),
        methodologyVersion: 2,
        revisionAbove: (above) => house.revision(above),
        partition: `${topic}/0`,
        ...over,
      }))
        outcomes.push(outcome);
      return outcomes;
    };
    const sum = (outcomes: ReplayOutcome[], measure: 'requests' | 'quarantined' | 'truncated') =>
      outcomes.reduce((total, outcome) => total + outcome[measure], 0);
    const stored = await replay();
    expect([sum(stored, 'requests'), sum(stored, 'truncated')]).toEqual([0, 1]);
    const readAgain: ReplayOptions['readAgain'] = (_partition, from, to) =>
      client.read({ topic, partition: 0, from, to });
    const again = await replay({ readAgain });
    expect([sum(again, 'requests'), sum(again, 'quarantined')]).toEqual([1, 2]);
    expect(sum(await replay({ readAgain }), 'requests')).toBe(0);
    expect((await house.totals('usage_batch FINAL', "toDate(hour) = '2026-10-01' AND batch_id IN (SELECT batch_id FROM ledger_current WHERE state = 'loaded')")).requests).toBe(9); // prettier-ignore
  });
});

describe('beside the process that holds the warehouse', () => {
  const run = (...args: string[]) => fairshare([...args, '--warehouse', `${house.directory}/warehouse`]);

  it.each([['doctor'], ['verify'], ['quarantine', 'list'], ['retain', '--dry-run']])('%s works', async (...args) => {
    const { status, stderr } = await run(...args);
    expect([stderr.replace(/^\{.*\n/gm, ''), status]).toEqual(['', 0]);
  });

  it('reports what was allocated last, and says that it cannot allocate', async () => {
    await house.ingest([house.object('october.log', [{ at: '2026-10-05T10:00:00Z' }])]);
    await attribute(house.warehouse, { now: new Date() });
    const report = ['report', '--period', '2026-10', '--policy', 'scripts/init/policy.yaml', '--costs', 'scripts/init/costs.csv']; // prettier-ignore
    const refused = await run(...report);
    expect([refused.status, refused.stderr]).toEqual([5, expect.stringContaining('is read-only')]);
    const allocated = await fairshareHere([...report, '--warehouse', writer.url]);
    expect(allocated.status).toBe(0);
    const again = await run(...report);
    expect([again.stderr.replace(/^\{.*\n/gm, ''), again.status, again.stdout]).toEqual(['', 0, allocated.stdout]);
  });

  it('exports what was exported before, and says that it cannot record an export', async () => {
    const env = { FAIRSHARE_POLICY: 'scripts/init/policy.yaml', FAIRSHARE_COSTS: 'scripts/init/costs.csv' };
    const out = mkdtempSync(join(tmpdir(), 'fairshare-export-'));
    const through = (url: string) =>
      fairshare(['export', '--org', 'example-corp', '--period', '2026-10', '--out', out, '--warehouse', url], { env }); // prettier-ignore
    await fairshareHere(['orgs', 'import', 'scripts/init/orgs.yaml', '--warehouse', writer.url]);
    await attribute(house.warehouse, { now: new Date() });
    const refused = await through(`${house.directory}/warehouse`);
    expect([refused.status, refused.stderr]).toEqual([
      5,
      expect.stringMatching(/since they were last exported.*read-only/),
    ]);
    const written = await through(writer.url);
    expect([written.status, written.stderr]).toEqual([0, '']);
    expect(await through(`${house.directory}/warehouse`)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('nothing has changed'),
    });
    rmSync(out, { recursive: true });
  });
});
