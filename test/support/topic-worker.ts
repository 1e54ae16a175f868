// For tests: a worker on a real broker and the real engine. Each test has a warehouse, a topic and a group of its own.

import { drainPending } from 'chdb';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { Loader, type LoadStep } from '../../ingest/load.ts';
import { revisionsOf } from '../../ingest/rulebook.ts';
import { Source } from '../../ingest/source.ts';
import { type KafkaClient, type Outgoing } from '../../ingest/sources/kafka.ts';
import { runWorker, type WorkerResult } from '../../ingest/worker.ts';
import { type Runtime } from '../../scripts/runtime/command.ts';
import { registerIngest } from '../../scripts/commands/ingest.ts';
import { configSchema } from '../../scripts/runtime/config.ts';
import { createLogger } from '../../scripts/runtime/logger.ts';
import { type Fault } from '../../transform/fault.ts';
import { partitionStops } from '../../sql/partition-stop.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { defaultLimits } from '../../transform/batch-builder.ts';
import { generate, messagesOf, type Truth } from './generator.ts';
import { House } from './house.ts';
import { quietLog, testBrokers, testClient, uniqueName, until, utf8 } from './kafka.ts';
import { differences } from './oracle.ts';

export let client: KafkaClient;
/** Warehouse, topic and group of the running test. */
export let house: House;
export let topic: string;
export let group: string;

/** A test file calls this once. */
export function ownTopicForEachTest(): void {
  beforeAll(() => {
    client = testClient();
  });
  afterAll(() => client.close());
  beforeEach(async () => {
    house = await House.open();
    topic = uniqueName('worker');
    group = uniqueName('worker');
  });
  afterEach(async () => {
    await house.close();
    await drainPending();
  });
}

export async function send(partition: number, messages: readonly (string | null)[], options = {}): Promise<void> {
  const producer = await client.producer(options);
  const toMessage = (value: string | null): Outgoing => ({ value: value === null ? null : utf8(value) });
  for (let at = 0; at < messages.length; at += 200)
    await producer.send(topic, partition, messages.slice(at, at + 200).map(toMessage));
  await producer.close();
}

/** Writes generated lines, as one-line messages, to one partition. */
export async function feed(partition: number, seed: number, lines = 200): Promise<Truth> {
  const generated = generate({ seed, lines }, `-${partition}-${seed}`);
  await send(partition, messagesOf(generated.lines, 1));
  return generated.truth;
}

interface WorkOptions {
  readonly maxLines?: number;
  readonly maxBatch_ms?: number;
  readonly format?: string;
  /** Simulates a crash by throwing: nothing is undone. */
  readonly onStep?: (step: LoadStep | 'plan' | 'offset') => void;
  readonly rules?: string;
  readonly warehouse?: Warehouse;
  readonly untilEnd?: boolean;
  readonly signal?: AbortSignal;
  readonly kafka?: KafkaClient;
}

export function work({
  maxLines = 1_000,
  maxBatch_ms = 200,
  format = 'nginx-edge',
  onStep,
  rules = house.rulebook.rulesSha256,
  warehouse = house.warehouse,
  untilEnd = true,
  signal = new AbortController().signal,
  kafka = client,
}: WorkOptions = {}): Promise<WorkerResult> {
  const rulebook = { ...house.rulebook, rulesSha256: rules };
  const now = () => new Date();
  const source = new Source({ name: 'npm', format, ecosystem: 'npm' }, rulebook, { ...defaultLimits, maxLines });
  return runWorker({
    kafka: {
      ...bound(kafka),
      consume: (options) => kafka.consume({ ...options, metadata_ms: 500, heartbeat_ms: 200 }),
    } as KafkaClient,
    groupId: group,
    sources: new Map([[topic, source]]),
    warehouse,
    loader: new Loader({ warehouse, now, onStep, sleep: () => new Promise((resolve) => setTimeout(resolve, 20)) }),
    methodologyVersion: 2,
    revision: revisionsOf(warehouse, rulebook, now),
    maxBatch_ms,
    untilEnd,
    signal,
    now,
    log: quietLog,
    // A member that leaves tells the group, so the timeout can be long enough for a busy machine.
    session_timeout_ms: 10_000,
    releaseCheck_ms: 100,
    onStep,
  });
}

