// Kills a loading process again and again, by files and by Kafka. The seed gives the plan of crashes. At the end one process
// runs undisturbed, and the harness reads the warehouse. All seeds use one month of lines and one topic.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { compressionIds, type Compression, type KafkaClient } from '../../ingest/sources/kafka.ts';
import { workerProgram } from '../support/cli.ts';
import { type Generated, generate, type GeneratorOptions, messagesOf, Random } from '../support/generator.ts';
import { uniqueName, utf8 } from '../support/kafka.ts';
import { copyMigratedWarehouse } from '../support/warehouse.ts';
import {
  type Done,
  type FilesJob,
  type KafkaJob,
  type Look,
  WorkerPool,
  WorkerProcess,
} from '../support/worker-process.ts';

export type Way = 'files' | 'kafka';

const steps: Record<Way, readonly string[]> = {
  files: ['evidence', 'usage', 'rate', 'quarantine', 'read-back', 'ledger', 'done', 'object'],
  kafka: ['plan', 'evidence', 'usage', 'rate', 'quarantine', 'read-back', 'ledger', 'done', 'offset'],
};

/** SIGKILL before a named step, or a random time after any step began. Batches have other borders after each start. */
export interface CrashPlan {
  readonly step?: string;
  readonly afterSteps: number;
  readonly delay_ms: number;
  readonly maxLines: number;
  readonly fetchBytes: number;
  /** Environment of this process alone; it tells the process where to end. */
  readonly env?: Readonly<Record<string, string>>;
}

export function crashPlans(seed: number, way: Way, crashes: number): CrashPlan[] {
  const random = new Random(seed);
  return Array.from({ length: crashes }, () => ({
    ...(random.chance(0.5) && { step: `${random.pick(steps[way])}:${random.between(1, 4)}` }),
    afterSteps: random.between(1, 40),
    delay_ms: random.below(12),
    maxLines: random.pick([150, 400, 900]),
    fetchBytes: random.pick([4_096, 16_384, 65_536]),
  }));
}

export interface CrashOutcome {
  readonly seed: number;
  readonly kills: number;
  readonly look: Look;
}

const SMALL_OBJECTS = 20;

/** The place of the lines of all seeds: objects in a directory, or a topic. */
export class CrashGround {
  readonly generator: GeneratorOptions;
  private readonly directory = mkdtempSync(join(tmpdir(), 'fairshare-crash-'));
  private readonly pool = new WorkerPool(workerProgram());
  private readonly generated: Generated;
  private topic: { readonly name: string; readonly brokers: readonly string[] } | undefined;
  private warehouses = 0;

  constructor(generator: GeneratorOptions) {
    this.generator = generator;
    this.generated = generate(generator);
    const { lines } = this.generated;
    // Two objects of many batches, and many objects that are stored together.
    const third = Math.ceil(lines.length / 3);
    const small = Math.ceil(third / SMALL_OBJECTS);
    const cuts = [0, third, ...Array.from({ length: SMALL_OBJECTS + 1 }, (_, i) => 2 * third + i * small)];
    for (let i = 0; i + 1 < cuts.length; i++) {
      const text = `${lines.slice(cuts[i], cuts[i + 1]).join('\n')}\n`;
      const packed = i % 2 === 1;
      writeFileSync(join(this.directory, `part-${i}.log${packed ? '.gz' : ''}`), packed ? gzipSync(text) : text);
    }
  }

  /** The same lines as messages with one line or many, in every compression. */
  async feedTopic(client: KafkaClient, brokers: readonly string[], partitions = 2): Promise<void> {
    const topic = uniqueName('crash');
    this.topic = { name: topic, brokers };
    await client.createTopic({ topic, partitions });
    const { lines } = this.generated;
    const compressions = Object.keys(compressionIds) as Compression[];
    const random = new Random(this.generator.seed);
    const part = Math.ceil(lines.length / compressions.length / 4);
    for (let at = 0; at < lines.length; at += part) {
      const producer = await client.producer({ compression: compressions[(at / part) % compressions.length] });
      const messages = messagesOf(lines.slice(at, at + part), random.pick([1, 7, 60]));
      const partition = random.below(partitions);
      for (let from = 0; from < messages.length; from += 40)
        await producer.send(
          topic,
          partition,
          messages.slice(from, from + 40).map((value) => ({ value: utf8(value) })),
        );
      await producer.close();
    }
  }

