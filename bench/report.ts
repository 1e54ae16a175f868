// Prints the figures as tables in Markdown.

import type { MemoryCase } from './memory.ts';
import { median, type machine, type Ratios } from './processes.ts';
import {
  contenders,
  linesPerSecond,
  type ContenderName,
  type GzipComparison,
  type Rivalry,
  type WorkersComparison,
} from './transform.ts';
import { dayOf } from '../transform/periods.ts';

export interface Results {
  readonly date: string;
  readonly machine: typeof machine;
  readonly pinned: boolean;
  readonly input: { readonly lines: number; readonly bytes: number };
  readonly rivals?: Rivalry;
  readonly gzip?: GzipComparison;
  readonly workers?: WorkersComparison;
  readonly memory?: readonly MemoryCase[];
}

const titles: Readonly<Record<ContenderName, string>> = {
  transform: 'fairshare’s transform',
  naive: '`JSON.parse` line by line, a `Map` on the same key',
  engine: 'the embedded engine, `bench/transform.sql`',
};

const times = ({ median, least, most }: Ratios): string =>
  `${median.toFixed(2)} × (${least.toFixed(2)}–${most.toFixed(2)})`;
const count = (value: number): string => Math.round(value).toLocaleString('en');
const seconds = (ms: readonly number[]): string => `${(median(ms) / 1000).toFixed(2)} s`;
const elapsed = (runs: readonly { readonly elapsed_ms: number }[]): string =>
  seconds(runs.map(({ elapsed_ms }) => elapsed_ms));
const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly string[]): string =>
  [row(...head), row(...head.map(() => '---')), ...rows].join('\n');

export function tables({ date, machine, pinned, input, rivals, gzip, workers, memory }: Results): string {
  const parts: string[] = [];
  if (rivals !== undefined) parts.push(rivalTable(input.lines, rivals));
  const claims: string[] = [];
  if (gzip !== undefined)
    claims.push(
      row(
        'gzip object, all cores, over `zcat FILE \\| wc -l`',
        `${elapsed(gzip.transform)} to ${elapsed(gzip.zcat)}`,
        times(gzip.wall),
        times(gzip.cpu),
        '≤ 1.3 × (aim 1.0 ×)',
      ),
    );
  if (workers !== undefined)
    claims.push(
      row(
        'two worker threads against one',
        `${elapsed(workers.two)} to ${elapsed(workers.one)}`,
        times(workers.wall),
        times(workers.cpu),
        '≥ 1.8 ×',
      ),
    );
  if (claims.length > 0) parts.push(table(['claim', 'time', 'by the clock', 'by CPU time', 'wanted'], claims));
  if (memory !== undefined) parts.push(memoryTable(memory));
  const engine = rivals?.rounds.engine[0]?.version;
  parts.push(
    `${dayOf(date)}, ${machine.cpu}, ${machine.cores} cores${pinned ? ' (one contender at a time, pinned to one)' : ''}, Node ${machine.node}${engine === undefined ? '' : `, engine ${engine}`}; ${count(input.lines)} lines of ${Math.round(input.bytes / input.lines)} bytes.`,
  );
  return parts.join('\n\n');
}

function rivalTable(lines: number, { rounds, against }: Rivalry): string {
  const { rows, sum } = rounds.transform[0].digest;
  const rivalRows = contenders.map((name) => {
    const cpu_ms = rounds[name].map((measured) => measured.cpu_ms);
    const wall_ms = rounds[name].map((measured) => measured.elapsed_ms);
    const peak = Math.max(...rounds[name].map(({ peak_rss_mb }) => peak_rss_mb));
    const ratio =
      name === 'transform' ? ['', '', ''] : [times(against[name].cpu), times(against[name].wall), wanted[name]];
    return row(
      titles[name],
      count(linesPerSecond(lines, cpu_ms)),
      count(linesPerSecond(lines, wall_ms)),
      ...ratio,
      `${count(peak)} MB`,
    );
  });
  const head = [
    'one thread',
    'lines/s of CPU',
    'lines/s by the clock',
    'ours is (CPU)',
    'ours is (clock)',
    'wanted',
    'peak memory',
  ];
  return `${table(head, rivalRows)}\n\nOne answer: ${count(rows)} groups, digest ${sum}.`;
}

const wanted = { naive: '≥ 3 × (aim 6 ×)', engine: '≥ 1.25 × (aim 2 ×)' } as const;

function memoryTable(cases: readonly MemoryCase[]): string {
  return table(
    ['memory: one stream at default limits', 'lines', 'batches', 'rows', 'peak memory', 'wanted'],
    cases.map(({ title, lines, batches, rows, peak_rss_mb }) =>
      row(title, count(lines), count(batches), count(rows), `${count(peak_rss_mb)} MB`, '≤ 700 MB'),
    ),
  );
}
