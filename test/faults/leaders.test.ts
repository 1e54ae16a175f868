// Two brokers in one cluster. The test kills the broker that leads partitions and coordinates the group, while a worker
// loads. The other broker takes over, then the first one restarts and leads its partitions again. Every line must count once.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type KafkaClient } from '../../ingest/sources/kafka.ts';
import { type Cluster, startCluster } from '../provide/kafka.ts';
import { generate, messagesOf, Random } from '../support/generator.ts';
import { testClient, uniqueName, until, utf8 } from '../support/kafka.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../support/warehouse.ts';
import { type KafkaJob, WorkerPool } from '../support/worker-process.ts';
import { seedsToRun } from './crash-harness.ts';

const generator = { seed: 6, lines: 3_000, days: 2 } as const;
const PARTITIONS = 4;
let cluster: Cluster;
let client: KafkaClient;
let admin: kafkajs.Admin;
let pool: WorkerPool;
let directory: TemporaryDirectory;
let topic: string;
let group: string;

beforeAll(async () => {
  cluster = await startCluster();
  client = testClient(cluster.brokers);
  admin = new kafkajs.Kafka({ brokers: cluster.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  pool = new WorkerPool();
});
afterAll(async () => {
  await pool.close();
  await admin.disconnect();
  await client.close();
  await cluster.stop();
});

/** Partition → its leader, and the nodes with a complete copy. */
async function leaders(of: string): Promise<Map<number, { readonly leader: number; readonly isr: number[] }>> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [of] });
  return new Map(topics[0].partitions.map(({ partitionId, leader, isr }) => [partitionId, { leader, isr }]));
}

const ledByTheSecond = async (of: string): Promise<number> =>
  [...(await leaders(of)).values()].filter(({ leader }) => leader === cluster.second.nodeId).length;

const replicated = async (of: string): Promise<boolean> =>
  [...(await leaders(of)).values()].every(({ isr }) => isr.length === 2);

/** Kafka chooses a group's place by the hash of its name, as Java computes it. */
const coordinatorPartition = (name: string, partitions: number): number =>
  ([...name].reduce((hash, letter) => (Math.imul(31, hash) + letter.charCodeAt(0)) | 0, 0) & 0x7fffffff) % partitions;

/** A group whose coordinator is the broker that the test kills. */
async function groupOfTheSecond(): Promise<string> {
  // The first request creates the topic of offsets.
  await until(() =>
    client.committed(uniqueName('first'), topic).then(
      () => true,
      () => false,
    ),
  );
  await until(() => ledByTheSecond('__consumer_offsets').then((led) => led > 0));
  const led = await leaders('__consumer_offsets');
  for (;;) {
    const name = uniqueName('leaders');
    if (led.get(coordinatorPartition(name, led.size))!.leader === cluster.second.nodeId) return name;
  }
}

beforeEach(async () => {
  directory = temporaryDirectory();
  topic = uniqueName('leaders');
  await client.createTopic({ topic, partitions: PARTITIONS, replication: 2 });
  await until(async () => (await replicated(topic)) && (await ledByTheSecond(topic)) > 0);
  group = await groupOfTheSecond();
  await until(() => replicated('__consumer_offsets'));
  const producer = await client.producer();
  const messages = messagesOf(generate(generator).lines, 2);
  for (let at = 0; at < messages.length; at += 30)
    await producer.send(
      topic,
      (at / 30) % PARTITIONS,
      messages.slice(at, at + 30).map((value) => ({ value: utf8(value) })),
    );
  await producer.close();
});
afterEach(() => directory.remove());

const job = (changes: Partial<KafkaJob> = {}): KafkaJob => ({
  kind: 'kafka',
  warehouse: join(directory.path, 'warehouse'),
  brokers: cluster.brokers,
  topic,
  group,
  maxLines: 60,
  fetchBytes: 4_096,
  sessionTimeout_ms: 3_000,
  ...changes,
});

/** Kills the second broker; the first one leads everything; then the second restarts and leads again. */
async function changeLeaders(): Promise<void> {
  await cluster.second.kill('SIGKILL');
  await until(async () => (await ledByTheSecond(topic)) === 0);
  await cluster.second.restart();
  await until(async () => (await ledByTheSecond(topic)) > 0, 60_000);
}

/** Runs a worker to its end, then the oracle. @param onStep is called with each step when it begins */
async function finish(onStep?: (step: string) => void): Promise<void> {
  const worker = pool.take();
  expect(await worker.run(job(), onStep)).toMatchObject({ type: 'done', result: { stopped: [] } });
  const { differences } = await worker.look({ warehouse: job().warehouse, generated: [{ options: generator }] });
  expect(differences).toEqual([]);
  pool.give(worker);
}

/** Starts `disturb` when the n-th step of this name begins. */
async function finishDisturbed(step: string, times: number, disturb: () => Promise<void>): Promise<void> {
  let left = times;
  let disturbance: Promise<void> | undefined;
  await finish((begun) => {
    if (begun === step && --left === 0) disturbance = disturb();
  });
  expect(disturbance).toBeDefined();
  await disturbance;
}

describe('the leader of partitions, who coordinates the group', () => {
  it.each(['plan', 'usage', 'ledger', 'offset'])('is killed at step %s, and comes back', async (step) => {
    await finishDisturbed(step, 4, changeLeaders);
  });

  it('is killed and stays away: the other one leads to the end', async () => {
    await finishDisturbed('plan', 6, () => cluster.second.kill('SIGKILL'));
    expect(await ledByTheSecond(topic)).toBe(0);
    await cluster.second.restart();
  });

  it('stands still past the session, and wakes as one that leads no more', async () => {
    await finishDisturbed('usage', 5, async () => {
      await cluster.second.pause();
      await sleep(8_000); // its connections stay open, so requests to it get no answer
      await cluster.second.resume();
    });
  });
});

it.each(seedsToRun(1))('leaders change while workers are killed (seed %i)', async (seed) => {
  const random = new Random(seed);
  let changes = 0;
  let over = false;
  const changing = (async () => {
    while (!over) {
      await changeLeaders();
      changes++;
    }
  })();
  let kills = 0;
  while (changes < 2) {
    const worker = pool.take();
    let left = random.between(3, 25);
    const ending = await worker.run(job({ maxLines: random.pick([40, 90]) }), () => {
      if (--left === 0) void worker.kill();
    });
    expect(ending.type).not.toBe('failed');
    if (ending.type === 'killed') kills++;
    await worker.kill();
  }
  over = true;
  await changing;
  process.stderr.write(`leaders, seed ${seed}: ${changes} changes, ${kills} kills\n`);
  await finish();
});
