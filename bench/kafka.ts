// make bench-kafka: reads a topic into the warehouse. The rivals are the engine's own Kafka tables, which do the same, and
// kafkajs, which discards what it reads. The topic has one-line messages or messages of 64 KiB. The readers run in turn, each
// in a process of its own, on the same machine as the broker.
// FAIRSHARE_BENCH_LINES and FAIRSHARE_BENCH_ROUNDS change the size; arguments choose the worker's rivals. Exit codes: 4 the
// answers differ, 1 anything else.

import { appendFileSync, createReadStream, mkdirSync } from 'node:fs';
import { createKafkaClient } from '../ingest/sources/kafka.ts';
import { cutMessages } from '../ingest/sources/kafka-messages.ts';
import { startBroker } from '../test/provide/kafka.ts';
import type { MeasuredRead } from './kafka/child.ts';
import { month, type Month } from './month.ts';
import { compile, machine, measure, median, ratios } from './processes.ts';
import { dayOf } from '../transform/periods.ts';

const ROUNDS = Number(process.env.FAIRSHARE_BENCH_ROUNDS ?? 3);
const LINES = Number(process.env.FAIRSHARE_BENCH_LINES ?? 1_000_000);
const PARTITIONS = 2;
const WARM_UP_LINES = Math.min(100_000, LINES);
const SEND_BYTES = 900_000;

const readers = ['worker', 'engine', 'engine2', 'kafkajs'] as const;
type ReaderName = (typeof readers)[number];
const titles: Readonly<Record<ReaderName, string>> = {
  worker: 'fairshare’s worker, to visible rows',
  engine: 'Kafka engine and materialized view, one consumer',
  engine2: 'the same, two consumers',
  kafkajs: '`kafkajs`, read and discarded',
};
const sizes = { 'one line': 'line', '64 KiB': 65_536 } as const;
type Size = keyof typeof sizes;

const chosen = process.argv.slice(2);
const wanted = readers.filter((name) => name === 'worker' || chosen.length === 0 || chosen.includes(name));

const log = (text: string): void => void process.stderr.write(`${text}\n`);

/** The worker runs first, because its result tells how many lines count. */
const requestsOf = (worker: MeasuredRead | undefined): number =>
  Object.values(worker?.answer ?? {}).reduce((sum, [requests]) => sum + requests, 0);

