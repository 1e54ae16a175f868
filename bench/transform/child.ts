// One contender in a process of its own: prepares, warms up, runs once, digests its answer, and prints what it measured as
// one line of JSON. `node child.ts NAME LINES [DUMP]`

import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { month, readRules } from '../month.ts';
import { digestOf, type Contender, type Digest } from './contender.ts';
import { Engine } from './engine.ts';
import { Naive } from './naive.ts';
import { Ours } from './ours.ts';

export interface Measured {
  readonly elapsed_ms: number;
  /** Of all threads of the process. */
  readonly cpu_ms: number;
  /** Largest resident size up to the end of the run. */
  readonly peak_rss_mb: number;
  readonly digest: Digest;
}

const contenders: Readonly<Record<string, () => Contender>> = {
  transform: () => new Ours(),
  naive: () => new Naive(),
  engine: () => new Engine(),
};

const [name = '', lines = '', dump] = process.argv.slice(2);
const input = await month(Number(lines));
const contender = contenders[name]!();
await contender.prepare(input, readRules(input.directory));
await contender.run(input.warmUp);
const cpu = process.cpuUsage();
const start_ms = performance.now();
await contender.run(input.log);
const elapsed_ms = performance.now() - start_ms;
const { user, system } = process.cpuUsage(cpu);
const peak_rss_mb = process.resourceUsage().maxRSS / 1024;
const out = dump === undefined ? undefined : createWriteStream(dump);
const digest = await digestOf(contender.answer(), out && ((row) => void out.write(`${row}\n`)));
if (out !== undefined) await once(out.end(), 'close');
await contender.close?.();
const measured: Measured = { elapsed_ms, cpu_ms: (user + system) / 1000, peak_rss_mb, digest };
process.stdout.write(`${JSON.stringify(measured)}\n`);
