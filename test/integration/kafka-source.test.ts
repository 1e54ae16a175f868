// The Kafka door against a real broker: round trips, commits under the generation's fence, rebalances, reading without
// a group, and what kafkajs alone gets wrong (aborted transactions, undecodable batches, offsets out of range).

import { randomBytes } from 'node:crypto';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Claim,
  type Compression,
  createKafkaClient,
  type KafkaClient,
  type KafkaRecord,
  PartitionFault,
  StaleClaim,
} from '../../ingest/sources/kafka.ts';
import { Fault } from '../../sql/fault.ts';
import { quickGroup, quietLog, testBrokers, testClient, text, uniqueName, until, utf8 } from '../support/kafka.ts';

let client: KafkaClient;
beforeAll(() => {
  client = testClient();
});
afterAll(() => client.close());

async function newTopic(partitions = 1, config: Record<string, string> = {}): Promise<string> {
  const topic = uniqueName('topic');
  expect(await client.createTopic({ topic, partitions, config })).toBe(true);
  return topic;
}

async function produce(
  topic: string,
  values: readonly string[],
  partition = 0,
  compression: Compression = 'none',
): Promise<void> {
  const producer = await client.producer({ compression });
  await producer.send(
    topic,
    partition,
    values.map((value) => ({ value: utf8(value) })),
  );
  await producer.close();
}

/** Polls a claim from `from` until its position is `to`; → the records. */
async function pollTo(claim: Claim, from: bigint, to: bigint): Promise<KafkaRecord[]> {
  const records: KafkaRecord[] = [];
  claim.seek(from);
  while (claim.position! < to) records.push(...((await claim.poll(1_000))?.records ?? []));
  return records;
}

/** Runs `body` as the only member of a new group, on its first claim, then leaves. */
async function withClaim<T>(
  topic: string,
  body: (claim: Claim) => Promise<T>,
  groupId = uniqueName('group'),
): Promise<T> {
  const stop = new AbortController();
  let result: T | undefined;
  await client.consume({
    groupId,
    topics: [topic],
    signal: stop.signal,
    ...quickGroup,
    onClaim: async (claim) => {
      try {
        result = await body(claim);
      } finally {
        stop.abort();
      }
    },
  });
  return result!;
}

/** A member that counts what it is given and lets its partitions go when told. */
function member(groupId: string, topic: string, onClaim?: (claim: Claim) => Promise<void>) {
  const stop = new AbortController();
  const claims: Claim[] = [];
  const held = (): Claim[] => claims.filter((claim) => !claim.revoked.aborted);
  const done = client.consume({
    groupId,
    topics: [topic],
    signal: stop.signal,
    ...quickGroup,
    onClaim: async (claim) => {
      claims.push(claim);
      await onClaim?.(claim);
    },
  });
  return { claims, held, done, leave: () => (stop.abort(), done) };
}

