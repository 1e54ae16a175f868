// The Kafka client of ingest against a real broker, record by record: reading without a group, and cases that kafkajs alone
// gets wrong (aborted transactions, undecodable batches, offsets out of range).

import { describe, expect, it } from 'vitest';
import { createKafkaClient, type KafkaRecord, PartitionFault } from '../../ingest/sources/kafka.ts';
import { Fault } from '../../transform/fault.ts';
import { quickGroup, quietLog, testBrokers, text, uniqueName, until, utf8 } from '../support/kafka.ts';
import {
  client,
  clientOfThisFile,
  kafka,
  newTopic,
  pollTo,
  produce,
  withClaim,
  withCluster,
} from '../support/kafka-door.ts';

clientOfThisFile();

describe('reading without a group', () => {
  it('watermarks follow appends and deletions', async () => {
    const topic = await newTopic(2);
    await produce(topic, ['a', 'b', 'c'], 1);
    expect(await client.watermarks(topic)).toEqual([
      { partition: 0, low: 0n, high: 0n },
      { partition: 1, low: 0n, high: 3n },
    ]);
    await client.deleteRecords(topic, [{ partition: 1, offset: 2n }]);
    expect((await client.watermarks(topic))[1]).toEqual({ partition: 1, low: 2n, high: 3n });
  });

  it('one record at its offset, also inside a compressed batch', async () => {
    const topic = await newTopic();
    const values = Array.from({ length: 1_000 }, (_, i) => `line ${i}`);
    await produce(topic, values, 0, 'zstd');
    for (const offset of [0n, 1n, 499n, 999n]) {
      const record = await client.readRecord(topic, 0, offset);
      expect([record!.offset, text(record!.value)]).toEqual([offset, `line ${offset}`]);
    }
    await expect(client.readRecord(topic, 0, 1_000n)).rejects.toMatchObject({ reason: 'out_of_range' });
  });

  it('exactly the range [F, E), whatever the batches are', async () => {
    const topic = await newTopic();
    for (let i = 0; i < 4; i++)
      await produce(
        topic,
        Array.from({ length: 25 }, (_, j) => `${i * 25 + j}`),
        0,
        'gzip',
      );
    const offsets: bigint[] = [];
    let at = 13n;
    for await (const fetched of client.read({ topic, partition: 0, from: 13n, to: 77n })) {
      expect(fetched.from).toBe(at);
      at = fetched.nextOffset;
      offsets.push(...fetched.records.map(({ offset }) => offset));
    }
    expect(at).toBe(77n);
    expect(offsets).toEqual(Array.from({ length: 64 }, (_, i) => BigInt(i + 13)));
  });

  it('a range whose records were deleted is refused, not cut short', async () => {
    const topic = await newTopic();
    await produce(topic, ['a', 'b', 'c', 'd']);
    await client.deleteRecords(topic, [{ partition: 0, offset: 2n }]);
    const read = async (from: bigint, to: bigint): Promise<void> => {
      for await (const _ of client.read({ topic, partition: 0, from, to }));
    };
    await expect(read(0n, 4n)).rejects.toBeInstanceOf(PartitionFault);
    await expect(read(2n, 5n)).rejects.toMatchObject({ reason: 'out_of_range' });
    await expect(read(2n, 4n)).resolves.toBeUndefined();
  });

  it('no group comes of it', async () => {
    const topic = await newTopic();
    await produce(topic, ['a']);
    const admin = kafka().admin();
    await admin.connect();
    const before = (await admin.listGroups()).groups.length;
    await client.readRecord(topic, 0, 0n);
    expect((await admin.listGroups()).groups.length).toBe(before);
    await admin.disconnect();
  });
});

