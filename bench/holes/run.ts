// make bench-holes: the hole detector's figures (docs/METHODOLOGY.md). Seeds below 1,001 were looked at while its constants were
// chosen, so the report uses others.

import { type HoleFigures, measureHoles } from './measure.ts';
import { type LossDays } from './world.ts';

const { WORLDS = '200', FIRST = '1001', SHOW } = process.env;
const seeds = Array.from({ length: Number(WORLDS) }, (_, i) => Number(FIRST) + i);
const percent = (part: number, of: number): string => `${((100 * part) / of).toFixed(1)} %`;

function report(title: string, { sourceDays, falseAlarms, days, edges, missed, alarms }: HoleFigures): void {
  process.stdout.write(
    `${title}: ${seeds.length} worlds of 60 days, seeds ${seeds[0]} to ${seeds.at(-1)}, ${sourceDays} source-days\n` +
      `  days that lost half or more: ${days.found} of ${days.lost} found (${percent(days.found, days.lost)})\n` +
      `  single edges that lost half or more: ${edges.found} of ${edges.lost} found (${percent(edges.found, edges.lost)})\n` +
      `  false alarms: ${falseAlarms}, one in ${Math.round(sourceDays / Math.max(1, falseAlarms))} source-days\n`,
  );
  if (SHOW === undefined) return;
  for (const loss of missed) process.stdout.write(`  missed ${JSON.stringify(loss)}\n`);
  for (const alarm of alarms) process.stdout.write(`  alarm ${JSON.stringify(alarm)}\n`);
}

const third: LossDays = [14, 28];
report('Losses after four weeks', measureHoles(seeds));
report('Losses in the third and fourth week', measureHoles(seeds, third));
