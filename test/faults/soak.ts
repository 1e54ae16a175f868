// make soak: full rate, with a fault every few seconds, and the oracle at the end. It uses a broker of its own, one warehouse
// behind its HTTP door, a proxy before the door, and two workers in a group. Each message has an id and contains LINES lines
// of it, so every id must count exactly that often. It writes docs/soak.svg, and a section of docs/FAULTS.md.
// FAIRSHARE_SOAK_MINUTES=n (30) sets the time, FAIRSHARE_SEED=n other faults.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKafkaClient, type KafkaClient, type KafkaProducer } from '../../ingest/sources/kafka.ts';
import { startBroker, type Broker } from '../provide/kafka.ts';
import { runChecks } from '../../sql/checks.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { compiledWorker } from '../support/compiled.ts';
import { Random } from '../support/generator.ts';
import { type Done, type KafkaJob, WorkerPool, type WorkerProcess } from '../support/worker-process.ts';
import { type Fate, residentMiB, SharedWarehouse } from './shared-warehouse.ts';
import { chart, rewriteSection, type Sample, table } from './soak-report.ts';
import { dayOf, startOf } from '../../transform/periods.ts';

const MINUTES = Number(process.env.FAIRSHARE_SOAK_MINUTES ?? 30);
const SEED = Number(process.env.FAIRSHARE_SEED ?? 1);
const LINES = 64;
const MESSAGES = 24;
const PARTITIONS = 4;
const WORKERS = 2;
const TOPIC = 'soak';
const SESSION_MS = 2_000;
/** Largest number of lines that may wait in the topic. Above it the producer waits, so that the workers set the rate. */
const MAX_LAG = 3_000_000;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const say = (line: string) => process.stderr.write(`${line}\n`);
const seconds = (since: number): number => (performance.now() - since) / 1000;

const within = <T>(limit_ms: number, work: Promise<T>): Promise<T> =>
  Promise.race([
    work,
    sleep(limit_ms, undefined, { ref: false }).then(() => Promise.reject(new Error(`no answer in ${limit_ms} ms`))),
  ]);

/** Writes the lines of one id; one of a thousand ids ends with a line that cannot be read. */
function message(id: number): { value: Buffer; bytes: number; bad: boolean } {
  const bytes = 100 + (id % 1_000);
  const at = new Date(startOf('2026-10-01') + (id % 72) * 3_600_000).toISOString();
  const line = `{"timestamp":"${at}","client_ip":"198.51.100.${id % 250}","request":"GET","request_path":"/pkg-${id % 500}/-/pkg-${id % 500}-1.0.${id}.tgz","request_query":"","user_agent":"npm/11.0.0 node/v20.0.0 linux x64 workspaces/false","response_status":200,"response_bytes":${bytes},"response_cache":"HIT","request_range":"","tls_version":"TLSv1.3","time_elapsed":0.001}\n`;
  const bad = id % 1_000 === 999;
  return { value: Buffer.from(line.repeat(LINES) + (bad ? 'not a line of this log\n' : '')), bytes, bad };
}

class Soak {
  private readonly random = new Random(SEED);
  private readonly pool = new WorkerPool(compiledWorker());
  private readonly workers = new Set<WorkerProcess>();
  private readonly frozen = new Set<WorkerProcess>();
  readonly faults = new Map<string, number>();
  readonly samples: Sample[] = [];
  produced = 0;
  private running = true;

  constructor(
    private readonly broker: Broker,
    private readonly client: KafkaClient,
    private readonly shared: SharedWarehouse,
  ) {}

  private job(changes: Partial<KafkaJob> = {}): KafkaJob {
    return {
      kind: 'kafka',
      warehouse: this.shared.proxy.url,
      brokers: this.broker.brokers,
      topic: TOPIC,
      group: 'soak',
      maxLines: 100_000,
      maxBatch_ms: 1_000,
      sessionTimeout_ms: SESSION_MS,
      untilEnd: false,
      ...changes,
    };
  }

  /** Starts a worker, and another one whenever it ends. */
  private keepWorker(): void {
    const worker = this.pool.take();
    this.workers.add(worker);
    void worker.run(this.job()).then(async (ending) => {
      this.workers.delete(worker);
      if (ending.type === 'failed') {
        this.count('a worker gave up and was started again');
        say(`soak: a worker gave up: ${ending.message}`);
      }
      await worker.kill();
      if (this.running) this.keepWorker();
    });
  }