describe('logs that are not plain', () => {
  it('aborted transactions are not seen, control records are stepped over', async () => {
    const topic = await newTopic();
    const producers = await Promise.all(
      [1, 2].map(async (i) => {
        const producer = kafka().producer({
          transactionalId: uniqueName(`tx${i}`),
          idempotent: true,
          maxInFlightRequests: 1,
        });
        await producer.connect();
        return producer;
      }),
    );
    const [one, two] = await Promise.all(producers.map((producer) => producer.transaction()));
    // Two transactions interleave and both abort; a committed one follows.
    for (let i = 0; i < 3; i++) {
      await one.send({ topic, messages: [{ value: `aborted 1-${i}` }] });
      await two.send({ topic, messages: [{ value: `aborted 2-${i}` }] });
    }
    await one.abort();
    await two.abort();
    const good = await producers[0].transaction();
    await good.send({ topic, messages: [{ value: 'kept', key: Buffer.from([0, 0, 0, 0]) }, { value: 'kept too' }] });
    await good.commit();
    const aborted = await producers[1].transaction();
    await aborted.send({ topic, messages: [{ value: 'aborted tail' }] });
    await aborted.abort();

    const high = 13n; // 9 records and 4 markers; the broker writes the markers after its answer
    await until(async () => (await client.watermarks(topic))[0].high === high);
    for (const from of [0n, 1n, 2n, 5n]) {
      const records = await withClaim(topic, (claim) => pollTo(claim, from, high));
      expect(records.map(({ value }) => text(value))).toEqual(['kept', 'kept too']);
    }
    expect(await client.readRecord(topic, 0, high - 1n)).toBeNull();
    expect(await client.readRecord(topic, 0, 0n)).toBeNull();
    await Promise.all(producers.map((producer) => producer.disconnect()));
  });

  it('an open transaction holds readers at its start, then lets them on', async () => {
    const topic = await newTopic();
    await produce(topic, ['before']);
    const producer = kafka().producer({ transactionalId: uniqueName('tx'), idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ value: 'inside' }] });
    await withClaim(topic, async (claim) => {
      claim.seek(0n);
      const first = await claim.poll(5_000);
      expect(first!.records.map(({ value }) => text(value))).toEqual(['before']);
      expect([first!.endOffset, first!.highWatermark]).toEqual([1n, 2n]);
      expect(await claim.poll(300)).toBeNull();
      await transaction.commit();
      const records: KafkaRecord[] = [];
      while (claim.position! < 3n) records.push(...((await claim.poll(5_000))?.records ?? []));
      expect(records.map(({ value }) => text(value))).toEqual(['inside']);
    });
    await producer.disconnect();
  });

  it('compacted topics are read to their end', async () => {
    const topic = await newTopic(1, {
      'cleanup.policy': 'compact',
      'segment.bytes': '1048576',
      'segment.ms': '100',
      'min.cleanable.dirty.ratio': '0.01',
      'min.compaction.lag.ms': '0',
    });
    const producer = await client.producer();
    for (let i = 0; i < 200; i++) await producer.send(topic, 0, [{ key: `k${i % 3}`, value: utf8(`v${i}`) }]);
    await producer.close();
    const offsets = async (): Promise<bigint[]> => {
      const found: bigint[] = [];
      for await (const { records } of client.read({ topic, partition: 0, from: 0n, to: 200n })) {
        found.push(...records.map(({ offset }) => offset));
      }
      return found;
    };
    await until(async () => (await offsets()).length < 150, 60_000);
    const records = await withClaim(topic, (claim) => pollTo(claim, 0n, 200n));
    expect(records.at(-1)!.offset).toBe(199n);
    expect(records.length).toBeLessThan(150);
  });

  it('a record batch beyond its cap, or with too many records, stops its partition alone', async () => {
    const topic = await newTopic(3, { 'max.message.bytes': '20000000' });
    const strict = createKafkaClient({ brokers: testBrokers() }, { log: quietLog, max_batch_bytes: 1 << 20 });
    await produce(topic, ['good'], 0);
    await produce(topic, ['x'.repeat(8 << 20)], 1, 'gzip');
    await produceOneBatch(topic, 2, 200_000);
    const outcomes: Record<number, unknown> = {};
    const stop = new AbortController();
    const done = strict.consume({
      groupId: uniqueName('group'),
      topics: [topic],
      signal: stop.signal,
      ...quickGroup,
      onClaim: async (claim) => {
        claim.seek(0n);
        outcomes[claim.partition] = await claim.poll(20_000).catch((error: unknown) => error);
      },
    });
    await until(() => Object.keys(outcomes).length === 3);
    expect(outcomes[0]).toMatchObject({ nextOffset: 1n });
    expect(outcomes[1]).toMatchObject({ reason: 'undecodable', message: expect.stringContaining('gzip') as string });
    expect(outcomes[2]).toMatchObject({
      reason: 'undecodable',
      message: expect.stringContaining('too many records') as string,
    });
    stop.abort();
    await done;
    await strict.close();
  });

  it('records deleted past the position are an error, and the committed plan stays as it was', async () => {
    const topic = await newTopic();
    await produce(topic, ['a', 'b', 'c', 'd']);
    const groupId = uniqueName('group');
    await withClaim(
      topic,
      async (claim) => {
        await claim.commit(0n, 'plan');
        await client.deleteRecords(topic, [{ partition: 0, offset: 3n }]);
        claim.seek(0n);
        await expect(claim.poll(20_000)).rejects.toMatchObject({ reason: 'out_of_range' });
      },
      groupId,
    );
    expect(await client.committed(groupId, topic)).toEqual([{ partition: 0, offset: 0n, metadata: 'plan' }]);
  });
});

describe('what is not there', () => {
  it('no broker: a fault that says where it looked', async () => {
    const nobody = createKafkaClient({ brokers: ['127.0.0.1:1'] }, { log: quietLog, retries: 0 });
    await expect(nobody.brokers()).rejects.toSatisfy(
      (e) => e instanceof Fault && e.kind === 'usage' && /127\.0\.0\.1:1/.test(e.message),
    );
    await nobody.close();
  });

  it('no topic: a fault, before any group is joined', async () => {
    await expect(withClaim(uniqueName('nowhere'), () => Promise.resolve())).rejects.toMatchObject({ kind: 'usage' });
  });
});

/** Appends one record batch of any number of records (the producer takes quadratic time to group them). */
const produceOneBatch = (topic: string, partition: number, count: number): Promise<void> =>
  withCluster('unused', async (cluster) => {
    await cluster.addTargetTopic(topic);
    const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
    const broker = await cluster.findBroker({ nodeId: nodeId });
    const messages = Array.from({ length: count }, () => ({ value: 'y' }));
    await broker.produce({ topicData: [{ topic, partitions: [{ partition, messages }] }], acks: -1 });
  });