describe('produce and consume', () => {
  const compressions: Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
  it.each(compressions)('%s: one-line messages and 64 KiB messages come back byte for byte', async (compression) => {
    const topic = await newTopic();
    const lines = Array.from({ length: 500 }, (_, i) => `{"id":${i},"path":"/simple/requests-${i % 7}/"}`);
    const logs = lines.join('\n').repeat(4);
    const chunks = Array.from({ length: 5 }, () => logs.slice(0, 60_000) + randomBytes(2_768).toString('hex'));
    // The broker unpacks what it is given, and is strict about how blocks end: many endings, each in a batch of its own.
    const endings = Array.from({ length: 40 }, (_, i) => logs.slice(i * 31, i * 97 + 60));
    const producer = await client.producer({ compression });
    for (const part of [lines, chunks, ...endings.map((value) => [value])]) {
      await producer.send(
        topic,
        0,
        part.map((value) => ({ value: utf8(value) })),
      );
    }
    await producer.close();
    const all = [...lines, ...chunks, ...endings];
    const records = await withClaim(topic, (claim) => pollTo(claim, 0n, BigInt(all.length)));
    expect(records.map(({ value }) => text(value))).toEqual(all);
    expect(records.map(({ offset }) => offset)).toEqual(all.map((_, i) => BigInt(i)));
  });

  it('keeps keys, timestamps, empty values and tombstones apart', async () => {
    const topic = await newTopic();
    const producer = await client.producer();
    await producer.send(topic, 0, [
      { key: 'k', value: utf8(''), timestamp_ms: 1_700_000_000_123 },
      { key: null, value: null, timestamp_ms: 1_700_000_000_124 },
    ]);
    await producer.close();
    const [first, second] = await withClaim(topic, (claim) => pollTo(claim, 0n, 2n));
    expect([text(first!.key), text(first!.value), first!.timestamp_ms]).toEqual(['k', '', 1_700_000_000_123]);
    expect([second!.key, second!.value, second!.timestamp_ms]).toEqual([null, null, 1_700_000_000_124]);
  });

  it('a fetch says which range it covers, and ranges follow each other without gap', async () => {
    const topic = await newTopic();
    for (let i = 0; i < 5; i++) await produce(topic, [`a${i}`, `b${i}`]);
    await withClaim(topic, async (claim) => {
      claim.seek(3n);
      let at = 3n;
      while (at < 10n) {
        const fetched = await claim.poll(1_000);
        if (fetched === null) continue;
        expect(fetched.from).toBe(at);
        expect(fetched.records[0]!.offset).toBe(at);
        expect(fetched.highWatermark).toBe(10n);
        at = fetched.nextOffset;
      }
      expect(await claim.poll(50)).toBeNull();
      expect(claim.position).toBe(10n);
    });
  });

  it('reads every partition, also beside one whose owner does not poll', async () => {
    const topic = await newTopic(3);
    for (const partition of [0, 1, 2]) await produce(topic, [`p${partition}`], partition);
    const seen: string[] = [];
    const { leave } = member(uniqueName('group'), topic, async (claim) => {
      claim.seek(0n);
      if (claim.partition === 1) return;
      const records = await pollTo(claim, 0n, 1n);
      seen.push(text(records[0]!.value)!);
    });
    await until(() => seen.length === 2);
    expect(seen.sort()).toEqual(['p0', 'p2']);
    await leave();
  });

  it('refuses a message that the topic cannot take', async () => {
    const topic = await newTopic(1, { 'max.message.bytes': '1000' });
    await expect(produce(topic, ['x'.repeat(5_000)])).rejects.toMatchObject({ exitCode: 3 });
  });
});

describe('commits', () => {
  it('an offset and its metadata come back, in the claim and from outside', async () => {
    const topic = await newTopic();
    await produce(topic, ['a', 'b', 'c']);
    const groupId = uniqueName('group');
    const plan = JSON.stringify({ last: '3', revision: 7, epoch: 1 });
    await withClaim(
      topic,
      async (claim) => {
        expect([claim.low, claim.high, claim.committed, claim.metadata]).toEqual([0n, 3n, null, '']);
        await claim.commit(1n, plan);
      },
      groupId,
    );
    expect(await client.committed(groupId, topic)).toEqual([{ partition: 0, offset: 1n, metadata: plan }]);
    await withClaim(
      topic,
      async (claim) => {
        expect([claim.committed, claim.metadata]).toEqual([1n, plan]);
        await claim.commit(3n);
      },
      groupId,
    );
    expect(await client.committed(groupId, topic)).toEqual([{ partition: 0, offset: 3n, metadata: '' }]);
  });

  it('without any commit of ours the group has none, however much was read', async () => {
    const topic = await newTopic();
    await produce(topic, ['a', 'b']);
    const groupId = uniqueName('group');
    await withClaim(topic, (claim) => pollTo(claim, 0n, 2n), groupId);
    expect(await client.committed(groupId, topic)).toEqual([{ partition: 0, offset: null, metadata: '' }]);
  });

  it('an offset set from outside and a deleted group are seen', async () => {
    const topic = await newTopic(2);
    const groupId = uniqueName('group');
    await client.setCommitted(groupId, topic, 1, 5n, 'by hand');
    expect((await client.committed(groupId, topic))[1]).toEqual({ partition: 1, offset: 5n, metadata: 'by hand' });
    await client.deleteGroup(groupId);
    expect((await client.committed(groupId, topic))[1]).toEqual({ partition: 1, offset: null, metadata: '' });
  });
});

