// 500 × kill -9 at random moments, while a producer writes to the topic. One worker runs after the other, each with an engine
// of its own, in a group with short sessions. The last worker is not killed, and every line must count once. The test prints
// the seed.
// FAIRSHARE_SEED=n chooses other moments, FAIRSHARE_KILLS=n the number of kills, FAIRSHARE_KILL_MINUTES=n the longest time.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { compiledWorker } from '../support/compiled.ts';
import { generate, type GeneratorOptions, messagesOf, Random } from '../support/generator.ts';
import { testBrokers, testClient, uniqueName, utf8 } from '../support/kafka.ts';
import { temporaryDirectory } from '../support/warehouse.ts';
import { type Done, type KafkaJob, WorkerPool } from '../support/worker-process.ts';

const env = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const KILLS = env('FAIRSHARE_KILLS', 500);
const BUDGET_MS = env('FAIRSHARE_KILL_MINUTES', 25) * 60_000;
const SEED = env('FAIRSHARE_SEED', 1);
const PARTITIONS = 3;
/** The test also kills a worker that has nothing to do. */
const IDLE_MS = 10_000;

it('kill -9 at random moments over a running topic', async () => {
  const random = new Random(SEED);
  const directory = temporaryDirectory();
  const client = testClient();
  const topic = uniqueName('kills');
  await client.createTopic({ topic, partitions: PARTITIONS });
  const pool = new WorkerPool(compiledWorker());
  const job = (changes: Partial<KafkaJob> = {}): KafkaJob => ({
    kind: 'kafka',
    warehouse: join(directory.path, 'warehouse'),
    brokers: testBrokers(),
    topic,
    group: uniqueName('kills'),
    maxLines: random.pick([40, 100, 250]),
    fetchBytes: random.pick([4_096, 16_384]),
    sessionTimeout_ms: 300,
    untilEnd: false,
    maxBatch_ms: 60,
    ...changes,
  });
  const group = uniqueName('kills');

  const generated: { options: GeneratorOptions; prefix: string }[] = [];
  let running = true;
  const producing = (async () => {
    const producer = await client.producer();
    for (let n = 0; running; n++) {
      const options = { seed: SEED * 100_000 + n, lines: 60 };
      generated.push({ options, prefix: `-k${n}` });
      const messages = messagesOf(generate(options, `-k${n}`).lines, 1 + (n % 4));
      await producer.send(
        topic,
        n % PARTITIONS,
        messages.map((value) => ({ value: utf8(value) })),
      );
      await sleep(400);
    }
    await producer.close();
  })();

  const started = performance.now();
  const at = new Map<string, number>();
  let kills = 0;
  try {
    for (; kills < KILLS && performance.now() - started < BUDGET_MS; kills++) {
      const worker = pool.take();
      let last = 'start';
      let begun = () => {};
      const firstStep = new Promise<void>((resolve) => (begun = resolve));
      const ending = worker.run(job({ group }), (step) => {
        last = step;
        begun();
      });
      // Some kills hit a start, a recovery or a join; most hit a load.
      if (random.chance(0.1)) await sleep(random.below(1_000));
      else {
        await Promise.race([firstStep, sleep(IDLE_MS, undefined, { ref: false })]);
        await sleep(random.below(400));
      }
      await worker.kill();
      const ended = await ending;
      if (ended.type === 'failed') throw new Error(`seed ${SEED}, kill ${kills}: ${ended.message}`);
      at.set(last, (at.get(last) ?? 0) + 1);
    }
  } finally {
    running = false;
  }
  await producing;
  process.stderr.write(
    `kills: ${kills} × kill -9 in ${Math.round((performance.now() - started) / 1000)} s, seed ${SEED}; after step: ${[...at].map(([step, times]) => `${step} ${times}`).join(', ')}\n`,
  );
  const worker = pool.take();
  const ending = await worker.run(job({ group, untilEnd: true, maxLines: 20_000, fetchBytes: 1 << 20 }));
  expect(ending).toMatchObject({ type: 'done', result: { stopped: [] } });
  process.stderr.write(`kills: the last worker loaded ${(ending as { result: Done }).result.lines} lines\n`);
  const { differences } = await worker.look({ warehouse: job().warehouse, generated });
  expect(differences).toEqual([]);
  process.stderr.write(`kills: ${generated.length * 60} lines, exact\n`);
  expect(kills).toBeGreaterThanOrEqual(Math.min(KILLS, 10));
  await worker.kill();
  await pool.close();
  await client.close();
  directory.remove();
});
