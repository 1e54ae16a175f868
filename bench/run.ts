// make bench: the whole transform of a simulated month on one thread, beside its rivals, in turn, answers compared.

import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { month } from './month.ts';
import { type Answer } from './transform/answer.ts';

const ROUNDS = Number(process.env.FAIRSHARE_BENCH_ROUNDS ?? 3);
const LINES = Number(process.env.FAIRSHARE_BENCH_LINES ?? 1_000_000);
const contenders = ['ours', 'naive', 'engine'] as const;
type Contender = (typeof contenders)[number];
const titles: Record<Contender, string> = {
  ours: 'fairshare (TypeScript, Arrow out, request rates too)',
  naive: 'JSON.parse line by line, a Map on the same key',
  engine: 'the embedded engine in SQL, max_threads = 1',
};

interface Round {
  readonly wall_s: number;
  readonly cpu_s: number;
}

const pin = spawnSync('taskset', ['-c', '0', 'true']).status === 0 ? ['taskset', '-c', '0'] : [];

/** The second of two rounds in a fresh process: the first one warms compiler and page cache. */
function runContender(name: Contender, directory: string): { round: Round; answer: Answer } {
  const program = fileURLToPath(new URL('transform/contender.ts', import.meta.url));
  const [command, ...args] = [
    ...pin,
    process.execPath,
    '--max-old-space-size=8192',
    '--import',
    import.meta.resolve('tsx'),
    program,
    name,
    directory,
    '2',
  ];
  const lines = execFileSync(command!, args, { encoding: 'utf8', maxBuffer: 1 << 26 })
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Round & { answer?: Answer });
  return { round: lines.at(-2)!, answer: lines.at(-1)!.answer! };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

const input = await month(LINES);
console.error(`${input.lines} lines, ${(input.bytes / 1e6).toFixed(0)} MB, SHA-256 ${input.sha256.slice(0, 16)}…`);
const measured: Record<Contender, Round[]> = { ours: [], naive: [], engine: [] };
const answers: Partial<Record<Contender, Answer>> = {};
for (let round = 1; round <= ROUNDS; round++)
  for (const name of contenders) {
    const result = runContender(name, input.directory);
    measured[name].push(result.round);
    answers[name] = result.answer;
    console.error(
      `round ${round}: ${name.padEnd(6)} ${result.round.cpu_s.toFixed(2)} s CPU, ${result.round.wall_s.toFixed(2)} s wall`,
    );
  }
const texts = contenders.map((name) => JSON.stringify(answers[name]));
if (new Set(texts).size !== 1) {
  console.error(`the answers differ:\n${contenders.map((name, i) => `  ${name}: ${texts[i]}`).join('\n')}`);
  process.exit(4);
}

const cpu = Object.fromEntries(
  contenders.map((name) => [name, median(measured[name].map(({ cpu_s }) => cpu_s))]),
) as Record<Contender, number>;
const ratio = (name: Contender): string => {
  const pairs = measured[name].map(({ cpu_s }, i) => cpu_s / measured.ours[i]!.cpu_s);
  return `${median(pairs).toFixed(2)} (${Math.min(...pairs).toFixed(2)}–${Math.max(...pairs).toFixed(2)})`;
};
const engineVersion = process.env.npm_package_version ?? '';
console.log(`| contender | lines/s (CPU, median of ${ROUNDS}) | fairshare is … times as fast |\n|---|---|---|`);
for (const name of contenders)
  console.log(
    `| ${titles[name]} | ${Math.round(input.lines / cpu[name]).toLocaleString('en')} | ${name === 'ours' ? '' : ratio(name)} |`,
  );
console.log(
  `\nSame answer of all three: ${answers.ours!.rows.toLocaleString('en')} groups, hash ${answers.ours!.hash}. ${cpus()[0]!.model}, ${cpus().length} cores, Node ${process.version}.`,
);

const results = new URL('results/', import.meta.url);
mkdirSync(results, { recursive: true });
appendFileSync(
  new URL('transform.jsonl', results),
  `${JSON.stringify({ date: new Date().toISOString(), cpu: cpus()[0]!.model, cores: cpus().length, node: process.version, version: engineVersion, pinned: pin.length > 0, lines: input.lines, bytes: input.bytes, input_sha256: input.sha256, answer: answers.ours, rounds: measured })}\n`,
);
