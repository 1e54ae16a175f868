// make bench: runs every comparison, prints the tables, and appends the figures to bench/results. bench/README.md explains
// them.
// FAIRSHARE_BENCH_LINES and FAIRSHARE_BENCH_ROUNDS change the size. Arguments choose the parts: transform gzip workers
// memory.
// Exit codes: 4 the answers differ, 1 anything else.

import { appendFileSync, mkdirSync } from 'node:fs';
import { month } from './month.ts';
import { compareMemory } from './memory.ts';
import { canPin, compile, machine } from './processes.ts';
import { tables } from './report.ts';
import { AnswersDiffer, compareGzip, compareWorkers, rivalry } from './transform.ts';

const ROUNDS = Number(process.env.FAIRSHARE_BENCH_ROUNDS ?? 3);
const LINES = Number(process.env.FAIRSHARE_BENCH_LINES ?? 1_000_000);

const chosen = process.argv.slice(2);
const wants = (part: string): boolean => chosen.length === 0 || chosen.includes(part);
const log = (text: string): void => void process.stderr.write(`${text}\n`);

try {
  const input = await month(LINES);
  compile();
  log(`${input.lines} lines, ${(input.bytes / 1e6).toFixed(0)} MB, ${ROUNDS} rounds in turn`);
  const results = {
    date: new Date().toISOString(),
    machine,
    pinned: canPin,
    input: { lines: input.lines, bytes: input.bytes, sha256: input.sha256 },
    rivals: wants('transform') ? await rivalry(input, ROUNDS, log) : undefined,
    gzip: wants('gzip') ? compareGzip(input, ROUNDS) : undefined,
    workers: wants('workers') ? compareWorkers(input, ROUNDS) : undefined,
    memory: wants('memory') ? compareMemory() : undefined,
  };
  console.log(tables(results));
  const directory = new URL('results/', import.meta.url);
  mkdirSync(directory, { recursive: true });
  appendFileSync(new URL('transform.jsonl', directory), `${JSON.stringify(results)}\n`);
} catch (error) {
  if (!(error instanceof AnswersDiffer)) throw error;
  log(error.message);
  process.exitCode = 4;
}