  private count(fault: string): void {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
  }

  private async oneFault(): Promise<void> {
    const { random, shared, broker } = this;
    const awake = [...this.workers].filter((worker) => !this.frozen.has(worker));
    const worker = awake.length > 0 ? random.pick(awake) : undefined;
    const during = async (fate: Fate, share: number, ms: number) => {
      shared.proxy.decide = () => (random.chance(share) ? fate : 'pass');
      await sleep(ms);
      shared.proxy.decide = () => 'pass';
    };
    const faults: readonly [string, () => unknown][] = [
      ['kill -9', () => worker?.kill()],
      ['kill -9', () => worker?.kill()],
      ['SIGTERM', () => worker?.signal('SIGTERM')],
      [
        'SIGSTOP past the session, then SIGCONT',
        async () => {
          if (worker === undefined) return;
          this.frozen.add(worker);
          worker.signal('SIGSTOP');
          await sleep(SESSION_MS + 2_000);
          worker.signal('SIGCONT');
          this.frozen.delete(worker);
        },
      ],
      ['answers of the warehouse lost', () => during('lose answer', 0.3, 2_000)],
      ['inserts cut in the middle', () => during('cut', 0.3, 2_000)],
      ['the warehouse away', () => during('refuse', 1, 3_000)],
      [
        'the warehouse full',
        () =>
          during(
            { error: 'Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space. (NOT_ENOUGH_SPACE)' },
            0.7,
            2_000,
          ),
      ],
      [
        'an insert delivered late',
        async () => {
          let left = 1;
          shared.proxy.decide = ({ table }) => (table !== undefined && left-- > 0 ? 'hold' : 'pass');
          await sleep(3_000);
          shared.proxy.decide = () => 'pass';
          await shared.proxy.letGo();
        },
      ],
      [
        'the broker stands still',
        async () => {
          await broker.pause();
          await sleep(3_000);
          await broker.resume();
        },
      ],
      [
        'the broker killed and started again',
        async () => {
          await broker.kill('SIGKILL');
          await broker.restart();
        },
      ],
    ];
    const [name, bring] = random.pick(faults);
    this.count(name);
    const began = performance.now();
    await bring();
    say(`soak: ${name}, ${seconds(began).toFixed(1)} s; ${JSON.stringify(this.samples.at(-1))}`);
  }

  private async producing(): Promise<void> {
    let producer: KafkaProducer | undefined;
    for (let partition = 0; this.running; partition = (partition + 1) % PARTITIONS) {
      while (this.running && (this.samples.at(-1)?.lag_lines ?? 0) > MAX_LAG) await sleep(200);
      const batch = Array.from({ length: MESSAGES }, (_, i) => message(this.produced + i));
      const before = await this.high(partition);
      for (;;)
        try {
          producer ??= await within(20_000, this.client.producer());
          await within(
            20_000,
            producer.send(
              TOPIC,
              partition,
              batch.map(({ value }) => ({ value })),
            ),
          );
          break;
        } catch (error) {
          if ((error as Error).message.includes('too large')) throw error;
          // The broker is absent, or kafkajs waits for ever. The log shows whether the batch arrived.
          void producer?.close().catch(() => undefined);
          producer = undefined;
          await sleep(2_000);
          if ((await this.high(partition)) > before) break;
        }
      this.produced += MESSAGES;
    }
    void producer?.close().catch(() => undefined);
  }

  private async high(partition: number): Promise<bigint> {
    for (;;)
      try {
        return (await this.client.watermarks(TOPIC))[partition].high;
      } catch {
        await sleep(500);
      }
  }

  private async sample(started: number): Promise<void> {
    const committed = new Map(
      (await this.client.committed('soak', TOPIC)).map(({ partition, offset }) => [partition, offset ?? 0n]),
    );
    let lag = 0n;
    for (const { partition, high } of await this.client.watermarks(TOPIC))
      lag += high - (committed.get(partition) ?? 0n);
    const [row] = await this.shared.house.warehouse.query<{ lines: string }>(
      'SELECT sum(lines) AS lines FROM ledger_current',
    );
    const rss = [...this.workers].map((worker) => residentMiB(worker.pid));
    this.samples.push({
      at_s: seconds(started),
      lines: Number(row.lines),
      lag_lines: Number(lag) * LINES,
      worker_mib: Math.max(0, ...rss),
      warehouse_mib: residentMiB(process.pid),
    });
  }

