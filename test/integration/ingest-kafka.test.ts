// A worker on a real broker and the real engine: where it begins, what it reads, when it stops, and how a person lets a
// partition go on. Each test has a warehouse, a topic and a group of its own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { drainPending } from 'chdb';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Loader, type LoadStep } from '../../ingest/load.ts';
import { revisionsOf } from '../../ingest/rulebook.ts';
import { Source } from '../../ingest/source.ts';
import { createKafkaClient, type KafkaClient, type Outgoing } from '../../ingest/sources/kafka.ts';
import { runWorker, type WorkerResult } from '../../ingest/worker.ts';
import { type Runtime } from '../../scripts/commands/command.ts';
import { registerIngest } from '../../scripts/commands/ingest.ts';
import { configSchema } from '../../scripts/runtime/config.ts';
import { createLogger } from '../../scripts/runtime/logger.ts';
import { Fault } from '../../sql/fault.ts';
import { partitionStops } from '../../sql/partition-stop.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { defaultLimits } from '../../transform/batch-builder.ts';
import { fairshare } from '../support/cli.ts';
import { generate, messagesOf, Random, type Truth } from '../support/generator.ts';
import { edgeLine, House } from '../support/house.ts';
import { quietLog, testBrokers, testClient, uniqueName, until, utf8 } from '../support/kafka.ts';
import { differences } from '../support/oracle.ts';

let client: KafkaClient;
let house: House;
let topic: string;
let group: string;

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

async function send(partition: number, messages: readonly (string | null)[], options = {}): Promise<void> {
  const producer = await client.producer(options);
  const toMessage = (value: string | null): Outgoing => ({ value: value === null ? null : utf8(value) });
  for (let at = 0; at < messages.length; at += 200)
    await producer.send(topic, partition, messages.slice(at, at + 200).map(toMessage));
  await producer.close();
}

/** Generated lines, as one-line messages, in one partition. */
async function feed(partition: number, seed: number, lines = 200): Promise<Truth> {
  const generated = generate({ seed, lines }, `-${partition}-${seed}`);
  await send(partition, messagesOf(generated.lines, 1));
  return generated.truth;
}

interface WorkOptions {
  readonly maxLines?: number;
  readonly maxBatchMs?: number;
  readonly format?: string;
  /** Stands for a crash where it throws: nothing is undone. */
  readonly onStep?: (step: LoadStep | 'plan' | 'offset') => void;
  readonly rules?: string;
  readonly warehouse?: Warehouse;
  readonly untilEnd?: boolean;
  readonly signal?: AbortSignal;
  readonly kafka?: KafkaClient;
}

function work({
  maxLines = 1_000,
  maxBatchMs = 200,
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
    kafka: { ...bound(kafka), consume: (options) => kafka.consume({ ...options, metadata_ms: 500 }) } as KafkaClient,
    groupId: group,
    sources: new Map([[topic, source]]),
    warehouse,
    loader: new Loader({ warehouse, now, onStep, sleep: () => new Promise((resolve) => setTimeout(resolve, 20)) }),
    methodologyVersion: 1,
    revision: revisionsOf(warehouse, rulebook, now),
    maxBatchMs,
    untilEnd,
    signal,
    now,
    log: quietLog,
    session_timeout_ms: 1_000,
    releaseCheckMs: 100,
    onStep,
  });
}

const bound = (kafka: KafkaClient): Partial<KafkaClient> => ({
  watermarks: kafka.watermarks.bind(kafka),
  committed: kafka.committed.bind(kafka),
  readRecord: kafka.readRecord.bind(kafka),
});