export const bound = (kafka: KafkaClient): Partial<KafkaClient> => ({
  watermarks: kafka.watermarks.bind(kafka),
  committed: kafka.committed.bind(kafka),
  readRecord: kafka.readRecord.bind(kafka),
});

export const crashAt = (wanted: string, times = 1) => {
  let left = times;
  return (step: string) => {
    if (step === wanted && --left === 0) throw new Error(`crash before ${wanted}`);
  };
};

interface Row {
  readonly partition: string;
  readonly epoch: number;
  readonly first: string;
  readonly last: string;
  readonly revision: number;
  readonly state: string;
}

export const ledger = async (partition = 0): Promise<string[]> =>
  (
    await house.warehouse.query<Row>(
      'SELECT epoch, first, last, revision, state FROM ledger_current WHERE partition = {partition:String} ORDER BY epoch, ledger_current.first, last',
      { partition: `${topic}/${partition}` },
    )
  ).map(({ epoch, first, last, state }) => `${epoch === 0 ? '' : `epoch ${epoch} `}[${first}, ${last}) ${state}`);

/** The release command in the message of a stopped partition. */
export const printed = ({ hint }: Fault): string[] => /fairshare (ingest release .+)$/.exec(hint)![1].split(' ');

export const stops = async (): Promise<string[]> =>
  (await partitionStops(house.warehouse)).map(({ state, reason }) => `${state} ${reason}`);

export const expectExact = async (...truths: Truth[]) =>
  expect(await differences(house.warehouse, ...truths)).toEqual([]);

/** Sets the group's offset as an operator's tool does, when the group has no members any more. */
export const setCommitted = (offset: bigint): Promise<void> =>
  until(() =>
    client.setCommitted(group, topic, 0, offset).then(
      () => true,
      () => false,
    ),
  );

/** Runs a command of the program on this test's warehouse and group. */
export async function command(...words: string[]): Promise<string> {
  let out = '';
  const write = (text: string) => (out += text);
  const config = configSchema.parse({ warehouse: 'unused', kafka: { brokers: testBrokers(), group } });
  const runtime = {
    config: () => ({ ...config, base_dir: '.' }),
    warehouse: () => Promise.resolve(house.warehouse),
    log: createLogger({ level: 'fatal', stream: process.stderr, readable: false, color: false }),
    stdout: { write },
    stderr: { write },
    signal: new AbortController().signal,
    now: () => new Date(),
  } as unknown as Runtime;
  const program = new Command().exitOverride();
  registerIngest(program.command('ingest'), runtime);
  await program.parseAsync(['node', 'fairshare', ...words]);
  return out;
}

/**
 * Counts 200 lines, then makes the topic again with `lines` lines: its partition must stop, and continue as another epoch.
 */
export async function expectNewEpoch(lines: number): Promise<void> {
  await client.createTopic({ topic, partitions: 1 });
  const truths = [await feed(0, 1)];
  await work();
  await client.deleteTopic(topic);
  await until(async () => {
    await client.createTopic({ topic, partitions: 1 }).catch(() => false);
    return (await client.watermarks(topic).catch(() => undefined))?.[0]?.high === 0n;
  });
  truths.push(await feed(0, 2, lines));
  const { stopped } = await work();
  expect(stopped).toMatchObject([{ reason: 'topic_recreated' }]);
  expect(printed(stopped[0])).toContain('--new-epoch');
  await command(...printed(stopped[0]));
  expect(await work()).toMatchObject({ lines, stopped: [] });
  expect(await ledger()).toEqual(['[0, 200) loaded', `epoch 1 [0, ${lines}) loaded`]);
  await expectExact(...truths);
}
