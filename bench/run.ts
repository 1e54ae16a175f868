// make bench: the whole transform of a simulated month on one thread, beside its rivals, in turn, answers compared.

import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { month } from './month.ts';
import type { Measured } from './transform/child.ts';

const ROUNDS = Number(process.env.FAIRSHARE_BENCH_ROUNDS ?? 3);
const LINES = Number(process.env.FAIRSHARE_BENCH_LINES ?? 1_000_000);
const titles = {
  transform: 'fairshare: TypeScript, Arrow out, request rates too',
  naive: 'JSON.parse line by line, a Map on the same key',
  engine: 'the embedded engine, bench/transform.sql, max_threads = 1',
} as const;
type Name = keyof typeof titles;
const names = Object.keys(titles) as Name[];

const pin = spawnSync('taskset', ['-c', '0', 'true']).status === 0 ? ['taskset', '-c', '0'] : [];

function measure(name: Name): Measured {
  const child = fileURLToPath(new URL('transform/child.ts', import.meta.url));
  const [command, ...args] = [
    ...pin,
    process.execPath,
    '--max-old-space-size=8192',
    '--import',
    import.meta.resolve('tsx'),
    child,
    name,
    String(LINES),
  ];
  return JSON.parse(execFileSync(command!, args, { encoding: 'utf8', maxBuffer: 1 << 26 })) as Measured;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

const input = await month(LINES);
console.error(
  `${input.lines} lines, ${(input.bytes / 1e6).toFixed(0)} MB, SHA-256 ${input.sha256.slice(0, 16)}…, ${ROUNDS} rounds in turn`,
);
const rounds: Record<Name, Measured[]> = { transform: [], naive: [], engine: [] };
for (let round = 1; round <= ROUNDS; round++)
  for (const name of names) {
    const measured = measure(name);
    rounds[name].push(measured);
    const [cpu, wall] = [measured.cpu_ms, measured.elapsed_ms].map((ms) => (ms / 1000).toFixed(2));
    console.error(
      `round ${round}: ${name.padEnd(9)} ${cpu} s CPU, ${wall} s wall, ${Math.round(measured.peak_rss_mb)} MB at most`,
    );
  }

const digests = names.map((name) => JSON.stringify(rounds[name][0]!.digest));
if (new Set(names.flatMap((name) => rounds[name].map(({ digest }) => JSON.stringify(digest)))).size !== 1) {
  console.error(`the answers differ:\n${names.map((name, i) => `  ${name}: ${digests[i]}`).join('\n')}`);
  process.exit(4);
}

console.log('| contender | lines/s of CPU time (median) | fairshare against it (median, range) | peak memory |');
console.log('|---|---|---|---|');
for (const name of names) {
  const cpu_ms = median(rounds[name].map((measured) => measured.cpu_ms));
  const ratios = rounds[name].map((measured, i) => measured.cpu_ms / rounds.transform[i]!.cpu_ms);
  const [low, middle, high] = [Math.min(...ratios), median(ratios), Math.max(...ratios)].map((ratio) =>
    ratio.toFixed(2),
  );
  const rate = Math.round((input.lines / cpu_ms) * 1000).toLocaleString('en');
  const against = name === 'transform' ? '' : `${middle} × (${low}–${high})`;
  console.log(`| ${titles[name]} | ${rate} | ${against} | ${Math.round(rounds[name][0]!.peak_rss_mb)} MB |`);
}
const { rows, sum } = rounds.transform[0]!.digest;
const machine = `${cpus()[0]!.model}, ${cpus().length} cores, Node ${process.version}`;
console.log(
  `\nOne answer: ${rows.toLocaleString('en')} groups, digest ${sum}. ${machine}${pin.length > 0 ? ', pinned to one' : ''}.`,
);

const results = new URL('results/', import.meta.url);
mkdirSync(results, { recursive: true });
appendFileSync(
  new URL('transform.jsonl', results),
  `${JSON.stringify({ date: new Date().toISOString(), machine, pinned: pin.length > 0, lines: input.lines, bytes: input.bytes, input_sha256: input.sha256, rounds })}\n`,
);
