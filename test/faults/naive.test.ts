// A simple consumer goes through the same faults as the worker. It inserts the records that it polls, retries a failed
// insert, and then commits; or it commits first. It has no plan and no ledger. The oracle finds the worker exact, and must
// find this consumer wrong, every time.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type KafkaClient } from '../../ingest/sources/kafka.ts';
import { type Broker, startBroker } from '../provide/kafka.ts';
import { generate, messagesOf, Random, type Truth } from '../support/generator.ts';
import { testClient, uniqueName, until, utf8 } from '../support/kafka.ts';
import { differences } from '../support/oracle.ts';
import { type KafkaJob, WorkerPool, type WorkerProcess } from '../support/worker-process.ts';
import { seedsToRun } from './crash-harness.ts';
import { type Fate, SharedWarehouse } from './shared-warehouse.ts';

const generator = { seed: 9, lines: 800, days: 2 } as const;
const SESSION_MS = 1_000;
let broker: Broker;
let client: KafkaClient;
let shared: SharedWarehouse;
let pool: WorkerPool;
let topic: string;
let group: string;
let truth: Truth;

beforeAll(async () => {
  broker = await startBroker({ own: true });
  client = testClient(broker.brokers);
  pool = new WorkerPool();
});
afterAll(async () => {
  await pool.close();
  await client.close();
  await broker.stop();
});
beforeEach(async () => {
  shared = await SharedWarehouse.open();
  topic = uniqueName('naive');
  group = uniqueName('naive');
  await client.createTopic({ topic, partitions: 2 });
  const generated = generate(generator);
  truth = generated.truth;
  const producer = await client.producer();
  const messages = messagesOf(generated.lines, 2);
  for (let at = 0; at < messages.length; at += 25)
    await producer.send(
      topic,
      (at / 25) % 2,
      messages.slice(at, at + 25).map((value) => ({ value: utf8(value) })),
    );
  await producer.close();
});
afterEach(() => shared.close());

const consumers = ['the worker', 'insert, then commit', 'commit, then insert'] as const;
type Consumer = (typeof consumers)[number];
const naive = { 'the worker': false, 'insert, then commit': true, 'commit, then insert': 'commits first' } as const;

const job = (consumer: Consumer, changes: Partial<KafkaJob> = {}): KafkaJob => ({
  kind: 'kafka',
  naive: naive[consumer],
  warehouse: shared.proxy.url,
  brokers: broker.brokers,
  topic,
  group,
  maxLines: 60,
  fetchBytes: 4_096,
  sessionTimeout_ms: SESSION_MS,
  ...changes,
});

/** Runs until the n-th step of this name begins; then calls `then`. */
function runTo(worker: WorkerProcess, consumer: Consumer, step: string, times: number, then: () => unknown) {
  let left = times;
  return new Promise<void>((resolve, reject) => {
    const running = worker.run(job(consumer), (begun) => {
      if (begun === step && --left === 0) resolve(void then());
    });
    void running.then((ending) => reject(new Error(`it ended before step ${step}: ${JSON.stringify(ending)}`)));
  });
}

/** Runs another member to the end. */
async function finish(consumer: Consumer): Promise<void> {
  const worker = pool.take();
  expect(await worker.run(job(consumer))).toMatchObject({ type: 'done', result: { stopped: [] } });
  pool.give(worker);
}

type Fault = (consumer: Consumer) => Promise<void>;

const killedAt =
  (step: string): Fault =>
  async (consumer) => {
    const worker = pool.take();
    await runTo(worker, consumer, step, 3, () => worker.kill());
    await finish(consumer);
  };

const faults: Readonly<Record<string, Fault>> = {
  'kill -9 when its rows are stored': killedAt('offset'),
  'kill -9 before its rows are stored': killedAt('usage'),
  'stopped past its session, and awake again': async (consumer) => {
    const worker = pool.take();
    await runTo(worker, consumer, 'offset', 3, () => worker.signal('SIGSTOP'));
    await finish(consumer);
    worker.signal('SIGCONT');
    await sleep(2 * SESSION_MS);
    await worker.kill();
  },
  'the group’s offsets lost': async (consumer) => {
    const worker = pool.take();
    await runTo(worker, consumer, 'offset', 3, () => worker.kill());
    await until(
      () =>
        client.deleteGroup(group).then(
          () => true,
          () => false,
        ),
      60_000,
    );
    await finish(consumer);
  },
  'a rebalance while an insert is on its way': async (consumer) => {
    const { proxy } = shared;
    let holds = true;
    proxy.decide = ({ table, body }) =>
      holds && table === 'ingest_ledger' && body.includes('"state":"loaded"') ? 'hold' : 'pass';
    const first = pool.take();
    void first.run(job(consumer, { drain_ms: 0 }));
    // The loader writes the ledger rows of both partitions in one insert at a time.
    await until(() => proxy.heldRequests === 1, 60_000);
    holds = false;
    const second = pool.take();
    await runTo(second, consumer, 'offset', 1, () => undefined);
    await proxy.letGo();
    await Promise.all([first, second].map((worker) => worker.kill()));
    await finish(consumer);
  },
  'the broker killed, and away past the session': async (consumer) => {
    const worker = pool.take();
    const ending = new Promise((resolve) => {
      let left = 3;
      void worker
        .run(job(consumer), (step) => {
          if (step !== 'offset' || --left !== 0) return;
          void broker.kill('SIGKILL').then(async () => {
            await sleep(2 * SESSION_MS);
            await broker.restart();
          });
        })
        .then(resolve);
    });
    await ending;
    await worker.kill();
    await finish(consumer);
  },
};

for (const seed of seedsToRun(2))
  (faults as Record<string, Fault>)[`answers lost, inserts cut and refused (seed ${seed})`] = async (consumer) => {
    const random = new Random(seed);
    const fates: Fate[] = ['lose answer', 'lose answer', 'cut', 'refuse'];
    // Schema and revision are spared, because a start that fails tests neither consumer.
    const loads = /^(?:usage_batch|rate_batch|quarantine|ingest_ledger)$/;
    shared.proxy.decide = ({ table }) => (loads.test(table ?? '') && random.chance(0.25) ? random.pick(fates) : 'pass');
    await finish(consumer);
    process.stderr.write(`${consumer}, seed ${seed}: ${JSON.stringify([...shared.proxy.fates])}\n`);
  };

/**
 * Faults that cannot harm this consumer: commit-first loses nothing after its rows are stored, and doubles nothing without a
 * retry.
 */
const harmless: Readonly<Record<string, Consumer>> = {
  'kill -9 when its rows are stored': 'commit, then insert',
  'kill -9 before its rows are stored': 'insert, then commit',
  'stopped past its session, and awake again': 'commit, then insert',
  'a rebalance while an insert is on its way': 'commit, then insert',
  'the broker killed, and away past the session': 'commit, then insert',
};

describe.each(Object.keys(faults))('%s', (fault) => {
  it.each(consumers.filter((consumer) => consumer !== harmless[fault]))('%s', async (consumer) => {
    await faults[fault](consumer);
    const found = await differences(shared.house.warehouse, truth);
    process.stderr.write(`${fault}; ${consumer}: ${found[0] ?? 'exact'}\n`);
    if (consumer === 'the worker') expect(found).toEqual([]);
    else expect(found.join('\n')).toMatch(/requests in the ledger|counted more than once/);
  });
});
