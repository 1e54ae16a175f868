// The Kafka client of ingest against a real broker, in a group: round trips, commits under the generation's fence,
// rebalances.

import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Claim, type Compression, type KafkaRecord, StaleClaim } from '../../ingest/sources/kafka.ts';
import { readingInto, text, uniqueName, until, utf8 } from '../support/kafka.ts';
import {
  client,
  clientOfThisFile,
  member,
  newTopic,
  pollTo,
  produce,
  withClaim,
  withCluster,
} from '../support/kafka-door.ts';

clientOfThisFile();

describe('produce and consume', () => {
  const compressions: Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
  it.each(compressions)('%s: one-line messages and 64 KiB messages come back byte for byte', async (compression) => {
    const topic = await newTopic();
    const lines = Array.from({ length: 500 }, (_, i) => `{"id":${i},"path":"/simple/requests-${i % 7}/"}`);
    const logs = lines.join('\n').repeat(4);
    const chunks = Array.from({ length: 5 }, () => logs.slice(0, 60_000) + randomBytes(2_768).toString('hex'));
    // The broker unpacks each batch and checks strictly how blocks end, so the test sends many endings, each in a batch of
    // its own.
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
    const now_ms = Date.now(); // the broker soon deletes records that are older than a week
    await producer.send(topic, 0, [
      { key: 'k', value: utf8(''), timestamp_ms: now_ms - 123 },
      { key: null, value: null, timestamp_ms: now_ms - 122 },
    ]);
    await producer.close();
    const [first, second] = await withClaim(topic, (claim) => pollTo(claim, 0n, 2n));
    expect([text(first.key), text(first.value), first.timestamp_ms]).toEqual(['k', '', now_ms - 123]);
    expect([second.key, second.value, second.timestamp_ms]).toEqual([null, null, now_ms - 122]);
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
        expect(fetched.records[0].offset).toBe(at);
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
      seen.push(text(records[0].value)!);
    });
    await until(() => seen.length === 2);
    expect(seen.sort()).toEqual(['p0', 'p2']);
    await leave();
  });

  it('refuses a message that the topic cannot take', async () => {
    const topic = await newTopic(1, { 'max.message.bytes': '1000' });
    await expect(produce(topic, ['x'.repeat(5_000)])).rejects.toMatchObject({ kind: 'inputRefused' });
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
    // The new owner sees the last commit of the old one.
    expect([b.held()[0].committed, b.held()[0].metadata]).toEqual([2n, `drained by generation ${drained[0]}`]);
    await b.leave();
    await a.leave();
  });

  it('the broker refuses the commit of an older generation, and nothing changes', async () => {
    const topic = await newTopic(1);
    const groupId = uniqueName('group');
    const a = member(groupId, topic);
    await until(() => a.held().length === 1);
    const stale = a.held()[0];
    const b = member(groupId, topic);
    await until(() => [...a.claims, ...b.claims].some(({ generation }) => generation > stale.generation));
    await expect(stale.commit(1n, 'stale')).rejects.toBeInstanceOf(StaleClaim);
    expect((await client.committed(groupId, topic))[0].offset).toBeNull();
    await a.leave();
    await b.leave();
  });

  it('a member that was silent past its session finds out by the broker, not by its own clock', async () => {
    const topic = await newTopic(1);
    const groupId = uniqueName('group');
    const outcomes: unknown[] = [];
    const a = member(groupId, topic, async (claim) => {
      if (outcomes.length > 0) return;
      // The group forgets its members. To this member it looks like a pause longer than the session timeout.
      await evict(groupId);
      outcomes.push(await claim.commit(1n).catch((error: unknown) => error));
    });
    await until(() => a.claims.length >= 2);
    expect(outcomes[0]).toBeInstanceOf(StaleClaim);
    expect((await client.committed(groupId, topic))[0].offset).toBeNull();
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
        // The chain: each commit begins where the last accepted commit ended, whichever member made it.
        expect(from).toBe(accepted[claim.partition].at(-1) ?? 0n);
        from = fetched.nextOffset;
        accepted[claim.partition].push(from);
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

  it('the topic is deleted and made anew: the claim ends, a new one shows the new log and no commit', async () => {
    const topic = await newTopic();
    await produce(topic, ['a', 'b', 'c']);
    const seen = new Map<bigint, string>();
    const { claims, leave } = member(uniqueName('group'), topic, readingInto(seen));
    await until(() => seen.size === 3);
    await client.deleteTopic(topic);
    await until(async () => !(await client.topics()).includes(topic));
    await client.createTopic({ topic, partitions: 1 });
    await produce(topic, ['new']);
    await until(() => seen.get(0n) === 'new', 60_000);
    expect(claims.length).toBeGreaterThan(1);
    expect([claims.at(-1)!.committed, claims.at(-1)!.low]).toEqual([null, 0n]);
    await leave();
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
    expect(faults[0]).toMatchObject({
      reason: 'out_of_range',
      topic,
      partition: 0,
      offset: 99n,
      kind: 'partitionStopped',
    });
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

/** Makes the broker forget every member of a group, as it does when their sessions run out. */
const evict = (groupId: string): Promise<void> =>
  withCluster(groupId, async (cluster) => {
    const coordinator = (await cluster.findGroupCoordinator({ groupId })) as unknown as {
      describeGroups(request: { groupIds: string[] }): Promise<{ groups: { members: { memberId: string }[] }[] }>;
      leaveGroup(request: { groupId: string; memberId: string }): Promise<void>;
    };
    const { groups } = await coordinator.describeGroups({ groupIds: [groupId] });
    for (const { memberId } of groups[0].members) await coordinator.leaveGroup({ groupId, memberId });
  });