  /** Loads into a warehouse of its own, kills as planned, then lets one process finish and reads the warehouse. */
  async crash(way: Way, seed: number, plans: readonly CrashPlan[], naive = false): Promise<CrashOutcome> {
    const warehouse = join(this.directory, `warehouse-${this.warehouses++}`);
    copyMigratedWarehouse(warehouse);
    const group = uniqueName('crash');
    let kills = 0;
    for (const plan of plans) {
      const worker = plan.env === undefined ? this.pool.take() : new WorkerProcess(plan.env);
      let left = plan.afterSteps;
      const onStep = () => {
        if (plan.step === undefined && --left === 0) void sleep(plan.delay_ms).then(() => worker.kill());
      };
      const ending = await worker.run(this.job(way, warehouse, group, plan, naive), onStep);
      if (ending.type === 'failed') throw new Error(`seed ${seed}, ${JSON.stringify(plan)}: ${ending.message}`);
      if (ending.type === 'killed') kills++;
      else await worker.kill();
    }
    const worker = this.pool.take();
    const calm = { afterSteps: 0, delay_ms: 0, maxLines: 500, fetchBytes: 32_768 };
    const ending = await worker.run(this.job(way, warehouse, group, calm, naive));
    if (ending.type !== 'done' || (ending.result as Done).stopped.length > 0)
      throw new Error(`seed ${seed}: the last process ended with ${JSON.stringify(ending)}`);
    const look = await worker.look({ warehouse, generated: [{ options: this.generator }] });
    this.pool.give(worker);
    rmSync(warehouse, { recursive: true, force: true });
    return { seed, kills, look };
  }

  private job(
    way: Way,
    warehouse: string,
    group: string,
    { step, maxLines, fetchBytes }: CrashPlan,
    naive: boolean,
  ): FilesJob | KafkaJob {
    const common = { warehouse, maxLines, naive, crashAt: step };
    if (way === 'files') return { kind: 'files', ...common, paths: [join(this.directory, 'part-*')] };
    const { name: topic, brokers } = this.topic!;
    return { kind: 'kafka', ...common, topic, brokers, group, fetchBytes, sessionTimeout_ms: 500 };
  }

  async close(): Promise<void> {
    await this.pool.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Runs this many tasks at the same time; results in order. */
export async function sideBySide<T>(lanes: number, tasks: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const lane = async () => {
    while (next < tasks.length) {
      const i = next++;
      results[i] = await tasks[i]();
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

/** FAIRSHARE_SEED=n runs that seed alone, FAIRSHARE_SEEDS=n the first n. */
export function seedsToRun(count: number): number[] {
  const { FAIRSHARE_SEED, FAIRSHARE_SEEDS } = process.env;
  if (FAIRSHARE_SEED !== undefined) return [Number(FAIRSHARE_SEED)];
  return Array.from({ length: Number(FAIRSHARE_SEEDS ?? count) }, (_, i) => i + 1);
}

/** Runs every seed, and one run without faults. */
export async function crashCampaign(
  ground: CrashGround,
  way: Way,
  seeds: readonly number[],
  crashes: number,
  naive = false,
): Promise<{ undisturbed: Look; outcomes: CrashOutcome[] }> {
  const started = performance.now();
  const [calm, ...outcomes] = await sideBySide(2, [
    () => ground.crash(way, 0, [], naive),
    ...seeds.map((seed) => async () => {
      const plans = crashPlans(seed, way, crashes);
      const outcome = await ground.crash(way, seed, plans, naive);
      const where = plans.map(({ step, afterSteps, delay_ms }) => step ?? `${afterSteps} steps + ${delay_ms} ms`);
      process.stderr.write(
        `crash by ${way}, seed ${seed}: ${outcome.kills} of ${plans.length} kills (${where.join('; ')})\n`,
      );
      return outcome;
    }),
  ]);
  process.stderr.write(`crash by ${way}: ${seeds.length} seeds in ${Math.round(performance.now() - started)} ms\n`);
  return { undisturbed: calm.look, outcomes };
}
