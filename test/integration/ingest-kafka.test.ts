// A worker on a real broker and the real engine: its first offset, the records that it reads, its state after a crash, how
// members share partitions, and how the program stops.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Source } from '../../ingest/source.ts';
import { type KafkaClient } from '../../ingest/sources/kafka.ts';
import { runWorker } from '../../ingest/worker.ts';
import { freePorts } from '../provide/tools.ts';
import { defaultLimits } from '../../transform/batch-builder.ts';
import { fairshare, program } from '../support/cli.ts';
import { generate, messagesOf } from '../support/generator.ts';
import { edgeLine } from '../support/house.ts';
import { quietLog, testBrokers, until } from '../support/kafka.ts';
import {
  bound,
  client,
  crashAt,
  expectExact,
  feed,
  group,
  house,
  ledger,
  ownTopicForEachTest,
  send,
  setCommitted,
  topic,
  work,
} from '../support/topic-worker.ts';

ownTopicForEachTest();

describe('the first start', () => {
  it('begins every partition at its first offset, and says where in the ledger', async () => {
    await client.createTopic({ topic, partitions: 3 });
    const gone = generate({ seed: 1, lines: 40 }).lines;
    await send(1, messagesOf(gone, 1));
    await client.deleteRecords(topic, [{ partition: 1, offset: 40n }]);
    const truths = [await feed(0, 2), await feed(1, 3)];
    const { lines, stopped } = await work();
    expect({ lines, stopped }).toEqual({ lines: 400, stopped: [] });
    expect([(await ledger(0))[0], (await ledger(1))[0], await ledger(2)]).toEqual([
      '[0, 200) loaded',
      '[40, 240) loaded',
      ['[0, 0) start'],
    ]);
    const committed = (await client.committed(group, topic)).map(({ offset, metadata }) => [offset, metadata]);
    expect(committed.slice(0, 2)).toEqual([
      [200n, ''],
      [240n, ''],
    ]);
    await expectExact(...truths);
  });

  it('ends at the high watermarks of the start, and a second run finds nothing', async () => {
    await client.createTopic({ topic, partitions: 2 });
    const truths = [await feed(0, 1), await feed(1, 2)];
    expect(await work()).toMatchObject({ lines: 400 });
    expect(await work()).toMatchObject({ lines: 0, batches: 0, stopped: [] });
    await expectExact(...truths);
  });
});

describe('messages', () => {
  it('holds one line or many, in any compression', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const { lines, truth } = generate({ seed: 5, lines: 3_000, malformed: 0.05, blank: 0.05 });
    const fifth = lines.length / 5;
    for (const [i, compression] of (['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const).entries())
      await send(0, messagesOf(lines.slice(i * fifth, (i + 1) * fifth), [1, 30, 7, 200, 2][i]), { compression });
    expect(await work({ maxLines: 500 })).toMatchObject({ lines: truth.lines });
    await expectExact(truth);
  });

  it('holds no line in a tombstone or an empty value; quarantine names the offset', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const good = edgeLine({ at: '2026-10-01T10:00:00Z' });
    await send(0, [null, good, '', `${good}\n{"broken\n${good}\n`, null, 'not a line of this log', null]);
    expect(await work()).toMatchObject({ lines: 5, batches: 1 });
    const rows = await house.warehouse.query('SELECT position, line FROM quarantine FINAL ORDER BY row');
    expect(rows).toEqual([
      { position: '3', line: '{"broken' },
      { position: '5', line: 'not a line of this log' },
    ]);
    expect(await ledger()).toEqual(['[0, 7) loaded']);
  });

  it('without a line at all moves the ledger on', async () => {
    await client.createTopic({ topic, partitions: 1 });
    await send(0, [null, null]);
    expect(await work()).toMatchObject({ lines: 0, batches: 1 });
    expect(await ledger()).toEqual(['[0, 2) loaded']);
    const truth = await feed(0, 1);
    await work();
    await expectExact(truth);
  });
});

describe('after a crash', () => {
  it('reads the plan in the metadata again as exactly its range, whatever the limits now say', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const truth = await feed(0, 1, 500);
    await expect(work({ onStep: crashAt('rate') })).rejects.toThrow('crash before rate');
    const [{ offset, metadata }] = await client.committed(group, topic);
    const plan = JSON.parse(metadata) as { seen_ms: number };
    expect([offset, plan]).toEqual([0n, { end: '500', epoch: 0, seen_ms: expect.any(Number) }]);
    await send(0, messagesOf(generate({ seed: 2, lines: 300 }, '-more').lines, 1));
    await work({ maxLines: 100 });
    expect((await ledger())[0]).toBe('[0, 500) loaded');
    const [{ seen_ms }] = await house.warehouse.query<{ seen_ms: string }>('SELECT toUnixTimestamp64Milli(seen_at) AS seen_ms FROM ledger_current WHERE first = 0 AND last = 500'); // prettier-ignore
    expect(Number(seen_ms)).toBe(plan.seen_ms);
    await expectExact(truth, generate({ seed: 2, lines: 300 }, '-more').truth);
  });

  it('goes on from the ledger where only the last commit was missed', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const truth = await feed(0, 1);
    await expect(work({ onStep: crashAt('offset') })).rejects.toThrow('crash before offset');
    expect(await work()).toMatchObject({ batches: 0, stopped: [] });
    expect((await client.committed(group, topic))[0]).toMatchObject({ offset: 200n, metadata: '' });
    await expectExact(truth);
  });

  it('reads the planned range by the rules of now', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const truth = await feed(0, 1);
    await expect(work({ onStep: crashAt('ledger') })).rejects.toThrow('crash before ledger');
    await work({ rules: 'other rules' });
    const rows = await house.warehouse.query(
      "SELECT toUInt32(first) AS begin, toUInt32(last) AS end, rules_sha256 AS rules FROM ledger_current INNER JOIN revision USING (revision) WHERE state = 'loaded'",
    );
    expect(rows).toEqual([{ begin: 0, end: 200, rules: 'other rules' }]);
    await expectExact(truth);
  });

  it('reads the planned range by other settings without mixing the two readings', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const long = edgeLine({ at: '2026-10-01T10:00:00Z', userAgent: 'x'.repeat(3_000) });
    await send(0, [long, edgeLine({ at: '2026-10-01T10:00:00Z' })]);
    await expect(work({ onStep: crashAt('ledger') })).rejects.toThrow('crash before ledger');
    const strict = new Source({ name: 'npm', format: 'nginx-edge', ecosystem: 'npm' }, house.rulebook, {
      ...defaultLimits,
      maxLine_bytes: 1_000,
    });
    const loader = house.loader();
    await runWorker({
      kafka: client,
      groupId: group,
      sources: new Map([[topic, strict]]),
      warehouse: house.warehouse,
      loader,
      methodologyVersion: 2,
      revision: (above) => house.revision(above),
      maxBatch_ms: 200,
      untilEnd: true,
      signal: new AbortController().signal,
      now: () => new Date(),
      log: quietLog,
      session_timeout_ms: 1_000,
    });
    const [row] = await house.warehouse.query(
      "SELECT toUInt32(lines) AS lines, toUInt32(requests) AS requests, toUInt32(quarantined) AS quarantined FROM ledger_current WHERE state = 'loaded'",
    );
    expect(row).toEqual({ lines: 2, requests: 1, quarantined: 1 });
    expect(await house.totals('usage_known')).toMatchObject({ requests: 1 });
  });
});

