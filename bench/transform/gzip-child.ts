// Transforms a gzip object on all cores. `node gzip-child.js DIRECTORY`

import { existsSync, readFileSync } from 'node:fs';
import { openMonth, readRules } from '../month.ts';
import { newBuilder } from './ours.ts';
import { transformObject } from './stream.ts';

const [directory = ''] = process.argv.slice(2);
const month = openMonth(directory);
const rules = readRules(directory);
for (let warmUp = 0; warmUp < 4; warmUp++) await transformObject(newBuilder(rules), month.gzip);
const before_ms = threadCpu();
const start_ms = performance.now();
const { counts } = await transformObject(newBuilder(rules), month.gzip);
const elapsed_ms = performance.now() - start_ms;
const cpu_ms = threadCpu() - before_ms;
process.stdout.write(`${JSON.stringify({ elapsed_ms, cpu_ms, lines: counts.lines })}\n`);

/** CPU time of this thread, in ms, to the tick; NaN without /proc. */
function threadCpu(): number {
  const stat = `/proc/self/task/${process.pid}/stat`;
  if (!existsSync(stat)) return NaN;
  const [utime, stime] = readFileSync(stat, 'latin1').split(') ')[1].split(' ').slice(11, 13);
  return (Number(utime) + Number(stime)) * 10;
}
