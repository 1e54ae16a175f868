// The transform from a gzip object, on as many cores as there are. `node gzip-child.js DIRECTORY`

import { openMonth, readRules } from '../month.ts';
import { newBuilder } from './ours.ts';
import { transformObject } from './stream.ts';

const [directory = ''] = process.argv.slice(2);
const month = openMonth(directory);
const rules = readRules(directory);
await transformObject(newBuilder(rules), month.gzip);
const start_ms = performance.now();
const { counts } = await transformObject(newBuilder(rules), month.gzip);
process.stdout.write(`${JSON.stringify({ elapsed_ms: performance.now() - start_ms, lines: counts.lines })}\n`);
