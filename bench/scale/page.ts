// Writes docs/SCALE.md from the last run of each size in bench/results/.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { machine } from '../processes.ts';
import type { ScaleResult } from './child.ts';
import type { ScaleStep } from './day.ts';
import { dayOf } from '../../transform/periods.ts';

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
export const SCALE_RESULTS = fromHere('../results/scale.jsonl');
export const REGISTRY_RESULTS = fromHere('../results/registry.jsonl');

interface Run {
  readonly date: string;
  readonly machine: typeof machine;
}
type DayRun = Run & ScaleResult;
export type RegistryRun = Run & {
  readonly organisations: number;
  readonly prefixes: number;
  readonly steps: readonly { readonly step: string; readonly elapsed_ms: number; readonly peak_mib: number }[];
};

/** Returns the last run of each size, smallest first. */
function lastRuns<One>(path: string, size: (run: One) => number): One[] {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
  const runs = new Map(lines.map((line) => JSON.parse(line) as One).map((run) => [size(run), run]));
  return [...runs].sort(([a], [b]) => a - b).map(([, run]) => run);
}

const count = (value: number): string => Math.round(value).toLocaleString('en');
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const gib = (mib: number): string => `${(mib / 1024).toFixed(1)} GiB`;
const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(...head), row('---', ...head.slice(1).map(() => '---:')), ...rows.map((cells) => row(...cells))].join('\n');

/** Returns the step, or undefined if the run was cut off before it. */
const stepOf = ({ steps }: DayRun, name: string): ScaleStep | undefined => steps.find((step) => step.name === name);
const judged = ['seal', 'attribute'];
const judged_ms = (run: DayRun): number => judged.reduce((sum, name) => sum + stepOf(run, name)!.elapsed_ms, 0);
const judged_mib = (run: DayRun): number => Math.max(...judged.map((name) => stepOf(run, name)!.peak_rss_mb));

/** k of time ∝ rows^k between two sizes. */
const exponent = (small: DayRun, large: DayRun, time_ms: (run: DayRun) => number): number =>
  Math.log(time_ms(large) / time_ms(small)) / Math.log(large.rows / small.rows);

function targets(runs: readonly DayRun[]): string {
  const large = runs.find(({ rows }) => rows === 100_000_000);
  if (large === undefined) return 'The target is for 100 million rows, which have not been measured.';
  const verdict = (met: boolean): string => (met ? 'met' : '**missed**');
  const before = runs.at(runs.indexOf(large) - 1);
  const growth = before === undefined || before === large ? undefined : exponent(before, large, judged_ms);
  return table(
    ['100 million landing rows sealed and attributed, 2 cores', 'target', 'found', ''],
    [
      ['time', '≤ 600 s', seconds(judged_ms(large)), verdict(judged_ms(large) <= 600_000)],
      ['peak memory', '≤ 8 GiB', gib(judged_mib(large)), verdict(judged_mib(large) <= 8 * 1024)],
      ...(growth === undefined
        ? []
        : [[`growth exponent from ${count(before!.rows)} rows`, '≤ 1.1', growth.toFixed(2), verdict(growth <= 1.1)]]),
    ],
  );
}

function dayTables(runs: readonly DayRun[]): string {
  const names = [...new Set(runs.flatMap(({ steps }) => steps.map(({ name }) => name)))];
  const growth = runs.slice(1).map((run, i) => [runs[i], run] as const);
  const cell = (run: DayRun, name: string, text: (step: ScaleStep) => string): string => {
    const step = stepOf(run, name);
    return step === undefined ? 'not measured' : text(step);
  };
  const times = table(
    [
      'time',
      ...runs.map(({ rows }) => count(rows)),
      ...growth.map(([a, b]) => `exponent, ${count(b.rows / a.rows)} ×`),
    ],
    names.map((name) => [
      name,
      ...runs.map((run) => cell(run, name, ({ elapsed_ms }) => seconds(elapsed_ms))),
      ...growth.map(([a, b]) =>
        stepOf(a, name) && stepOf(b, name) ? exponent(a, b, (run) => stepOf(run, name)!.elapsed_ms).toFixed(2) : '',
      ),
    ]),
  );
  const rates = table(
    ['landing rows/s, peak memory, load', ...runs.map(({ rows }) => count(rows))],
    names.map((name) => [
      name,
      ...runs.map((run) =>
        cell(
          run,
          name,
          ({ elapsed_ms, peak_rss_mb, load }) =>
            `${count((run.rows / elapsed_ms) * 1000)}, ${gib(peak_rss_mb)}${load === undefined ? '' : `, ${load.toFixed(0)}`}`,
        ),
      ),
    ]),
  );
  return `${times}\n\n${rates}`;
}