describe('rebalances', () => {
  it('two members share the partitions; when one leaves, the other has all', async () => {
    const topic = await newTopic(4);
    const groupId = uniqueName('group');
    const a = member(groupId, topic);
    await until(() => a.held().length === 4);
    const b = member(groupId, topic);
    await until(() => a.held().length === 2 && b.held().length === 2);
    expect([...a.held(), ...b.held()].map(({ partition }) => partition).sort()).toEqual([0, 1, 2, 3]);
    await a.leave();
    await until(() => b.held().length === 4);
    await b.leave();
  });

  it('work at hand may be finished and committed while the partition is given back', async () => {
    const topic = await newTopic(2);
    await produce(topic, ['a', 'b', 'c']);
    const groupId = uniqueName('group');
    const drained: number[] = [];
    const a = member(groupId, topic, async (claim) => {
      await new Promise((resolve) => claim.revoked.addEventListener('abort', resolve));
      await claim.commit(2n, `drained by generation ${claim.generation}`);
      drained.push(claim.generation);
    });
    await until(() => a.held().length === 2);
    const b = member(groupId, topic);
    await until(() => b.held().length === 1);
    // The new owner sees what the old one committed on its way out.
    expect([b.held()[0]!.committed, b.held()[0]!.metadata]).toEqual([2n, `drained by generation ${drained[0]}`]);
    await b.leave();
    await a.leave();
  });

  it('the broker refuses the commit of an older generation, and nothing changes', async () => {
    const topic = await newTopic(1);
    const groupId = uniqueName('group');
    const a = member(groupId, topic);
    await until(() => a.held().length === 1);
    const stale = a.held()[0]!;
    const b = member(groupId, topic);
    await until(() => [...a.claims, ...b.claims].some(({ generation }) => generation > stale.generation));
    await expect(stale.commit(1n, 'stale')).rejects.toBeInstanceOf(StaleClaim);
    expect((await client.committed(groupId, topic))[0]!.offset).toBeNull();
    await a.leave();
    await b.leave();
  });

  it('a member that was silent past its session finds out by the broker, not by its own clock', async () => {
    const topic = await newTopic(1);
    const groupId = uniqueName('group');
    const outcomes: unknown[] = [];
    const a = member(groupId, topic, async (claim) => {
      if (outcomes.length > 0) return;
      // The group forgets its members: to this one it looks like a pause past the session timeout.
      await evict(groupId);
      outcomes.push(await claim.commit(1n).catch((error: unknown) => error));
    });
    await until(() => a.claims.length >= 2);
    expect(outcomes[0]).toBeInstanceOf(StaleClaim);
    expect((await client.committed(groupId, topic))[0]!.offset).toBeNull();
    await a.leave();
  });

  it('members come and go: the accepted commits follow each other without gap or overlap', async () => {
    const topic = await newTopic(3);
    const groupId = uniqueName('group');
    const accepted: bigint[][] = [[], [], []];
    const work = async (claim: Claim): Promise<void> => {
      let from = claim.committed ?? claim.low;
      claim.seek(from);
      for (;;) {
        const fetched = await claim.poll(200);
        if (fetched === null) continue;
        await claim.commit(fetched.nextOffset);
        // The chain: what is committed begins where the last accepted commit ended, whoever made it.
        expect(from).toBe(accepted[claim.partition]!.at(-1) ?? 0n);
        from = fetched.nextOffset;
        accepted[claim.partition]!.push(from);
      }
    };
    const members = [member(groupId, topic, work)];
    const producer = await client.producer();
    let appended = 0n;
    for (let round = 0; round < 12; round++) {
      const progress = accepted.flat().length;
      for (const partition of [0, 1, 2]) await producer.send(topic, partition, [{ value: utf8(`r${round}`) }]);
      appended++;
      if (round % 3 === 0) members.push(member(groupId, topic, work));
      if (round % 4 === 3) await members.shift()!.leave();
      await until(() => accepted.flat().length > progress);
    }
    await until(() => accepted.every((chain) => chain.at(-1) === appended));
    await Promise.all(members.map(({ leave }) => leave()));
    await producer.close();
    expect((await client.committed(groupId, topic)).map(({ offset }) => offset)).toEqual([
      appended,
      appended,
      appended,
    ]);
  });

  it('new partitions of the topic are found', async () => {
    const topic = await newTopic(1);
    const a = member(uniqueName('group'), topic);
    await until(() => a.held().length === 1);
    await client.addPartitions(topic, 3);
    await until(() => a.held().length === 3, 60_000);
    await a.leave();
  });

  it('a partition whose owner failed does not stop the others', async () => {
    const topic = await newTopic(2);
    await produce(topic, ['a'], 1);
    const faults: unknown[] = [];
    const read: KafkaRecord[] = [];
    const { leave } = member(uniqueName('group'), topic, async (claim) => {
      if (claim.partition === 1) return void read.push(...(await pollTo(claim, 0n, 1n)));
      claim.seek(99n);
      await claim.poll(20_000).catch((error: unknown) => faults.push(error));
    });
    await until(() => faults.length === 1 && read.length === 1);
    expect(faults[0]).toMatchObject({ reason: 'out_of_range', topic, partition: 0, offset: 99n, exitCode: 6 });
    await leave();
  });

  it('another error of an owner ends the consumer, after the others have drained', async () => {
    const topic = await newTopic(2);
    let drained = false;
    const { done } = member(uniqueName('group'), topic, async (claim) => {
      if (claim.partition === 0) throw new Error('a defect');
      await new Promise((resolve) => claim.revoked.addEventListener('abort', resolve));
      drained = true;
    });
    await expect(done).rejects.toThrow('a defect');
    expect(drained).toBe(true);
  });
});

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
      await one!.send({ topic, messages: [{ value: `aborted 1-${i}` }] });
      await two!.send({ topic, messages: [{ value: `aborted 2-${i}` }] });
    }
    await one!.abort();
    await two!.abort();
    const good = await producers[0]!.transaction();
    await good.send({ topic, messages: [{ value: 'kept', key: Buffer.from([0, 0, 0, 0]) }, { value: 'kept too' }] });
    await good.commit();
    const aborted = await producers[1]!.transaction();
    await aborted.send({ topic, messages: [{ value: 'aborted tail' }] });
    await aborted.abort();

    const high = 13n; // 9 records and 4 markers, which the broker writes when it has answered
    await until(async () => (await client.watermarks(topic))[0]!.high === high);
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
      (e) => e instanceof Fault && e.exitCode === 2 && /127\.0\.0\.1:1/.test(e.message),
    );
    await nobody.close();
  });

  it('no topic: a fault, before any group is joined', async () => {
    await expect(withClaim(uniqueName('nowhere'), () => Promise.resolve())).rejects.toMatchObject({ exitCode: 2 });
  });
});

