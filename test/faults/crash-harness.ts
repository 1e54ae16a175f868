// Kills a loading process again and again, by files and by Kafka, and the commands of a night. The seed gives the plan of crashes.
// At the end one process runs undisturbed, and the harness reads the warehouse. All seeds use one month of lines and one topic.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { compressionIds, type Compression, type KafkaClient } from '../../ingest/sources/kafka.ts';
import { sha256 } from '../../sql/sha256.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { fairshare, type RunResult, workerProgram } from '../support/cli.ts';
import { storedParts, withWarehouse } from '../support/damage.ts';
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

/** Old days whose landing `retain` drops. */
const OLD = { start: '2026-06-01', month: '2026-06' };
const DAY = 86_400_000;

/** Rows that must be the same after all kills. Times of writing, and ids that hold them, are left out. */
const figures: readonly string[] = [
  'usage_daily',
  'usage_hourly',
  'network_daily FINAL',
  'request_rate',
  'client_daily',
  'status_daily',
  // The states differ, because each world has salts of its own.
  '(SELECT day, booked_day, ecosystem, package, finalizeAggregation(networks) FROM package_daily)',
  'evidence_verdict FINAL',
  'allocation_input FINAL',
  'allocation_line FINAL',
  'allocation_correction FINAL',
  'interval_input FINAL',
  'usage_interval FINAL',
  '(SELECT day, booked_day, state, batches, requests, downloads, bytes, usage_rows, usage_hash FROM seal_current)',
  '(SELECT * EXCEPT (recorded_at, seen_at) FROM ledger_current)',
  '(SELECT * FROM usage_batch FINAL WHERE batch_id IN (SELECT batch_id FROM ledger_current))',
  '(SELECT * FROM rate_batch FINAL WHERE batch_id IN (SELECT batch_id FROM ledger_current))',
  '(SELECT * FROM quarantine FINAL WHERE batch_id IN (SELECT batch_id FROM ledger_current))',
  '(SELECT period, run_id FROM period_close FINAL)',
  '(SELECT run_id, period, inputs_sha256, result, lines_sha256, intervals_sha256, supersedes FROM allocation_run)',
  '(SELECT organisation, period, status FROM export_run)',
];

export interface CommandsOutcome {
  readonly seed: number;
  /** Kills that hit a running command, by command. */
  readonly kills: Readonly<Record<string, number>>;
  /** Table or file → hash of its content. */
  readonly figures: Readonly<Record<string, string>>;
  /** What doctor and verify find. */
  readonly faults: readonly string[];
}

/**
 * The commands of some nights, over a simulated registry: load, seal, a night, close a month, late lines, take lines back, another
 * night, exports, retain. Each command runs again until it ends, as a scheduler runs it.
 */
export class CommandsGround {
  private readonly directory = mkdtempSync(join(tmpdir(), 'fairshare-commands-'));
  private readonly lasted_ms = new Map<string, number>();
  private worlds = 0;

  private at(...parts: string[]): string {
    return join(this.directory, ...parts);
  }

  private readonly run = async (where: string, args: readonly string[], killAfter_ms?: number): Promise<RunResult> =>
    fairshare(args, {
      env: { FAIRSHARE_WAREHOUSE: join(where, 'warehouse'), FAIRSHARE_CONFIG: this.at('fairshare.yaml') },
      killAfter_ms,
    });

  private async must(where: string, ...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(where, args);
    if (status !== 0) throw new Error(`fairshare ${args.join(' ')} ended with ${status}: ${stderr}`);
    return stdout;
  }

  /** Simulates the logs, and loads and closes the old days. */
  async prepare(): Promise<void> {
    const base = this.at('base');
    execFileSync('mkdir', [base]);
    const shape = ['--lines', '3000', '--organisations', '8', '--sources', 'npm,pypi', '--objects-per-day', '2'];
    for (const [name, start, days] of [
      ['scenario', '2026-10-30', '4'],
      ['old', OLD.start, '2'],
    ] as const)
      // prettier-ignore
      await this.must(base, 'simulate', '--out', this.at(name), ...shape, '--start', start, '--days', days);
    // The few days are no month of a source: none is held back for what is missing after them.
    const scenario = readFileSync(this.at('scenario/fairshare.yaml'), 'utf8').replaceAll(/^ {2}- name: .*$/gm, `$&\n    retired_after: '2026-06-02'`); // prettier-ignore
    execFileSync('cp', ['-r', this.at('scenario/registry'), this.at('registry')]);
    writeFileSync(this.at('fairshare.yaml'), `${scenario}\nquarantine: { retention_days: 1 }\nretention: { network_days: 90, hourly_days: 100 }\n`); // prettier-ignore
    await this.must(base, 'orgs', 'import', this.at('registry/orgs.yaml'));
    await this.must(base, 'ranges', 'import', this.at('registry/ranges'), this.at('registry/networks.csv'));
    for (const source of ['npm', 'pypi'])
      await this.must(base, 'ingest', 'files', this.at('old/logs', source), '--source', source);
    await this.must(base, 'seal');
    await this.must(base, 'close', '--period', OLD.month);
    renameSync(this.at('scenario/logs/npm/2026/10/31/12-00.log.gz'), this.at('late.log.gz'));
    const location = join(base, 'warehouse');
    const past = new Date(Date.now() - 30 * DAY);
    const landed = await withWarehouse(location, async (warehouse) => {
      for (const table of ['usage_batch', 'rate_batch']) await warehouse.command(`OPTIMIZE TABLE ${table} FINAL`);
      await warehouse.command(
        `INSERT INTO day_seal SELECT * REPLACE (seal_no + 1 AS seal_no, now64(3, 'UTC') - INTERVAL 30 DAY AS sealed_at) FROM seal_current`,
      );
      return (await storedParts(warehouse)).filter(({ table }) => /^(usage|rate)_batch$/.test(table));
    });
    for (const { path } of landed) utimesSync(join(location, path), past, past);
  }

