// A broker that is killed, restarted, stopped and resumed, a disk that fills up, transactions that abort, and a worker whose
// clock is a day off. The load waits or continues, and every line must count once.

import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type KafkaClient } from '../../ingest/sources/kafka.ts';
import { type Broker, startBroker } from '../provide/kafka.ts';
import { generate, messagesOf, type Truth } from '../support/generator.ts';
import { testBrokers, testClient, uniqueName, until, utf8 } from '../support/kafka.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../support/warehouse.ts';
import { type KafkaJob, WorkerPool } from '../support/worker-process.ts';

const generator = { seed: 4, lines: 2_000, days: 2 } as const;
let pool: WorkerPool;
let directory: TemporaryDirectory;
let topic: string;
let group: string;

beforeAll(() => {
  pool = new WorkerPool();
});
afterAll(() => pool.close());
beforeEach(() => {
  directory = temporaryDirectory();
  topic = uniqueName('outage');
  group = uniqueName('outage');
});
afterEach(() => directory.remove());

async function feed(client: KafkaClient): Promise<Truth> {
  await client.createTopic({ topic, partitions: 2 });
  const producer = await client.producer();
  const { lines, truth } = generate(generator);
  const messages = messagesOf(lines, 2);
  for (let at = 0; at < messages.length; at += 50)
    await producer.send(
      topic,
      (at / 50) % 2,
      messages.slice(at, at + 50).map((value) => ({ value: utf8(value) })),
    );
  await producer.close();
  return truth;
}

const job = (brokers: readonly string[], changes: Partial<KafkaJob> = {}): KafkaJob => ({
  kind: 'kafka',
  warehouse: join(directory.path, 'warehouse'),
  brokers,
  topic,
  group,
  maxLines: 100,
  fetchBytes: 8_192,
  sessionTimeout_ms: 2_000,
  ...changes,
});

/** Runs a worker to the end; calls `disturb` when the n-th step of this name begins. */
async function runDisturbed(
  worked: KafkaJob,
  step: string,
  times: number,
  disturb: () => Promise<void>,
): Promise<{ retries: number }> {
  const worker = pool.take();
  let left = times;
  let retries = 0;
  let disturbance: Promise<void> | undefined;
  const ending = await worker.run(worked, (begun) => {
    if (begun === 'retry') retries++;
    if (begun === step && --left === 0) disturbance = disturb();
  });
  await disturbance;
  expect(disturbance).toBeDefined();
  expect(ending).toMatchObject({ type: 'done', result: { stopped: [] } });
  const { differences } = await worker.look({ warehouse: worked.warehouse, generated: [{ options: generator }] });
  expect(differences).toEqual([]);
  pool.give(worker);
  return { retries };
}

describe('the broker', () => {
  let broker: Broker;
  let client: KafkaClient;
  beforeAll(async () => {
    broker = await startBroker();
    client = testClient(broker.brokers);
  });
  afterAll(async () => {
    await client.close();
    await broker.stop();
  });

  it.each(['plan', 'usage', 'offset'])('is killed at step %s, and comes back', async (step) => {
    await feed(client);
    await runDisturbed(job(broker.brokers), step, 3, async () => {
      await broker.kill('SIGKILL');
      await sleep(1_000);
      await broker.restart();
    });
  });

  it.each(['plan', 'ledger'])('is away at step %s for much longer than anybody’s patience', async (step) => {
    await feed(client);
    await runDisturbed(job(broker.brokers, { giveUp_ms: 3_000 }), step, 3, async () => {
      await broker.kill('SIGKILL');
      await sleep(20_000);
      await broker.restart();
    });
  });

  it('is away when the worker starts', async () => {
    await feed(client);
    await broker.kill('SIGKILL');
    const worker = pool.take();
    const working = worker.run(job(broker.brokers, { giveUp_ms: 3_000 }));
    await sleep(10_000);
    await broker.restart();
    expect(await working).toMatchObject({ type: 'done', result: { stopped: [] } });
    await worker.kill();
  });

  it('stands still past the session timeout, with its connections open', async () => {
    await feed(client);
    await runDisturbed(job(broker.brokers), 'plan', 3, async () => {
      await broker.pause();
      await sleep(5_000);
      await broker.resume();
    });
  });
});

describe('the disk', () => {
  const mounted = (path: string): boolean => {
    try {
      mkdirSync(path, { recursive: true });
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', path], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };

  it('of the warehouse is full for a while', async () => {
    const client = testClient();
    await feed(client);
    const disk = join(directory.path, 'disk');
    const own = mounted(disk);
    // Without the right to mount a small file system, the test cannot fill a disk, and proves nothing.
    process.stderr.write(
      own ? 'disk: a tmpfs of 96 MiB\n' : 'disk: no right to mount one; this test proves nothing here\n',
    );
    try {
      const worked = job(testBrokers(), { warehouse: join(disk, 'warehouse') });
      const { retries } = await runDisturbed(worked, 'usage', 3, async () => {
        if (!own) return;
        const filler = join(disk, 'filler');
        expect(() => writeFileSync(filler, Buffer.alloc(96 << 20))).toThrow('ENOSPC');
        await sleep(3_000);
        rmSync(filler);
      });
      expect(retries > 0).toBe(own);
    } finally {
      if (own) execFileSync('umount', ['-l', disk]);
      await client.close();
    }
  });
});

describe('a topic with transactions', () => {
  it('counts what was committed, steps over the rest, and reaches the end', async () => {
    const client = testClient();
    await client.createTopic({ topic, partitions: 1 });
    const { lines } = generate(generator);
    const producer = new kafkajs.Kafka({ brokers: testBrokers(), logLevel: kafkajs.logLevel.NOTHING }).producer({
      transactionalId: uniqueName('tx'),
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    for (let at = 0; at < lines.length; at += 100) {
      const messages = messagesOf(lines.slice(at, at + 100), 4).map((value) => ({ value }));
      if (at % 300 === 0) {
        const aborted = await producer.transaction();
        await aborted.send({ topic, messages });
        await aborted.abort();
      }
      const committed = await producer.transaction();
      await committed.send({ topic, messages });
      await committed.commit();
    }
    const last = await producer.transaction();
    await last.send({ topic, messages: [{ value: lines[0] }] });
    await last.abort();
    await producer.disconnect();
    await until(async () => (await client.watermarks(topic))[0].high > 500n);
    await runDisturbed(job(testBrokers()), 'plan', 1, () => Promise.resolve());
    await client.close();
  });
});
