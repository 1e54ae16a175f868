// The results of a soak: a plot of rate, lag and memory, and a section of a page.

import { readFileSync, writeFileSync } from 'node:fs';

export interface Sample {
  readonly at_s: number;
  /** Lines in the ledger. */
  readonly lines: number;
  readonly lag_lines: number;
  /** Memory of the largest worker. */
  readonly worker_mib: number;
  /** Memory of the process with the warehouse, the producer and the faults. */
  readonly warehouse_mib: number;
}

const WIDTH = 880;
const PANEL = 150;
const LEFT = 80;
const number = (value: number): string => Math.round(value).toLocaleString('en');

/** Lines per second, between samples that are some seconds apart. */
function rates(samples: readonly Sample[], span = 10): [number, number][] {
  return samples.slice(span).map((sample, i) => {
    const before = samples[i];
    return [sample.at_s, (sample.lines - before.lines) / (sample.at_s - before.at_s)];
  });
}

export function chart(samples: readonly Sample[]): string {
  const end = samples.at(-1)?.at_s ?? 1;
  const panels: readonly [string, readonly [number, number][]][] = [
    ['lines loaded per second', rates(samples)],
    ['lines that wait in the topic', samples.map(({ at_s, lag_lines }) => [at_s, lag_lines])],
    ['resident memory of the largest worker, MiB', samples.map(({ at_s, worker_mib }) => [at_s, worker_mib])],
    ['resident memory of warehouse and producer, MiB', samples.map(({ at_s, warehouse_mib }) => [at_s, warehouse_mib])],
  ];
  const drawn = panels.map(([title, points], n) => {
    const top = n * (PANEL + 40) + 30;
    const most = Math.max(1, ...points.map(([, value]) => value));
    const x = (at: number) => (LEFT + (at / end) * (WIDTH - LEFT - 10)).toFixed(1);
    const y = (value: number) => (top + PANEL - (value / most) * PANEL).toFixed(1);
    const line = points.map(([at, value]) => `${x(at)},${y(value)}`).join(' ');
    return `<text x="${LEFT}" y="${top - 8}">${title}</text>
<text x="${LEFT - 6}" y="${top + 10}" text-anchor="end">${number(most)}</text>
<text x="${LEFT - 6}" y="${top + PANEL}" text-anchor="end">0</text>
<path d="M${LEFT} ${top}V${top + PANEL}H${WIDTH - 10}" fill="none" stroke="#999"/>
<polyline points="${line}" fill="none" stroke="#1f5fa8" stroke-width="1.2"/>
<text x="${WIDTH - 10}" y="${top + PANEL + 15}" text-anchor="end">${(end / 60).toFixed(1)} min</text>`;
  });
  const height = panels.length * (PANEL + 40) + 10;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
${drawn.join('\n')}
</svg>
`;
}

export interface SoakResult {
  /** Date, commit, machine. */
  readonly facts: string;
  readonly exact: boolean;
  /** Lines. */
  readonly produced: number;
  readonly lines: number;
  readonly elapsed: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly samples: readonly Sample[];
}

/** Means over ten equal parts of the run, so that growth shows. */
export function table({ facts, exact, produced, lines, elapsed, faults, samples }: SoakResult): string {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
  const rows = Array.from({ length: 10 }, (_, part) => {
    const [from, to] = [part, part + 1].map((bound) => (bound / 10) * elapsed) as [number, number];
    const own = samples.filter(({ at_s }) => at_s >= from && at_s < to);
    const rate = own.length < 2 ? 0 : (own.at(-1)!.lines - own[0].lines) / (own.at(-1)!.at_s - own[0].at_s);
    const most = Math.max(0, ...own.map(({ worker_mib }) => worker_mib));
    return `| ${(to / 60).toFixed(1)} | ${number(rate)} | ${number(mean(own.map(({ lag_lines }) => lag_lines)))} | ${number(mean(own.map(({ worker_mib }) => worker_mib)))} | ${number(most)} | ${number(mean(own.map(({ warehouse_mib }) => warehouse_mib)))} |`;
  });
  const count = [...faults.values()].reduce((sum, times) => sum + times, 0);
  return `${facts}.

**${exact ? 'Exact' : 'NOT EXACT'}**: ${number(produced)} lines produced; ${number(lines / elapsed)} lines a second loaded on the mean, ${count} faults: ${[...faults].map(([name, times]) => `${name} ${times}`).join(', ')}.

| until minute | lines/s | lag, lines | largest worker, MiB | its peak | warehouse and producer, MiB |
|--:|--:|--:|--:|--:|--:|
${rows.join('\n')}
`;
}

/** Puts text between <!-- name --> and <!-- /name -->. @throws Error if the page has no such place */
export function rewriteSection(path: string, name: string, text: string): void {
  const page = readFileSync(path, 'utf8');
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = page.indexOf(open);
  const to = page.indexOf(close);
  if (from < 0 || to < from) throw new Error(`${path} has no section ${name}`);
  writeFileSync(path, `${page.slice(0, from + open.length)}\n\n${text.trim()}\n\n${page.slice(to)}`);
}