const crashAt = (wanted: string, times = 1) => {
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

const ledger = async (partition = 0): Promise<string[]> =>
  (
    await house.warehouse.query<Row>(
      'SELECT epoch, first, last, revision, state FROM ledger_current WHERE partition = {partition:String} ORDER BY epoch, ledger_current.first, last',
      { partition: `${topic}/${partition}` },
    )
  ).map(({ epoch, first, last, state }) => `${epoch === 0 ? '' : `epoch ${epoch} `}[${first}, ${last}) ${state}`);

/** The command that a stopped partition tells to give. */
const printed = ({ hint }: Fault): string[] => /fairshare (ingest release .+)$/.exec(hint)![1]!.split(' ');

const stops = async (): Promise<string[]> =>
  (await partitionStops(house.warehouse)).map(({ state, reason }) => `${state} ${reason}`);

const expectExact = async (...truths: Truth[]) => expect(await differences(house.warehouse, ...truths)).toEqual([]);

/** As an operator's tool does, when the group has no members any more. */
const setCommitted = (offset: bigint): Promise<void> =>
  until(() =>
    client.setCommitted(group, topic, 0, offset).then(
      () => true,
      () => false,
    ),
  );

/** A command of the program, on this test's warehouse and group. */
async function command(...words: string[]): Promise<string> {
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
  registerIngest(program, runtime);
  await program.parseAsync(['node', 'fairshare', ...words]);
  return out;
}

describe('the first start', () => {
  it('begins every partition at its first offset, and says where in the ledger', async () => {
    await client.createTopic({ topic, partitions: 3 });
    const gone = generate({ seed: 1, lines: 40 }).lines;
    await send(1, messagesOf(gone, 1));
    await client.deleteRecords(topic, [{ partition: 1, offset: 40n }]);
    const truths = [await feed(0, 2), await feed(1, 3)];
    const { lines, stopped } = await work();
    expect({ lines, stopped }).toEqual({ lines: 400, stopped: [] });
    expect([(await ledger(0))[0], (await ledger(1))[0], await ledger(2)]).toEqual([
      '[0, 200) loaded',
      '[40, 240) loaded',
      ['[0, 0) start'],
    ]);
    const committed = (await client.committed(group, topic)).map(({ offset, metadata }) => [offset, metadata]);
    expect(committed.slice(0, 2)).toEqual([
      [200n, ''],
      [240n, ''],
    ]);
    await expectExact(...truths);
  });

  it('ends at the high watermarks of the start, and a second run finds nothing', async () => {
    await client.createTopic({ topic, partitions: 2 });
    const truths = [await feed(0, 1), await feed(1, 2)];
    expect(await work()).toMatchObject({ lines: 400 });
    expect(await work()).toMatchObject({ lines: 0, batches: 0, stopped: [] });
    await expectExact(...truths);
  });
});

describe('messages', () => {
  it('holds one line or many, in any compression', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const { lines, truth } = generate({ seed: 5, lines: 3_000, malformed: 0.05, blank: 0.05 });
    const fifth = lines.length / 5;
    for (const [i, compression] of (['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const).entries())
      await send(0, messagesOf(lines.slice(i * fifth, (i + 1) * fifth), [1, 30, 7, 200, 2][i]!), { compression });
    expect(await work({ maxLines: 500 })).toMatchObject({ lines: truth.lines });
    await expectExact(truth);
  });

  it('holds no line in a tombstone or an empty value; quarantine names the offset', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const good = edgeLine({ at: '2026-10-01T10:00:00Z' });
    await send(0, [null, good, '', `${good}\n{"broken\n${good}\n`, null, 'not a line of this log', null]);
    expect(await work()).toMatchObject({ lines: 5, batches: 1 });
    const rows = await house.warehouse.query('SELECT position, line FROM quarantine FINAL ORDER BY row');
    expect(rows).toEqual([
      { position: '3', line: '{"broken' },
      { position: '5', line: 'not a line of this log' },
    ]);
    expect(await ledger()).toEqual(['[0, 7) loaded']);
  });

  it('without a line at all moves the ledger on', async () => {
    await client.createTopic({ topic, partitions: 1 });
    await send(0, [null, null]);
    expect(await work()).toMatchObject({ lines: 0, batches: 1 });
    expect(await ledger()).toEqual(['[0, 2) loaded']);
    const truth = await feed(0, 1);
    await work();
    await expectExact(truth);
  });
});

describe('after a crash', () => {
  it('reads the plan in the metadata again as exactly its range, whatever the limits now say', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const truth = await feed(0, 1, 500);
    await expect(work({ onStep: crashAt('rate') })).rejects.toThrow('crash before rate');
    const [{ offset, metadata }] = await client.committed(group, topic);
    expect([offset, JSON.parse(metadata)]).toEqual([0n, { end: '500', epoch: 0 }]);
    await send(0, messagesOf(generate({ seed: 2, lines: 300 }, '-more').lines, 1));
    await work({ maxLines: 100 });
    expect((await ledger())[0]).toBe('[0, 500) loaded');
    await expectExact(truth, generate({ seed: 2, lines: 300 }, '-more').truth);
  });

  it('goes on from the ledger where only the last commit was missed', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const truth = await feed(0, 1);
    await expect(work({ onStep: crashAt('offset') })).rejects.toThrow('crash before offset');
    expect(await work()).toMatchObject({ batches: 0, stopped: [] });
    expect((await client.committed(group, topic))[0]).toMatchObject({ offset: 200n, metadata: '' });
    await expectExact(truth);
  });

  it('reads the planned range by the rules of now', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const truth = await feed(0, 1);
    await expect(work({ onStep: crashAt('ledger') })).rejects.toThrow('crash before ledger');
    await work({ rules: 'other rules' });
    const rows = await house.warehouse.query(
      "SELECT toUInt32(first) AS begin, toUInt32(last) AS end, rules_sha256 AS rules FROM ledger_current INNER JOIN revision USING (revision) WHERE state = 'loaded'",
    );
    expect(rows).toEqual([{ begin: 0, end: 200, rules: 'other rules' }]);
    await expectExact(truth);
  });

  it('reads the planned range by other settings without mixing the two readings', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const long = edgeLine({ at: '2026-10-01T10:00:00Z', userAgent: 'x'.repeat(3_000) });
    await send(0, [long, edgeLine({ at: '2026-10-01T10:00:00Z' })]);
    await expect(work({ onStep: crashAt('ledger') })).rejects.toThrow('crash before ledger');
    const strict = new Source({ name: 'npm', format: 'nginx-edge', ecosystem: 'npm' }, house.rulebook, {
      ...defaultLimits,
      maxLineBytes: 1_000,
    });
    const loader = house.loader();
    await runWorker({
      kafka: client,
      groupId: group,
      sources: new Map([[topic, strict]]),
      warehouse: house.warehouse,
      loader,
      methodologyVersion: 1,
      revision: (above) => house.revision(above),
      maxBatchMs: 200,
      untilEnd: true,
      signal: new AbortController().signal,
      now: () => new Date(),
      log: quietLog,
      session_timeout_ms: 1_000,
    });
    const [row] = await house.warehouse.query(
      "SELECT toUInt32(lines) AS lines, toUInt32(requests) AS requests, toUInt32(quarantined) AS quarantined FROM ledger_current WHERE state = 'loaded'",
    );
    expect(row).toEqual({ lines: 2, requests: 1, quarantined: 1 });
    expect(await house.totals('usage_known')).toMatchObject({ requests: 1 });
  });
});

