// One contender in a process of its own. It prepares, warms up on the whole file, runs once more, digests its answer, and
// prints its measurements as one line of JSON. `node child.js NAME DIRECTORY [DUMP]`
// Two warm-up runs come first, because a worker runs for days and the compiler still improves code that has just started.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { openMonth, readRules } from '../month.ts';
import { digestOf, type Contender, type Digest } from './contender.ts';
import { Engine } from './engine.ts';
import { Naive } from './naive.ts';
import { Ours } from './ours.ts';

export interface Measured {
  readonly elapsed_ms: number;
  /** CPU time of all threads of the process. */
  readonly cpu_ms: number;
  /** Largest resident size up to the end of the run. */
  readonly peak_rss_mb: number;
  /** Version of the contender's engine, if it is not Node's. */
  readonly version?: string;
  readonly digest: Digest;
}

const WARM_UP_RUNS = 2;

const contenders: Readonly<Record<string, () => Contender>> = {
  transform: () => new Ours(),
  naive: () => new Naive(),
  engine: () => new Engine(),
};

const [name = '', directory = '', dump] = process.argv.slice(2);
const month = openMonth(directory);
const contender = contenders[name]();
await contender.prepare(month, readRules(directory));
for (let run = 0; run < WARM_UP_RUNS; run++) await contender.run(month.log);
const cpu = process.cpuUsage();
const start_ms = performance.now();
await contender.run(month.log);
const elapsed_ms = performance.now() - start_ms;
const { user, system } = process.cpuUsage(cpu);
const peak_rss_mb = process.resourceUsage().maxRSS / 1024;
const out = dump === undefined ? undefined : createWriteStream(dump);
const digest = await digestOf(contender.answer(), out && ((row) => void out.write(`${row}\n`)));
if (out !== undefined) await once(out.end(), 'close');
await contender.close?.();
const cpu_ms = (user + system) / 1000;
const measured: Measured = { elapsed_ms, cpu_ms, peak_rss_mb, version: contender.version, digest };
process.stdout.write(`${JSON.stringify(measured)}\n`);
