// Owners that wake after they were replaced, and inserts that arrive long after their sender ended. Worker processes share
// one warehouse behind its HTTP door. Whatever a zombie still stores, every line must count once.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type KafkaClient } from '../../ingest/sources/kafka.ts';
import { addTruth, generate, messagesOf, Random, type Truth } from '../support/generator.ts';
import { testBrokers, testClient, uniqueName, until, utf8 } from '../support/kafka.ts';
import { differences } from '../support/oracle.ts';
import { type Ending, type KafkaJob, WorkerPool, type WorkerProcess } from '../support/worker-process.ts';
import { seedsToRun } from './crash-harness.ts';
import { residentMiB, SharedWarehouse, type Fate } from './shared-warehouse.ts';

let client: KafkaClient;
let shared: SharedWarehouse;
let pool: WorkerPool;
let topic: string;
let group: string;
let truth: Truth;

beforeAll(() => {
  client = testClient();
  pool = new WorkerPool();
});
afterAll(async () => {
  await pool.close();
  await client.close();
});
beforeEach(async () => {
  shared = await SharedWarehouse.open();
  topic = uniqueName('zombie');
  group = uniqueName('zombie');
  await client.createTopic({ topic, partitions: 2 });
  const producer = await client.producer();
  const generated = generate({ seed: 3, lines: 1_200, days: 2 });
  truth = generated.truth;
  for (let at = 0; at < 12; at++) {
    const messages = messagesOf(generated.lines.slice(at * 100, at * 100 + 100), 1 + (at % 3));
    await producer.send(
      topic,
      at % 2,
      messages.map((value) => ({ value: utf8(value) })),
    );
  }
  await producer.close();
});
afterEach(() => shared.close());

const job = (changes: Partial<KafkaJob> = {}): KafkaJob => ({
  kind: 'kafka',
  warehouse: shared.door.url,
  brokers: testBrokers(),
  topic,
  group,
  maxLines: 150,
  fetchBytes: 16_384,
  sessionTimeout_ms: 1_000,
  ...changes,
});

const expectExact = async () => expect(await differences(shared.house.warehouse, truth)).toEqual([]);

const finish = async (worker: WorkerProcess, changes: Partial<KafkaJob> = {}): Promise<void> => {
  expect(await worker.run(job(changes))).toMatchObject({ type: 'done', result: { stopped: [] } });
};

/** Starts a worker and stops it (SIGSTOP) when the n-th step of this name begins. */
async function freezeAt(wanted: string, times: number): Promise<{ worker: WorkerProcess; ending: Promise<Ending> }> {
  const worker = pool.take();
  let left = times;
  const frozen = new Promise<void>((resolve) => {
    void worker
      .run(job(), (step) => {
        if (step !== wanted || --left !== 0) return;
        worker.signal('SIGSTOP');
        resolve();
      })
      .then((ending) => endings.set(worker, ending));
  });
  const endings = new Map<WorkerProcess, Ending>();
  await frozen;
  const ending = (async () => {
    await until(() => endings.has(worker), 60_000);
    return endings.get(worker)!;
  })();
  ending.catch(() => {});
  return { worker, ending };
}

describe('an owner that is stopped past its session, and wakes when another is done', () => {
  it.each(['plan', 'evidence', 'usage', 'rate', 'read-back', 'ledger', 'done', 'offset'])(
    'at step %s',
    async (step) => {
      const { worker: zombie } = await freezeAt(step, 2);
      const other = pool.take();
      await finish(other, { maxLines: 70, fetchBytes: 4_096 });
      await expectExact();
      zombie.signal('SIGCONT');
      await sleep(1_500);
      await finish(other);
      await expectExact();
      await zombie.kill();
      pool.give(other);
    },
  );

  it('its plan lost with the group’s offsets, its range cut elsewhere by others', async () => {
    const { worker: zombie } = await freezeAt('usage', 2);
    await until(
      () =>
        client.deleteGroup(group).then(
          () => true,
          () => false,
        ),
      60_000,
    );
    const other = pool.take();
    await finish(other, { maxLines: 40, fetchBytes: 2_048 });
    zombie.signal('SIGCONT');
    await sleep(1_500);
    await finish(other);
    await expectExact();
    await zombie.kill();
    pool.give(other);
  });

  it('reading by older rules than the others', async () => {
    const { worker: zombie } = await freezeAt('ledger', 1);
    const other = pool.take();
    await finish(other, { codeVersion: 'newer' });
    zombie.signal('SIGCONT');
    await sleep(1_500);
    await expectExact();
    await zombie.kill();
    pool.give(other);
  });
});

