// make bench-objects: loads log objects of few and of many lines into a warehouse. The rival is the embedded engine's own
// INSERT … SELECT FROM file(), for each object and for all at once. Each loader runs in turn, in a process of its own.
// FAIRSHARE_BENCH_LINES and FAIRSHARE_BENCH_ROUNDS change the size. Exit codes: 4 the answers differ, 1 anything else.

import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { month, type Month } from './month.ts';
import type { MeasuredLoad } from './objects/child.ts';
import { compile, machine, measure, median, ratios } from './processes.ts';
import { dayOf } from '../transform/periods.ts';

const ROUNDS = Number(process.env.FAIRSHARE_BENCH_ROUNDS ?? 3);
const LINES = Number(process.env.FAIRSHARE_BENCH_LINES ?? 200_000);
const SIZES = [200, 2_000, 20_000] as const;
const WARM_UP_PART = 5;

const loaders = ['fairshare', 'engine', 'engineAll'] as const;
type LoaderName = (typeof loaders)[number];
const titles: Readonly<Record<LoaderName, string>> = {
  fairshare: 'fairshare, `ingest files`',
  engine: 'the engine, one `INSERT` for each object',
  engineAll: 'the engine, one `INSERT` for all objects',
};

const log = (text: string): void => void process.stderr.write(`${text}\n`);

/** Cuts the month into gzip objects of this many lines, once. The first fifth warms up, the rest is measured. */
function objectsOf({ directory, log: path }: Month, lines: number): { warmUp: string; objects: string; count: number } {
  const all = join(directory, `objects-of-${lines}`);
  const text = readFileSync(path, 'utf8').trimEnd().split('\n');
  const count = Math.floor(text.length / lines);
  const first = Math.ceil(count / WARM_UP_PART);
  const folders = { warmUp: join(all, 'warm-up'), objects: join(all, 'objects') };
  if (!existsSync(all)) {
    rmSync(`${all}.new`, { recursive: true, force: true });
    for (const folder of ['warm-up', 'objects']) mkdirSync(join(`${all}.new`, folder), { recursive: true });
    for (let i = 0; i < count; i++)
      writeFileSync(
        join(`${all}.new`, i < first ? 'warm-up' : 'objects', `${String(i).padStart(5, '0')}.log.gz`),
        gzipSync(`${text.slice(i * lines, (i + 1) * lines).join('\n')}\n`),
      );
    renameSync(`${all}.new`, all);
  }
  return { ...folders, count: count - first };
}

const noRounds = (): Record<LoaderName, MeasuredLoad[]> => ({ fairshare: [], engine: [], engineAll: [] });

const input = await month(LINES);
compile();
const sizes = SIZES.map((lines) => ({
  lines,
  ...objectsOf(input, lines),
  rounds: noRounds(),
}));
for (const { lines, warmUp, objects, count, rounds } of sizes)
  for (let round = 1; round <= ROUNDS; round++)
    for (const name of loaders) {
      const measured = measure<MeasuredLoad>('objects/child', [name, input.directory, objects, warmUp], {
        pinned: false,
      });
      rounds[name].push(measured);
      log(
        `${count} objects of ${lines} lines, round ${round}: ${name.padEnd(9)} ${(measured.elapsed_ms / 1000).toFixed(2)} s, ${(measured.cpu_ms / 1000).toFixed(2)} s of CPU, ${Math.round(measured.peak_rss_mb)} MB`,
      );
      const expected = JSON.stringify(rounds.fairshare[0].answer);
      if (JSON.stringify(measured.answer) !== expected) {
        log(`the answers differ:\n  fairshare ${expected}\n  ${name} ${JSON.stringify(measured.answer)}`);
        process.exitCode = 4;
      }
    }
const date = new Date().toISOString();
const results = sizes.map(({ lines, count, rounds }) => ({ lines, count, rounds }));
appendFileSync(
  new URL('results/objects.jsonl', import.meta.url),
  `${JSON.stringify({ date, machine, input: { lines: input.lines, bytes: input.bytes, sha256: input.sha256 }, sizes: results })}\n`,
);

const row = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`;
console.log(
  [
    row('lines in each', 'loader', 'an object', 'lines/s', 'ours is', 'CPU a million lines', 'peak memory'),
    row('---:', '---', '---:', '---:', '---:', '---:', '---:'),
    ...results.flatMap(({ lines, count, rounds }) =>
      loaders.map((name) => {
        const times = rounds[name].map(({ elapsed_ms }) => elapsed_ms);
        const ours = rounds.fairshare.map(({ elapsed_ms }) => elapsed_ms);
        const ratio = ratios(times, ours);
        const cpu = median(rounds[name].map(({ cpu_ms }) => cpu_ms)) / 1000;
        return row(
          lines.toLocaleString('en'),
          titles[name],
          `${(median(times) / count).toFixed(1)} ms`,
          Math.round(((lines * count) / median(times)) * 1000).toLocaleString('en'),
          name === 'fairshare'
            ? ''
            : `${ratio.median.toFixed(2)} × (${ratio.least.toFixed(2)}–${ratio.most.toFixed(2)})`,
          `${((cpu / (lines * count)) * 1e6).toFixed(1)} s`,
          `${Math.round(Math.max(...rounds[name].map(({ peak_rss_mb }) => peak_rss_mb)))} MB`,
        );
      }),
    ),
    '',
    `${dayOf(date)}, ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; gzip objects, ${Math.round(input.bytes / input.lines)} bytes a line, ${ROUNDS} rounds.`,
  ].join('\n'),
);
