// One way to read a topic, in a process of its own. It warms up on a small topic, because the compiler improves the code
// while it runs. Then it reads the large topic, and prints its measurements as one line of JSON.
// `node child.js NAME BROKERS TOPIC WARM_UP_TOPIC WARM_UP_LINES DIRECTORY REQUESTS`

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openMonth, readRules } from '../month.ts';
import { Discard } from './discard.ts';
import { KafkaEngine } from './engine.ts';
import { Ours } from './ours.ts';
import type { Answer, Job, Reader } from './reader.ts';

export interface MeasuredRead {
  readonly elapsed_ms: number;
  /** CPU time of all threads of this process. */
  readonly cpu_ms: number;
  /** CPU time of the warehouse behind the door. */
  readonly helpers_cpu_ms: number;
  readonly peak_rss_mb: number;
  readonly answer?: Answer;
}

const readers: Readonly<Record<string, () => Reader>> = {
  worker: () => new Ours(),
  engine: () => new KafkaEngine(1),
  engine2: () => new KafkaEngine(2),
  kafkajs: () => new Discard(),
};

const [name = '', brokers = '', topic = '', warmUp = '', warmUpLines = '', monthDirectory = '', requests = ''] =
  process.argv.slice(2);
const month = openMonth(monthDirectory);
const directory = join(monthDirectory, `kafka-${process.pid}`);
mkdirSync(directory);
const rules = readRules(monthDirectory);
const job: Job = {
  brokers: brokers.split(','),
  topic,
  lines: month.lines,
  requests: Number(requests),
  month,
  rules,
  directory,
};
const reader = readers[name]();
try {
  await reader.prepare(job);
  if (reader.warmsUp) await reader.run({ ...job, topic: warmUp, lines: Number(warmUpLines) });
  const before = reader.warmsUp ? await reader.answer?.() : undefined;
  const helpers = reader.helpersCpu_ms?.() ?? 0;
  const cpu = process.cpuUsage();
  const start_ms = performance.now();
  await reader.run(job);
  const elapsed_ms = performance.now() - start_ms;
  const { user, system } = process.cpuUsage(cpu);
  const helpers_cpu_ms = (reader.helpersCpu_ms?.() ?? 0) - helpers;
  const peak_rss_mb = process.resourceUsage().maxRSS / 1024;
  const answer = await reader.answer?.();
  const measured: MeasuredRead = {
    elapsed_ms,
    cpu_ms: (user + system) / 1000,
    helpers_cpu_ms,
    peak_rss_mb,
    answer: reader.warmsUp && answer !== undefined ? less(answer, before!) : answer,
  };
  process.stdout.write(`${JSON.stringify(measured)}\n`);
  await reader.close();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
process.exit(0);

/** Returns `after` minus `before`. */
function less(after: Answer, before: Answer): Answer {
  const none = [0, 0, 0] as const;
  return Object.fromEntries(
    Object.entries(after).map(([key, [requests, downloads, bytes]]) => {
      const [r, d, b] = before[key] ?? none;
      return [key, [requests - r, downloads - d, bytes - b]];
    }),
  );
}