/** Rewrites the month's lines to one day, each at its hour, because a topic carries current requests. The bytes are new. */
const ofOneDay = (value: Uint8Array): Uint8Array =>
  Buffer.from(
    Buffer.from(value)
      .toString('latin1')
      .replaceAll(/("timestamp":"\d{4}-\d\d-)\d\d/g, (_all, before: string) => `${before}15`),
    'latin1',
  );

/** Writes the first lines of the month to a topic, evenly over its partitions. */
async function feed(
  brokers: readonly string[],
  topic: string,
  { log: path }: Month,
  size: 'line' | number,
  lines: number,
) {
  const client = createKafkaClient({ brokers }, { log: { debug() {}, info() {}, warn() {}, error() {} } });
  await client.createTopic({ topic, partitions: PARTITIONS });
  const producer = await client.producer();
  let [values, bytes, sent, sends]: [{ value: Uint8Array }[], number, number, number] = [[], 0, 0, 0];
  const send = async () => {
    if (values.length > 0) await producer.send(topic, sends++ % PARTITIONS, values);
    [values, bytes] = [[], 0];
  };
  for await (const message of cutMessages(createReadStream(path, { highWaterMark: 1 << 20 }), size)) {
    const overhead = 40;
    if (bytes + message.value.length + overhead > SEND_BYTES) await send();
    values.push({ value: ofOneDay(message.value) });
    bytes += message.value.length + overhead;
    if ((sent += message.lines) >= lines) break;
  }
  await send();
  await client.close();
  return sent;
}

const input = await month(LINES);
compile();
const broker = await startBroker({ properties: { 'log.retention.ms': '-1' } });
const brokers = broker.brokers.join(',');
try {
  const rounds: Record<Size, Record<ReaderName, MeasuredRead[]>> = {} as never;
  for (const [size, cut] of Object.entries(sizes) as [Size, 'line' | number][]) {
    const topic = `bench-${process.pid}-${cut}`;
    const warm = await feed(broker.brokers, `${topic}-warm`, input, cut, WARM_UP_LINES);
    await feed(broker.brokers, topic, input, cut, Infinity);
    const of: Record<ReaderName, MeasuredRead[]> = (rounds[size] = {
      worker: [],
      engine: [],
      engine2: [],
      kafkajs: [],
    });
    for (let round = 1; round <= ROUNDS; round++)
      for (const name of wanted) {
        const measured = measure<MeasuredRead>(
          'kafka/child',
          [name, brokers, topic, `${topic}-warm`, String(warm), input.directory, String(requestsOf(of.worker[0]))],
          { pinned: false },
        );
        of[name].push(measured);
        log(
          `${size}, round ${round}: ${name.padEnd(8)} ${(measured.elapsed_ms / 1000).toFixed(2)} s, ${(measured.cpu_ms / 1000).toFixed(2)} s of CPU, ${Math.round(measured.peak_rss_mb)} MB`,
        );
        const expected = JSON.stringify(of.worker[0].answer);
        if (measured.answer !== undefined && JSON.stringify(measured.answer) !== expected) {
          log(`the answers differ:\n  worker ${expected}\n  ${name} ${JSON.stringify(measured.answer)}`);
          process.exitCode = 4;
        }
      }
  }
  const results = {
    date: new Date().toISOString(),
    machine,
    partitions: PARTITIONS,
    broker: broker.how,
    input: { lines: input.lines, bytes: input.bytes, sha256: input.sha256 },
    rounds,
  };
  console.log(table(results));
  mkdirSync(new URL('results/', import.meta.url), { recursive: true });
  appendFileSync(new URL('results/kafka.jsonl', import.meta.url), `${JSON.stringify(results)}\n`);
} finally {
  await broker.stop();
}

function table({
  date,
  input: { lines, bytes },
  rounds,
}: {
  date: string;
  input: { lines: number; bytes: number };
  rounds: Record<Size, Record<ReaderName, MeasuredRead[]>>;
}): string {
  const row = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = (Object.keys(sizes) as Size[]).flatMap((size) =>
    wanted.map((name) => {
      const times = rounds[size][name].map(({ elapsed_ms }) => elapsed_ms);
      const ratio = ratios(
        times,
        rounds[size].worker.map(({ elapsed_ms }) => elapsed_ms),
      );
      const rate = Math.round((lines / median(times)) * 1000);
      const peak = Math.max(...rounds[size][name].map(({ peak_rss_mb }) => peak_rss_mb));
      const ours =
        name === 'worker' ? '' : `${ratio.median.toFixed(2)} × (${ratio.least.toFixed(2)}–${ratio.most.toFixed(2)})`;
      const cpu = median(rounds[size][name].map(({ cpu_ms, helpers_cpu_ms }) => cpu_ms + helpers_cpu_ms)) / 1000;
      const perMillion = `${((cpu / lines) * 1e6).toFixed(1)} s`;
      return row(size, titles[name], rate.toLocaleString('en'), ours, perMillion, `${Math.round(peak)} MB`);
    }),
  );
  return [
    row('messages', 'reader', 'lines/s', 'ours is', 'CPU a million lines', 'peak memory'),
    row('---', '---', '---', '---', '---', '---'),
    ...rows,
    '',
    `${dayOf(date)}, ${machine.cpu}, ${machine.cores} cores with the broker beside it, Node ${machine.node}; ${lines.toLocaleString('en')} lines of ${Math.round(bytes / lines)} bytes, ${PARTITIONS} partitions, ${ROUNDS} rounds.`,
  ].join('\n');
}
