// The transform on N worker threads, each on its part of one file. `node workers-child.js DIRECTORY N`

import { closeSync, openSync, readSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { openMonth, readRules } from '../month.ts';
import { newBuilder, transformFile } from './ours.ts';

interface Part {
  readonly directory: string;
  readonly start: number;
  readonly end: number;
}

/** Places in the file that cut it into `count` parts of whole lines. */
function cuts(path: string, bytes: number, count: number): number[] {
  const file = openSync(path, 'r');
  const buf = Buffer.alloc(1 << 16);
  const inner = Array.from({ length: count - 1 }, (_, i) => {
    const at = Math.floor((bytes * (i + 1)) / count);
    readSync(file, buf, 0, buf.length, at);
    return at + buf.indexOf(10) + 1;
  });
  closeSync(file);
  return [0, ...inner, bytes];
}

async function conduct(directory: string, count: number): Promise<void> {
  const month = openMonth(directory);
  const at = cuts(month.log, month.bytes, count);
  const workers = at.slice(1).map((end, i) => {
    const part: Part = { directory, start: at[i]!, end };
    return new Worker(fileURLToPath(import.meta.url), { workerData: part });
  });
  const answers = () =>
    Promise.all(workers.map((worker) => new Promise<number>((done) => worker.once('message', done))));
  await answers(); // all are warm
  const start_ms = performance.now();
  const cpu = process.cpuUsage();
  const done = answers();
  for (const worker of workers) worker.postMessage('go');
  const lines = (await done).reduce((sum, part) => sum + part, 0);
  const elapsed_ms = performance.now() - start_ms;
  const { user, system } = process.cpuUsage(cpu);
  process.stdout.write(`${JSON.stringify({ elapsed_ms, cpu_ms: (user + system) / 1000, lines })}\n`);
}

function work({ directory, start, end }: Part): void {
  const { log } = openMonth(directory);
  const rules = readRules(directory);
  const run = () => transformFile(newBuilder(rules), log, start, end).counts.lines;
  parentPort!.once('message', () => parentPort!.postMessage(run()));
  parentPort!.postMessage(run());
}

if (isMainThread) await conduct(process.argv[2]!, Number(process.argv[3]));
else work(workerData as Part);
