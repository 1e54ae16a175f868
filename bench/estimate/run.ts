// make bench-estimate: how often the interval of undeclared_ci holds the hidden truth (docs/METHODOLOGY.md). Its constants were chosen on
// the seeds below 1,001, so the report uses others.

import { measureEstimate, type EstimateFigures } from './measure.ts';

const { WORLDS = '400', FIRST = '1001' } = process.env;
const count = Number(WORLDS);
const seeds = (worlds: number): number[] => Array.from({ length: worlds }, (_, i) => Number(FIRST) + i);
const percent = (part: number, of: number): string => (of === 0 ? 'none' : `${((100 * part) / of).toFixed(1)} %`);

const half = Math.ceil(count / 2);
const { figures, networks, view_ms } = await measureEstimate([
  ['none', seeds(count)],
  ['all', seeds(half)],
  ['some', seeds(Math.ceil(half / 2))],
  ['within', seeds(Math.floor(half / 2))],
  ['never', seeds(Math.ceil(half / 2))],
]);

const print = (name: string, { worlds, spoken, held, above, below, width, silent }: EstimateFigures): void => {
  const reasons = Object.entries(silent).map(([reason, times]) => `${reason} ${times}`);
  process.stdout.write(
    `${name}: ${worlds} worlds, ${spoken} answered; held ${held} (${percent(held, spoken)}), too high ${above}, too low ${below}; silent or held ${percent(worlds - spoken + held, worlds)}; median width ${(100 * width).toFixed(0)} %; ${reasons.join(', ')}\n`,
  );
};
const together = (name: string, parts: readonly EstimateFigures[]): void => {
  const sum = (pick: (one: EstimateFigures) => number): number => parts.reduce((total, one) => total + pick(one), 0);
  const [worlds, spoken, held] = [sum((one) => one.worlds), sum((one) => one.spoken), sum((one) => one.held)];
  process.stdout.write(
    `${name}: ${worlds} worlds, ${spoken} answered; held ${held} (${percent(held, spoken)}); silent or held ${percent(worlds - spoken + held, worlds)}\n`,
  );
};

process.stdout.write(`seeds from ${FIRST}, ${networks} networks, the view took ${Math.round(view_ms)} ms\n`);
for (const one of figures) print(one.difference, one);
const differing = figures.filter(({ difference }) => ['all', 'some', 'within'].includes(difference));
together('all that differ but never', differing);
together('none, and those', [...figures.filter(({ difference }) => difference === 'none'), ...differing]);