describe('the group’s offsets', () => {
  it('are lost: the ledger says where to go on, under a revision that no earlier owner can know', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const truths = [await feed(0, 1)];
    await work();
    await client.deleteGroup(group);
    truths.push(await feed(0, 2));
    expect(await work()).toMatchObject({ lines: 200, stopped: [] });
    const revisions = await house.warehouse.query<{ revision: number }>(
      "SELECT DISTINCT revision FROM ledger_current WHERE state = 'loaded' ORDER BY revision",
    );
    expect(revisions.map(({ revision }) => revision)).toEqual([2]); // the row that was there is raised
    await expectExact(...truths);
  });

  it('are behind: what the ledger holds is not read again', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const truths = [await feed(0, 1)];
    await work();
    await setCommitted(20n);
    truths.push(await feed(0, 2));
    expect(await work()).toMatchObject({ lines: 200, stopped: [] });
    await expectExact(...truths);
  });

  it('are ahead of the ledger: the partition stops', async () => {
    await client.createTopic({ topic, partitions: 2 });
    const truths = [await feed(0, 1), await feed(1, 2)];
    await work();
    await setCommitted(205n);
    await feed(0, 3);
    truths.push(await feed(1, 4));
    const { stopped, lines } = await work();
    expect(lines).toBe(200);
    expect(stopped).toMatchObject([{ reason: 'unexplained_offset', partition: `${topic}/0`, exitCode: 6 }]);
    await expectExact(...truths);
  });

  it('of a group that another program moved, on a partition never begun: it stops, and what is printed lets it go on', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const truth = await feed(0, 1);
    await setCommitted(7n);
    const { stopped } = await work();
    expect(stopped).toMatchObject([{ reason: 'unexplained_offset' }]);
    expect(await ledger()).toEqual([]);
    expect(await command(...printed(stopped[0]!))).toContain('goes on at 0; nothing is given up');
    expect(await work()).toMatchObject({ lines: 200, stopped: [] });
    await expectExact(truth);
  });

  it('are ahead, under a worker that runs: released, it goes on where the ledger ends', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const truths = [await feed(0, 1)];
    await work();
    await setCommitted(205n);
    truths.push(await feed(0, 2));
    const stop = new AbortController();
    const running = work({ untilEnd: false, signal: stop.signal });
    await until(async () => (await stops())[0] === 'stopped unexplained_offset');
    await expect(
      command('ingest', 'release', '--source', 'npm', '--partition', `${topic}/0`, '--to', '199'),
    ).rejects.toThrow('the ledger ends at 200 already');
    await expect(
      command('ingest', 'release', '--source', 'npm', '--partition', `${topic}/0`, '--to', '401'),
    ).rejects.toThrow('holds the offsets 0 to 400 now');
    await command('ingest', 'release', '--source', 'npm', '--partition', `${topic}/0`, '--to', '200');
    await until(async () => (await client.committed(group, topic))[0]!.offset === 400n);
    await expect(
      command('ingest', 'release', '--source', 'npm', '--partition', `${topic}/0`, '--to', '400'),
    ).rejects.toThrow('is not stopped');
    stop.abort();
    expect(await running).toMatchObject({ stopped: [] });
    await expectExact(...truths);
  });
});

