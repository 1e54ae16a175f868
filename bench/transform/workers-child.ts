// Transforms the halves of a file, one batch each, on one worker thread or on two: the same work. `node workers-child.js
// DIRECTORY N`

import { closeSync, openSync, readSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { openMonth, readRules } from '../month.ts';
import { newBuilder, transformFile } from './ours.ts';

/** Part of the file in bytes: [start, end). */
type Half = readonly [number, number];

function halvesOf(path: string, bytes: number): [Half, Half] {
  const file = openSync(path, 'r');
  const buf = Buffer.alloc(1 << 16);
  const at = Math.floor(bytes / 2);
  readSync(file, buf, 0, buf.length, at);
  closeSync(file);
  const middle = at + buf.indexOf(10) + 1;
  return [
    [0, middle],
    [middle, bytes],
  ];
}

async function conduct(directory: string, count: number): Promise<void> {
  const month = openMonth(directory);
  const halves = halvesOf(month.log, month.bytes);
  const shares = count === 1 ? [halves] : halves.map((half) => [half]);
  const workers = shares.map(
    (halves) => new Worker(fileURLToPath(import.meta.url), { workerData: { directory, halves } }),
  );
  const answers = () =>
    Promise.all(workers.map((worker) => new Promise<number>((done) => worker.once('message', done))));
  await answers(); // all threads are warm
  const start_ms = performance.now();
  const cpu = process.cpuUsage();
  const done = answers();
  for (const worker of workers) worker.postMessage('go');
  const lines = (await done).reduce((sum, part) => sum + part, 0);
  const elapsed_ms = performance.now() - start_ms;
  const { user, system } = process.cpuUsage(cpu);
  process.stdout.write(`${JSON.stringify({ elapsed_ms, cpu_ms: (user + system) / 1000, lines })}\n`);
}

function work({ directory, halves }: { directory: string; halves: readonly Half[] }): void {
  const { log } = openMonth(directory);
  const rules = readRules(directory);
  const run = () =>
    halves.reduce((lines, [start, end]) => lines + transformFile(newBuilder(rules), log, start, end).counts.lines, 0);
  parentPort!.once('message', () => parentPort!.postMessage(run()));
  // Each thread gets the same number of warm-up lines, whichever half it has.
  for (let warmUp = 0; warmUp < 8 / halves.length; warmUp++) run();
  parentPort!.postMessage(0);
}

if (isMainThread) await conduct(process.argv[2], Number(process.argv[3]));
else work(workerData as { directory: string; halves: readonly Half[] });