const kafka = (): kafkajs.Kafka => new kafkajs.Kafka({ brokers: testBrokers(), logLevel: kafkajs.logLevel.NOTHING });

/** kafkajs's own connection to the brokers, for requests that its clients do not make. */
async function withCluster<T>(groupId: string, use: (cluster: kafkajs.Cluster) => Promise<T>): Promise<T> {
  let cluster: kafkajs.Cluster | undefined;
  kafka().consumer({
    groupId,
    partitionAssigners: [(given) => ((cluster = given.cluster), kafkajs.PartitionAssigners.roundRobin(given))],
  });
  await cluster!.connect();
  try {
    return await use(cluster!);
  } finally {
    await cluster!.disconnect();
  }
}

/** Appends one record batch, however many records (the producer takes quadratic time to group them). */
const produceOneBatch = (topic: string, partition: number, count: number): Promise<void> =>
  withCluster('unused', async (cluster) => {
    await cluster.addTargetTopic(topic);
    const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
    const broker = await cluster.findBroker({ nodeId: nodeId! });
    const messages = Array.from({ length: count }, () => ({ value: 'y' }));
    await broker.produce({ topicData: [{ topic, partitions: [{ partition, messages }] }], acks: -1 });
  });

/** Makes the broker forget every member of a group, as it does when their sessions run out. */
const evict = (groupId: string): Promise<void> =>
  withCluster(groupId, async (cluster) => {
    const coordinator = (await cluster.findGroupCoordinator({ groupId })) as unknown as {
      describeGroups(request: { groupIds: string[] }): Promise<{ groups: { members: { memberId: string }[] }[] }>;
      leaveGroup(request: { groupId: string; memberId: string }): Promise<void>;
    };
    const { groups } = await coordinator.describeGroups({ groupIds: [groupId] });
    for (const { memberId } of groups[0]!.members) await coordinator.leaveGroup({ groupId, memberId });
  });