describe('records that are gone', () => {
  it('stop their partition alone, until a person gives them up', async () => {
    await client.createTopic({ topic, partitions: 2 });
    const truths = [await feed(0, 1), await feed(1, 2)];
    await work();
    await feed(0, 3, 50);
    await client.deleteRecords(topic, [{ partition: 0, offset: 250n }]);
    truths.push(await feed(0, 4), await feed(1, 5));
    const { stopped } = await work();
    expect(stopped).toMatchObject([{ reason: 'retention_gap', partition: `${topic}/0` }]);
    expect((await ledger(1)).at(-1)).toBe('[200, 400) loaded');
    expect((await work()).stopped).toHaveLength(1);

    const said = await command(...printed(stopped[0]!));
    expect(said).toContain('goes on at 250');
    expect(await work()).toMatchObject({ lines: 200, stopped: [] });
    expect(await ledger(0)).toEqual(['[0, 200) loaded', '[200, 250) released', '[250, 450) loaded']);
    await expectExact(...truths);
  });

  it('are given up while the worker goes on with its other partitions; it takes the partition up by itself', async () => {
    await client.createTopic({ topic, partitions: 2 });
    const truths = [await feed(0, 1), await feed(1, 2)];
    await work();
    await feed(0, 3, 50);
    await client.deleteRecords(topic, [{ partition: 0, offset: 250n }]);
    const stop = new AbortController();
    const running = work({ untilEnd: false, signal: stop.signal });
    truths.push(await feed(0, 4), await feed(1, 5));
    await until(async () => (await ledger(1)).at(-1)!.endsWith(', 400) loaded'));
    expect(await stops()).toEqual(['stopped retention_gap']);
    await command('ingest', 'release', '--source', 'npm', '--partition', `${topic}/0`, '--to', '250');
    await until(async () => (await ledger(0)).at(-1)!.endsWith(', 450) loaded'));
    stop.abort();
    expect(await running).toMatchObject({ stopped: [] });
    expect(await stops()).toEqual(['resumed retention_gap']);
    await expectExact(...truths);
  });

  it('while a batch is read: what was read before counts', async () => {
    await client.createTopic({ topic, partitions: 2 });
    const truths = [await feed(0, 1, 300), await feed(1, 2)];
    const strict = createKafkaClient({ brokers: testBrokers() }, { log: quietLog, max_batch_bytes: 1 << 20 });
    await send(0, ['x'.repeat(4 << 20)], { compression: 'gzip' });
    const { stopped } = await work({ kafka: strict, maxBatchMs: 60_000 });
    await strict.close();
    createKafkaClient({ brokers: testBrokers() }, { log: quietLog }); // the cap is the process's
    expect(stopped).toMatchObject([{ reason: 'undecodable', partition: 0 }]);
    expect(await ledger(0)).toEqual(['[0, 300) loaded']);
    await expectExact(...truths);
  });
});

