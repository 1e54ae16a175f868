// A worker in a process of its own that a test may kill at any moment. It loads objects or topics into an embedded warehouse,
// by the product's own parts or naively. The same process can read the warehouse afterwards. Run as a program, this file is
// the child.

import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { drainPending } from 'chdb';
import { Loader } from '../../ingest/load.ts';
import { type LedgerRow } from '../../sql/ledger.ts';
import { loadRulebook, revisionsOf } from '../../ingest/rulebook.ts';
import { Source } from '../../ingest/source.ts';
import { findObjects, ingestFiles } from '../../ingest/sources/files.ts';
import { createKafkaClient, type KafkaClient } from '../../ingest/sources/kafka.ts';
import { runWorker } from '../../ingest/worker.ts';
import { migrate } from '../../sql/migrate.ts';
import { sealDay } from '../../sql/seal.ts';
import { openWarehouse, type Warehouse } from '../../sql/warehouse.ts';
import { defaultLimits } from '../../transform/batch-builder.ts';
import { generate, type GeneratorOptions } from './generator.ts';
import { differences, fingerprint, sealedHashes, type SealedHashes } from './oracle.ts';

interface LoadJob {
  readonly warehouse: string;
  readonly source?: string;
  readonly maxLines: number;
  /**
   * Loads without identity: every stored row counts. Progress is recorded after the load; for topics, optionally before it.
   */
  readonly naive?: boolean | 'commits first';
  /** 'step:n': the process kills itself before it runs this step for the n-th time; 'step' is 'step:1'. */
  readonly crashAt?: string;
  readonly codeVersion?: string;
}

export interface FilesJob extends LoadJob {
  readonly kind: 'files';
  readonly paths: readonly string[];
}

export interface KafkaJob extends LoadJob {
  readonly kind: 'kafka';
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly group: string;
  readonly fetchBytes?: number;
  readonly sessionTimeout_ms?: number;
  readonly giveUp_ms?: number;
  readonly drain_ms?: number;
  /** Default: the worker ends at the high watermarks of the start. */
  readonly untilEnd?: boolean;
  readonly maxBatch_ms?: number;
}

export interface LookJob {
  readonly kind: 'look';
  readonly warehouse: string;
  /** Options of the generated lines; the look compares them cell by cell. */
  readonly generated: readonly { readonly options: GeneratorOptions; readonly prefix?: string }[];
  /** Days to seal, to hash their tables. */
  readonly seal?: readonly string[];
}

export type Job = FilesJob | KafkaJob | LookJob;

export interface Look {
  /** Differences from the generated lines. */
  readonly differences: readonly string[];
  readonly fingerprint: string;
  readonly sealed: SealedHashes;
}

export interface Done {
  /** Messages of the partitions or objects that stopped; empty if none did. The program would then end with exit code 6. */
  readonly stopped: readonly string[];
  readonly batches: number;
  readonly lines: number;
}

type Message =
  | { readonly type: 'ready' }
  | { readonly type: 'step'; readonly step: string }
  | { readonly type: 'done'; readonly result: Done | Look }
  | { readonly type: 'failed'; readonly message: string };

/** How a job ended: its result, its failure, or the signal that ended the process. */
export type Ending =
  | { readonly type: 'done'; readonly result: Done | Look }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'killed' };

export class WorkerProcess {
  private readonly child: ChildProcess;
  private readonly ready: Promise<unknown>;
  private readonly listeners = new Set<(message: Message) => void>();
  readonly closed: Promise<unknown>;

