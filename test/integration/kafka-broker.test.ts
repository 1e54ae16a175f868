// The broker that the project provides for itself: it starts, stops, dies with its parent; and what a consumer makes of a
// broker that is killed, hangs, or forgets a topic.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Claim, type KafkaClient } from '../../ingest/sources/kafka.ts';
import { type Broker, startBroker } from '../../scripts/provide/kafka.ts';
import { quickGroup, testClient, text, uniqueName, until, utf8 } from '../support/kafka.ts';

const answers = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const [host, port] = address.split(':');
    const socket = connect(Number(port), host, () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });

it('the run says where its broker comes from', () => {
  expect(inject('kafkaHow')).toMatch(/FAIRSHARE_TEST_KAFKA|Docker|Maven/);
});

describe('the script', () => {
  const script = fileURLToPath(new URL('../../scripts/provide/kafka.ts', import.meta.url));
  const launch = async (
    env: Record<string, string> = {},
  ): Promise<{ child: ChildProcess; address: string; errors: string }> => {
    // One process, so that a signal reaches it: no npx in between.
    const child = spawn(process.execPath, ['--import', 'tsx', script], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let errors = '';
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    await Promise.race([until(() => out.endsWith('\n'), 120_000), once(child, 'close')]);
    return { child, address: out.trim(), errors };
  };

  it('prints the address, says its way on stderr, serves until SIGINT', async () => {
    const { child, address, errors } = await launch({ FAIRSHARE_TEST_KAFKA: '' });
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(errors).toMatch(/kafka: .*(Docker|Maven)/);
    expect(await answers(address)).toBe(true);
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(await answers(address)).toBe(false);
  });

  it('takes the broker that the environment names, and leaves it alone', async () => {
    const given = inject('kafkaBrokers').join(',');
    const { child, address, errors } = await launch({ FAIRSHARE_TEST_KAFKA: given });
    expect(address).toBe(given);
    expect(errors).toContain('FAIRSHARE_TEST_KAFKA');
    child.kill('SIGTERM');
    await once(child, 'close');
    expect(await answers(given.split(',')[0]!)).toBe(true);
  });

  it('no way works: one message with what to do, and exit code 2', async () => {
    const { child, address, errors } = await launch({ FAIRSHARE_TEST_KAFKA: '', PATH: '/nowhere' });
    expect([address, child.exitCode]).toEqual(['', 2]);
    expect(errors).toContain('no Kafka broker could be provided');
    expect(errors).toContain('Set FAIRSHARE_TEST_KAFKA=host:port');
  });

  it('the broker dies with a parent that is killed', async () => {
    const { child, address } = await launch({ FAIRSHARE_TEST_KAFKA: '' });
    child.kill('SIGKILL');
    await until(async () => !(await answers(address)));
  });
});

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

  /** Reads everything into `seen`, committing each fetch; whatever generation it takes. */
  function reader(topic: string, groupId: string) {
    const stop = new AbortController();
    const seen = new Map<bigint, string>();
    const claims: Claim[] = [];
    const done = client.consume({
      groupId,
      topics: [topic],
      signal: stop.signal,
      ...quickGroup,
      onClaim: async (claim) => {
        claims.push(claim);
        claim.seek(claim.committed ?? claim.low);
        for (;;) {
          const fetched = await claim.poll(500);
          if (fetched === null) continue;
          for (const { offset, value } of fetched.records) seen.set(offset, text(value)!);
          await claim.commit(fetched.nextOffset);
        }
      },
    });
    return { seen, claims, done, leave: () => (stop.abort(), done) };
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
    await until(async () => (await client.committed(groupId, topic))[0]!.offset === 3n);
    await leave();
    expect([...seen.values()]).toEqual(['a', 'b', 'c']);
  });

  it('hangs past the session timeout: reads on afterwards', async () => {
    const topic = uniqueName('topic');
    await client.createTopic({ topic, partitions: 1 });
    await append(topic, 'a');
    const { seen, leave } = reader(topic, uniqueName('group'));
    await until(() => seen.size === 1);
    await broker.pause();
    await new Promise((resolve) => setTimeout(resolve, quickGroup.session_timeout_ms + 500));
    await broker.resume();
    await append(topic, 'b');
    await until(() => seen.size === 2, 60_000);
    await leave();
  });

  it('deletes the topic and makes it anew: the claim ends, a new one shows the new log and no commit', async () => {
    const topic = uniqueName('topic');
    await client.createTopic({ topic, partitions: 1 });
    await append(topic, 'a', 'b', 'c');
    const { seen, claims, leave } = reader(topic, uniqueName('group'));
    await until(() => seen.size === 3);
    await client.deleteTopic(topic);
    await until(async () => !(await client.topics()).includes(topic));
    await client.createTopic({ topic, partitions: 1 });
    await append(topic, 'new');
    await until(() => seen.get(0n) === 'new', 60_000);
    expect(claims.length).toBeGreaterThan(1);
    expect([claims.at(-1)!.committed, claims.at(-1)!.low]).toEqual([null, 0n]);
    await leave();
  });
});