describe('a topic that was made anew', () => {
  it.each([
    ['smaller', 50],
    ['larger', 400],
  ])('%s: it stops, and goes on as another epoch', async (_size, lines) => {
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
    expect(printed(stopped[0]!)).toContain('--new-epoch');
    await command(...printed(stopped[0]!));
    expect(await work()).toMatchObject({ lines, stopped: [] });
    expect(await ledger()).toEqual(['[0, 200) loaded', `epoch 1 [0, ${lines}) loaded`]);
    await expectExact(...truths);
  });
});

describe('what cannot be read or loaded', () => {
  it('a format that fits no line stops its partition alone', async () => {
    await client.createTopic({ topic, partitions: 2 });
    await send(0, ['what is this']);
    const truth = await feed(1, 1);
    const { stopped } = await work({ format: 'auto' });
    expect(stopped).toMatchObject([{ exitCode: 3, message: expect.stringContaining('what is this') as string }]);
    await expectExact(truth);
  });

  it('a named format that fits nothing of the first batch stops it too: nothing is loaded, nothing is lost', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const truth = await feed(0, 1);
    const { stopped } = await work({ format: 'combined' });
    expect(stopped).toMatchObject([
      { exitCode: 3, message: expect.stringContaining('of its first 200 lines none fits') as string },
    ]);
    expect(await ledger()).toEqual(['[0, 0) start']);
    expect(await stops()).toEqual(['stopped input_refused']);
    expect(await work()).toMatchObject({ lines: 200, stopped: [] });
    expect(await stops()).toEqual(['resumed input_refused']);
    await expectExact(truth);
  });

  it('an absent warehouse means lag, at every step, not failure', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const truth = await feed(0, 1);
    let absent = 0;
    const random = new Random(1);
    const flaky = new Proxy(house.warehouse, {
      get: (target, name: keyof Warehouse) => {
        if (!['query', 'insert', 'insertArrow', 'command'].includes(name)) return target[name];
        return (...args: unknown[]) => {
          if (random.chance(0.5)) {
            absent++;
            return Promise.reject(new Fault('warehouseUnreachable', 'nobody there'));
          }
          return (target[name] as (...args: unknown[]) => Promise<unknown>).apply(target, args);
        };
      },
    });
    expect(await work({ warehouse: flaky, maxLines: 50 })).toMatchObject({ stopped: [], lines: 200 });
    expect(absent).toBeGreaterThan(10);
    await expectExact(truth);
  });

  it('rows that the warehouse refuses stop their partition alone, and nothing of them counts', async () => {
    await client.createTopic({ topic, partitions: 2 });
    const truth = await feed(1, 1);
    await send(0, [edgeLine({ at: '2026-10-01T10:00:00Z', path: '/poison/-/poison-1.0.0.tgz' })]);
    await house.warehouse.command("ALTER TABLE usage_batch ADD CONSTRAINT no_poison CHECK package != 'poison'");
    const { stopped } = await work();
    expect(stopped).toMatchObject([{ exitCode: 1, message: expect.stringContaining('no_poison') as string }]);
    await expectExact(truth);
    await house.warehouse.command('ALTER TABLE usage_batch DROP CONSTRAINT no_poison');
    expect(await work()).toMatchObject({ lines: 1, stopped: [] });
  });
});