  /** @param program see compiledWorker(); default: this file, translated at its start */
  constructor(env: Readonly<Record<string, string>> = {}, program?: string) {
    this.child = fork(program ?? fileURLToPath(import.meta.url), [], {
      execArgv: program === undefined ? ['--import', import.meta.resolve('tsx')] : [],
      env: { ...process.env, ...env },
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.closed = once(this.child, 'close');
    this.child.on('message', (message) => {
      for (const listener of this.listeners) listener(message as Message);
    });
    this.ready = new Promise((resolve) => this.listeners.add(({ type }) => type === 'ready' && resolve(undefined)));
  }

  get pid(): number {
    return this.child.pid!;
  }

  /**
   * @param onStep is called with each step of the load protocol when it begins, and with 'retry' when a step is tried again
   */
  async run(job: Job, onStep?: (step: string) => void): Promise<Ending> {
    await Promise.race([this.ready, this.closed]);
    if (!this.child.connected) return { type: 'killed' };
    const ending = new Promise<Ending>((resolve) => {
      const listen = (message: Message) => {
        if (message.type === 'step') onStep?.(message.step);
        if (message.type !== 'done' && message.type !== 'failed') return;
        this.listeners.delete(listen);
        resolve(message);
      };
      this.listeners.add(listen);
    });
    this.child.send(job);
    return Promise.race([ending, this.closed.then((): Ending => ({ type: 'killed' }))]);
  }

  /** @throws Error if the warehouse cannot be read */
  async look(job: Omit<LookJob, 'kind'>): Promise<Look> {
    const ending = await this.run({ kind: 'look', ...job });
    if (ending.type !== 'done') throw new Error(`cannot look at the warehouse: ${JSON.stringify(ending)}`);
    return ending.result as Look;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.closed;
  }
}

/** Keeps one process warm, so that a crash costs no start. A process that has done its work serves again. */
export class WorkerPool {
  private readonly idle: WorkerProcess[] = [];
  private readonly program: string | undefined;

  constructor(program?: string) {
    this.program = program;
    this.warmUp();
  }

  private warmUp(): void {
    this.idle.push(new WorkerProcess({}, this.program));
  }

  take(): WorkerProcess {
    const taken = this.idle.shift()!;
    if (this.idle.length === 0) this.warmUp();
    return taken;
  }

  give(worker: WorkerProcess): void {
    this.idle.push(worker);
  }

  async close(): Promise<void> {
    await Promise.all(this.idle.map((worker) => worker.kill()));
  }
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

async function main(): Promise<void> {
  const tell = (message: Message) =>
    new Promise<void>((resolve) => process.send!(message, undefined, {}, () => resolve()));
  const stop = new AbortController();
  process.on('SIGTERM', () => stop.abort());
  process.on('disconnect', () => process.exit(1));
  process.on('message', (job: Job) => {
    void (async () => {
      try {
        const warehouse = await openWarehouse({ location: job.warehouse });
        await migrate(warehouse);
        const onStep = (step: string) => void tell({ type: 'step', step });
        const result =
          job.kind === 'look'
            ? await look(job, warehouse)
            : job.kind === 'files'
              ? await loadFiles(job, warehouse, onStep, stop.signal)
              : await loadTopic(job, warehouse, onStep, stop.signal);
        await warehouse.close();
        await drainPending(); // otherwise the next directory cannot be opened
        await tell({ type: 'done', result });
      } catch (error) {
        await tell({ type: 'failed', message: (error as Error).stack ?? String(error) });
      }
    })();
  });
  await tell({ type: 'ready' });
}

async function look({ generated, seal = [] }: LookJob, warehouse: Warehouse): Promise<Look> {
  const truth = generated.map(({ options, prefix }) => generate(options, prefix).truth);
  const different = await differences(warehouse, ...truth);
  const print = await fingerprint(warehouse);
  for (const day of seal) await sealDay(warehouse, day, { lateBookedDay: day, now: new Date() });
  return { differences: different, fingerprint: print, sealed: seal.length > 0 ? await sealedHashes(warehouse) : {} };
}

interface Parts {
  readonly source: Source;
  readonly loader: Loader;
  readonly methodologyVersion: number;
  readonly revision: (above?: number) => Promise<number>;
  readonly onStep: (step: string) => void;
}

async function partsOf(job: LoadJob, warehouse: Warehouse, tell: (step: string) => void): Promise<Parts> {
  const { source = 'npm', maxLines, codeVersion = 'test', naive = false } = job;
  const rulebook = await loadRulebook(warehouse, codeVersion);
  const [crashStep, crashCount = '1'] = job.crashAt?.split(':') ?? [];
  let crashesLeft = Number(crashCount);
  const onStep = (step: string) => {
    tell(step);
    if (step === crashStep && --crashesLeft === 0) process.kill(process.pid, 'SIGKILL');
  };
  const options = { warehouse, now: () => new Date(), onStep, onRetry: () => tell('retry') };
  return {
    source: new Source({ name: source, format: 'nginx-edge', ecosystem: 'npm' }, rulebook, {
      ...defaultLimits,
      maxLines,
    }),
    loader: naive !== false ? new NaiveLoader(options) : new Loader(options),
    methodologyVersion: rulebook.methodologyVersion,
    revision: revisionsOf(warehouse, rulebook, () => new Date()),
    onStep,
  };
}

/** A loader without identity: every load is new, also a repeated one, and counts as soon as it is stored. */
class NaiveLoader extends Loader {
  override async store(...[identity, batch, details]: Parameters<Loader['store']>): Promise<LedgerRow> {
    const other = { ...identity, partition: `${identity.partition} ${randomUUID()}` };
    const row = await super.store(other, batch, { ...details, object: '' });
    await super.commit([row]);
    return row;
  }

  override async commit(): Promise<void> {}

  override untilKnown<T>(run: () => Promise<T>): Promise<T> {
    return run();
  }
}

async function loadFiles(
  job: FilesJob,
  warehouse: Warehouse,
  tell: (step: string) => void,
  signal: AbortSignal,
): Promise<Done> {
  const { revision, onStep, ...parts } = await partsOf(job, warehouse, tell);
  const notes = `${job.warehouse}.loaded`;
  const noted = new Set(job.naive && existsSync(notes) ? readFileSync(notes, 'utf8').split('\n') : []);
  const outcomes = await ingestFiles(
    findObjects(job.paths).filter(({ name }) => !noted.has(name)),
    {
      ...parts,
      warehouse,
      signal,
      revisionAbove: revision,
      onObject: ({ name }) => {
        onStep('object');
        if (job.naive) appendFileSync(notes, `${name}\n`);
      },
    },
  );
  const refused = outcomes.filter(({ status }) => status === 'refused');
  return {
    stopped: refused.map(({ problem }) => problem!),
    batches: outcomes.reduce((sum, { batches }) => sum + batches, 0),
    lines: outcomes.reduce((sum, { lines }) => sum + lines, 0),
  };
}

async function loadTopic(
  job: KafkaJob,
  warehouse: Warehouse,
  tell: (step: string) => void,
  signal: AbortSignal,
): Promise<Done> {
  const { source, ...parts } = await partsOf(job, warehouse, tell);
  const { brokers, topic, group, fetchBytes, untilEnd = true, maxBatch_ms = 200, naive = false } = job;
  const client = createKafkaClient({ brokers }, { log: quiet });
  const session_timeout_ms = job.sessionTimeout_ms ?? 1_000;
  const fetch = {
    max_partition_fetch_bytes: fetchBytes,
    metadata_ms: 1_000,
    give_up_ms: job.giveUp_ms,
    drain_ms: job.drain_ms,
  };
  const kafka = { ...bound(client), consume: (options) => client.consume({ ...options, ...fetch }) } as KafkaClient;
  try {
    if (naive !== false) return await consumeNaively(job, kafka, source, parts, session_timeout_ms);
    const { stopped, batches, lines } = await runWorker({
      ...parts,
      kafka,
      groupId: group,
      sources: new Map([[topic, source]]),
      warehouse,
      maxBatch_ms,
      untilEnd,
      signal,
      now: () => new Date(),
      log: quiet,
      session_timeout_ms,
    });
    return { stopped: stopped.map(({ message }) => message), batches, lines };
  } finally {
    await client.close();
  }
}

/** Returns the methods of a client as an object, so that a test can replace one of them. */
const bound = (client: KafkaClient): Partial<KafkaClient> => ({
  watermarks: client.watermarks.bind(client),
  committed: client.committed.bind(client),
  readRecord: client.readRecord.bind(client),
});

/** Loads the records that it polls, retries a failed load, then commits the offset. */
async function consumeNaively(
  { topic, group, naive }: KafkaJob,
  kafka: KafkaClient,
  source: Source,
  { loader, methodologyVersion, revision, onStep }: Omit<Parts, 'source'>,
  session_timeout_ms: number,
): Promise<Done> {
  const ends = new Map((await kafka.watermarks(topic)).map(({ partition, high }) => [partition, high]));
  const over = new AbortController();
  let lines = 0;
  let batches = 0;
  await kafka.consume({
    groupId: group,
    topics: [topic],
    signal: over.signal,
    session_timeout_ms,
    onClaim: async (claim) => {
      claim.seek(claim.committed ?? claim.low);
      const builder = source.builder(source.formatOf(new Uint8Array(0), topic), 'messages');
      while (claim.position! < ends.get(claim.partition)!) {
        const fetched = await claim.poll(500);
        if (fetched === null) continue;
        for (const { value, offset } of fetched.records)
          if (value) builder.add(value, 0, value.length, Number(offset), Infinity);
        const batch = builder.finish();
        const range = { first: fetched.from, last: fetched.nextOffset, revision: await revision() };
        const identity = { source: source.spec.name, epoch: 0, partition: `${topic}/${claim.partition}`, ...range };
        if (naive === 'commits first') await claim.commit(fetched.nextOffset);
        for (let stored = false; !stored;)
          stored = await loader.store(identity, batch, { methodologyVersion, seenAt_ms: Date.now() }).then(
            () => true,
            () => sleep(100, false),
          );
        onStep('offset');
        if (naive !== 'commits first') await claim.commit(fetched.nextOffset);
        lines += batch.counts.lines;
        batches++;
      }
      ends.delete(claim.partition);
      if (ends.size === 0) over.abort();
    },
  });
  return { stopped: [], batches, lines };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