  async run(): Promise<number> {
    const started = performance.now();
    const producing = this.producing();
    for (let i = 0; i < WORKERS; i++) this.keepWorker();
    const sampling = (async () => {
      while (this.running) {
        await this.sample(started).catch(() => undefined);
        await sleep(1_000);
      }
    })();
    while (seconds(started) < MINUTES * 60) {
      await sleep(this.random.between(2_000, 5_000));
      await this.oneFault();
    }
    this.running = false;
    say(`soak: ${this.produced * LINES} lines produced; no more faults`);
    await producing;
    const elapsed = seconds(started);
    await sampling;
    for (const worker of this.workers) worker.signal('SIGCONT');
    await Promise.all([...this.workers].map((worker) => worker.kill()));
    return elapsed;
  }

  /** The last worker runs without other members and without faults. */
  async drain(): Promise<Done> {
    say('soak: the last worker');
    const worker = this.pool.take();
    const ending = await worker.run(this.job({ untilEnd: true }));
    await worker.kill();
    await this.pool.close();
    if (ending.type !== 'done') throw new Error(`the last worker ended with ${JSON.stringify(ending)}`);
    return ending.result as Done;
  }
}

/** Returns every difference from the produced lines, as sentences. */
async function oracle(warehouse: Warehouse, produced: number): Promise<string[]> {
  const found: string[] = [];
  let bytes = 0n;
  let bad = 0;
  for (let id = 0; id < produced; id++) bytes += BigInt(LINES * (100 + (id % 1_000)));
  for (let id = 999; id < produced; id += 1_000) bad++;
  const [usage] = await warehouse.query<Record<string, string>>(
    `SELECT count() AS ids, countIf(lines != ${LINES}) AS wrong, sum(lines) AS requests, sum(sent) AS bytes, max(toUInt64(id)) AS last
    FROM (SELECT splitByChar('.', version)[3] AS id, sum(requests) AS lines, sum(bytes) AS sent FROM usage_known GROUP BY id)`,
  );
  const expected = {
    ids: `${produced}`,
    wrong: '0',
    requests: `${produced * LINES}`,
    bytes: `${bytes}`,
    last: `${produced - 1}`,
  };
  for (const [name, value] of Object.entries(expected))
    if (usage[name] !== value) found.push(`${name}: ${usage[name]}, produced were ${value}`);
  const [ledger] = await warehouse.query<Record<string, string>>(
    "SELECT sum(lines) AS lines, sum(quarantined) AS quarantined FROM (SELECT * FROM ledger_current WHERE state = 'loaded')",
  );
  if (ledger.lines !== `${produced * LINES + bad}` || ledger.quarantined !== `${bad}`)
    found.push(`the ledger has ${ledger.lines} lines, ${ledger.quarantined} in quarantine; produced ${bad} bad ones`);
  for (const { name, ok, detail } of await runChecks(warehouse)) if (!ok) found.push(`${name}: ${detail}`);
  return found;
}

const broker = await startBroker({ own: true });
const client = createKafkaClient({ brokers: broker.brokers }, { log: quiet, retries: 2 });
const shared = await SharedWarehouse.open(false);
try {
  await client.createTopic({ topic: TOPIC, partitions: PARTITIONS });
  const soak = new Soak(broker, client, shared);
  say(`soak: ${MINUTES} minutes, seed ${SEED}`);
  const elapsed = await soak.run();
  const last = await soak.drain();
  const found = await oracle(shared.house.warehouse, soak.produced);
  for (const problem of [...last.stopped, ...found]) say(`soak: ${problem}`);
  const exact = found.length === 0 && last.stopped.length === 0;
  const lines = soak.samples.at(-1)?.lines ?? 0;
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const cpu = cpus();
  const facts = `${dayOf(new Date())}, commit ${commit}, seed ${SEED}, ${(elapsed / 60).toFixed(1)} minutes on ${cpu.length} × ${cpu[0].model} (broker, producer, warehouse and workers together), Node ${process.version}`;
  const summary = table({
    facts,
    exact,
    produced: soak.produced * LINES,
    lines,
    elapsed,
    faults: soak.faults,
    samples: soak.samples,
  });
  writeFileSync('docs/soak.svg', chart(soak.samples));
  rewriteSection('docs/FAULTS.md', 'soak', summary);
  say(summary);
  if (!exact) process.exitCode = 1;
} finally {
  await shared.close();
  await client.close();
  await broker.stop();
}
process.exit();