describe('members', () => {
  it('two share the partitions; one leaves; every line counts once', async () => {
    await client.createTopic({ topic, partitions: 4 });
    const first = await Promise.all([0, 1, 2, 3].map((partition) => feed(partition, 10 + partition)));
    const leaving = new AbortController();
    const staying = new AbortController();
    const a = work({ untilEnd: false, signal: leaving.signal, maxLines: 50 });
    const b = work({ untilEnd: false, signal: staying.signal, maxLines: 50 });
    const ends = async () => (await client.committed(group, topic)).map(({ offset }) => offset);
    await until(async () => (await ends()).every((offset) => offset === 200n), 60_000);
    const second = await Promise.all([0, 1, 2, 3].map((partition) => feed(partition, 20 + partition)));
    leaving.abort();
    await a;
    await until(async () => (await ends()).every((offset) => offset === 400n), 60_000);
    staying.abort();
    await b;
    await expectExact(...first, ...second);
  });

  it('a stop loads what was read before it ends', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const truth = await feed(0, 1);
    const stop = new AbortController();
    let taken = false;
    const polled = {
      ...bound(client),
      consume: (options: Parameters<KafkaClient['consume']>[0]) =>
        client.consume({
          ...options,
          onClaim: (claim) => {
            const poll = claim.poll.bind(claim);
            claim.poll = async (wait_ms) => {
              const fetched = await poll(wait_ms);
              taken ||= fetched !== null && fetched.nextOffset === 200n;
              return fetched;
            };
            return options.onClaim(claim);
          },
        }),
    } as KafkaClient;
    const done = work({ kafka: polled, untilEnd: false, maxBatchMs: 600_000, maxLines: 1e6, signal: stop.signal });
    await until(() => taken);
    stop.abort();
    expect(await done).toMatchObject({ lines: 200, batches: 1, stopped: [] });
    await expectExact(truth);
  });
});

describe('the program', () => {
  const program = (location: string) => ({
    env: {
      FAIRSHARE_KAFKA__BROKERS: JSON.stringify(testBrokers()),
      FAIRSHARE_KAFKA__GROUP: group,
      FAIRSHARE_WAREHOUSE: location,
    },
    words: [
      'ingest',
      'kafka',
      '--topic',
      topic,
      '--source',
      'npm',
      '--format',
      'nginx-edge',
      '--ecosystem',
      'npm',
      '--session-timeout',
      '1000',
    ],
  });

  it('drains and stops at SIGTERM, and exits with 6 where a partition had to stop', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const truths = [await feed(0, 1)];
    const directory = `${house.directory}/by-program`;
    const { env, words } = program(directory);
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), 'scripts/fairshare.ts', ...words], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ended = once(child, 'exit');
    await until(() => said.includes('partition taken'), 60_000);
    await sleep(1_000);
    child.kill('SIGTERM');
    expect(await ended).toEqual([143, null]);
    const [{ offset, metadata }] = await client.committed(group, topic);
    expect([offset, metadata]).toEqual([200n, '']);

    await setCommitted(999n);
    truths.push(await feed(0, 2));
    const refused = await fairshare([...words, '--until-end'], { env });
    expect(refused.status).toBe(6);
    expect(refused.stderr).toContain('unexplained_offset');
    expect(refused.stderr).toContain('fairshare ingest release');
  });
});
