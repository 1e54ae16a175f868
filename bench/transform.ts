// Compares the whole transform of the simulated month with rivals that give the same answer.

import { execFileSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Month } from './month.ts';
import { measure, median, ratios, type Ratios } from './processes.ts';
import type { Measured } from './transform/child.ts';
import { answerColumns } from './transform/contender.ts';

export const contenders = ['transform', 'naive', 'engine'] as const;
export type ContenderName = (typeof contenders)[number];

export interface Rivalry {
  readonly rounds: Readonly<Record<ContenderName, readonly Measured[]>>;
  /** Rival's time over ours: how many times as fast the transform is, by CPU time and by the clock. */
  readonly against: Readonly<
    Record<Exclude<ContenderName, 'transform'>, { readonly cpu: Ratios; readonly wall: Ratios }>
  >;
}

export class AnswersDiffer extends Error {}

/** @throws AnswersDiffer with the first row that differs */
export async function rivalry(month: Month, roundCount: number, log: (text: string) => void): Promise<Rivalry> {
  const rounds: Record<ContenderName, Measured[]> = { transform: [], naive: [], engine: [] };
  for (let round = 1; round <= roundCount; round++) {
    for (const name of contenders) {
      const measured = measure<Measured>('transform/child', [name, month.directory], { pinned: true });
      rounds[name].push(measured);
      const [cpu, wall] = [measured.cpu_ms, measured.elapsed_ms].map((ms) => (ms / 1000).toFixed(2));
      log(`round ${round}: ${name.padEnd(9)} ${cpu} s of CPU in ${wall} s, ${Math.round(measured.peak_rss_mb)} MB`);
      if (JSON.stringify(measured.digest) !== JSON.stringify(rounds.transform[0].digest))
        throw new AnswersDiffer(await firstDifference(month, name));
    }
  }
  const against = (name: ContenderName) => {
    const of = (pick: (measured: Measured) => number) => ratios(rounds[name].map(pick), rounds.transform.map(pick));
    return { cpu: of(({ cpu_ms }) => cpu_ms), wall: of(({ elapsed_ms }) => elapsed_ms) };
  };
  return { rounds, against: { naive: against('naive'), engine: against('engine') } };
}

/** Computes both answers again, sorted, up to the first row that only one of them has. */
async function firstDifference(month: Month, name: ContenderName): Promise<string> {
  const [ours, theirs] = (['transform', name] as const).map((contender) => {
    const path = join(month.directory, `answer-of-${contender}.tsv`);
    measure<Measured>('transform/child', [contender, month.directory, path], { pinned: true });
    execFileSync('sort', ['-o', path, path], { env: { ...process.env, LC_ALL: 'C' } });
    return { path, rows: createInterface({ input: createReadStream(path) })[Symbol.asyncIterator]() };
  });
  for (;;) {
    const [our, their] = [await ours.rows.next(), await theirs.rows.next()];
    if (our.done && their.done) return `${name} gave another answer, and now the same: it is not stable`;
    if (our.value === their.value) continue;
    return [
      `the answers differ, first here (all of it: ${ours.path}, ${theirs.path}):`,
      `  columns    ${answerColumns.join(' | ')}`,
      `  transform  ${our.value?.split('\t').join(' | ') ?? '(nothing more)'}`,
      `  ${name.padEnd(9)}  ${their.value?.split('\t').join(' | ') ?? '(nothing more)'}`,
    ].join('\n');
  }
}

interface Timed {
  readonly elapsed_ms: number;
  readonly lines: number;
}

interface CpuTimed extends Timed {
  readonly cpu_ms: number;
}

export interface GzipComparison {
  /** CPU time of the thread that transforms; another thread decompresses meanwhile. */
  readonly transform: readonly CpuTimed[];
  /** CPU time of zcat and wc. */
  readonly zcat: readonly CpuTimed[];
  /** Our time over zcat's, by the clock; this needs two idle cores. */
  readonly wall: Ratios;
  /** CPU time of our slower thread over zcat's: the best ratio that the clock can show. */
  readonly cpu: Ratios;
}

/** Runs the transform of a gzip object on all cores, beside `zcat FILE | wc -l`. */
export function compareGzip(month: Month, roundCount: number): GzipComparison {
  const transform: CpuTimed[] = [];
  const zcat: CpuTimed[] = [];
  for (let round = 0; round < roundCount; round++) {
    transform.push(measure<CpuTimed>('transform/gzip-child', [month.directory], { pinned: false }));
    zcat.push(zcatAndCount(month.gzip));
    const [ours, theirs] = [transform.at(-1)!.lines, zcat.at(-1)!.lines];
    if (ours !== theirs) throw new AnswersDiffer(`zcat counts ${theirs} lines, the transform ${ours}`);
  }
  const against = (pick: (timed: CpuTimed) => number) => ratios(transform.map(pick), zcat.map(pick));
  return { transform, zcat, wall: against(({ elapsed_ms }) => elapsed_ms), cpu: against(({ cpu_ms }) => cpu_ms) };
}

function zcatAndCount(path: string): CpuTimed {
  const start_ms = performance.now();
  // The last line of `times` gives the CPU time of the children: '0m1.310s 0m0.220s'.
  const output = execFileSync('sh', ['-c', 'zcat "$1" | wc -l; times', 'sh', path], { encoding: 'utf8' });
  const elapsed_ms = performance.now() - start_ms;
  const [lines = '', , children = ''] = output.trim().split('\n');
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  );
  return { elapsed_ms, cpu_ms: 1000 * seconds.reduce((sum, part) => sum + part, 0), lines: Number(lines) };
}

export interface WorkersComparison {
  readonly one: readonly CpuTimed[];
  readonly two: readonly CpuTimed[];
  /** How many times as fast two threads are by the clock; this needs two idle cores. */
  readonly wall: Ratios;
  /** How many times as fast two threads would be on two idle cores. Their loss is their extra CPU time, over all threads. */
  readonly cpu: Ratios;
}

export function compareWorkers(month: Month, roundCount: number): WorkersComparison {
  const run = (count: number) =>
    measure<CpuTimed>('transform/workers-child', [month.directory, String(count)], { pinned: false });
  const one: CpuTimed[] = [];
  const two: CpuTimed[] = [];
  for (let round = 0; round < roundCount; round++) {
    one.push(run(1));
    two.push(run(2));
  }
  const of = (runs: readonly CpuTimed[], pick: (run: CpuTimed) => number) => runs.map(pick);
  return {
    one,
    two,
    wall: ratios(
      of(one, ({ elapsed_ms }) => elapsed_ms),
      of(two, ({ elapsed_ms }) => elapsed_ms),
    ),
    cpu: ratios(
      of(one, ({ cpu_ms }) => 2 * cpu_ms),
      of(two, ({ cpu_ms }) => cpu_ms),
    ),
  };
}

export const linesPerSecond = (lines: number, ms: readonly number[]): number => Math.round((lines / median(ms)) * 1000);