const registryTable = (runs: readonly RegistryRun[]): string =>
  table(
    ['command', ...runs.map(({ organisations, prefixes }) => `${count(organisations)} with ${count(prefixes)} ranges`)],
    [...new Set(runs.flatMap(({ steps }) => steps.map(({ step }) => step)))].map((step) => [
      step,
      ...runs.map(({ steps }) => {
        const found = steps.find((one) => one.step === step);
        return found === undefined ? 'not measured' : `${seconds(found.elapsed_ms)}, ${gib(found.peak_mib)}`;
      }),
    ]),
  );

const measuredOn = (runs: readonly Run[]): string => {
  const { date, machine } = runs.at(-1)!;
  return `${dayOf(date)}, ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`;
};

/** Writes docs/SCALE.md. */
export function writeScalePage(): void {
  const days = lastRuns<DayRun>(SCALE_RESULTS, ({ rows }) => rows);
  const registries = lastRuns<RegistryRun>(REGISTRY_RESULTS, ({ prefixes }) => prefixes);
  const parts = [
    '<!-- Written by `make scale` and `bench/orgs.ts`; do not edit. -->',
    '# Scale',
    'What a day costs as it grows, and what a registry costs as it grows, on the embedded engine. Every run is kept in\n`bench/results/`.',
  ];
  if (days.length > 0)
    parts.push(
      '## A day',
      targets(days),
      `\`make scale\` (\`ROWS="1000000 10000000"\` for less; 100 million rows need 35 GB of disk). ${measuredOn(days)}, engine ${days.at(-1)!.version}.`,
      dayTables(days),
      `Landing rows are made in the engine (\`bench/scale/landing.sql\`): 300,000 packages, 2 million networks and 60 clients by power laws,
100,000 evidence sets, 10,000 organisations with 30,000 tokens and ranges. Nearly no two rows are of the same package, version,
client and network, so that sealing makes as many rows as it reads: ${count(days.at(-1)!.sealed_rows)} of the largest day. That is the hard case.

- **landing** makes them, in batches of a million with a ledger. It is no part of a night.
- **seal** groups bucket by bucket, so that its memory does not grow with the day (docs/ARCHITECTURE.md).
- **check** is the check of one day, as a night does it; **check again**, at the end, the check of all days, with moves.
- **declared later**: evidence recorded after the day was read and sealed, and the whole attributed anew. A token and prefixes that
  evidence sets know give new verdicts; a /22 or a /9 is looked up in the day's networks, and usage moves.
- Load: processes that wanted one of the cores while the step ran. Above 2, others took part of them and times are longer than on an idle
  machine.
- Peak memory is the kernel's high-water mark of the one process that holds Node and the engine, set back before each step.`,
    );
  if (registries.length > 0)
    parts.push(
      '## A registry',
      `\`node_modules/.bin/tsx bench/orgs.ts\` writes a registry (half IPv4, half IPv6, one in three by E2) and runs the commands,
time and peak memory of each. ${measuredOn(registries)}; other work ran beside it.`,
      registryTable(registries),
    );
  writeFileSync(fromHere('../../docs/SCALE.md'), `${parts.join('\n\n')}\n`);
  process.stderr.write('written: docs/SCALE.md\n');
}
