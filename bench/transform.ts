// The whole transform of the simulated month, beside rivals that give the same answer: figures of one comparison.

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
  /** Rival's time over ours: how many times as fast the transform is. By CPU time, and by the clock. */
  readonly against: Readonly<
    Record<Exclude<ContenderName, 'transform'>, { readonly cpu: Ratios; readonly wall: Ratios }>
  >;
}

export class AnswersDiffer extends Error {}

/** @throws AnswersDiffer saying where */
export async function rivalry(month: Month, roundCount: number, log: (text: string) => void): Promise<Rivalry> {
  const rounds: Record<ContenderName, Measured[]> = { transform: [], naive: [], engine: [] };
  for (let round = 1; round <= roundCount; round++) {
    for (const name of contenders) {
      const measured = measure<Measured>('transform/child', [name, month.directory], { pinned: true });
      rounds[name].push(measured);
      const [cpu, wall] = [measured.cpu_ms, measured.elapsed_ms].map((ms) => (ms / 1000).toFixed(2));
      log(`round ${round}: ${name.padEnd(9)} ${cpu} s of CPU in ${wall} s, ${Math.round(measured.peak_rss_mb)} MB`);
      if (JSON.stringify(measured.digest) !== JSON.stringify(rounds.transform[0]!.digest))
        throw new AnswersDiffer(await firstDifference(month, name));
    }
  }
  const against = (name: ContenderName) => {
    const of = (pick: (measured: Measured) => number) => ratios(rounds[name].map(pick), rounds.transform.map(pick));
    return { cpu: of(({ cpu_ms }) => cpu_ms), wall: of(({ elapsed_ms }) => elapsed_ms) };
  };
  return { rounds, against: { naive: against('naive'), engine: against('engine') } };
}

/** Both answers once more, sorted, up to the first row that only one of them has. */
async function firstDifference(month: Month, name: ContenderName): Promise<string> {
  const [ours, theirs] = (['transform', name] as const).map((contender) => {
    const path = join(month.directory, `answer-of-${contender}.tsv`);
    measure<Measured>('transform/child', [contender, month.directory, path], { pinned: true });
    execFileSync('sort', ['-o', path, path], { env: { ...process.env, LC_ALL: 'C' } });
    return { path, rows: createInterface({ input: createReadStream(path) })[Symbol.asyncIterator]() };
  });
  for (;;) {
    const [our, their] = [await ours!.rows.next(), await theirs!.rows.next()];
    if (our.done && their.done) return `${name} gave another answer, and now the same: it is not stable`;
    if (our.value === their.value) continue;
    return [
      `the answers differ, first here (all of it: ${ours!.path}, ${theirs!.path}):`,
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

export interface GzipComparison {
  readonly transform_ms: readonly number[];
  readonly zcat_ms: readonly number[];
  /** Our time over zcat's. */
  readonly ratio: Ratios;
}

/** From a gzip object, on all cores: beside `zcat FILE | wc -l`. */
export function compareGzip(month: Month, roundCount: number): GzipComparison {
  const transform_ms: number[] = [];
  const zcat_ms: number[] = [];
  for (let round = 0; round < roundCount; round++) {
    const { elapsed_ms, lines } = measure<Timed>('transform/gzip-child', [month.directory], { pinned: false });
    const start_ms = performance.now();
    const counted = Number(execFileSync('sh', ['-c', 'zcat "$1" | wc -l', 'sh', month.gzip], { encoding: 'utf8' }));
    zcat_ms.push(performance.now() - start_ms);
    transform_ms.push(elapsed_ms);
    if (counted !== lines) throw new AnswersDiffer(`zcat counts ${counted} lines, the transform ${lines}`);
  }
  return { transform_ms, zcat_ms, ratio: ratios(transform_ms, zcat_ms) };
}

export interface WorkersComparison {
  readonly one: readonly WorkersRun[];
  readonly two: readonly WorkersRun[];
  /** How many times as fast two are by the clock, which needs two idle cores. */
  readonly wall: Ratios;
  /** How many times as fast two would be on two idle cores: what they lose is what they cost more, in CPU time of all threads. */
  readonly cpu: Ratios;
}
interface WorkersRun extends Timed {
  readonly cpu_ms: number;
}

export function compareWorkers(month: Month, roundCount: number): WorkersComparison {
  const run = (count: number) =>
    measure<WorkersRun>('transform/workers-child', [month.directory, String(count)], { pinned: false });
  const one: WorkersRun[] = [];
  const two: WorkersRun[] = [];
  for (let round = 0; round < roundCount; round++) {
    one.push(run(1));
    two.push(run(2));
  }
  const of = (runs: readonly WorkersRun[], pick: (run: WorkersRun) => number) => runs.map(pick);
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
