// More reasons for a partition to stop, and ways to release it. test/integration/ingest-stops.test.ts has the others.

import { describe, expect, it } from 'vitest';
import { createKafkaClient } from '../../ingest/sources/kafka.ts';
import { edgeLine } from '../support/house.ts';
import { quietLog, testBrokers, until } from '../support/kafka.ts';
import {
  client,
  command,
  expectExact,
  expectNewEpoch,
  feed,
  group,
  house,
  ledger,
  ownTopicForEachTest,
  printed,
  send,
  setCommitted,
  stops,
  topic,
  work,
} from '../support/topic-worker.ts';

ownTopicForEachTest();

describe('the group’s offsets', () => {
  it('are behind: what the ledger holds is not read again', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const truths = [await feed(0, 1)];
    await work();
    await setCommitted(20n);
    truths.push(await feed(0, 2));
    expect(await work()).toMatchObject({ lines: 200, stopped: [] });
    await expectExact(...truths);
  });

  it('of a group that another program moved, on a partition never begun: it stops, and what is printed lets it go on', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const truth = await feed(0, 1);
    await setCommitted(7n);
    const { stopped } = await work();
    expect(stopped).toMatchObject([{ reason: 'unexplained_offset' }]);
    expect(await ledger()).toEqual([]);
    expect(await command(...printed(stopped[0]))).toContain('goes on at 0; nothing is given up');
    expect(await work()).toMatchObject({ lines: 200, stopped: [] });
    await expectExact(truth);
  });

  it('are ahead, under a worker that runs: released, it goes on where the ledger ends', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const truths = [await feed(0, 1)];
    await work();
    await setCommitted(205n);
    truths.push(await feed(0, 2));
    const stop = new AbortController();
    const running = work({ untilEnd: false, signal: stop.signal });
    await until(async () => (await stops())[0] === 'stopped unexplained_offset');
    await expect(
      command('ingest', 'release', '--source', 'npm', '--partition', `${topic}/0`, '--to', '199'),
    ).rejects.toThrow('the ledger ends at 200 already');
    await expect(
      command('ingest', 'release', '--source', 'npm', '--partition', `${topic}/0`, '--to', '401'),
    ).rejects.toThrow('holds the offsets 0 to 400 now');
    await command('ingest', 'release', '--source', 'npm', '--partition', `${topic}/0`, '--to', '200');
    await until(async () => (await client.committed(group, topic))[0].offset === 400n);
    await expect(
      command('ingest', 'release', '--source', 'npm', '--partition', `${topic}/0`, '--to', '400'),
    ).rejects.toThrow('is not stopped');
    stop.abort();
    expect(await running).toMatchObject({ stopped: [] });
    await expectExact(...truths);
  });
});

describe('what cannot be read or loaded', () => {
  it('a named format that fits nothing of the first batch stops it too: nothing is loaded, nothing is lost', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const truth = await feed(0, 1);
    const { stopped } = await work({ format: 'combined' });
    expect(stopped).toMatchObject([
      { kind: 'inputRefused', message: expect.stringContaining('of its first 200 lines none fits') as string },
    ]);
    expect(await ledger()).toEqual(['[0, 0) start']);
    expect(await stops()).toEqual(['stopped input_refused']);
    expect(await work()).toMatchObject({ lines: 200, stopped: [] });
    expect(await stops()).toEqual(['resumed input_refused']);
    await expectExact(truth);
  });

  it('rows that the warehouse refuses stop their partition alone, and nothing of them counts', async () => {
    await client.createTopic({ topic, partitions: 2 });
    const truth = await feed(1, 1);
    await send(0, [edgeLine({ at: '2026-10-01T10:00:00Z', path: '/poison/-/poison-1.0.0.tgz' })]);
    await house.warehouse.command("ALTER TABLE usage_batch ADD CONSTRAINT no_poison CHECK package != 'poison'");
    const { stopped } = await work();
    expect(stopped).toMatchObject([{ kind: 'defect', message: expect.stringContaining('no_poison') as string }]);
    await expectExact(truth);
    await house.warehouse.command('ALTER TABLE usage_batch DROP CONSTRAINT no_poison');
    expect(await work()).toMatchObject({ lines: 1, stopped: [] });
  });
});

describe('records that are gone', () => {
  it('while a batch is read: what was read before counts', async () => {
    await client.createTopic({ topic, partitions: 2 });
    const truths = [await feed(0, 1, 300), await feed(1, 2)];
    const strict = createKafkaClient({ brokers: testBrokers() }, { log: quietLog, max_batch_bytes: 1 << 20 });
    await send(0, ['x'.repeat(4 << 20)], { compression: 'gzip' });
    const { stopped } = await work({ kafka: strict, maxBatch_ms: 60_000 });
    await strict.close();
    createKafkaClient({ brokers: testBrokers() }, { log: quietLog }); // the cap belongs to the process
    expect(stopped).toMatchObject([{ reason: 'undecodable', partition: 0 }]);
    expect(await ledger(0)).toEqual(['[0, 300) loaded']);
    await expectExact(...truths);
  });

  it('are given up while the worker goes on with its other partitions; it takes the partition up by itself', async () => {
    await client.createTopic({ topic, partitions: 2 });
    const truths = [await feed(0, 1), await feed(1, 2)];
    await work();
    await feed(0, 3, 50);
    await client.deleteRecords(topic, [{ partition: 0, offset: 250n }]);
    const stop = new AbortController();
    const running = work({ untilEnd: false, signal: stop.signal });
    truths.push(await feed(0, 4), await feed(1, 5));
    await until(async () => (await ledger(1)).at(-1)!.endsWith(', 400) loaded'));
    expect(await stops()).toEqual(['stopped retention_gap']);
    await command('ingest', 'release', '--source', 'npm', '--partition', `${topic}/0`, '--to', '250');
    await until(async () => (await ledger(0)).at(-1)!.endsWith(', 450) loaded'));
    stop.abort();
    expect(await running).toMatchObject({ stopped: [] });
    expect(await stops()).toEqual(['resumed retention_gap']);
    await expectExact(...truths);
  });
});

describe('a topic that was made anew', () => {
  it('with more records than were counted: it stops, and goes on as another epoch', async () => {
    await expectNewEpoch(400);
  });

  it('with fewer records than were counted: it stops, and goes on as another epoch', async () => {
    await expectNewEpoch(50);
  });
});
