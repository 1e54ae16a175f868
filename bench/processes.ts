// Runs measurements: compiled like the product, each in a process of its own, in turn with its rivals.

import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const BUILT = fromHere('../.cache/bench/bench/');

/** Compiles bench/ and its imports as `make build` does, so that the benchmark does not measure a translation at run time. */
export function compile(): void {
  process.stderr.write('compiling\n');
  execFileSync(process.execPath, [fromHere('../node_modules/typescript/bin/tsc'), '-p', fromHere('tsconfig.json')], {
    stdio: 'inherit',
  });
  copyFileSync(fromHere('transform.sql'), `${BUILT}transform.sql`);
  copyFileSync(fromHere('../ingest/gunzip-thread.js'), `${BUILT}../ingest/gunzip-thread.js`);
  for (const folder of ['migrations', 'views', 'queries'])
    cpSync(fromHere(`../sql/${folder}`), `${BUILT}../sql/${folder}`, { recursive: true });
}

/** Whether a process can be pinned to one CPU. */
export const canPin = spawnSync('taskset', ['-c', '0', 'true']).status === 0;

/**
 * Runs bench/<script>.ts and reads its output.
 * @param pinned on one CPU, so that helper threads (garbage collector, compiler, engine) count too
 */
export function measure<Result>(script: string, args: readonly string[], { pinned }: { pinned: boolean }): Result {
  const [command, ...rest] = [
    ...(pinned && canPin ? ['taskset', '-c', String(cpus().length - 1)] : []),
    process.execPath,
    `${BUILT}${script}.js`,
    ...args,
  ];
  return JSON.parse(execFileSync(command, rest, { encoding: 'utf8', maxBuffer: 1 << 26 })) as Result;
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Median, smallest and largest of the rounds' ratios: both values of a ratio come from the same round. */
export function ratios(numerators: readonly number[], denominators: readonly number[]) {
  const each = numerators.map((numerator, i) => numerator / denominators[i]);
  return { median: median(each), least: Math.min(...each), most: Math.max(...each) };
}
export type Ratios = ReturnType<typeof ratios>;

export const machine = {
  cpu: cpus()[0].model.trim(),
  cores: cpus().length,
  memory_mb: Math.round(totalmem() / 2 ** 20),
  node: process.version,
} as const;