describe('an insert that arrives when the next owner is done', () => {
  it.each([
    ['usage_batch', ''],
    ['rate_batch', ''],
    ['quarantine', ''],
    ['ingest_ledger', '"state":"start"'],
    ['ingest_ledger', '"state":"loaded"'],
  ])('into %s %s', async (table, holding) => {
    const { proxy } = shared;
    let left = 2;
    proxy.decide = (passing) =>
      passing.table === table && passing.body.includes(holding) && --left === 0 ? 'hold' : 'pass';
    const sender = pool.take();
    void sender.run(job({ warehouse: proxy.url }));
    await until(() => proxy.heldRequests === 1, 60_000);
    await sender.kill();
    const other = pool.take();
    await finish(other, { maxLines: 60, fetchBytes: 4_096 });
    await expectExact();
    await proxy.letGo();
    await expectExact();
    await finish(other);
    await expectExact();
    pool.give(other);
  });

  it('into the ledger, its plan lost with the group’s offsets', async () => {
    const { proxy } = shared;
    let left = 3;
    proxy.decide = ({ table, body }) =>
      table === 'ingest_ledger' && body.includes('"state":"loaded"') && --left === 0 ? 'hold' : 'pass';
    const sender = pool.take();
    void sender.run(job({ warehouse: proxy.url }));
    await until(() => proxy.heldRequests === 1, 60_000);
    await sender.kill();
    await until(
      () =>
        client.deleteGroup(group).then(
          () => true,
          () => false,
        ),
      60_000,
    );
    const other = pool.take();
    await finish(other, { maxLines: 40, fetchBytes: 2_048 });
    await proxy.letGo();
    await expectExact();
    pool.give(other);
  });
});

describe('between worker and warehouse', () => {
  it.each(seedsToRun(3))('answers are lost, bodies cut, connections refused, errors given (seed %i)', async (seed) => {
    const random = new Random(seed);
    const fates: Fate[] = [
      'refuse',
      'lose answer',
      'lose answer',
      'lose answer',
      'cut',
      'cut',
      { error: 'Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space. (NOT_ENOUGH_SPACE)' },
      { error: 'Code: 242. DB::Exception: Table is in readonly mode. (TABLE_IS_READ_ONLY)' },
      { error: 'Code: 252. DB::Exception: Too many parts. (TOO_MANY_PARTS)' },
      { error: 'Code: 241. DB::Exception: Memory limit exceeded. (MEMORY_LIMIT_EXCEEDED)' },
    ];
    const faults = () => (random.chance(0.25) ? random.pick(fates) : 'pass');
    const worker = pool.take();
    // The faults begin after the start, because a worker ends if its warehouse does not answer at the start.
    const ending = await worker.run(job({ warehouse: shared.proxy.url }), () => (shared.proxy.decide = faults));
    expect(ending).toMatchObject({ type: 'done', result: { stopped: [] } });
    process.stderr.write(`proxy, seed ${seed}: ${JSON.stringify([...shared.proxy.fates])}\n`);
    expect(shared.proxy.fates.size).toBeGreaterThan(2);
    await expectExact();
    pool.give(worker);
  });

  it('the way takes a few bytes a second for a while: lag grows, memory does not', async () => {
    shared.proxy.decide = ({ table, body }) => (table === undefined ? 'pass' : { delay_ms: body.length / 2 });
    const worker = pool.take();
    let ended = false;
    const working = worker.run(job({ warehouse: shared.proxy.url, maxBatch_ms: 100 })).finally(() => (ended = true));
    await until(() => shared.proxy.fates.has('slow'), 60_000);
    const before = residentMiB(worker.pid);
    let most = 0;
    for (const end = Date.now() + 15_000; Date.now() < end; await sleep(200))
      most = Math.max(most, residentMiB(worker.pid));
    expect(ended).toBe(false);
    process.stderr.write(`slow: ${Math.round(before)} MiB, then ${Math.round(most)} MiB at most\n`);
    expect(most - before).toBeLessThan(100);
    shared.proxy.decide = () => 'pass';
    expect(await working).toMatchObject({ type: 'done', result: { stopped: [] } });
    await expectExact();
    pool.give(worker);
  });

  it('one table of several fails for a while', async () => {
    let refused = 0;
    shared.proxy.decide = ({ table }) => (table === 'rate_batch' && refused++ < 5 ? 'refuse' : 'pass');
    const worker = pool.take();
    await finish(worker, { warehouse: shared.proxy.url });
    expect(refused).toBeGreaterThan(5);
    await expectExact();
    pool.give(worker);
  });
});

describe('members', () => {
  it('join, leave and die every second', async () => {
    const [seed] = seedsToRun(1);
    process.stderr.write(`members: seed ${seed}\n`);
    const random = new Random(seed);
    const end = Date.now() + 25_000;
    const lane = async (): Promise<void> => {
      while (Date.now() < end) {
        const worker = pool.take();
        const running = worker.run(job({ untilEnd: false, maxLines: random.pick([30, 100]), fetchBytes: 2_048 }));
        await sleep(random.between(800, 4_000));
        if (random.chance(0.5)) {
          worker.signal('SIGTERM');
          await Promise.race([running, sleep(8_000)]);
        }
        await worker.kill();
      }
    };
    const producing = (async () => {
      const producer = await client.producer();
      for (let n = 0; Date.now() < end - 5_000; n++) {
        const more = generate({ seed: n, lines: 60 }, `-churn-${n}`);
        await producer.send(
          topic,
          n % 2,
          messagesOf(more.lines, 1 + (n % 5)).map((value) => ({ value: utf8(value) })),
        );
        truth = addTruth(truth, more.truth);
        await sleep(400);
      }
      await producer.close();
    })();
    await Promise.all([lane(), lane(), producing]);
    const worker = pool.take();
    await finish(worker);
    await expectExact();
    pool.give(worker);
  });
});
