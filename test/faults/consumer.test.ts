// A consumer while its broker is killed, or hangs with its connections open.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KafkaClient } from '../../ingest/sources/kafka.ts';
import { type Broker, startBroker } from '../provide/kafka.ts';
import { quickGroup, readingInto, testClient, uniqueName, until, utf8 } from '../support/kafka.ts';

describe('a consumer whose broker', () => {
  let broker: Broker;
  let client: KafkaClient;
  beforeAll(async () => {
    broker = await startBroker({ own: true, say: () => undefined });
    client = testClient(broker.brokers);
  });
  afterAll(async () => {
    await client.close();
    await broker.stop();
  });

  function reader(topic: string, groupId: string, session_timeout_ms: number = quickGroup.session_timeout_ms) {
    const stop = new AbortController();
    const seen = new Map<bigint, string>();
    const done = client.consume({
      groupId,
      topics: [topic],
      signal: stop.signal,
      ...quickGroup,
      session_timeout_ms,
      onClaim: readingInto(seen),
    });
    return { seen, leave: () => (stop.abort(), done) };
  }
  const append = async (topic: string, ...values: string[]): Promise<void> => {
    const producer = await client.producer();
    await producer.send(
      topic,
      0,
      values.map((value) => ({ value: utf8(value) })),
    );
    await producer.close();
  };

  it('is killed and comes back: reads on, and keeps what it had committed', async () => {
    const topic = uniqueName('topic');
    const groupId = uniqueName('group');
    await client.createTopic({ topic, partitions: 1 });
    await append(topic, 'a', 'b');
    const { seen, leave } = reader(topic, groupId);
    await until(() => seen.size === 2);
    await broker.kill('SIGKILL');
    await broker.restart();
    await append(topic, 'c');
    await until(() => seen.size === 3, 60_000);
    await until(async () => (await client.committed(groupId, topic))[0].offset === 3n);
    await leave();
    expect([...seen.values()]).toEqual(['a', 'b', 'c']);
  });

  it('hangs past the session timeout: reads on afterwards', async () => {
    const topic = uniqueName('topic');
    await client.createTopic({ topic, partitions: 1 });
    await append(topic, 'a');
    const { seen, leave } = reader(topic, uniqueName('group'), 1_000);
    await until(() => seen.size === 1);
    await broker.pause();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await broker.resume();
    await append(topic, 'b');
    await until(() => seen.size === 2, 60_000);
    await leave();
  });
});