describe('members', () => {
  it('two share the partitions; one leaves; every line counts once', async () => {
    await client.createTopic({ topic, partitions: 4 });
    const first = await Promise.all([0, 1, 2, 3].map((partition) => feed(partition, 10 + partition)));
    const leaving = new AbortController();
    const staying = new AbortController();
    const a = work({ untilEnd: false, signal: leaving.signal, maxLines: 50 });
    const b = work({ untilEnd: false, signal: staying.signal, maxLines: 50 });
    const ends = async () => (await client.committed(group, topic)).map(({ offset }) => offset);
    await until(async () => (await ends()).every((offset) => offset === 200n), 60_000);
    const second = await Promise.all([0, 1, 2, 3].map((partition) => feed(partition, 20 + partition)));
    leaving.abort();
    await a;
    await until(async () => (await ends()).every((offset) => offset === 400n), 60_000);
    staying.abort();
    await b;
    await expectExact(...first, ...second);
  });

  it('a stop loads what was read before it ends', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const truth = await feed(0, 1);
    const stop = new AbortController();
    let taken = false;
    const polled = {
      ...bound(client),
      consume: (options: Parameters<KafkaClient['consume']>[0]) =>
        client.consume({
          ...options,
          onClaim: (claim) => {
            const poll = claim.poll.bind(claim);
            claim.poll = async (wait_ms) => {
              const fetched = await poll(wait_ms);
              taken ||= fetched !== null && fetched.nextOffset === 200n;
              return fetched;
            };
            return options.onClaim(claim);
          },
        }),
    } as KafkaClient;
    const done = work({ kafka: polled, untilEnd: false, maxBatch_ms: 600_000, maxLines: 1e6, signal: stop.signal });
    await until(() => taken);
    stop.abort();
    expect(await done).toMatchObject({ lines: 200, batches: 1, stopped: [] });
    await expectExact(truth);
  });
});

describe('the program', () => {
  it('drains and stops at SIGTERM, and exits with 6 where a partition had to stop', async () => {
    await client.createTopic({ topic, partitions: 1 });
    await feed(0, 1);
    const env = {
      FAIRSHARE_KAFKA__BROKERS: JSON.stringify(testBrokers()),
      FAIRSHARE_KAFKA__GROUP: group,
      FAIRSHARE_WAREHOUSE: `${house.directory}/by-program`,
    };
    const [port] = await freePorts(1);
    const words = `ingest kafka --topic ${topic} --source npm --format nginx-edge --ecosystem npm`.split(' ');
    const child = spawn(process.execPath, [program(), ...words, '--metrics', `127.0.0.1:${port}`], {
      env: { ...process.env, ...env },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    const metrics = () => fetch(`http://127.0.0.1:${port}/metrics`).then((answer) => answer.text(), () => ''); // prettier-ignore
    await until(async () => /^fairshare_read_bytes_total.* [1-9]/m.test(await metrics()));
    child.kill('SIGTERM');
    expect(await ended).toEqual([143, null]);
    const [{ offset, metadata }] = await client.committed(group, topic);
    expect([offset, metadata]).toEqual([200n, '']);

    await setCommitted(999n);
    await feed(0, 2);
    const refused = await fairshare([...words, '--until-end'], { env });
    expect(refused.status).toBe(6);
    expect(refused.stderr).toContain('unexplained_offset');
    expect(refused.stderr).toContain('fairshare ingest release');
  });
});