  /** Name → command, in order. */
  private commands(where: string): [string, string[]][] {
    const out = join(where, 'out');
    const organisation = /- id: (\S+)/.exec(readFileSync(this.at('registry/orgs.yaml'), 'utf8'))![1];
    const exported = (period: string) => ['export', '--org', organisation, '--period', period, '--out', join(where, 'exports', period)]; // prettier-ignore
    const night = (day: string) => ['nightly', '--day', day, '--incomplete', '--out', out];
    return [
      ['ingest', ['ingest', 'files', this.at('scenario/logs/npm'), '--source', 'npm']],
      ['ingest', ['ingest', 'files', this.at('scenario/logs/pypi'), '--source', 'pypi']],
      ['seal', ['seal']],
      ['nightly', night('2026-10-31')],
      ['close', ['close', '--period', '2026-10']],
      ['ingest', ['ingest', 'files', this.at('late.log.gz'), '--source', 'npm']],
      ['retract', ['ingest', 'retract', '--source', 'pypi', '--object', '2026/10/31/00-00.log.gz']],
      ['nightly', night('2026-11-02')],
      ['export', exported('2026-10')],
      ['export', exported('2026-11')],
      ['retain', ['retain']],
    ];
  }

  /** @param perCommand kills of each command, at most */
  async crash(seed: number, perCommand: number): Promise<CommandsOutcome> {
    const random = new Random(seed);
    const where = this.at(`world-${this.worlds++}`);
    execFileSync('cp', ['-a', this.at('base'), where]); // keeps the times of parts
    const kills: Record<string, number> = {};
    for (const [index, [name, args]] of this.commands(where).entries()) {
      const key = `${index} ${name}`;
      for (let left = perCommand; left > 0; left--) {
        // The first fifth of a command's time is the start of the process.
        const lasted_ms = this.lasted_ms.get(key) ?? 3_000;
        const again = await this.run(where, args, lasted_ms / 5 + random.below(Math.ceil(lasted_ms * 0.75)));
        if (again.status === null) kills[name] = (kills[name] ?? 0) + 1;
      }
      const started = performance.now();
      const last = await this.run(where, args);
      if (perCommand === 0) this.lasted_ms.set(key, performance.now() - started);
      // A retraction that had been recorded before the kill finds nothing left to take back.
      const isDone = last.status === 0 || (name === 'retract' && last.status === 3 && perCommand > 0);
      if (!isDone) throw new Error(`seed ${seed}: fairshare ${args.join(' ')} ended with ${last.status}: ${last.stderr}`); // prettier-ignore
    }
    const outcome = { seed, kills, figures: await this.figuresOf(where), faults: await this.faultsOf(where) };
    rmSync(where, { recursive: true, force: true });
    return outcome;
  }

  private async figuresOf(where: string): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    await withWarehouse(join(where, 'warehouse'), async (warehouse: Warehouse) => {
      for (const table of figures) {
        const [row] = await warehouse.query<{ rows: string; hash: string }>(
          `SELECT count() AS rows, hex(sum(cityHash64(toString(tuple(*))))) AS hash FROM ${table}`,
        );
        found[table] = `${row.rows} rows ${row.hash}`;
      }
    });
    for (const folder of ['out', 'out/statements', 'exports/2026-10', 'exports/2026-11'])
      for (const name of readdirSync(join(where, folder)).sort()) {
        if (!/\.(csv|parquet)$/.test(name)) continue;
        const lines = readFileSync(join(where, folder, name), 'latin1').split('\n');
        found[`${folder}/${name}`] = sha256(lines.filter((line) => !/^document,(computed_at|closed_at),/.test(line)).join('\n')); // prettier-ignore
      }
    return found;
  }

  private async faultsOf(where: string): Promise<string[]> {
    const faults: string[] = [];
    for (const args of [['doctor'], ['verify'], ['verify', join(where, 'out'), join(where, 'exports')]]) {
      const { status, stdout, stderr } = await this.run(where, args);
      if (status !== 0) faults.push(`${args[0]}: ${stdout}${stderr}`);
    }
    return faults;
  }

  close(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
